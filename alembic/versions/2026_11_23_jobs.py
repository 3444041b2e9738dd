"""The job queue's own tables, as its library lays them out; the default privileges of `guards` cover them."""

from alembic import op

from backoffice.adapters.job_queue import install_sql, uninstall_sql

revision = "jobs"
down_revision = "review_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(install_sql())


def downgrade() -> None:
    op.execute(uninstall_sql())
