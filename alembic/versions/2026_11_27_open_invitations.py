"""Let each company have its own open invitation of an address: one must not keep another from inviting its people."""

import sqlalchemy as sa
from alembic import op

revision = "open_invitations"
down_revision = "billing"
branch_labels = None
depends_on = None

OPEN = sa.text("accepted_at is null and ended_at is null")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("uq_invitations_open", "invitations")
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["partner_id", "email"],
        unique=True,
        postgresql_where=OPEN,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index("uq_invitations_open", "invitations")
    op.create_index("uq_invitations_open", "invitations", ["email"], unique=True, postgresql_where=OPEN)
