"""Assign reviews: to whom, by which skills, who must not, and the queue's order as one indexed moment."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "review_assignment"
down_revision = "review_quality"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
OPEN = "status <> 'completed' and verdict_id is null"
RANK = """
create function review_rank(due timestamptz, minutes integer) returns timestamptz language sql immutable parallel safe
    as $$ select due + minutes * interval '1 minute' $$
"""
INDEXES = {
    "ix_review_tasks_rank": (["rank_at", "id"], OPEN),
    "ix_review_tasks_free": (["rank_at", "id"], f"{OPEN} and assigned_to is null and claimed_by is null"),
    "ix_review_tasks_second": (["rank_at", "id"], f"{OPEN} and first_by is not null"),
    "ix_review_tasks_aside": (["status", "rank_at", "id"], f"{OPEN} and status in ('on_hold', 'escalated')"),
    "ix_review_tasks_assignee": (["assigned_to", "rank_at", "id"], f"{OPEN} and assigned_to is not null"),
    "ix_review_tasks_partner": (["partner_id", "rank_at", "id"], OPEN),
    "ix_review_tasks_type": (["document_type", "rank_at", "id"], OPEN),
    "ix_review_tasks_country": (["issuing_country", "rank_at", "id"], OPEN),
    "ix_review_tasks_due": (["due_at"], OPEN),
}
COPY = """
update review_tasks t
set livemode = d.livemode, document_type = d.type, issuing_country = d.issuing_country,
    risk = case when d.risk_score >= 0.7 then 'high' when d.risk_score is null or d.risk_score >= 0.4 then 'medium'
                else 'low' end,
    priority = case when t.priority <= 60 then -480 when t.priority <= 80 then -120
                    when d.livemode and t.priority >= 140 then 480 else 0 end
               + case when d.livemode then 0 else 1440 end
from documents d
where d.partner_id = t.partner_id and d.id = t.document_id
"""
"""An open task keeps the band that its policy gave it; the numbers were no minutes before."""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    _tasks()
    _reviewers()
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table review_bars enable row level security")
    op.execute("alter table review_bars force row level security")
    op.execute(f"create policy tenant on review_bars using ({rule}) with check ({rule})")


def _tasks() -> None:
    op.add_column("review_tasks", sa.Column("livemode", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("review_tasks", sa.Column("document_type", TEXT(), nullable=True))
    op.add_column("review_tasks", sa.Column("issuing_country", TEXT(), nullable=True))
    op.add_column("review_tasks", sa.Column("risk", TEXT(), server_default="medium", nullable=False))
    op.add_column("review_tasks", sa.Column("raised_why", TEXT(), server_default="", nullable=False))
    op.add_column("review_tasks", sa.Column("assigned_to", sa.Uuid(), nullable=True))
    op.add_column("review_tasks", sa.Column("assigned_at", TIME, nullable=True))
    op.create_foreign_key(op.f("fk_review_tasks_assigned_to"), "review_tasks", "members", ["assigned_to"], ["id"])
    op.create_check_constraint(
        op.f("ck_review_tasks_assignment_whole"), "review_tasks", "(assigned_to is null) = (assigned_at is null)"
    )
    op.execute(COPY)
    op.execute(RANK)
    rank = sa.Computed("review_rank(coalesce(due_at, created_at), priority)", persisted=True)
    op.add_column("review_tasks", sa.Column("rank_at", TIME, rank, nullable=True))
    op.drop_index("ix_review_tasks_queue", "review_tasks")
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "review_tasks", columns, postgresql_where=sa.text(where))


def _reviewers() -> None:
    op.create_table(
        "reviewers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("document_types", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("availability", TEXT(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("last_given_at", TIME, nullable=True),
        sa.CheckConstraint("capacity between 0 and 100", name=op.f("ck_reviewers_capacity_in_range")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_reviewers_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewers")),
        sa.UniqueConstraint("member_id", name=op.f("uq_reviewers_member_id")),
    )
    available = sa.text("availability = 'available'")
    op.create_index("ix_reviewers_available", "reviewers", ["member_id"], postgresql_where=available)
    op.create_table(
        "review_bars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_review_bars_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_review_bars_partner_id")),
        sa.ForeignKeyConstraint(["set_by"], ["members.id"], name=op.f("fk_review_bars_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_bars")),
    )
    op.create_index("uq_review_bars_member", "review_bars", ["member_id", "partner_id"], unique=True)
    op.create_table(
        "review_rooms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("kept_minutes", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("kept_minutes between 0 and 1440", name=op.f("ck_review_rooms_kept_in_range")),
        sa.ForeignKeyConstraint(["changed_by"], ["members.id"], name=op.f("fk_review_rooms_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_rooms")),
        sa.UniqueConstraint("name", name=op.f("uq_review_rooms_name")),
    )
    op.execute(
        "insert into review_rooms (id, created_at, name, kept_minutes, changed_at)"
        " values (gen_random_uuid(), now(), 'main', 15, now())"
    )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "review_tasks")
    op.create_index("ix_review_tasks_queue", "review_tasks", ["status", "priority", "due_at", "id"])
    op.drop_column("review_tasks", "rank_at")
    op.execute("drop function review_rank")
    op.drop_constraint(op.f("ck_review_tasks_assignment_whole"), "review_tasks")
    columns = ("assigned_at", "assigned_to", "raised_why", "risk", "issuing_country", "document_type", "livemode")
    for column in columns:
        op.drop_column("review_tasks", column)
    for table in ("review_rooms", "review_bars", "reviewers"):
        op.drop_table(table)
