"""Keep of each file how it was masked and what it replaced, and of an applicant the keyed hash of a masked number."""

from alembic import op

revision = "masking"
down_revision = "secret_roots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # What is there already says `before` without a row being touched: a command looks at it. New rows say nothing yet.
    # All of it can be run again after a stop: the columns are committed before the indexes are built.
    for table, column, kind, default in (
        ("files", "masking", "varchar", "default 'before'"),
        ("files", "replaced_key", "varchar", ""),
        ("applicants", "number_token", "bytea", ""),
    ):
        op.execute(f"alter table {table} add column if not exists {column} {kind} {default}")
    op.execute("alter table files alter column masking drop default")
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists ix_files_unmasked")
        op.execute("create index concurrently ix_files_unmasked on files (id) where masking is null")
        op.execute("drop index concurrently if exists ix_files_replaced")
        op.execute("create index concurrently ix_files_replaced on files (id) where replaced_key is not null")


def downgrade() -> None:
    op.drop_index("ix_files_replaced", table_name="files")
    op.drop_index("ix_files_unmasked", table_name="files")
    op.drop_column("applicants", "number_token")
    op.drop_column("files", "replaced_key")
    op.drop_column("files", "masking")
