"""Measure reviews, and let a second person look at some of them blind."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "review_quality"
down_revision = "engines"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
TENANTS = ("review_metrics", "sample_draws", "gold_documents", "samples")
ANSWER_GUARD = """
create function guard_sample_answer() returns trigger language plpgsql as $$
begin
    if old.answered_at is not null and (new.answered_at, new.outcome, new.reasons, new.taken_by)
        is distinct from (old.answered_at, old.outcome, old.reasons, old.taken_by) then
        raise exception 'a blind answer never changes' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger guard_answer before update on samples for each row execute function guard_sample_answer();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _metrics()
    _settings()
    _draws()
    _gold()
    _samples()
    op.execute(ANSWER_GUARD)
    for table in TENANTS:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        rule = "partner_id = (select app_partner()) or (select app_everyone())"
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def _row(*columns: sa.Column, tenant: bool = True) -> list[sa.Column]:
    partner = [sa.Column("partner_id", sa.Uuid(), nullable=False)] if tenant else []
    first = [sa.Column("id", sa.Uuid(), nullable=False), sa.Column("created_at", TIME, nullable=False)]
    return [*first, *partner, *columns]


def _texts(name: str) -> sa.Column:
    return sa.Column(name, sa.ARRAY(sa.String()), server_default="{}", nullable=False)


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
    """Build the primary key, the partner's key and the references that stay within one partner."""
    within = [
        sa.ForeignKeyConstraint(
            ["partner_id", column], [f"{target}.partner_id", f"{target}.id"], name=f"fk_{table}_partner_id_{column}"
        )
        for column, target in targets.items()
    ]
    owner = sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=f"fk_{table}_partner_id")
    return [*within, owner, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]


def _member(table: str, column: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint([column], ["members.id"], name=f"fk_{table}_{column}")


def _metrics() -> None:
    op.create_table(
        "review_metrics",
        *_row(
            sa.Column("verdict_id", sa.Uuid(), nullable=False),
            sa.Column("task_id", sa.Uuid(), nullable=False),
            sa.Column("reviewer_id", sa.Uuid(), nullable=False),
            sa.Column("outcome", TEXT(), nullable=False),
            _texts("reason_codes"),
            sa.Column("disagreed_with_engine", sa.Boolean(), nullable=False),
            sa.Column("shown_at", TIME, nullable=True),
            sa.Column("first_input_at", TIME, nullable=True),
            sa.Column("decided_at", TIME, nullable=False),
            sa.Column("undone", sa.Boolean(), nullable=False),
            sa.Column("active_ms", sa.Integer(), nullable=True),
            sa.Column("keys", sa.Integer(), nullable=True),
            sa.Column("clicks", sa.Integer(), nullable=True),
            sa.Column("images_opened", sa.Integer(), nullable=True),
            sa.Column("zoom_used", sa.Boolean(), nullable=True),
            sa.Column("checks_opened", sa.Integer(), nullable=True),
            sa.Column("connection_lost_ms", sa.Integer(), nullable=True),
        ),
        sa.CheckConstraint("active_ms >= 0 and keys >= 0 and clicks >= 0", name=op.f("ck_review_metrics_counted")),
        _member("review_metrics", "reviewer_id"),
        *_keys("review_metrics", task_id="review_tasks"),
    )
    op.create_index("uq_review_metrics_verdict_id", "review_metrics", ["verdict_id"], unique=True)
    op.create_index("ix_review_metrics_reviewer", "review_metrics", ["reviewer_id", "decided_at"])
    op.create_index("ix_review_metrics_decided", "review_metrics", ["decided_at"])


def _settings() -> None:
    op.create_table(
        "sample_settings",
        *_row(
            *(sa.Column(name, sa.Integer(), nullable=False) for name in ("version", "low", "medium", "high", "gold")),
            tenant=False,
        ),
        sa.CheckConstraint(
            "low between 0 and 100 and medium between 0 and 100 and high between 0 and 100 and gold between 0 and 100",
            name=op.f("ck_sample_settings_percents"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_settings")),
    )
    op.execute("create unique index uq_sample_settings_one on sample_settings ((true))")
    op.execute("insert into sample_settings values (gen_random_uuid(), now(), 1, 5, 10, 25, 10)")


def _draws() -> None:
    op.create_table(
        "sample_draws",
        *_row(
            sa.Column("decision_id", sa.Uuid(), nullable=False),
            sa.Column("band", TEXT(), nullable=False),
            sa.Column("percent", sa.Integer(), nullable=False),
            sa.Column("is_drawn", sa.Boolean(), nullable=False),
        ),
        *_keys("sample_draws", decision_id="decisions"),
    )
    op.create_index("uq_sample_draws_decision_id", "sample_draws", ["decision_id"], unique=True)


def _gold() -> None:
    op.create_table(
        "gold_documents",
        *_row(
            sa.Column("document_id", sa.Uuid(), nullable=False),
            sa.Column("decision_id", sa.Uuid(), nullable=False),
            sa.Column("outcome", TEXT(), nullable=False),
            _texts("reasons"),
            sa.Column("marked_by", sa.Uuid(), nullable=False),
            sa.Column("retired_at", TIME, nullable=True),
        ),
        _member("gold_documents", "marked_by"),
        sa.UniqueConstraint("partner_id", "id", name=op.f("uq_gold_documents_partner_id_id")),
        *_keys("gold_documents", document_id="documents", decision_id="decisions"),
    )
    op.create_index(
        "uq_gold_documents_document_id",
        "gold_documents",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("retired_at is null"),
    )


def _samples() -> None:
    checks = {
        "looked_by_another": "taken_by is null or taken_by <> all (signers)",
        "answer_whole": "(answered_at is null) = (outcome is null)",
        "answer_signed": "answered_at is null or taken_by is not null",
        "cause_after_answer": "cause is null or answered_at is not null",
    }
    op.create_table(
        "samples",
        *_row(
            sa.Column("document_id", sa.Uuid(), nullable=False),
            sa.Column("decision_id", sa.Uuid(), nullable=False),
            sa.Column("gold_id", sa.Uuid(), nullable=True),
            sa.Column("signers", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
            sa.Column("band", TEXT(), nullable=False),
            sa.Column("taken_by", sa.Uuid(), nullable=True),
            sa.Column("taken_until", TIME, nullable=True),
            sa.Column("answered_at", TIME, nullable=True),
            sa.Column("outcome", TEXT(), nullable=True),
            _texts("reasons"),
            sa.Column("note_box", sa.LargeBinary(), nullable=True),
            sa.Column("cause", TEXT(), nullable=True),
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_samples_{name}")) for name, rule in checks.items()),
        _member("samples", "taken_by"),
        *_keys("samples", document_id="documents", decision_id="decisions", gold_id="gold_documents"),
    )
    waiting = sa.text("answered_at is null")
    op.create_index(
        "uq_samples_decision_id", "samples", ["decision_id"], unique=True, postgresql_where=sa.text("gold_id is null")
    )
    op.create_index("ix_samples_waiting", "samples", ["created_at", "id"], postgresql_where=waiting)
    op.create_index("ix_samples_taken_by", "samples", ["taken_by", "answered_at"])
    op.create_index("ix_samples_document_id", "samples", ["document_id"])


def downgrade() -> None:
    op.drop_table("samples")
    op.execute("drop function guard_sample_answer")
    for table in ("gold_documents", "sample_draws", "sample_settings", "review_metrics"):
        op.drop_table(table)
