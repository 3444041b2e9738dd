"""Let operators look at a partner's workspace: who, for what, until when, and what ended it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "viewas"
down_revision = "devices"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
OWN = "partner_id = (select app_partner())"
ALL = "(select app_everyone())"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "viewings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", TEXT(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", TEXT(), nullable=False),
        sa.CheckConstraint("until > created_at", name=op.f("ck_viewings_until_later")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_viewings_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_viewings_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewings")),
    )
    is_open = sa.text("ended_at is null")
    op.create_index("uq_viewings_open", "viewings", ["session_id"], unique=True, postgresql_where=is_open)
    op.create_index("ix_viewings_due", "viewings", ["until"], postgresql_where=is_open)
    op.execute("alter table viewings enable row level security")
    op.execute("alter table viewings force row level security")
    # Within a partner a look can be ended, as by its suspension; only who sees every partner begins or prolongs one.
    ended = f"({OWN} and ended_at is not null)"
    op.execute(f"create policy tenant on viewings using ({OWN} or {ALL}) with check ({ended} or {ALL})")


def downgrade() -> None:
    op.drop_table("viewings")
