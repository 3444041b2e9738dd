"""Bill what was done: usage records, prices, plan changes, invoices that cannot be changed, credits, thresholds."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "billing"
down_revision = "workspace_settings"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
TENANT = ("usage_records", "plan_changes", "billing_accounts", "billing_notices", "invoices", "invoice_lines",
          "invoice_credits")  # fmt: skip
FROZEN = ("price_versions", "invoices", "invoice_lines", "invoice_credits")
GUARD_RECORDS = """
create function guard_usage_record() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'usage records are not deleted' using errcode = 'insufficient_privilege';
    end if;
    if old.line_id is not null or new.line_id is null
        or to_jsonb(new) - 'line_id' is distinct from to_jsonb(old) - 'line_id' then
        raise exception 'a usage record is billed once and not changed otherwise'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger guard_record before update or delete on usage_records
    for each row execute function guard_usage_record();
create trigger no_truncate before truncate on usage_records execute function refuse_change();
"""
GUARD_SUM = """
create function guard_invoice_sum() returns trigger language plpgsql as $$
declare
    wanted record;
    found record;
begin
    select total, lines into wanted from invoices
        where id = case when tg_table_name = 'invoices' then new.id else (to_jsonb(new) ->> 'invoice_id')::uuid end;
    select coalesce(sum(amount), 0) as total, count(*) as lines into found from invoice_lines
        where invoice_id = case when tg_table_name = 'invoices' then new.id
            else (to_jsonb(new) ->> 'invoice_id')::uuid end;
    if wanted.total <> found.total or wanted.lines <> found.lines then
        raise exception 'the lines of an invoice do not add up to its total' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create constraint trigger guard_sum after insert on invoices
    deferrable initially deferred for each row execute function guard_invoice_sum();
create constraint trigger guard_sum after insert on invoice_lines
    deferrable initially deferred for each row execute function guard_invoice_sum();
