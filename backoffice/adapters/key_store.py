"""The key store: the applicants' wrapped data keys, in a database that can be backed up apart from the main one.

Every call is one statement in a transaction of its own, on a pool of its own. A key is durable here before anything
that it sealed is kept, and lost here before its erasure counts as done. So the two databases need no common commit.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from logging import getLogger
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
from psycopg.errors import InvalidSchemaName, ReadOnlySqlTransaction, UndefinedTable
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice.adapters.askers import Askers
from backoffice.db import POOL_SIZE, Store, Tenancy, execute, glance, transaction
from backoffice.errors import Unavailable
from backoffice.settings import Settings, settings

log = getLogger(__name__)
EVERYONE = Tenancy.everyone()
ASKERS = Askers(POOL_SIZE)
"""Half as many as there are connections of the main database: the others stay for who needs no key."""
ANSWER_SECONDS = 10.0
"""Who asks mostly holds a connection of the main database: one that hangs may not take all of them."""
AWAY = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
UNFIT = {
    ReadOnlySqlTransaction: "key_store_is_read_only",
    InvalidSchemaName: "key_store_is_not_migrated",
    UndefinedTable: "key_store_is_not_migrated",
}
"""It answers and cannot serve: as after a failover to its copy, or before its first migration."""
ADD = """
insert into keystore.data_keys (applicant_id, partner_id, region, wrapped, wrapped_by) values (%s, %s, %s, %s, %s)
on conflict do nothing returning applicant_id"""
READ = """
select applicant_id, partner_id, region, wrapped, wrapped_by from keystore.data_keys
where applicant_id = any(%s::uuid[])"""
LOSE = """
update keystore.data_keys set wrapped = null, wrapped_by = '', lost_at = coalesce(lost_at, now())
where applicant_id = any(%s::uuid[]) returning applicant_id"""
TAKE = """
insert into keystore.data_keys (applicant_id, partner_id, region, wrapped, wrapped_by, created_at, lost_at, moved_at)
select *, now() from unnest(
    %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::timestamptz[], %s::timestamptz[])
on conflict do nothing returning applicant_id"""
MOVED = """
select applicant_id from keystore.data_keys
where applicant_id = any(%s::uuid[]) and coalesce(moved_at, created_at) <= now() - %s"""
COUNTS = """
select region, wrapped_by, count(*) from keystore.data_keys where wrapped is not null group by region, wrapped_by"""
# Two ends of an index, where `<>` reads all of it.
IS_LEFT = """
select exists (select from keystore.data_keys
    where wrapped is not null and region = %s and (wrapped_by < %s or wrapped_by > %s))"""
OLDER = """
select applicant_id, partner_id, region, wrapped, wrapped_by from keystore.data_keys
where wrapped is not null and region = %s and wrapped_by <> %s and (%s::uuid is null or applicant_id > %s::uuid)
order by applicant_id limit %s"""
# Locks in one order, so that two walks wait for each other and never for ever.
KEEP = """
with told as (select * from unnest(%s::uuid[], %s::bytea[], %s::bytea[]) as t (applicant_id, before, wrapped)),
held as (
    select d.applicant_id, told.wrapped from keystore.data_keys d join told using (applicant_id)
    where d.wrapped = told.before order by d.applicant_id for update of d
)
update keystore.data_keys d set wrapped = held.wrapped, wrapped_by = %s from held
where d.applicant_id = held.applicant_id returning d.applicant_id"""
ALIVE = """
select applicant_id, partner_id, created_at <= now() - %s from keystore.data_keys
where wrapped is not null and (%s::uuid is null or applicant_id > %s::uuid) order by applicant_id limit %s"""
DROP = "delete from keystore.data_keys where applicant_id = any(%s::uuid[]) returning applicant_id"
FORM = "select version_num from keystore.alembic_version"


class Apart(StrEnum):
    """How far the key store is from the main database."""

    SERVER = "server"
    DATABASE = "database"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it stands in its row; a lost one has none."""

    applicant_id: UUID
    partner_id: UUID
    region: str
    wrapped: bytes | None
    wrapped_by: str


def apart(own: Settings | None = None) -> Apart:
    """Say what the settings say; only on a server of its own are keys in no backup of the main database's server."""
    own = own or settings()
    if own.keystore_url is None or own.database_url is None:
        return Apart.NOT if own.keystore_url is None else Apart.SERVER
    keys, main = (_place(url.get_secret_value()) for url in (own.keystore_url, own.database_url))
    if keys == main:
        return Apart.NOT
    return Apart.DATABASE if keys[0] == main[0] else Apart.SERVER


