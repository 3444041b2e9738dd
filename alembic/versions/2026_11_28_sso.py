"""Let a partner's people sign in at their own OpenID provider: connections, proven domains, who is who."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sso"
down_revision = "region_keys"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
OWN = "partner_id = (select app_partner())"
ALL = "(select app_everyone())"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _connections()
    _domains()
    _identities()
    op.add_column("sessions", sa.Column("way", TEXT(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("amr", postgresql.ARRAY(sa.String()), nullable=False, server_default="{}"))
    op.add_column("sessions", sa.Column("has_outside_factor", sa.Boolean(), nullable=False, server_default="false"))


def _protect(table: str, check: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy tenant on {table} using ({OWN} or {ALL}) with check ({check})")


def _connections() -> None:
    op.create_table(
        "sso_connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("issuer", TEXT(), nullable=False),
        sa.Column("client_id", TEXT(), nullable=False),
        sa.Column("secret_box", sa.LargeBinary(), nullable=True),
        sa.Column("role", TEXT(), nullable=False),
        sa.Column("asks_second_factor", sa.Boolean(), nullable=False),
        sa.Column("is_only_way", sa.Boolean(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role in ('partner_analyst', 'partner_developer')", name=op.f("ck_sso_connections_role_given")
        ),
        sa.CheckConstraint("is_on or not is_only_way", name=op.f("ck_sso_connections_only_way_is_on")),
        sa.ForeignKeyConstraint(["changed_by"], ["members.id"], name=op.f("fk_sso_connections_changed_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_sso_connections_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_connections")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_sso_connections_partner_id")),
    )
    _protect("sso_connections", f"{OWN} or {ALL}")


def _domains() -> None:
    op.create_table(
        "sso_domains",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("domain", TEXT(), nullable=False),
        sa.Column("token", TEXT(), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("confirmed_by", TEXT(), nullable=False),
        sa.CheckConstraint("domain = lower(domain)", name=op.f("ck_sso_domains_domain_lower")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_sso_domains_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_domains")),
        sa.UniqueConstraint("partner_id", "domain", name=op.f("uq_sso_domains_partner_id_domain")),
    )
    proven = sa.text("confirmed_at is not null")
    op.create_index("uq_sso_domains_proven", "sso_domains", ["domain"], unique=True, postgresql_where=proven)
    # A partner claims; only who sees every partner can say that a claim is proven.
    _protect("sso_domains", f"({OWN} and confirmed_at is null) or {ALL}")


def _identities() -> None:
    op.create_table(
        "sso_identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", TEXT(), nullable=False),
        sa.Column("subject", TEXT(), nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_sso_identities_member_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_sso_identities_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_identities")),
        sa.UniqueConstraint("member_id", name=op.f("uq_sso_identities_member_id")),
        sa.UniqueConstraint(
            "partner_id", "issuer", "subject", name=op.f("uq_sso_identities_partner_id_issuer_subject")
        ),
    )
    _protect("sso_identities", f"{OWN} or {ALL}")


def downgrade() -> None:
    for column in ("has_outside_factor", "amr", "way"):
        op.drop_column("sessions", column)
    for table in ("sso_identities", "sso_domains", "sso_connections"):
        op.drop_table(table)
