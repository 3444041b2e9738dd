"""Count what became of each day's documents beside the documents, so that long periods read few rows."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "day_counts"
down_revision = "search_tokens"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
COUNTS = (
    "received",
    "screened",
    "approved",
    "rejected",
    "resubmission_requested",
    "by_policy",
    "later",
    "later_approved",
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "day_counts",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("type", TEXT(), nullable=False),
        sa.Column("country", TEXT(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_day_counts_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "livemode", "day", "type", "country", name=op.f("pk_day_counts")),
    )
    op.create_table(
        "day_reasons",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", TEXT(), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_day_reasons_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "livemode", "day", "outcome", "reason", name=op.f("pk_day_reasons")),
    )
    op.create_table(
        "roll_ups",
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roll_ups")),
    )
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    for table in ("day_counts", "day_reasons"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def downgrade() -> None:
    for table in ("roll_ups", "day_reasons", "day_counts"):
        op.drop_table(table)
