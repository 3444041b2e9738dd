"""Find documents by the words of a name and by number: keyed hashes, one partner's under keys of their own."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "search_tokens"
down_revision = "reveals"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "search_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("field", TEXT(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_search_tokens_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_search_tokens_partner_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_tokens")),
    )
    op.create_index("uq_search_tokens_value", "search_tokens", ["document_id", "field", "value"], unique=True)
    columns = ["partner_id", "livemode", "field", "value", "document_id"]
    op.create_index("ix_search_tokens_value", "search_tokens", columns)
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table search_tokens enable row level security")
    op.execute("alter table search_tokens force row level security")
    op.execute(f"create policy tenant on search_tokens using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("search_tokens")
