"""Keep what lists were taken along as files: who asked, how far it has come, and the key of its parts."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "exports"
down_revision = "bulk_texts"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("press", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("format", TEXT(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("cursor", TEXT(), nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("drafts", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("failure", TEXT(), nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("discarded_at", TIME, nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("ip", TEXT(), nullable=False),
        sa.Column("request_id", TEXT(), nullable=False),
        sa.CheckConstraint("format in ('csv', 'jsonl', 'xlsx')", name=op.f("ck_exports_format_known")),
        sa.CheckConstraint(
            "(status in ('queued', 'running', 'ready')) = (wrapped is not null)", name=op.f("ck_exports_key_kept")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_exports_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_exports_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_newest", "exports", ["partner_id", "id"])
    op.create_index("uq_exports_press", "exports", ["member_id", "press"], unique=True)
    under_way = sa.text("status in ('queued', 'running')")
    op.create_index("ix_exports_under_way", "exports", ["id"], postgresql_where=under_way)
    ready = sa.text("status = 'ready'")
    op.create_index("ix_exports_expiry", "exports", ["expires_at"], postgresql_where=ready)
    over = sa.text("status in ('failed', 'canceled', 'expired') and discarded_at is null")
    op.create_index("ix_exports_discard", "exports", ["id"], postgresql_where=over)
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table exports enable row level security")
    op.execute("alter table exports force row level security")
    op.execute(f"create policy tenant on exports using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("exports")
