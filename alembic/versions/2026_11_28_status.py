"""Keep what the public was told of how we do: one row for a component and five minutes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "status"
down_revision = "limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "status_samples",
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("component", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level between 0 and 3", name=op.f("ck_status_samples_level_known")),
        sa.PrimaryKeyConstraint("slot", "component", name=op.f("pk_status_samples")),
    )


def downgrade() -> None:
    op.drop_table("status_samples")
