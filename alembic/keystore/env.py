"""Runs the key store's own line of migrations, as its owning role; it may share a database with the main line."""

import time

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from backoffice.settings import settings

SCHEMA = "keystore"
LOCK_KEY = 4_772_012
ASKED_AGAIN = 0.2


def _alone(connection: Connection) -> None:
    """Wait for our turn without keeping a snapshot."""
    while not connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}).scalar_one():
        connection.commit()
        time.sleep(ASKED_AGAIN)
    connection.commit()


def migrate() -> None:
    """Bring the key store to the head, one process at a time."""
    url = context.get_x_argument(as_dictionary=True).get("url") or context.config.attributes.get("url")
    engine = create_engine(url or settings().key_store_owner, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _alone(connection)
        # Asked before, since who may use the schema alone need not be allowed to make one.
        if not connection.execute(text("select to_regnamespace(:schema)"), {"schema": SCHEMA}).scalar_one():
            connection.execute(text(f"create schema {SCHEMA}"))
        connection.commit()
        context.configure(
            transaction_per_migration=True, connection=connection, target_metadata=None, version_table_schema=SCHEMA
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
        connection.commit()
    engine.dispose()


migrate()