"""
KEY = """(lpad(to_hex((extract(epoch from {at}) * 1000)::bigint), 12, '0') || '7'
    || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid"""
BACKFILL = """
insert into usage_records (id, created_at, partner_id, livemode, kind, document_id, document_type, key_id)
select {key}, found.at, d.partner_id, true, found.kind, d.id, d.type,
    (select a.actor_id from audit_entries a where a.subject_id = d.id and a.action = 'document.created'
        and a.actor_type = 'api_key' order by a.id limit 1)
from (
    select document_id, 'document_screened' as kind, min(created_at) as at from checks
        where status not in ('error', 'not_applicable') and name not in ('policy', 'duplicate', 'file_safety') group by 1
    union all
    select document_id, 'face_match', min(created_at) from checks
        where name = 'face_match' and status in ('passed', 'warning', 'failed') group by 1
    union all
    select document_id, 'human_review', min(created_at) from decisions
        where decided_by_type = 'reviewer' group by 1
) found join documents d on d.id = found.document_id
where d.livemode
on conflict (document_id, kind) do nothing
"""


def _tenant(
    table: str, *columns: sa.Column, keys: dict[str, str] | None = None, checks: dict[str, str] | None = None
) -> None:
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
            for column, to in (keys or {}).items()
        ),
        *(sa.CheckConstraint(rule, name=f"ck_{table}_{name}") for name, rule in (checks or {}).items()),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=f"fk_{table}_partner_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("partner_id", "id", name=f"uq_{table}_partner_id_id"),
    )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    _prices()
    _plans()
    _accounts()
    _invoices()
    _records()
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    for table in TENANT:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")
    for table in FROZEN:
        op.execute(
            f"create trigger append_only before update or delete on {table} for each row execute function refuse_change()"
        )
        op.execute(f"create trigger no_truncate before truncate on {table} execute function refuse_change()")
    op.execute(GUARD_RECORDS)
    op.execute(GUARD_SUM)
    op.execute(BACKFILL.format(key=KEY.format(at="found.at")))


def _prices() -> None:
    op.create_table(
        "price_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", TIME, nullable=False),
        sa.Column("prices", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("note", TEXT(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["members.id"], name="fk_price_versions_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_price_versions"),
        sa.UniqueConstraint("number", name="uq_price_versions_number"),
    )


def _plans() -> None:
    _tenant(
        "plan_changes",
        sa.Column("from_plan", TEXT(), nullable=False),
        sa.Column("to_plan", TEXT(), nullable=False),
        sa.Column("effective_at", TIME, nullable=False),
        sa.Column("applied_at", TIME, nullable=True),
        sa.Column("canceled_at", TIME, nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_plan_changes_member_id"),
        checks={"is_a_change": "from_plan <> to_plan", "ends_once": "applied_at is null or canceled_at is null"},
    )
    waits = sa.text("applied_at is null and canceled_at is null")
    op.create_index("uq_plan_changes_waits", "plan_changes", ["partner_id"], unique=True, postgresql_where=waits)
    op.create_index("ix_plan_changes_due", "plan_changes", ["effective_at"], postgresql_where=waits)
    op.create_index("ix_plan_changes_history", "plan_changes", ["partner_id", "effective_at"])


def _accounts() -> None:
    op.create_table(
        "billing_accounts",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("currency", TEXT(), nullable=False),
        sa.Column("usage_percents", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("spend_amounts", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name="fk_billing_accounts_partner_id"),
        sa.PrimaryKeyConstraint("partner_id", name="pk_billing_accounts"),
    )
    _tenant(
        "billing_notices",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT(), nullable=False),
    )
    once = ["partner_id", "month", "kind", "threshold"]
    op.create_index("uq_billing_notices_once", "billing_notices", once, unique=True)


def _invoices() -> None:
    _tenant(
        "invoices",
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", TEXT(), nullable=False),
        sa.Column("currency", TEXT(), nullable=False),
        sa.Column("plan", TEXT(), nullable=False),
        sa.Column("partner_name", TEXT(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("finalized_at", TIME, nullable=False),
        checks={"lines_counted": "lines >= 0"},
    )
    op.create_index("uq_invoices_month", "invoices", ["partner_id", "livemode", "month"], unique=True)
    op.create_index("uq_invoices_number", "invoices", ["partner_id", "number"], unique=True)
    _tenant(
        "invoice_credits",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT(), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_invoice_credits_member_id"),
        keys={"invoice_id": "invoices"},
        checks={"gives_back": "amount > 0"},
    )
    op.create_index("ix_invoice_credits_invoice", "invoice_credits", ["invoice_id"])
    op.create_index("ix_invoice_credits_partner", "invoice_credits", ["partner_id", "id"])
    _lines()


def _lines() -> None:
    _tenant(
        "invoice_lines",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("description", TEXT(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.Numeric(20, 6), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("plan", TEXT(), nullable=True),
        sa.Column("tier_from", sa.BigInteger(), nullable=True),
        sa.Column("tier_to", sa.BigInteger(), nullable=True),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        keys={"invoice_id": "invoices", "credit_id": "invoice_credits"},
        checks={"quantity_counted": "quantity >= 0"},
    )
    op.create_index("uq_invoice_lines_position", "invoice_lines", ["invoice_id", "position"], unique=True)
    given = sa.text("credit_id is not null")
    op.create_index("uq_invoice_lines_credit", "invoice_lines", ["credit_id"], unique=True, postgresql_where=given)


def _records() -> None:
    _tenant(
        "usage_records",
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_type", TEXT(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        keys={"document_id": "documents", "line_id": "invoice_lines"},
        checks={"live_only": "livemode"},
    )
    op.create_index("uq_usage_records_once", "usage_records", ["document_id", "kind"], unique=True)
    op.create_index("ix_usage_records_newest", "usage_records", ["partner_id", "id"])
    op.create_index("ix_usage_records_kind", "usage_records", ["partner_id", "kind", "created_at", "id"])
    free, billed = sa.text("line_id is null"), sa.text("line_id is not null")
    op.create_index("ix_usage_records_unbilled", "usage_records", ["partner_id", "created_at"], postgresql_where=free)
    op.create_index("ix_usage_records_line", "usage_records", ["line_id", "id"], postgresql_where=billed)


def downgrade() -> None:
    op.drop_table("usage_records")
    for table in ("invoice_lines", "invoice_credits", "invoices"):
        op.drop_table(table)
    for table in ("billing_notices", "billing_accounts", "plan_changes", "price_versions"):
        op.drop_table(table)
    op.execute("drop function guard_usage_record")
    op.execute("drop function guard_invoice_sum")
