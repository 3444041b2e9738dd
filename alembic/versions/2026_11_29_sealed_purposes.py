"""Seal what somebody wrote beside the purpose of a reveal, so that it goes with the person.

The column of before is emptied here where the person is erased already; a job seals the others, since the keys are
not the database's, and `note` goes with a later version.
"""

import sqlalchemy as sa
from alembic import op

revision = "sealed_purposes"
down_revision = "four_eyes"
branch_labels = None
depends_on = None

ERASED = """
update reveals set note = '' from documents d
where d.id = reveals.document_id and d.partner_id = reveals.partner_id and reveals.note <> ''
and not exists (select 1 from data_keys k where k.applicant_id = d.applicant_id)"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    op.add_column("reveals", sa.Column("note_box", sa.LargeBinary(), nullable=True))
    op.create_index("ix_reveals_document_id", "reveals", ["document_id"])
    op.create_index("ix_reveals_unsealed", "reveals", ["id"], postgresql_where=sa.text("note <> ''"))
    op.execute(ERASED)


def downgrade() -> None:
    op.drop_index("ix_reveals_unsealed", table_name="reveals")
    op.drop_index("ix_reveals_document_id", table_name="reveals")
    op.drop_column("reveals", "note_box")
