"""Keep of each file how it was masked and what it replaced, and of an applicant the keyed hash of a masked number."""

import sqlalchemy as sa
from alembic import op

revision = "masking"
down_revision = "secret_roots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # What is there already says `before` without a row being touched: a command looks at it. New rows say nothing yet.
    op.add_column("files", sa.Column("masking", sa.String(), nullable=True, server_default="before"))
    op.alter_column("files", "masking", server_default=None)
    op.add_column("files", sa.Column("replaced_key", sa.String(), nullable=True))
    op.add_column("applicants", sa.Column("number_token", sa.LargeBinary(), nullable=True))
    with op.get_context().autocommit_block():
        for name, where in (
            ("ix_files_unmasked", "masking is null"),
            ("ix_files_replaced", "replaced_key is not null"),
        ):
            op.create_index(
                name, "files", ["id"], postgresql_where=sa.text(where), postgresql_concurrently=True, if_not_exists=True
            )


def downgrade() -> None:
    op.drop_index("ix_files_replaced", table_name="files")
    op.drop_index("ix_files_unmasked", table_name="files")
    op.drop_column("applicants", "number_token")
    op.drop_column("files", "replaced_key")
    op.drop_column("files", "masking")
