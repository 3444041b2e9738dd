"""Keep what reviewers mark on a page, and write down each copy that leaves with it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "annotations"
down_revision = "reopenings"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
TENANTS = ("annotations", "copies")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "annotations",
        *_row(
            sa.Column("document_id", sa.Uuid(), nullable=False),
            sa.Column("review_task_id", sa.Uuid(), nullable=False),
            sa.Column("file_id", sa.Uuid(), nullable=False),
            sa.Column("page", sa.Integer(), nullable=False),
            sa.Column("box", JSONB(), nullable=False),
            sa.Column("reason", TEXT(), nullable=True),
            sa.Column("note_box", sa.LargeBinary(), nullable=True),
            sa.Column("member_id", sa.Uuid(), nullable=False),
            sa.Column("changed_at", TIME, nullable=True),
            sa.Column("removed_at", TIME, nullable=True),
            sa.Column("removed_by", sa.Uuid(), nullable=True),
        ),
        sa.CheckConstraint("jsonb_array_length(box) = 4", name=op.f("ck_annotations_box_whole")),
        sa.CheckConstraint("(removed_at is null) = (removed_by is null)", name=op.f("ck_annotations_removal_whole")),
        *_keys("annotations", document_id="documents", review_task_id="review_tasks", file_id="files"),
        *_members("annotations", "member_id", "removed_by"),
    )
    op.create_index("ix_annotations_document", "annotations", ["document_id", "id"])
    op.create_table(
        "copies",
        *_row(
            sa.Column("document_id", sa.Uuid(), nullable=False),
            sa.Column("kind", TEXT(), nullable=False),
            sa.Column("file_id", sa.Uuid(), nullable=True),
            sa.Column("page", sa.Integer(), nullable=False),
            sa.Column("boxes", JSONB(), server_default="[]", nullable=False),
            sa.Column("why_box", sa.LargeBinary(), nullable=True),
            sa.Column("member_id", sa.Uuid(), nullable=False),
        ),
        sa.CheckConstraint("(kind = 'redaction') = (file_id is not null)", name=op.f("ck_copies_page_named")),
        *_keys("copies", document_id="documents", file_id="files"),
        *_members("copies", "member_id"),
    )
    op.create_index("ix_copies_document", "copies", ["document_id", "id"])
    for table in TENANTS:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        rule = "partner_id = (select app_partner()) or (select app_everyone())"
        op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def _row(*columns: sa.Column) -> list[sa.Column]:
    first = [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
    ]
    return [*first, *columns]


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
    """Build the primary key, the partner's key and the references that stay within one partner."""
    within = [
        sa.ForeignKeyConstraint(
            ["partner_id", column], [f"{target}.partner_id", f"{target}.id"], name=f"fk_{table}_partner_id_{column}"
        )
        for column, target in targets.items()
    ]
    owner = sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=f"fk_{table}_partner_id")
    return [*within, owner, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]


def _members(table: str, *columns: str) -> list[sa.Constraint]:
    return [sa.ForeignKeyConstraint([column], ["members.id"], name=f"fk_{table}_{column}") for column in columns]


def downgrade() -> None:
    for table in reversed(TENANTS):
        op.drop_table(table)
