"""Find the same file, the same document and the same person again, without keeping what a document says."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "fingerprints"
down_revision = "event_types"
branch_labels = None
depends_on = None

RELABEL = "update reasons set label = '{}', version = version {} 1 where code = 'duplicate_applicant'"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "fingerprints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_fingerprints_partner_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_fingerprints_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprints")),
    )
    op.create_index("uq_fingerprints_field", "fingerprints", ["document_id", "field"], unique=True)
    op.create_index("ix_fingerprints_value", "fingerprints", ["partner_id", "livemode", "field", "value"])
    op.execute("alter table fingerprints enable row level security")
    op.execute("alter table fingerprints force row level security")
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute(f"create policy tenant on fingerprints using ({rule}) with check ({rule})")
    op.create_index("ix_files_sha256", "files", ["partner_id", "sha256"])
    op.execute(RELABEL.format("Applicant already known", "+"))


def downgrade() -> None:
    op.execute(RELABEL.format("Applicant already known under another name", "-"))
    op.drop_index("ix_files_sha256", table_name="files")
    op.drop_table("fingerprints")
