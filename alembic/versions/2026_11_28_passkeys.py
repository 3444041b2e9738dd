"""Let people sign in with passkeys, and note when a session's person last proved who they are."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "passkeys"
down_revision = "key_rotation"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TEXT = sqlmodel.sql.sqltypes.AutoString
RULE = "partner_id = (select app_partner()) or (select app_everyone())"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("aaguid", TEXT(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_passkeys_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_passkeys_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_member_id"), "passkeys", ["member_id"])
    op.create_index(op.f("ix_passkeys_partner_id"), "passkeys", ["partner_id"])
    op.execute("alter table passkeys enable row level security")
    op.execute("alter table passkeys force row level security")
    op.execute(f"create policy tenant on passkeys using ({RULE}) with check ({RULE})")
    op.add_column("members", sa.Column("passkey_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sessions", sa.Column("confirmed_at", TIME, nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "confirmed_at")
    op.drop_column("members", "passkey_count")
    op.drop_table("passkeys")
