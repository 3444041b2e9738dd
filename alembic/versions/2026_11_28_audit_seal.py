"""Seal the audit trail: the hash of each entry, their order in the log, and the signed checkpoints."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "audit_seal"
down_revision = "ways_back_in"
branch_labels = None
depends_on = None

APP_ROLE = "backoffice_app"
TABLES = ("audit_leaves", "audit_nodes", "audit_checkpoints")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("audit_entries", sa.Column("leaf", sa.LargeBinary(), nullable=True))
    op.create_index("ix_audit_entries_written", "audit_entries", ["transaction_id", "sequence"])
    verified = sa.text("action = 'audit.verified'")
    op.create_index("ix_audit_entries_verified", "audit_entries", ["partner_id", "id"], postgresql_where=verified)
    op.create_table(
        "audit_leaves",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_audit_leaves")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_leaves_entry_id")),
    )
    op.create_table(
        "audit_nodes",
        sa.Column("height", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("height", "index", name=op.f("pk_audit_nodes")),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("peaks", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("last_transaction", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoints")),
    )
    for table in TABLES:
        op.execute(
            f"create trigger append_only before update or delete on {table} for each row execute function refuse_change()"
        )
        op.execute(f"create trigger no_truncate before truncate on {table} execute function refuse_change()")
    op.execute(f"""
do $$ begin
    if exists (select from pg_roles where rolname = '{APP_ROLE}') then
        revoke update, delete on {", ".join(TABLES)} from {APP_ROLE};
    end if;
end $$""")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_audit_entries_verified", "audit_entries")
    op.drop_index("ix_audit_entries_written", "audit_entries")
    op.drop_column("audit_entries", "leaf")
