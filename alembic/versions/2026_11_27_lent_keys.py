"""Know the keys that are lent to a person for replays: they are in no list, and each person has one for each key."""

import sqlalchemy as sa
from alembic import op

revision = "lent_keys"
down_revision = "own_ids"
branch_labels = None
depends_on = None

LENT = sa.text("lent_for is not null")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("api_keys", sa.Column("lent_for", sa.Uuid(), nullable=True))
    op.create_index("uq_api_keys_lent", "api_keys", ["created_by", "lent_for"], unique=True, postgresql_where=LENT)


def downgrade() -> None:
    op.drop_index("uq_api_keys_lent", "api_keys")
    op.drop_column("api_keys", "lent_for")
