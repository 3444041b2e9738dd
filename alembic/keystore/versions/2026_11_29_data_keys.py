"""Keep the applicants' data keys in a place that is backed up apart; what is lost here stays lost."""

from alembic import op

revision = "data_keys"
down_revision = None
branch_labels = None
depends_on = None

APP_ROLE = "backoffice_app"
# No statistics of keys: they are copies of some, in a table of the system's, and outlive the row.
TABLE = """
create table keystore.data_keys (
    applicant_id uuid constraint pk_data_keys primary key,
    partner_id uuid not null,
    region text not null,
    wrapped bytea,
    wrapped_by text not null,
    created_at timestamptz not null default now(),
    moved_at timestamptz,
    lost_at timestamptz,
    constraint ck_data_keys_lost_is_empty check ((wrapped is null) = (lost_at is not null))
);
alter table keystore.data_keys alter column wrapped set statistics 0;
create index ix_data_keys_region on keystore.data_keys (region, wrapped_by) where wrapped is not null;
"""
TENANCY = """
create function keystore.app_partner() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('app.partner_id', true), '')::uuid $$;
create function keystore.app_everyone() returns boolean language sql stable parallel safe
    as $$ select coalesce(current_setting('app.everyone', true), 'off') = 'on' $$;
alter table keystore.data_keys enable row level security;
alter table keystore.data_keys force row level security;
create policy tenant on keystore.data_keys
    using (partner_id = (select keystore.app_partner()) or (select keystore.app_everyone()))
    with check (partner_id = (select keystore.app_partner()) or (select keystore.app_everyone()));
"""
GUARD = """
create function keystore.guard_lost() returns trigger language plpgsql as $$
begin
    raise exception 'a key that is lost stays lost' using errcode = 'check_violation';
end $$;
create trigger guard_lost before update on keystore.data_keys
    for each row when (old.wrapped is null and new.wrapped is not null) execute function keystore.guard_lost();
"""
# CLUSTER writes the table into a new file without what is dead, as VACUUM FULL does, and can be lent to another role.
REWRITE = """
create function keystore.rewrite() returns void language plpgsql security definer
    set search_path = keystore, pg_temp set lock_timeout = '2s'
    as $$ begin cluster keystore.data_keys using pk_data_keys; end $$;
revoke all on function keystore.rewrite() from public;
"""
GRANT = f"""
do $$ begin
    if exists (select from pg_roles where rolname = '{APP_ROLE}') then
        grant usage on schema keystore to {APP_ROLE};
        grant select, insert, delete, update (wrapped, wrapped_by, lost_at) on keystore.data_keys to {APP_ROLE};
        grant select on keystore.alembic_version to {APP_ROLE};
        grant execute on function keystore.rewrite() to {APP_ROLE};
    end if;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for part in (TABLE, TENANCY, GUARD, REWRITE, GRANT):
        op.execute(part)


def downgrade() -> None:
    op.execute("drop function keystore.rewrite")
    op.execute("drop table keystore.data_keys")
    op.execute("drop function keystore.guard_lost, keystore.app_partner, keystore.app_everyone")
