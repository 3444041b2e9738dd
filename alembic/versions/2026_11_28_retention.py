"""Keep nothing longer than a rule says, and hold what must be kept: rules, holds, runs, and erasures that wait."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "retention"
down_revision = "passkeys"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
OWN = "partner_id = (select app_partner()) or (select app_everyone())"
FIRST = """
insert into retention_rules (id, created_at, ending, days, basis) values
 (gen_random_uuid(), now(), '', 1827, 'AMLR (EU) 2024/1624 art. 77: 5 years'),
 (gen_random_uuid(), now(), 'abandoned', 90, 'GDPR art. 5(1)(e): never submitted, nothing to keep it for'),
 (gen_random_uuid(), now(), 'canceled', 90, 'GDPR art. 5(1)(e): taken back before a decision')
"""
"""What ships; 1827 days are never less than five years."""
GUARD = """
create function guard_retention_rule() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.ended_at is null and new.ended_at is not null
       and to_jsonb(new) - '{ended_at,ended_by}'::text[] = to_jsonb(old) - '{ended_at,ended_by}'::text[] then
        return new;
    end if;
    raise exception 'a retention rule never changes: it ends, and another one supersedes it' using errcode = 'check_violation';
end $$;
create trigger guard_rule before update or delete on retention_rules
    for each row execute function guard_retention_rule();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    _rules()
    _holds()
    _runs()
    op.add_column("erasure_requests", sa.Column("held_until", TIME, nullable=True))
    op.add_column("erasure_requests", sa.Column("hold_basis", TEXT(), server_default="", nullable=False))
    waiting = sa.text("status = 'on_hold'")
    op.create_index("ix_erasure_requests_held", "erasure_requests", ["partner_id"], postgresql_where=waiting)
    planned = sa.text("delete_after is not null")
    op.create_index("ix_documents_delete_after", "documents", ["delete_after"], postgresql_where=planned)


def _rules() -> None:
    op.create_table(
        "retention_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("ending", TEXT(), server_default="", nullable=False),
        sa.Column("place", TEXT(), server_default="", nullable=False),
        sa.Column("type", TEXT(), server_default="", nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("basis", TEXT(), nullable=False),
        sa.Column("is_duty", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("days between 1 and 36500", name=op.f("ck_retention_rules_days_in_range")),
        sa.CheckConstraint("(ended_at is not null) or (ended_by is null)", name=op.f("ck_retention_rules_end_whole")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_retention_rules_partner_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["retention_rules.id"], name=op.f("fk_retention_rules_supersedes_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["members.id"], name=op.f("fk_retention_rules_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["members.id"], name=op.f("fk_retention_rules_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rules")),
    )
    op.create_index(
        "uq_retention_rules_place",
        "retention_rules",
        ["partner_id", "ending", "place", "type"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.execute(FIRST)
    op.execute(GUARD)
    op.execute("alter table retention_rules enable row level security")
    op.execute("alter table retention_rules force row level security")
    op.execute(
        f"create policy tenant on retention_rules using ({OWN}"
        " or (partner_id is null and (select app_partner()) is not null))"
        " with check ((select app_everyone()))"
    )


def _holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", TEXT(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("owner", TEXT(), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("basis", TEXT(), nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("release_reason", TEXT(), server_default="", nullable=False),
        sa.CheckConstraint(
            "subject_type in ('document', 'applicant', 'partner')", name=op.f("ck_legal_holds_subject_known")
        ),
        sa.CheckConstraint("(released_at is null) = (release_reason = '')", name=op.f("ck_legal_holds_release_whole")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_legal_holds_partner_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["members.id"], name=op.f("fk_legal_holds_placed_by")),
        sa.ForeignKeyConstraint(["released_by"], ["members.id"], name=op.f("fk_legal_holds_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
        sa.UniqueConstraint("partner_id", "id", name=op.f("uq_legal_holds_partner_id_id")),
    )
    standing = sa.text("released_at is null")
    op.create_index("ix_legal_holds_standing", "legal_holds", ["subject_id"], postgresql_where=standing)
    op.create_index("ix_legal_holds_newest", "legal_holds", ["partner_id", "id"])
    op.execute("alter table legal_holds enable row level security")
    op.execute("alter table legal_holds force row level security")
    op.execute(f"create policy tenant on legal_holds using ({OWN}) with check ((select app_everyone()))")


def _runs() -> None:
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("documents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("objects", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("by_partner", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )


def downgrade() -> None:
    op.drop_index("ix_documents_delete_after", "documents")
    op.drop_index("ix_erasure_requests_held", "erasure_requests")
    op.drop_column("erasure_requests", "hold_basis")
    op.drop_column("erasure_requests", "held_until")
    for table in ("retention_runs", "legal_holds", "retention_rules"):
        op.drop_table(table)
    op.execute("drop function guard_retention_rule")
