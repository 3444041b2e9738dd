"""Keep no copies of wrapped keys in the statistics of the table of before, and find the erased of late quickly."""

from alembic import op

revision = "key_statistics"
down_revision = "leaner_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Another type, if only by its making, drops the statistics that there are.
    op.execute("alter table data_keys alter column wrapped type bytea using wrapped || ''::bytea")
    op.execute("alter table data_keys alter column wrapped set statistics 0")
    op.create_index("ix_erasure_requests_completed", "erasure_requests", ["completed_at"])


def downgrade() -> None:
    op.drop_index("ix_erasure_requests_completed", "erasure_requests")
    op.execute("alter table data_keys alter column wrapped set statistics -1")
