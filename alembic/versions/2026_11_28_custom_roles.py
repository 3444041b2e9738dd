"""Let a partner's administrators make roles of their own, and keep with each member what theirs grants."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "custom_roles"
down_revision = "status"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
OWN = "partner_id = (select app_partner())"
ALL = "(select app_everyone())"
COPIES = """
create function copy_custom_role() returns trigger language plpgsql as $$
begin
    if new.custom_role_id is null then
        new.granted := null;
        new.role_name := '';
    else
        -- Held until the end, so that no change of the role falls between this copy and its commit.
        select permissions, name into new.granted, new.role_name from custom_roles
        where id = new.custom_role_id and partner_id = new.partner_id for share;
        if not found then
            raise exception 'there is no such role of this partner' using errcode = 'foreign_key_violation';
        end if;
    end if;
    return new;
end $$;
create trigger copy_custom_role before insert or update of custom_role_id, granted, role_name, partner_id on members
    for each row execute function copy_custom_role();
create function spread_custom_role() returns trigger language plpgsql as $$
begin
    update members set custom_role_id = new.id where custom_role_id = new.id and partner_id = new.partner_id;
    return null;
end $$;
create trigger spread_custom_role after update of permissions, name on custom_roles
    for each row execute function spread_custom_role();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    op.create_table(
        "custom_roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("cardinality(permissions) > 0", name=op.f("ck_custom_roles_permissions_not_empty")),
        sa.CheckConstraint(
            "not ('members:write' = any (permissions))", name=op.f("ck_custom_roles_never_members_write")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_custom_roles_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_roles")),
        sa.UniqueConstraint("partner_id", "id", name=op.f("uq_custom_roles_partner_id_id")),
    )
    op.create_index("uq_custom_roles_name", "custom_roles", ["partner_id", sa.text("lower(name)")], unique=True)
    op.execute("alter table custom_roles enable row level security")
    op.execute("alter table custom_roles force row level security")
    op.execute(f"create policy tenant on custom_roles using ({OWN} or {ALL}) with check ({OWN} or {ALL})")
    for table in ("members", "invitations"):
        op.add_column(table, sa.Column("custom_role_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_partner_id_custom_role_id"), table, "custom_roles",
            ["partner_id", "custom_role_id"], ["partner_id", "id"],
        )  # fmt: skip
        op.create_check_constraint(
            op.f(f"ck_{table}_custom_role_on_least"), table, "custom_role_id is null or role = 'partner_analyst'"
        )
    op.add_column("members", sa.Column("granted", postgresql.ARRAY(sa.String()), nullable=True))
    op.add_column("members", sa.Column("role_name", TEXT(), server_default="", nullable=False))
    is_given = sa.text("custom_role_id is not null")
    op.create_index("ix_members_custom_role_id", "members", ["custom_role_id"], postgresql_where=is_given)
    op.execute(COPIES)


def downgrade() -> None:
    op.execute("drop trigger spread_custom_role on custom_roles")
    op.execute("drop trigger copy_custom_role on members")
    op.execute("drop function spread_custom_role")
    op.execute("drop function copy_custom_role")
    op.drop_index("ix_members_custom_role_id", "members")
    for column in ("role_name", "granted"):
        op.drop_column("members", column)
    for table in ("invitations", "members"):
        op.drop_constraint(f"ck_{table}_custom_role_on_least", table)
        op.drop_constraint(f"fk_{table}_partner_id_custom_role_id", table)
        op.drop_column(table, "custom_role_id")
    op.drop_table("custom_roles")
