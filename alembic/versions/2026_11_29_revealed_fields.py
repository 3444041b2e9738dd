"""Let one value of a document be shown alone; what there is already showed all of it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "revealed_fields"
down_revision = "sealed_purposes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    text = sqlmodel.sql.sqltypes.AutoString()
    op.add_column("reveals", sa.Column("field", text, server_default="", nullable=False))


def downgrade() -> None:
    op.execute("select set_config('app.everyone', 'on', true)")
    op.execute("delete from reveals where field <> ''")  # before, a row showed all of the document
    op.drop_column("reveals", "field")
