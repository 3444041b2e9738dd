"""Migrations, from the command line and at start-up."""

import asyncio
import contextlib

from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from backoffice import db
from backoffice.adapters import migrations, roots
from backoffice.commands import runtime
from backoffice.jobs import data_keys
from backoffice.services import key_sweeps
from backoffice.services.access import Actor
from backoffice.settings import SettingsError, settings

SYSTEM = Actor.system(name="migration")
EMPTY = """
do $$ begin
    lock table data_keys in access exclusive mode;
    if app_everyone() and not exists (select from data_keys) then truncate data_keys; end if;
end $$"""


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
    """Copy keys of before, take what was moved out of the old table's files, and see that the key store is ours."""
    try:
        await data_keys.move(copies_only=True)
        await _empty_old_table()
        if not await key_sweeps.fits(SYSTEM):
            raise SettingsError(
                "The key store has no keys of this database's applicants. Set BACKOFFICE_KEYSTORE_URL to the one that "
                "has, or copy it first: docs/operating.md, The key store."
            )
    finally:
        await db.close()


async def _empty_old_table() -> None:
    """Write the table of before anew once nothing is left in it, as its owner: its file still holds what was moved."""
    url = settings().database_owner_url or settings().database_url
    engine = create_async_engine(url.get_secret_value()) if url else None
    if engine is None:
        return
    async with engine.begin() as connection:
        await connection.execute(text("set local lock_timeout = '2s'"))
        await connection.execute(text("select set_config('app.everyone', 'on', true)"))
        with contextlib.suppress(OperationalError):  # somebody is at it: the next start has its turn
            await connection.execute(text(EMPTY))
    await engine.dispose()


def migration(message: str) -> None:
    """Write a revision from the difference between models and database."""
    command.revision(migrations.config(), message, autogenerate=True)
