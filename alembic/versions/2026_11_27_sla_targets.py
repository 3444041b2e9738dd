"""Count deadlines by plan and queue, in the hours of a calendar, and keep how each went."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sla_targets"
down_revision = "annotations"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
NEXT_WORD = (
    "case when status = 'completed' or sla_breached_at is not null or sla_paused_at is not null then null"
    " when sla_warned_at is null then least(warn_at, due_at) else due_at end"
)
FIRST = """
insert into sla_versions (id, created_at, version, targets, calendars) values (gen_random_uuid(), now(), 1,
 '{"free": {"standard": [1440, ""]}, "standard": {"standard": [240, ""]}, "enterprise": {"standard": [60, ""]}}',
 '{"Office hours": {"time_zone": "Europe/Berlin", "holidays": [],
   "week": [[[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], [[540, 1080]], [], []]}}')
"""
"""What the plans promised so far, by the clock; a calendar stands ready and counts for nobody yet."""
COPY = """
update review_tasks t
set lane = case when t.status = 'escalated' or t.second_by is not null then 'escalated'
                when t.first_by is not null then 'second_review' else 'standard' end,
    lane_at = coalesce(d.submitted_at, t.created_at), sla_from = coalesce(d.submitted_at, t.created_at),
    sla_version = 1,
    warn_at = coalesce(d.submitted_at, t.created_at) + (t.due_at - coalesce(d.submitted_at, t.created_at)) * 0.8
from documents d
where d.partner_id = t.partner_id and d.id = t.document_id and t.due_at is not null
"""
RESULTS = """
insert into sla_results (id, created_at, partner_id, task_id, lane, plan, began_at, due_at, ended_at)
select gen_random_uuid(), now(), t.partner_id, t.id, t.lane, p.plan, t.sla_from, t.due_at,
       coalesce(t.verdict_at, t.completed_at)
from review_tasks t join partners p on p.id = t.partner_id join decisions d on d.review_task_id = t.id
where t.livemode and t.status = 'completed' and t.sla_from is not null
"""
FROZEN = """
create function guard_sla_version() returns trigger language plpgsql as $$
begin
    raise exception 'a version of the SLA never changes' using errcode = 'check_violation';
end $$;
create trigger guard_version before update or delete on sla_versions
    for each row execute function guard_sla_version();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    _rules()
    _tasks()
    _results()
    op.execute(COPY)
    op.execute(RESULTS)
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table sla_results enable row level security")
    op.execute("alter table sla_results force row level security")
    op.execute(f"create policy tenant on sla_results using ({rule}) with check ({rule})")


def _rules() -> None:
    op.create_table(
        "sla_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("calendars", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["members.id"], name=op.f("fk_sla_versions_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_versions")),
        sa.UniqueConstraint("version", name=op.f("uq_sla_versions_version")),
    )
    op.execute(FIRST)
    op.execute(FROZEN)
    op.create_table(
        "sla_alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("breached", sa.Integer(), nullable=False),
        sa.Column("by_lane", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.CheckConstraint("breached >= 0", name=op.f("ck_sla_alerts_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_alerts")),
    )
    op.create_index("uq_sla_alerts_open", "sla_alerts", ["is_open"], unique=True, postgresql_where=sa.text("is_open"))


def _tasks() -> None:
    op.add_column("review_tasks", sa.Column("lane", TEXT(), server_default="standard", nullable=False))
    op.add_column("review_tasks", sa.Column("lane_at", TIME, nullable=True))
    op.add_column("review_tasks", sa.Column("sla_version", sa.Integer(), nullable=True))
    op.add_column("review_tasks", sa.Column("sla_from", TIME, nullable=True))
    op.add_column("review_tasks", sa.Column("sla_spent_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("review_tasks", sa.Column("sla_paused_at", TIME, nullable=True))
    op.add_column("review_tasks", sa.Column("warn_at", TIME, nullable=True))
    following = sa.Column("sla_next_at", TIME, sa.Computed(NEXT_WORD, persisted=True), nullable=True)
    op.add_column("review_tasks", following)
    op.drop_index("ix_review_tasks_late", "review_tasks")
    has_word, is_over = sa.text("sla_next_at is not null"), sa.text("completed_at is not null")
    op.create_index("ix_review_tasks_sla", "review_tasks", ["sla_next_at"], postgresql_where=has_word)
    op.create_index("ix_review_tasks_completed", "review_tasks", ["completed_at"], postgresql_where=is_over)


def _results() -> None:
    op.create_table(
        "sla_results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("lane", TEXT(), nullable=False),
        sa.Column("plan", TEXT(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "task_id"],
            ["review_tasks.partner_id", "review_tasks.id"],
            name=op.f("fk_sla_results_partner_id_task_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_sla_results_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_results")),
    )
    op.create_index("uq_sla_results_task", "sla_results", ["task_id", "lane"], unique=True)
    op.create_index("ix_sla_results_ended", "sla_results", ["ended_at"])


def downgrade() -> None:
    op.drop_table("sla_results")
    op.drop_index("ix_review_tasks_completed", "review_tasks")
    op.drop_index("ix_review_tasks_sla", "review_tasks")
    for column in (
        "sla_next_at", "warn_at", "sla_paused_at", "sla_spent_seconds", "sla_from", "sla_version", "lane_at", "lane",
    ):  # fmt: skip
        op.drop_column("review_tasks", column)
    late = sa.text("status <> 'completed' and sla_breached_at is null")
    op.create_index("ix_review_tasks_late", "review_tasks", ["due_at"], postgresql_where=late)
    op.drop_table("sla_alerts")
    op.drop_table("sla_versions")
    op.execute("drop function guard_sla_version")
