"""Let people keep lists of documents under names of their own, and how a list looks to them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "saved_views"
down_revision = "document_actions"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("members", sa.Column("list_looks", JSONB, server_default="{}", nullable=False))
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("filters", JSONB, server_default="{}", nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_saved_views_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_saved_views_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("uq_saved_views_name", "saved_views", ["member_id", "name"], unique=True)
    op.create_index("ix_saved_views_order", "saved_views", ["member_id", "position"])
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute("alter table saved_views enable row level security")
    op.execute("alter table saved_views force row level security")
    op.execute(f"create policy tenant on saved_views using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.drop_table("saved_views")
    op.drop_column("members", "list_looks")
