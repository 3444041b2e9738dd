"""Let a partner say who may come into its workspace and what its applicants read, and its people which letters they get."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "workspace_settings"
down_revision = "day_counts"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
TEXTS = postgresql.ARRAY(sa.String())


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "workspace_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("requires_second_factor", sa.Boolean(), nullable=False),
        sa.Column("ip_allowlist", TEXTS, server_default="{}", nullable=False),
        sa.Column("session_hours", sa.Integer(), nullable=True),
        sa.Column("idle_minutes", sa.Integer(), nullable=True),
        sa.Column("brand_name", TEXT(), nullable=False),
        sa.Column("brand_color", TEXT(), nullable=False),
        sa.Column("support_contact", TEXT(), nullable=False),
        sa.Column("sign_off", TEXT(), nullable=False),
        sa.CheckConstraint("session_hours between 1 and 24", name=op.f("ck_workspace_settings_session_hours_sane")),
        sa.CheckConstraint("idle_minutes between 5 and 1440", name=op.f("ck_workspace_settings_idle_minutes_sane")),
        sa.ForeignKeyConstraint(["changed_by"], ["members.id"], name=op.f("fk_workspace_settings_changed_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_workspace_settings_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace_settings")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_workspace_settings_partner_id")),
    )
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table workspace_settings enable row level security")
    op.execute("alter table workspace_settings force row level security")
    op.execute(f"create policy tenant on workspace_settings using ({rule}) with check ({rule})")
    op.add_column("members", sa.Column("muted_letters", TEXTS, server_default="{}", nullable=False))
    op.add_column("sessions", sa.Column("totp_seed_box", sa.LargeBinary(), nullable=True))
    op.add_column("invitations", sa.Column("letter_box", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("invitations", "letter_box")
    op.drop_column("sessions", "totp_seed_box")
    op.drop_column("members", "muted_letters")
    op.drop_table("workspace_settings")
