"""Let an export be a ZIP: the evidence pack of one document."""

from alembic import op

revision = "evidence_packs"
down_revision = "saved_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_exports_format_known"), "exports")
    op.create_check_constraint(op.f("ck_exports_format_known"), "exports", "format in ('csv', 'jsonl', 'xlsx', 'zip')")


def downgrade() -> None:
    op.execute("select set_config('app.everyone', 'on', true)")
    op.execute("delete from exports where format = 'zip'")
    op.drop_constraint(op.f("ck_exports_format_known"), "exports")
    op.create_check_constraint(op.f("ck_exports_format_known"), "exports", "format in ('csv', 'jsonl', 'xlsx')")
