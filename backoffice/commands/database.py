"""Migrations, from the command line and at start-up."""

import asyncio

from alembic import command

from backoffice import db
from backoffice.adapters import migrations, roots
from backoffice.commands import runtime
from backoffice.jobs import data_keys
from backoffice.settings import settings


def migrate() -> None:
    """Bring both databases to the head; several at once wait for each other. The roots of all secrets are there then.

    Keys of before are copied into the key store and stay where they were: whoever still runs of before reads them.
    """
    migrations.upgrade()
    roots.begin_anew()
    runtime.check_roots()
    if settings().database_url is not None:
        asyncio.run(_copy_keys())


async def _copy_keys() -> None:
    try:
        await data_keys.move(copies_only=True)
    finally:
        await db.close()


def migration(message: str) -> None:
    """Write a revision from the difference between models and database."""
    command.revision(migrations.config(), message, autogenerate=True)
