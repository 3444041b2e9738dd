"""Runs migrations as the owning role; the application role owns nothing."""

import time

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text
from sqlmodel import SQLModel

import backoffice.models  # noqa: F401 fills the metadata
from backoffice.settings import settings

JOB_QUEUE_PREFIX = "pgqueuer"
DATABASE_ONLY = {"document_moves"}
LOCK_KEY = 4_772_011
ASKED_AGAIN = 0.2


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave alone what has no model: the job queue's tables and the state machine's table of moves."""
    is_foreign = (name or "").startswith(JOB_QUEUE_PREFIX) or name in DATABASE_ONLY
    return not (kind == "table" and is_foreign)


def _alone(connection: Connection) -> None:
    """Wait for our turn, asking again and again.

    A statement that waits for the lock would keep a snapshot, for which whoever holds it and makes an index beside
    the traffic would wait in turn.
    """
    while not connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}).scalar_one():
        connection.commit()
        time.sleep(ASKED_AGAIN)
    connection.commit()


def migrate() -> None:
    """Bring the database to the head, one process at a time."""
    url = context.get_x_argument(as_dictionary=True).get("url")
    url = url or context.config.attributes.get("url")
    if not url:
        url = settings().required("database_owner_url" if settings().database_owner_url else "database_url")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _alone(connection)
        context.configure(
            # Each migration with its version: one that stops half-way outside of a transaction can run again.
            transaction_per_migration=True,
            connection=connection,
            target_metadata=SQLModel.metadata,
            include_name=include_name,
            compare_server_default=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
        connection.commit()
    engine.dispose()


migrate()
