"""Let operators make exceptions from a plan's limits for one partner."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "limits"
down_revision = "viewas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # A constant default touches no row, and processes of before go on writing none.
    op.add_column("partners", sa.Column("exceptions", postgresql.JSONB(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("partners", "exceptions")
