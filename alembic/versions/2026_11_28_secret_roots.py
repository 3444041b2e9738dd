"""Keep the roots of all derived keys by themselves, sealed under the master secret, so that it can be changed."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "secret_roots"
down_revision = "custom_roles"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sa.DateTime(timezone=True)
TURNED = "select exists (select from secret_roots where version > 1)"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Filled by the first process that holds the master secret: what it derives today stays what it is.
    op.create_table(
        "secret_roots",
        sa.Column("family", TEXT(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=True),
        sa.Column("retired_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("family", "version", name=op.f("pk_secret_roots")),
    )
    op.create_table(
        "secret_slots",
        sa.Column("family", TEXT(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("secret_id", TEXT(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["family", "version"],
            ["secret_roots.family", "secret_roots.version"],
            name=op.f("fk_secret_slots_family_version"),
        ),
        sa.PrimaryKeyConstraint("family", "version", "secret_id", name=op.f("pk_secret_slots")),
    )
    for table in ("recovery_codes", "known_browsers"):
        op.add_column(table, sa.Column("pepper_version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    if op.get_bind().execute(sa.text(TURNED)).scalar_one():
        message = "Secrets were turned since: what is sealed and hashed under the new ones would open no more."
        raise RuntimeError(message)
    for table in ("known_browsers", "recovery_codes"):
        op.drop_column(table, "pepper_version")
    op.drop_table("secret_slots")
    op.drop_table("secret_roots")
