"""Keep by which plan a deadline was counted: a clock that stands still goes on by the same one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "sla_plan"
down_revision = "open_invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("review_tasks", sa.Column("sla_plan", sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column("review_tasks", "sla_plan")
