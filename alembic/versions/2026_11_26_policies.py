"""Let policies decide: versioned rules, what they would have done in shadow, back-tests, and a second signature."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "policies"
down_revision = "fingerprints"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
TENANT_TABLES = ("policies", "policy_versions", "policy_trials", "backtests")
WORDING_GUARD = """
create function guard_policy_wording() returns trigger language plpgsql as $$
begin
    if old.status <> 'draft' and (new.status = 'draft' or new.source <> old.source or new.authors <> old.authors
        or new.number <> old.number) then
        raise exception 'version % of a policy has left the drafts and keeps its wording', old.number
            using errcode = 'check_violation';
    end if;
    if old.published_at is not null and (new.published_at is distinct from old.published_at
        or new.published_by is distinct from old.published_by) then
        raise exception 'version % of a policy was published once and for all', old.number
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger guard_wording before update on policy_versions for each row execute function guard_policy_wording();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _policies()
    _trials()
    _backtests()
    _second_signature()
    for table in TENANT_TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        rule = "partner_id = (select app_partner()) or (select app_everyone())"
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")
    op.execute(WORDING_GUARD)


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_policies_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_index(
        "uq_policies_partner_id", "policies", ["partner_id"], unique=True, postgresql_nulls_not_distinct=True
    )
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("source", TEXT(), nullable=False),
        sa.Column("note", TEXT(), nullable=False),
        sa.Column("authors", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("shadow_since", TIME, nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "published_by is null or not (published_by = any (authors))",
            name=op.f("ck_policy_versions_second_person_publishes"),
        ),
        sa.CheckConstraint(
            "(published_at is null) = (published_by is null)", name=op.f("ck_policy_versions_publication_whole")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_policy_versions_policy_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_policy_versions_partner_id")),
        sa.ForeignKeyConstraint(["published_by"], ["members.id"], name=op.f("fk_policy_versions_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
    )
    op.create_index(op.f("ix_policy_versions_partner_id"), "policy_versions", ["partner_id"])
    op.create_index("uq_policy_versions_number", "policy_versions", ["policy_id", "number"], unique=True)
    for status in ("published", "shadow"):
        op.create_index(
            f"uq_policy_versions_{status}",
            "policy_versions",
            ["policy_id"],
            unique=True,
            postgresql_where=sa.text(f"status = '{status}'"),
        )


def _trials() -> None:
    op.create_table(
        "policy_trials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", TEXT(), nullable=False),
        sa.Column("actual", TEXT(), nullable=False),
        sa.Column("rule", TEXT(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_policy_trials_partner_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_policy_trials_partner_id")),
        sa.ForeignKeyConstraint(["version_id"], ["policy_versions.id"], name=op.f("fk_policy_trials_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_trials")),
    )
    op.create_index("uq_policy_trials_document", "policy_trials", ["version_id", "document_id"], unique=True)


def _backtests() -> None:
    op.create_table(
        "backtests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("source", TEXT(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("status", TEXT(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("tally", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.CheckConstraint("done >= 0 and done <= total", name=op.f("ck_backtests_done_within_total")),
        sa.ForeignKeyConstraint(["version_id"], ["policy_versions.id"], name=op.f("fk_backtests_version_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_backtests_partner_id")),
        sa.ForeignKeyConstraint(["started_by"], ["members.id"], name=op.f("fk_backtests_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtests")),
    )
    op.create_index(op.f("ix_backtests_version_id"), "backtests", ["version_id"])
    op.create_index(op.f("ix_backtests_partner_id"), "backtests", ["partner_id"])
    op.create_index("ix_backtests_running", "backtests", ["created_at"], postgresql_where=sa.text("status = 'running'"))


def _second_signature() -> None:
    op.add_column("review_tasks", sa.Column("needs_second", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("review_tasks", sa.Column("first_by", sa.Uuid(), nullable=True))
    op.add_column("review_tasks", sa.Column("first_outcome", TEXT(), nullable=True))
    op.add_column(
        "review_tasks",
        sa.Column("first_reasons", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
    )
    op.add_column("review_tasks", sa.Column("first_note_box", sa.LargeBinary(), nullable=True))
    op.add_column("review_tasks", sa.Column("first_at", TIME, nullable=True))
    op.add_column("review_tasks", sa.Column("second_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_review_tasks_second_by"), "review_tasks", "members", ["second_by"], ["id"])
    op.create_foreign_key(op.f("fk_review_tasks_first_by"), "review_tasks", "members", ["first_by"], ["id"])
    op.create_check_constraint(
        op.f("ck_review_tasks_first_whole"), "review_tasks", "(first_by is null) = (first_outcome is null)"
    )
    op.create_check_constraint(
        op.f("ck_review_tasks_second_differs"),
        "review_tasks",
        "verdict_by is null or first_by is null or verdict_by <> first_by",
    )


def downgrade() -> None:
    for name in ("second_differs", "first_whole"):
        op.drop_constraint(op.f(f"ck_review_tasks_{name}"), "review_tasks")
    for column in (
        "second_by",
        "first_at",
        "first_note_box",
        "first_reasons",
        "first_outcome",
        "first_by",
        "needs_second",
    ):
        op.drop_column("review_tasks", column)
    op.execute("drop trigger guard_wording on policy_versions")
    op.execute("drop function guard_policy_wording")
    for table in ("backtests", "policy_trials", "policy_versions", "policies"):
        op.drop_table(table)
