"""What tests see of the key store, as the system sees it."""

import os
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg

from backoffice import db
from backoffice.adapters import key_store
from backoffice.adapters.key_store import WrappedKey
from backoffice.db import Store, Tenancy, execute, transaction
from backoffice.settings import settings
from tests.servers import Servers

EVERYONE = Tenancy.everyone()


async def keys_of(ids: Collection[UUID]) -> dict[UUID, WrappedKey]:
    """Read keys that are not lost."""
    found = await key_store.read(EVERYONE, ids)
    return {one.applicant_id: one for one in found if one.wrapped is not None}


async def lose_key(applicant_id: UUID) -> None:
    assert await key_store.lose(EVERYONE, {applicant_id}) == 1


async def keys_run(sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement in the key store as the application's role."""
    async with transaction(EVERYONE, Store.KEYS) as session:
        return list(await execute(session, sql, values))


def as_owner(servers: Servers, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement in the key store as its owner, for what the application's role may not."""
    with psycopg.connect(servers.keys_owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        done = owner.execute(sql.encode(), values)
        return done.fetchall() if done.description else []


@asynccontextmanager
async def key_store_away() -> AsyncGenerator[None]:
    """No key store answers: a port where nothing listens."""
    kept = os.environ["BACKOFFICE_KEYSTORE_URL"]
    await db.close()
    os.environ["BACKOFFICE_KEYSTORE_URL"] = "postgresql+psycopg://backoffice_app@127.0.0.1:1/keys"
    settings.cache_clear()
    try:
        yield
    finally:
        await db.close()
        os.environ["BACKOFFICE_KEYSTORE_URL"] = kept
        settings.cache_clear()
