"""Find documents by type and by the start of the partner's own id without reading all of them."""

from alembic import op

revision = "document_search"
down_revision = "invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index("ix_documents_type", "documents", ["partner_id", "livemode", "type", "id"])
    op.drop_index("ix_documents_external", "documents")
    op.create_index(
        "ix_documents_external",
        "documents",
        ["partner_id", "livemode", "external_id", "id"],
        postgresql_ops={"external_id": "text_pattern_ops"},
    )


def downgrade() -> None:
    op.drop_index("ix_documents_external", "documents")
    op.create_index("ix_documents_external", "documents", ["partner_id", "livemode", "external_id"])
    op.drop_index("ix_documents_type", "documents")
