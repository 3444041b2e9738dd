"""Compare versions of checks: challengers beside champions, and documents that are screened again."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "engines"
down_revision = "policies"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "rescreens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint("done >= 0 and failed >= 0 and done <= total", name=op.f("ck_rescreens_done_within_total")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_rescreens_partner_id")),
        sa.ForeignKeyConstraint(["started_by"], ["members.id"], name=op.f("fk_rescreens_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescreens")),
    )
    op.create_index(op.f("ix_rescreens_partner_id"), "rescreens", ["partner_id"])
    op.create_index(
        "uq_rescreens_running", "rescreens", ["status"], unique=True, postgresql_where=sa.text("status = 'running'")
    )
    op.create_table(
        "check_trials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("rescreen_id", sa.Uuid(), nullable=True),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("champion", TEXT(), nullable=False),
        sa.Column("champion_status", TEXT(), nullable=False),
        sa.Column("champion_score", sa.Float(), nullable=True),
        sa.Column("champion_ms", sa.Integer(), nullable=False),
        sa.Column("model", TEXT(), nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_check_trials_partner_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_check_trials_partner_id")),
        sa.ForeignKeyConstraint(["rescreen_id"], ["rescreens.id"], name=op.f("fk_check_trials_rescreen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_trials")),
    )
    op.create_index(
        "uq_check_trials_document",
        "check_trials",
        ["document_id", "name", "model", "rescreen_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_check_trials_rescreen", "check_trials", ["rescreen_id", "name"])
    op.create_index("ix_check_trials_name", "check_trials", ["created_at", "name"])
    for table in ("rescreens", "check_trials"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        rule = "partner_id = (select app_partner()) or (select app_everyone())"
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("check_trials")
    op.drop_table("rescreens")
