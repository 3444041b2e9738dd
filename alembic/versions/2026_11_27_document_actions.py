"""Let bulk actions change the documents of a partner, too: whose, with which tag, and what became of each."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "document_actions"
down_revision = "document_tags"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
ROWS_CHECK = "(status in ('done', 'undone') and task_id is not null) = (verdict_id is not null)"
OUTCOMES = """
case when partner_id is null then outcome in ('rejected', 'resubmission_requested')
else outcome in ('canceled', 'tagged', 'untagged') end
"""
OWN = "partner_id = (select app_partner()) or (select app_everyone())"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("bulk_actions", sa.Column("partner_id", sa.Uuid(), nullable=True))
    op.add_column("bulk_actions", sa.Column("tag", TEXT(), server_default="", nullable=False))
    op.create_foreign_key(op.f("fk_bulk_actions_partner_id"), "bulk_actions", "partners", ["partner_id"], ["id"])
    op.drop_constraint(op.f("ck_bulk_actions_never_approves"), "bulk_actions")
    op.create_check_constraint(op.f("ck_bulk_actions_never_approves"), "bulk_actions", OUTCOMES)
    op.create_check_constraint(
        op.f("ck_bulk_actions_tag_named"), "bulk_actions", "(outcome in ('tagged', 'untagged')) = (tag <> '')"
    )
    op.drop_index("uq_bulk_actions_running", "bulk_actions")
    under_way = sa.text("status in ('running', 'undoing')")
    op.create_index("uq_bulk_actions_running", "bulk_actions", ["started_by"], unique=True, postgresql_where=under_way)
    op.execute("alter table bulk_actions enable row level security")
    op.execute("alter table bulk_actions force row level security")
    op.execute(f"create policy tenant on bulk_actions using ({OWN}) with check ({OWN})")
    _widen_rows()


def _widen_rows() -> None:
    op.add_column("bulk_rows", sa.Column("document_id", sa.Uuid(), nullable=True))
    op.alter_column("bulk_rows", "task_id", nullable=True)
    op.create_foreign_key(
        op.f("fk_bulk_rows_partner_id_document_id"),
        "bulk_rows",
        "documents",
        ["partner_id", "document_id"],
        ["partner_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_bulk_rows_one_thing"), "bulk_rows", "(task_id is null) <> (document_id is null)"
    )
    op.drop_constraint(op.f("ck_bulk_rows_done_signed"), "bulk_rows")
    op.create_check_constraint(op.f("ck_bulk_rows_done_signed"), "bulk_rows", ROWS_CHECK)
    op.create_index("uq_bulk_rows_document", "bulk_rows", ["action_id", "document_id"], unique=True)
    op.create_index("ix_bulk_rows_status", "bulk_rows", ["action_id", "status", "id"])
    op.drop_index("ix_bulk_rows_waiting", "bulk_rows")


def downgrade() -> None:
    op.execute("select set_config('app.everyone', 'on', true)")
    op.execute("delete from bulk_rows where document_id is not null")
    op.execute("delete from bulk_actions where partner_id is not null")
    op.create_index(
        "ix_bulk_rows_waiting", "bulk_rows", ["action_id", "id"], postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_index("ix_bulk_rows_status", "bulk_rows")
    op.drop_constraint(op.f("ck_bulk_rows_done_signed"), "bulk_rows")
    op.drop_constraint(op.f("ck_bulk_rows_one_thing"), "bulk_rows")
    op.drop_column("bulk_rows", "document_id")
    op.alter_column("bulk_rows", "task_id", nullable=False)
    op.create_check_constraint(
        op.f("ck_bulk_rows_done_signed"), "bulk_rows", "(status in ('done', 'undone')) = (verdict_id is not null)"
    )
    op.execute("drop policy tenant on bulk_actions")
    op.execute("alter table bulk_actions no force row level security")
    op.execute("alter table bulk_actions disable row level security")
    op.drop_index("uq_bulk_actions_running", "bulk_actions")
    op.drop_constraint(op.f("ck_bulk_actions_tag_named"), "bulk_actions")
    op.drop_constraint(op.f("ck_bulk_actions_never_approves"), "bulk_actions")
    op.drop_column("bulk_actions", "tag")
    op.drop_column("bulk_actions", "partner_id")
    op.create_check_constraint(
        op.f("ck_bulk_actions_never_approves"), "bulk_actions", "outcome in ('rejected', 'resubmission_requested')"
    )
    op.create_index(
        "uq_bulk_actions_running", "bulk_actions", ["started_by"], unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )  # fmt: skip
