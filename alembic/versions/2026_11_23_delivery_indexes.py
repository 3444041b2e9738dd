"""Let a claim find what is due per endpoint, and count what is on its way, without reading the backlog."""

from alembic import op

revision = "delivery_indexes"
down_revision = "jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "ix_deliveries_ready",
        "deliveries",
        ["endpoint_id", "next_attempt_at", "id"],
        postgresql_where="state = 'pending'",
    )
    op.create_index(
        "ix_deliveries_leased",
        "deliveries",
        ["endpoint_id", "lease_until"],
        postgresql_where="lease_until is not null",
    )
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"])
    op.drop_index("ix_deliveries_due", "deliveries")


def downgrade() -> None:
    op.create_index("ix_deliveries_due", "deliveries", ["next_attempt_at"], postgresql_where="state = 'pending'")
    op.drop_index("ix_deliveries_event_id", "deliveries")
    op.drop_index("ix_deliveries_leased", "deliveries")
    op.drop_index("ix_deliveries_ready", "deliveries")
