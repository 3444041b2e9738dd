"""Give each partner the region that its data stay in, and each data key the region whose keys wrap it."""

import sqlalchemy as sa
from alembic import op

revision = "regions"
down_revision = "retention"
branch_labels = None
depends_on = None

GUARD = """
create function guard_region() returns trigger language plpgsql as $$
begin
    raise exception 'the region of a partner never changes: its data are there' using errcode = 'check_violation';
end $$;
create trigger guard_region before update of region on partners
    for each row when (old.region is distinct from new.region) execute function guard_region();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    # A constant default touches no row, and processes of before go on writing the default region.
    for table in ("partners", "data_keys"):
        op.add_column(table, sa.Column("region", sa.String(), nullable=False, server_default="default"))
    op.create_unique_constraint(op.f("uq_partners_id_region"), "partners", ["id", "region"])
    op.create_index("ix_partners_region", "partners", ["region"])
    op.execute(GUARD)
    op.create_foreign_key(
        op.f("fk_data_keys_partner_id_region"), "data_keys", "partners", ["partner_id", "region"], ["id", "region"],
        postgresql_not_valid=True,
    )  # fmt: skip
    with op.get_context().autocommit_block():
        op.execute("select set_config('app.everyone', 'on', false)")
        op.execute("alter table data_keys validate constraint fk_data_keys_partner_id_region")
        op.create_index("ix_data_keys_region", "data_keys", ["region", "wrapped_by"], postgresql_concurrently=True)
        op.drop_index("ix_data_keys_wrapped_by", table_name="data_keys", postgresql_concurrently=True)
        op.execute("select set_config('app.everyone', 'off', false)")


def downgrade() -> None:
    op.create_index("ix_data_keys_wrapped_by", "data_keys", ["wrapped_by"])
    op.drop_index("ix_data_keys_region", table_name="data_keys")
    op.drop_constraint("fk_data_keys_partner_id_region", "data_keys", type_="foreignkey")
    op.execute("drop trigger guard_region on partners")
    op.execute("drop function guard_region")
    op.drop_index("ix_partners_region", table_name="partners")
    op.drop_constraint("uq_partners_id_region", "partners", type_="unique")
    for table in ("data_keys", "partners"):
        op.drop_column(table, "region")
