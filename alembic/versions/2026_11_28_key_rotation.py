"""Note which key-encryption key wraps each data key, so that rotation knows what is left."""

import sqlalchemy as sa
from alembic import op

revision = "key_rotation"
down_revision = "audit_seal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Empty says that the job wraps it again: no row is touched here, and processes of before go on writing.
    op.add_column("data_keys", sa.Column("wrapped_by", sa.String(), nullable=False, server_default=""))
    with op.get_context().autocommit_block():
        op.create_index("ix_data_keys_wrapped_by", "data_keys", ["wrapped_by"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index("ix_data_keys_wrapped_by", table_name="data_keys")
    op.drop_column("data_keys", "wrapped_by")
