"""Keep the language that a person chose; none is what their browser asks for, and English in letters."""

import sqlalchemy as sa
from alembic import op

revision = "member_language"
down_revision = "lent_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("members", sa.Column("language", sa.String(), nullable=False, server_default=""))
    op.alter_column("members", "language", server_default=None)


def downgrade() -> None:
    op.drop_column("members", "language")
