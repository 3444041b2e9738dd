"""Note which key-encryption key wraps each data key, so that rotation knows what is left."""

import sqlalchemy as sa
from alembic import op

revision = "key_rotation"
down_revision = "audit_seal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("data_keys", sa.Column("wrapped_by", sa.String(), nullable=False, server_default=""))
    op.execute("select set_config('app.everyone', 'on', true)")  # row-level security holds for the owner too
    # A key file's form is `1‖length of id‖id‖box`; what a key service wrapped stays empty, and is wrapped once more.
    op.execute("""
update data_keys set wrapped_by = convert_from(substring(wrapped from 3 for get_byte(wrapped, 1)), 'UTF8')
where get_byte(wrapped, 0) = 1 and length(wrapped) > 2 and substring(wrapped from 3 for 4) = 'kek-'::bytea""")
    op.alter_column("data_keys", "wrapped_by", server_default=None)
    op.create_index("ix_data_keys_wrapped_by", "data_keys", ["wrapped_by"])


def downgrade() -> None:
    op.drop_index("ix_data_keys_wrapped_by", table_name="data_keys")
    op.drop_column("data_keys", "wrapped_by")