def _place(url: str) -> tuple[tuple[str, ...], str]:
    """Name server and database of an address."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    host = parts.hostname or asked.get("host", [""])[-1]
    return (host, str(parts.port or asked.get("port", ["5432"])[-1])), parts.path


@asynccontextmanager
async def _asked() -> AsyncGenerator[None]:
    """Let a key store that is away be something that may be tried again, with nothing said of how it is reached."""
    try:
        yield
    except AWAY as error:
        raise Unavailable("The key store does not answer.") from error
    except (DBAPIError, psycopg.Error) as error:
        if not _is_unfit(error):
            raise
        raise Unavailable("The key store cannot serve.") from error


def _is_unfit(error: DBAPIError | psycopg.Error) -> bool:
    """Say in the log why it cannot serve; without the error, which quotes the statement and so maybe a key."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    why = next((said for kind, said in UNFIT.items() if isinstance(cause, kind)), None)
    if why:
        log.error(why)
    return why is not None


async def _glance(tenancy: Tenancy, sql: str, *values: object) -> list[tuple[Any, ...]]:
    async with _asked(), ASKERS.turn(), asyncio.timeout(ANSWER_SECONDS):
        return await glance(tenancy, sql, values, store=Store.KEYS)


async def add(key: WrappedKey) -> None:
    """Keep a new key, durably.

    Raises Unavailable, as everything here does when the key store does not answer.
    """
    values = (key.applicant_id, key.partner_id, key.region, key.wrapped, key.wrapped_by)
    await _glance(Tenancy.of(key.partner_id), ADD, *values)


async def read(tenancy: Tenancy, applicant_ids: Collection[UUID]) -> list[WrappedKey]:
    """Read the keys of applicants, lost ones too; who never had one here is absent."""
    return [WrappedKey(*row) for row in await _glance(tenancy, READ, list(applicant_ids))]


async def lose(tenancy: Tenancy, applicant_ids: Collection[UUID]) -> int:
    """Empty keys for good; answers how many there are that are lost now, so that asking again answers the same."""
    return len(await _glance(tenancy, LOSE, list(applicant_ids)))


async def take(rows: Sequence[tuple[Any, ...]]) -> None:
    """Take keys over from where they were; who is here already stays as they are, lost ones lost.

    A row is a key's own columns, when it was made, and when it was lost.
    """
    await _glance(EVERYONE, TAKE, *(list(column) for column in zip(*rows, strict=True)))


async def moved(applicant_ids: Collection[UUID], before: object) -> set[UUID]:
    """Name those whose key came here at least so long ago."""
    return {row[0] for row in await _glance(EVERYONE, MOVED, list(applicant_ids), before)}


async def counts() -> list[tuple[str, str, int]]:
    """Count the keys by region and by the key-encryption key that wraps them."""
    return [(str(region), str(name), int(count)) for region, name, count in await _glance(EVERYONE, COUNTS)]


async def is_left(region: str, newest: str) -> bool:
    """Say quickly whether something of a region is wrapped by another key than its newest."""
    return bool((await _glance(EVERYONE, IS_LEFT, region, newest, newest))[0][0])


async def older(region: str, newest: str, after: UUID | None, limit: int) -> list[WrappedKey]:
    """Read the next keys of a region that another key than its newest wraps, by id."""
    return [WrappedKey(*row) for row in await _glance(EVERYONE, OLDER, region, newest, after, after, limit)]


async def keep(wrapped_by: str, done: Sequence[tuple[WrappedKey, bytes]]) -> int:
    """Write back what was wrapped anew, where the row is still as it was read; answers how many."""
    ids = [key.applicant_id for key, _ in done]
    values = (ids, [key.wrapped for key, _ in done], [box for _, box in done], wrapped_by)
    return len(await _glance(EVERYONE, KEEP, *values)) if done else 0


async def alive(after: UUID | None, limit: int, *, settled: object) -> list[tuple[UUID, UUID, bool]]:
    """Read the next applicants whose key is not lost, with their partner and whether it is older than `settled`."""
    return [(row[0], row[1], bool(row[2])) for row in await _glance(EVERYONE, ALIVE, settled, after, after, limit)]


async def drop(applicant_ids: Collection[UUID]) -> int:
    """Take whole rows away: of applicants who never came to be."""
    return len(await _glance(EVERYONE, DROP, list(applicant_ids)))


async def rewrite() -> None:
    """Write the table into a new file, so that what was lost or wrapped before is in no file of it any more.

    Nobody reads meanwhile; whoever does when it begins is waited for two seconds.
    """
    async with _asked(), transaction(EVERYONE, Store.KEYS) as session:
        await execute(session, "set local statement_timeout = '60s'", ())
        await execute(session, "select keystore.rewrite()", ())


async def form() -> str:
    """Name the newest migration that the key store has."""
    return str((await _glance(EVERYONE, FORM))[0][0])
