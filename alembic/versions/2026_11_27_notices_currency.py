"""Tell of a threshold once in each currency: after a change of currency the same number is another threshold."""

from alembic import op

revision = "notices_currency"
down_revision = "evidence_packs"
branch_labels = None
depends_on = None

NAME, ONCE = "uq_billing_notices_once", ["partner_id", "month", "kind", "threshold"]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index(NAME, "billing_notices")
    op.create_index(NAME, "billing_notices", [*ONCE, "currency"], unique=True)


def downgrade() -> None:
    op.drop_index(NAME, "billing_notices")
    op.create_index(NAME, "billing_notices", ONCE, unique=True)
