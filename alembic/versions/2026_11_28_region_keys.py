"""Find the keys of a region beside the traffic; every step can be run again after a stop."""

from alembic import op

revision = "region_keys"
down_revision = "regions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("select set_config('app.everyone', 'on', false)")
        op.execute("alter table data_keys validate constraint fk_data_keys_partner_id_region")
        # What a stop left behind is not valid.
        op.execute("drop index concurrently if exists ix_data_keys_region")
        op.execute("create index concurrently ix_data_keys_region on data_keys (region, wrapped_by)")
        op.execute("drop index concurrently if exists ix_data_keys_wrapped_by")
        op.execute("select set_config('app.everyone', 'off', false)")


def downgrade() -> None:
    op.create_index("ix_data_keys_wrapped_by", "data_keys", ["wrapped_by"])
    op.drop_index("ix_data_keys_region", table_name="data_keys")
