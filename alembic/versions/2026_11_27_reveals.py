"""Show personal data to partners' people for a purpose and a while only: who looked at which document, and why."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "reveals"
down_revision = "exports"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "reveals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", TEXT(), nullable=False),
        sa.Column("note", TEXT(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.CheckConstraint(
            "purpose in ('support', 'complaint', 'fraud', 'legal', 'quality', 'other')",
            name=op.f("ck_reveals_purpose_known"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_reveals_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_reveals_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_reveals_partner_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveals")),
    )
    op.create_index("ix_reveals_standing", "reveals", ["session_id", "document_id", "expires_at"])
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table reveals enable row level security")
    op.execute("alter table reveals force row level security")
    op.execute(f"create policy tenant on reveals using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("reveals")
