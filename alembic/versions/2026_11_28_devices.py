"""Know the browsers in which somebody has signed in, and which of them a session is in."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "devices"
down_revision = "sso"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TEXT = sqlmodel.sql.sqltypes.AutoString
RULE = "partner_id = (select app_partner()) or (select app_everyone())"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "known_browsers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", TEXT(), nullable=False),
        sa.Column("browser", TEXT(), nullable=False),
        sa.Column("system", TEXT(), nullable=False),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_known_browsers_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_known_browsers_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_browsers")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_known_browsers_secret_hash")),
    )
    op.create_index(op.f("ix_known_browsers_member_id"), "known_browsers", ["member_id"])
    op.create_index(op.f("ix_known_browsers_partner_id"), "known_browsers", ["partner_id"])
    op.execute("alter table known_browsers enable row level security")
    op.execute("alter table known_browsers force row level security")
    op.execute(f"create policy tenant on known_browsers using ({RULE}) with check ({RULE})")
    op.add_column("members", sa.Column("had_known_browser", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("sessions", sa.Column("awaits_passkey", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("sessions", sa.Column("known_browser_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "known_browser_id")
    op.drop_column("sessions", "awaits_passkey")
    op.drop_column("members", "had_known_browser")
    op.drop_table("known_browsers")
