"""Let people join by a link."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "invitations"
down_revision = "partner_api"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("totp_secret_box", sa.LargeBinary(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role like 'partner\\_%%') = (partner_id is not null)", name=op.f("ck_invitations_role_matches_partner")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitations_email_lower")),
        sa.ForeignKeyConstraint(["invited_by"], ["members.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_invitations_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(op.f("ix_invitations_partner_id"), "invitations", ["partner_id"], unique=False)
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["email"],
        unique=True,
        postgresql_where="accepted_at is null and ended_at is null",
    )
    op.execute("alter table invitations enable row level security")
    op.execute("alter table invitations force row level security")
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute(f"create policy tenant on invitations using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_index(
        "uq_invitations_open", table_name="invitations", postgresql_where="accepted_at is null and ended_at is null"
    )
    op.drop_index(op.f("ix_invitations_partner_id"), table_name="invitations")
    op.drop_table("invitations")
