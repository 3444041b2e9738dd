"""Take two indexes from the audit trail, which every change of everything pays for."""

import sqlalchemy as sa
from alembic import op

revision = "leaner_audit"
down_revision = "saml"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint(op.f("uq_audit_entries_sequence"), "audit_entries", type_="unique")
    op.drop_index("ix_audit_entries_verified", "audit_entries")


def downgrade() -> None:
    verified = sa.text("action = 'audit.verified'")
    op.create_index("ix_audit_entries_verified", "audit_entries", ["partner_id", "id"], postgresql_where=verified)
    op.create_unique_constraint(op.f("uq_audit_entries_sequence"), "audit_entries", ["sequence"])
