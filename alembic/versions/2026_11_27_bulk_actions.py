"""Decide many tasks by one press: the action, and what became of each task of it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "bulk_actions"
down_revision = "sla_targets"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "bulk_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("press", sa.Uuid(), nullable=False),
        sa.Column("outcome", TEXT(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("ip", TEXT(), nullable=False),
        sa.Column("request_id", TEXT(), nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint(
            "outcome in ('rejected', 'resubmission_requested')", name=op.f("ck_bulk_actions_never_approves")
        ),
        sa.ForeignKeyConstraint(["started_by"], ["members.id"], name=op.f("fk_bulk_actions_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_actions")),
    )
    op.create_index("uq_bulk_actions_press", "bulk_actions", ["started_by", "press"], unique=True)
    running = sa.text("status = 'running'")
    op.create_index("uq_bulk_actions_running", "bulk_actions", ["started_by"], unique=True, postgresql_where=running)
    op.create_table(
        "bulk_rows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("lane", TEXT(), nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("verdict_id", sa.Uuid(), nullable=True),
        sa.Column("refusal", TEXT(), nullable=False),
        sa.CheckConstraint(
            "(status in ('done', 'undone')) = (verdict_id is not null)", name=op.f("ck_bulk_rows_done_signed")
        ),
        sa.ForeignKeyConstraint(["action_id"], ["bulk_actions.id"], name=op.f("fk_bulk_rows_action_id")),
        sa.ForeignKeyConstraint(
            ["partner_id", "task_id"],
            ["review_tasks.partner_id", "review_tasks.id"],
            name=op.f("fk_bulk_rows_partner_id_task_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_bulk_rows_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_rows")),
    )
    op.create_index("uq_bulk_rows_task", "bulk_rows", ["action_id", "task_id"], unique=True)
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_bulk_rows_waiting", "bulk_rows", ["action_id", "id"], postgresql_where=waiting)
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table bulk_rows enable row level security")
    op.execute("alter table bulk_rows force row level security")
    op.execute(f"create policy tenant on bulk_rows using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("bulk_rows")
    op.drop_table("bulk_actions")
