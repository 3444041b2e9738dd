"""Let a partner's provider speak SAML as well: its sign-in address and the certificates that it signs with."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "saml"
down_revision = "forgotten_pages"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
WHOLE = "kind = 'oidc' or (kind = 'saml' and saml_url <> '')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("sso_connections", sa.Column("kind", TEXT(), nullable=False, server_default="oidc"))
    op.add_column("sso_connections", sa.Column("saml_url", TEXT(), nullable=False, server_default=""))
    certificates = sa.Column("certificates", postgresql.ARRAY(sa.String()), nullable=False, server_default="{}")
    op.add_column("sso_connections", certificates)
    op.create_check_constraint(op.f("ck_sso_connections_kind_is_whole"), "sso_connections", WHOLE)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select set_config('app.everyone', 'on', true)")
    # Nobody could come in by them any more, and what they vouched for must not be another provider's to claim.
    op.execute(
        "delete from sso_identities where partner_id in (select partner_id from sso_connections where kind = 'saml')"
    )
    op.execute("delete from sso_connections where kind = 'saml'")
    op.drop_constraint(op.f("ck_sso_connections_kind_is_whole"), "sso_connections", type_="check")
    for column in ("certificates", "saml_url", "kind"):
        op.drop_column("sso_connections", column)
