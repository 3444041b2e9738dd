"""Let a reviewer's pace, their claims and unscreened documents be read from an index."""

from alembic import op

revision = "review_indexes"
down_revision = "reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index("ix_decisions_member", "decisions", ["member_id", "created_at"])
    op.create_index("ix_review_tasks_holder", "review_tasks", ["claimed_by"], postgresql_where="claimed_by is not null")
    op.create_index(
        "ix_documents_unscreened",
        "documents",
        ["submitted_at"],
        postgresql_where="status in ('submitted', 'processing')",
    )


def downgrade() -> None:
    op.drop_index("ix_documents_unscreened", "documents")
    op.drop_index("ix_review_tasks_holder", "review_tasks")
    op.drop_index("ix_decisions_member", "decisions")
