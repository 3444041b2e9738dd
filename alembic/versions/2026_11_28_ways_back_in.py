"""Let people back in who have forgotten their password or lost their phone."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "ways_back_in"
down_revision = "member_language"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TEXT = sqlmodel.sql.sqltypes.AutoString
RULE = "partner_id = (select app_partner()) or (select app_everyone())"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", TEXT(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_password_resets_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_password_resets_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    op.create_index(op.f("ix_password_resets_member_id"), "password_resets", ["member_id"])
    op.create_index(op.f("ix_password_resets_partner_id"), "password_resets", ["partner_id"])
    op.create_index(
        "uq_password_resets_open",
        "password_resets",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("used_at is null and ended_at is null"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("code_hash", TEXT(), nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_recovery_codes_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_recovery_codes_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_partner_id"), "recovery_codes", ["partner_id"])
    op.create_index("uq_recovery_codes_code", "recovery_codes", ["member_id", "code_hash"], unique=True)
    for table in ("password_resets", "recovery_codes"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({RULE}) with check ({RULE})")


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("password_resets")
