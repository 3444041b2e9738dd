"""Let a bulk action carry a note and a message until it ends, sealed under a key of its own."""

import sqlalchemy as sa
from alembic import op

revision = "bulk_texts"
down_revision = "bulk_actions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("bulk_actions", sa.Column("texts_key", sa.LargeBinary(), nullable=True))
    op.add_column("bulk_actions", sa.Column("texts_box", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_bulk_actions_texts_end"),
        "bulk_actions",
        "status = 'running' or (texts_key is null and texts_box is null)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_bulk_actions_texts_end"), "bulk_actions")
    op.drop_column("bulk_actions", "texts_box")
    op.drop_column("bulk_actions", "texts_key")
