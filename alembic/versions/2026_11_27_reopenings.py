"""Look at a decision again: reopenings and appeals, questions to partners, snoozing, messages, and keys of one's own."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "reopenings"
down_revision = "review_assignment"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
CHECKS = (
    ("review_tasks", "appeal_by_another", "verdict_by is null or verdict_by <> all(decided_before)"),
    ("review_rooms", "second_in_range", "second_percent between 0 and 100"),
)


def _columns() -> dict[str, tuple[sa.Column, ...]]:
    return {
        "review_tasks": (
            sa.Column("decided_before", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
            sa.Column("waits_for", TEXT(), server_default="", nullable=False),
            sa.Column("snoozed_until", TIME, nullable=True),
            sa.Column("verdict_message_box", sa.LargeBinary(), nullable=True),
            sa.Column("first_message_box", sa.LargeBinary(), nullable=True),
        ),
        "decisions": (sa.Column("message_box", sa.LargeBinary(), nullable=True),),
        "review_rooms": (sa.Column("second_percent", sa.Integer(), server_default="0", nullable=False),),
        "applicants": (sa.Column("language", TEXT(), nullable=True),),
        "members": (sa.Column("hotkeys", postgresql.JSONB(), server_default="{}", nullable=False),),
    }


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    for table, name, rule in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    awake = sa.text("snoozed_until is not null")
    op.create_index("ix_review_tasks_snoozed", "review_tasks", ["snoozed_until"], postgresql_where=awake)
    _reopenings()
    _questions()
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    for table in ("reopenings", "questions"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def _row(table: str, *columns: sa.Column, **keys: str) -> None:
    """Make a table of one partner's rows whose keys stay within the partner."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                ["partner_id", column], [f"{to}.partner_id", f"{to}.id"], name=f"fk_{table}_partner_id_{column}"
            )
            for column, to in keys.items()
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=f"fk_{table}_partner_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("partner_id", "id", name=f"uq_{table}_partner_id_id"),
    )


def _reopenings() -> None:
    _row(
        "reopenings",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("review_task_id", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("why_box", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by_type", TEXT(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("result", TEXT(), nullable=True),
        sa.CheckConstraint("(closed_at is null) = (result is null)", name=op.f("ck_reopenings_end_whole")),
        document_id="documents",
        decision_id="decisions",
        review_task_id="review_tasks",
    )
    is_open, appeal = sa.text("closed_at is null"), sa.text("kind = 'appeal'")
    op.create_index("uq_reopenings_open", "reopenings", ["document_id"], unique=True, postgresql_where=is_open)
    op.create_index("uq_reopenings_appeal", "reopenings", ["decision_id"], unique=True, postgresql_where=appeal)
    op.create_index("ix_reopenings_document", "reopenings", ["document_id", "id"])
    op.create_index("ix_reopenings_task", "reopenings", ["review_task_id"])


def _questions() -> None:
    _row(
        "questions",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("review_task_id", sa.Uuid(), nullable=False),
        sa.Column("text_box", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("answer_box", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by_type", TEXT(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint("(answer_box is null) or (closed_at is not null)", name=op.f("ck_questions_answer_closes")),
        sa.ForeignKeyConstraint(["asked_by"], ["members.id"], name="fk_questions_asked_by"),
        document_id="documents",
        review_task_id="review_tasks",
    )
    is_open = sa.text("closed_at is null")
    op.create_index("uq_questions_open", "questions", ["document_id"], unique=True, postgresql_where=is_open)
    op.create_index("ix_questions_document", "questions", ["document_id", "id"])
    op.create_index("ix_questions_waiting", "questions", ["expires_at"], postgresql_where=is_open)


def downgrade() -> None:
    for table in ("questions", "reopenings"):
        op.drop_table(table)
    op.drop_index("ix_review_tasks_snoozed", "review_tasks")
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
