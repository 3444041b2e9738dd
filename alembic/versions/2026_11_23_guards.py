"""What the database itself holds: tenancy, append-only tables, the state machine, the application role."""

from alembic import op

revision = "guards"
down_revision = "tables"
branch_labels = None
depends_on = None

APP_ROLE = "backoffice_app"
TENANT_TABLES = (
    "members",
    "sessions",
    "api_keys",
    "applicants",
    "data_keys",
    "verifications",
    "documents",
    "files",
    "renditions",
    "checks",
    "review_tasks",
    "decisions",
    "events",
    "event_counters",
    "webhook_endpoints",
    "deliveries",
    "attempts",
    "idempotency_records",
    "audit_entries",
)
APPEND_ONLY = ("decisions", "events", "attempts", "audit_entries")
MOVES = {
    "awaiting_upload": ("submitted", "expired", "canceled", "redacted"),
    "submitted": ("processing", "canceled", "redacted"),
    "processing": ("in_review", "approved", "rejected", "resubmission_requested", "canceled", "redacted"),
    "in_review": ("approved", "rejected", "resubmission_requested", "canceled", "redacted"),
    "resubmission_requested": ("superseded", "expired", "redacted"),
    "approved": ("in_review", "redacted"),
    "rejected": ("in_review", "redacted"),
    "superseded": ("redacted",),
    "expired": ("redacted",),
    "canceled": ("redacted",),
}
TENANCY = """
create function app_partner() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('app.partner_id', true), '')::uuid $$;
create function app_everyone() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('app.everyone', true), 'off') = 'on' $$;
"""
REFUSE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
"""
MOVE_GUARD = """
create function guard_document_move() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.status not in ('awaiting_upload', 'submitted') then
            raise exception 'a document cannot begin as %', new.status using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if new.status <> old.status then
        if not exists (select 1 from document_moves m where m.from_status = old.status and m.to_status = new.status) then
            raise exception 'a document that is % cannot become %', old.status, new.status
                using errcode = 'check_violation';
        end if;
        if new.version <= old.version then
            raise exception 'a change of status must raise the version' using errcode = 'check_violation';
        end if;
    end if;
    return new;
end $$;
create trigger guard_move before insert or update on documents for each row execute function guard_document_move();
"""
TOLD_GUARD = """
create function guard_document_told() returns trigger language plpgsql as $$
declare
    me bigint := (pg_current_xact_id()::text)::bigint;
begin
    if tg_op = 'UPDATE' and new.status = old.status then
        return null;
    end if;
    if not exists (select 1 from events e where e.subject_id = new.id and e.transaction_id = me) then
        raise exception 'document % changed to % without an event', new.id, new.status
            using errcode = 'check_violation';
    end if;
    if not exists (select 1 from audit_entries a where a.subject_id = new.id and a.transaction_id = me) then
        raise exception 'document % changed to % without an audit entry', new.id, new.status
            using errcode = 'check_violation';
    end if;
    return null;
end $$;
create constraint trigger guard_told after insert or update on documents
    deferrable initially deferred for each row execute function guard_document_told();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TENANCY)
    for table in TENANT_TABLES:
        _protect(table, "partner_id")
    _protect("partners", "id")
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on {table} for each row execute function refuse_change()"
        )
        op.execute(f"create trigger no_truncate before truncate on {table} execute function refuse_change()")
    op.execute("create table document_moves (from_status text, to_status text, primary key (from_status, to_status))")
    for start, ends in MOVES.items():
        for end in ends:
            op.execute(f"insert into document_moves values ('{start}', '{end}')")
    op.execute(MOVE_GUARD)
    op.execute(TOLD_GUARD)
    _grant()


def _protect(table: str, column: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    rule = f"{column} = (select app_partner()) or (select app_everyone())"
    op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def _grant() -> None:
    op.execute(f"""
do $$ begin
    if exists (select from pg_roles where rolname = '{APP_ROLE}') then
        grant usage on schema public to {APP_ROLE};
        grant select, insert, update, delete on all tables in schema public to {APP_ROLE};
        grant usage, select on all sequences in schema public to {APP_ROLE};
        alter default privileges in schema public grant select, insert, update, delete on tables to {APP_ROLE};
        alter default privileges in schema public grant usage, select on sequences to {APP_ROLE};
        revoke insert, update, delete on alembic_version, document_moves from {APP_ROLE};
        revoke update, delete on {", ".join(APPEND_ONLY)} from {APP_ROLE};
    end if;
end $$""")


def downgrade() -> None:
    op.execute("drop trigger guard_told on documents")
    op.execute("drop trigger guard_move on documents")
    op.execute("drop function guard_document_told, guard_document_move")
    op.execute("drop table document_moves")
    for table in APPEND_ONLY:
        op.execute(f"drop trigger append_only on {table}")
        op.execute(f"drop trigger no_truncate on {table}")
    op.execute("drop function refuse_change")
    for table in (*TENANT_TABLES, "partners"):
        op.execute(f"drop policy tenant on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
    op.execute("drop function app_partner, app_everyone")
