"""Let partners put words of their own on documents, and find them by these."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "document_tags"
down_revision = "alerts"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "document_tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("tag", TEXT(length=32), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_document_tags_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_document_tags_partner_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_tags")),
    )
    op.create_index("uq_document_tags_tag", "document_tags", ["document_id", "tag"], unique=True)
    op.create_index("ix_document_tags_list", "document_tags", ["partner_id", "livemode", "tag", "document_id"])
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table document_tags enable row level security")
    op.execute("alter table document_tags force row level security")
    op.execute(f"create policy tenant on document_tags using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("document_tags")
