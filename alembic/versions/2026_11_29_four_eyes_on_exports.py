"""Let large exports wait for a second person, whom the database keeps apart from who asked."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "four_eyes"
down_revision = "masking"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
HAVE_KEY = "'queued', 'running', 'ready'"
ENDED = "'failed', 'canceled', 'expired'"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for column in (
        sa.Column("documents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alone", sa.Integer(), nullable=True),
        sa.Column("approval_due", TIME, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("reason", TEXT(), server_default="", nullable=False),
    ):
        op.add_column("exports", column)
    op.create_foreign_key(op.f("fk_exports_decided_by"), "exports", "members", ["decided_by"], ["id"])
    op.create_check_constraint(
        op.f("ck_exports_second_person_approves"), "exports", "decided_by is null or decided_by <> member_id"
    )
    op.create_check_constraint(
        op.f("ck_exports_approved_first"),
        "exports",
        f"approval_due is null or decided_by is not null or status not in ({HAVE_KEY})",
    )
    _again(f"'awaiting_approval', {HAVE_KEY}", f"{ENDED}, 'declined', 'lapsed'")
    waiting, told = sa.text("status = 'awaiting_approval'"), sa.text("reason <> ''")
    op.create_index("ix_exports_approval", "exports", ["approval_due"], postgresql_where=waiting)
    op.create_index("ix_exports_reason", "exports", ["finished_at"], postgresql_where=told)
    op.add_column("workspace_settings", sa.Column("export_alone", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_workspace_settings_export_alone_sane"), "workspace_settings", "export_alone >= 0"
    )


def _again(have_key: str, ended: str) -> None:
    """Say anew which exports have a key, and which parts can be deleted."""
    op.drop_constraint(op.f("ck_exports_key_kept"), "exports")
    op.create_check_constraint(
        op.f("ck_exports_key_kept"), "exports", f"(status in ({have_key})) = (wrapped is not null)"
    )
    op.drop_index("ix_exports_discard", table_name="exports")
    over = sa.text(f"status in ({ended}) and discarded_at is null")
    op.create_index("ix_exports_discard", "exports", ["id"], postgresql_where=over)


def downgrade() -> None:
    op.execute("select set_config('app.everyone', 'on', true)")
    op.execute("update exports set status = 'canceled', wrapped = null where status = 'awaiting_approval'")
    op.execute("update exports set status = 'canceled' where status in ('declined', 'lapsed')")
    op.drop_column("workspace_settings", "export_alone")
    op.drop_index("ix_exports_reason", table_name="exports")
    op.drop_index("ix_exports_approval", table_name="exports")
    _again(HAVE_KEY, ENDED)
    op.drop_constraint(op.f("ck_exports_approved_first"), "exports")
    op.drop_constraint(op.f("ck_exports_second_person_approves"), "exports")
    for name in ("reason", "decided_at", "decided_by", "approval_due", "alone", "documents"):
        op.drop_column("exports", name)
