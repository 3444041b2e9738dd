"""What tests see of the key store, as the system sees it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from backoffice.adapters import key_store
from backoffice.adapters.key_store import WrappedKey
from backoffice.db import Store, Tenancy, execute, transaction

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
