"""Let a reviewer's pace be read from an index."""

from alembic import op

revision = "review_indexes"
down_revision = "reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index("ix_decisions_member", "decisions", ["member_id", "created_at"])
    op.create_index("ix_review_tasks_holder", "review_tasks", ["claimed_by"], postgresql_where="claimed_by is not null")


def downgrade() -> None:
    op.drop_index("ix_review_tasks_holder", "review_tasks")
    op.drop_index("ix_decisions_member", "decisions")
