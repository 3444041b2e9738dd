"""Find documents of every partner by the beginning of their own id: a reviewer's search read the whole table."""

from alembic import op

revision = "own_ids"
down_revision = "documents_statistics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "ix_documents_own_id",
        "documents",
        ["external_id"],
        postgresql_ops={"external_id": "text_pattern_ops"},
        postgresql_where="external_id is not null",
    )


def downgrade() -> None:
    op.drop_index("ix_documents_own_id", "documents")
