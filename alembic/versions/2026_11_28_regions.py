"""Give each partner the region that its data stay in, and look for attacks in what is written down anyway."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "regions"
down_revision = "retention"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
GUARD = """
create function guard_region() returns trigger language plpgsql as $$
begin
    raise exception 'the region of a partner never changes: its data are there' using errcode = 'check_violation';
end $$;
create trigger guard_region before update of region on partners
    for each row when (old.region is distinct from new.region) execute function guard_region();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    # A constant default touches no row, and processes of before go on writing the default region.
    for table in ("partners", "data_keys"):
        op.add_column(table, sa.Column("region", sa.String(), nullable=False, server_default="default"))
    op.create_unique_constraint(op.f("uq_partners_id_region"), "partners", ["id", "region"])
    op.create_index("ix_partners_region", "partners", ["region"])
    op.execute(GUARD)
    _alerts()
    _marks()
    _rules()
    op.create_foreign_key(
        op.f("fk_data_keys_partner_id_region"), "data_keys", "partners", ["partner_id", "region"], ["id", "region"],
        postgresql_not_valid=True,
    )  # fmt: skip


def _alerts() -> None:
    op.create_table(
        "security_alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("subject", TEXT(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("window_from", TIME, nullable=False),
        sa.Column("window_until", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("affected", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("entry_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("acknowledged_at", TIME, nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("note", TEXT(), server_default="", nullable=False),
        sa.CheckConstraint("state in ('open', 'acknowledged')", name=op.f("ck_security_alerts_state_known")),
        sa.CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at is not null) and (state = 'acknowledged') = (note <> '')",
            name=op.f("ck_security_alerts_answer_whole"),
        ),
        sa.CheckConstraint("affected >= 1", name=op.f("ck_security_alerts_counted")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_security_alerts_partner_id")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["members.id"], name=op.f("fk_security_alerts_acknowledged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_alerts")),
    )
    op.create_index("uq_security_alerts_window", "security_alerts", ["kind", "subject", "window_from"], unique=True)
    op.create_index("ix_security_alerts_state", "security_alerts", ["state", "id"])
    op.create_index(
        "ix_security_alerts_partner", "security_alerts", ["partner_id", "last_seen_at"],
        postgresql_where=sa.text("partner_id is not null"),
    )  # fmt: skip
    _for_us_alone("security_alerts")


def _marks() -> None:
    op.create_table(
        "security_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("subject", TEXT(), nullable=False),
        sa.Column("value", TEXT(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_security_marks_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_marks")),
    )
    op.create_index("ix_security_marks_window", "security_marks", ["kind", "subject", "created_at"])
    op.create_index("ix_security_marks_age", "security_marks", ["created_at"])
    op.create_table(
        "key_networks",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("network", TEXT(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("request_id", TEXT(), nullable=False),
        sa.Column("is_looked_at", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_key_networks_partner_id")),
        sa.PrimaryKeyConstraint("key_id", "network", name=op.f("pk_key_networks")),
    )
    fresh = sa.text("not is_looked_at")
    op.create_index("ix_key_networks_new", "key_networks", ["first_seen_at"], postgresql_where=fresh)
    _for_us_alone("security_marks")
    _for_us_alone("key_networks")


def _for_us_alone(table: str) -> None:
    """Partners hear of what is about them by their own alerts."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy tenant on {table} using ((select app_everyone())) with check ((select app_everyone()))")


def _rules() -> None:
    op.create_table(
        "security_rules",
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("threshold >= 1 and minutes between 1 and 1440", name=op.f("ck_security_rules_within")),
        sa.ForeignKeyConstraint(["changed_by"], ["members.id"], name=op.f("fk_security_rules_changed_by")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_security_rules")),
    )
    op.create_table(
        "security_cursors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_cursors")),
    )
    # What is there already is not looked at: its windows are over.
    op.execute(
        "insert into security_cursors select 1, coalesce(max(transaction_id), 0), coalesce(max(sequence), 0) from ("
        " select transaction_id, sequence from audit_entries order by transaction_id desc, sequence desc limit 1) newest"
    )


def downgrade() -> None:
    for table in ("security_cursors", "security_rules", "key_networks", "security_marks", "security_alerts"):
        op.drop_table(table)
    op.drop_constraint("fk_data_keys_partner_id_region", "data_keys", type_="foreignkey")
    op.execute("drop trigger guard_region on partners")
    op.execute("drop function guard_region")
    op.drop_index("ix_partners_region", table_name="partners")
    op.drop_constraint("uq_partners_id_region", "partners", type_="unique")
    for table in ("data_keys", "partners"):
        op.drop_column(table, "region")
