"""Keep alerts: what rules found, what partners set of their rules, and who is to hear of what."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "alerts"
down_revision = "sla_plan"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
RULE = "partner_id = (select app_partner()) or (select app_everyone())"
STANDING = sa.text("state <> 'resolved'")
RESOLVED = sa.text("state = 'resolved'")
WAITING = sa.text("letter_id is null")


def _tenant(name: str, *columns: sa.Column, constraints: tuple[sa.Constraint, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f(f"fk_{name}_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *constraints,
    )
    _guard(name)


def _guard(name: str) -> None:
    op.execute(f"alter table {name} enable row level security")
    op.execute(f"alter table {name} force row level security")
    op.execute(f"create policy tenant on {name} using ({RULE}) with check ({RULE})")


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["members.id"], name=op.f(f"fk_{table}_{column}"))


def _of_partner(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_partner_id_{column}")
    return sa.ForeignKeyConstraint(["partner_id", column], [f"{other}.partner_id", f"{other}.id"], name=name)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    empty = {"server_default": "{}", "nullable": False}
    op.add_column("members", sa.Column("alert_letters", postgresql.JSONB(), **empty))
    op.add_column("members", sa.Column("alerts_seen_at", TIME, nullable=True))
    _alerts()
    _tenant(
        "alert_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("off", postgresql.ARRAY(sa.String()), **empty),
        sa.Column("thresholds", postgresql.JSONB(), **empty),
        constraints=(
            _person("alert_rules", "changed_by"),
            sa.UniqueConstraint("partner_id", name=op.f("uq_alert_rules_partner_id")),
        ),
    )
    op.create_table(
        "alert_watches",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_alert_watches_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_alert_watches")),
    )
    op.create_index("ix_alert_watches_checked", "alert_watches", ["checked_at"])
    _guard("alert_watches")
    _letters()


def _alerts() -> None:
    checks = {
        "state_known": "state in ('open', 'acknowledged', 'muted', 'resolved')",
        "severity_known": "severity in ('critical', 'warning', 'info')",
        "resolution_whole": "(state = 'resolved') = (resolved_at is not null)",
        "mute_ends": "state <> 'muted' or muted_until is not null",
        "counted": "times >= 1 and affected >= 0",
    }
    _tenant(
        "alerts",
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("severity", TEXT(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("affected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("acted_by", sa.Uuid(), nullable=True),
        sa.Column("muted_until", TIME, nullable=True),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("told_at", TIME, nullable=True),
        sa.Column("told_severity", TEXT(), nullable=True),
        sa.Column("news_at", TIME, nullable=False),
        constraints=(
            _person("alerts", "acted_by"),
            sa.UniqueConstraint("partner_id", "id", name=op.f("uq_alerts_partner_id_id")),
            *(sa.CheckConstraint(rule, name=op.f(f"ck_alerts_{name}")) for name, rule in checks.items()),
        ),
    )
    one = ["partner_id", "kind", "subject_id"]
    op.create_index("uq_alerts_standing", "alerts", one, unique=True, postgresql_where=STANDING)
    op.create_index("ix_alerts_newest", "alerts", ["partner_id", "id"])
    op.create_index("ix_alerts_resolved", "alerts", ["partner_id", "resolved_at"], postgresql_where=RESOLVED)
    op.create_index("ix_alerts_over", "alerts", ["resolved_at"], postgresql_where=RESOLVED)


def _letters() -> None:
    _tenant(
        "alert_letters",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rhythm", TEXT(), nullable=False),
        constraints=(
            _person("alert_letters", "member_id"),
            sa.UniqueConstraint("partner_id", "id", name=op.f("uq_alert_letters_partner_id_id")),
        ),
    )
    op.create_index("ix_alert_letters_member", "alert_letters", ["member_id", "created_at"])
    _tenant(
        "alert_notices",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rhythm", TEXT(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        constraints=(
            _person("alert_notices", "member_id"),
            _of_partner("alert_notices", "alert_id", "alerts"),
            _of_partner("alert_notices", "letter_id", "alert_letters"),
        ),
    )
    one = ["alert_id", "member_id"]
    op.create_index("uq_alert_notices_waiting", "alert_notices", one, unique=True, postgresql_where=WAITING)
    op.create_index("ix_alert_notices_waiting", "alert_notices", ["partner_id", "member_id"], postgresql_where=WAITING)
    op.create_index("ix_alert_notices_letter", "alert_notices", ["letter_id"])
    op.create_index("ix_alert_notices_alert", "alert_notices", ["alert_id"])


def downgrade() -> None:
    for table in ("alert_notices", "alert_letters", "alert_watches", "alert_rules", "alerts"):
        op.drop_table(table)
    op.drop_column("members", "alerts_seen_at")
    op.drop_column("members", "alert_letters")
