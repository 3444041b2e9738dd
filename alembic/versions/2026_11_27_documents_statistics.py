"""Know how many documents of each status each partner has: what is usual over all partners says nothing about one.

Without it a tag that many documents have, narrowed to a status that few or none have, was walked to its end.
"""

from alembic import op

revision = "documents_statistics"
down_revision = "notices_currency"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("create statistics st_documents_partner_status (mcv) on partner_id, status from documents")
    op.execute("alter statistics st_documents_partner_status set statistics 1000")


def downgrade() -> None:
    op.execute("drop statistics st_documents_partner_status")
