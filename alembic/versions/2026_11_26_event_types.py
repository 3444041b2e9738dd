"""Let a walk through the events of a rare type be as fast as one through all."""

from alembic import op

revision = "event_types"
down_revision = "document_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "ix_events_walk_type", "events", ["partner_id", "livemode", "type", "position", "sequence", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_events_walk_type", table_name="events")
