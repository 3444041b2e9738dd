"""Note when the pages that were open on who was erased have lost it, so that nobody is left out."""

import sqlalchemy as sa
from alembic import op

revision = "forgotten_pages"
down_revision = "revealed_fields"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    op.add_column("erasure_requests", sa.Column("pages_forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update erasure_requests set pages_forgotten_at = completed_at where completed_at is not null")
    left = sa.text("status = 'completed' and pages_forgotten_at is null")
    op.create_index("ix_erasure_requests_pages", "erasure_requests", ["id"], postgresql_where=left)


def downgrade() -> None:
    op.drop_index("ix_erasure_requests_pages", table_name="erasure_requests")
    op.drop_column("erasure_requests", "pages_forgotten_at")
