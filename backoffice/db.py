"""The engines and `transaction()`, the only place that commits."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from logging import getLogger
from typing import Any, cast
from uuid import UUID

from psycopg import AsyncClientCursor, AsyncConnection, OperationalError
from psycopg import Error as PsycopgError
from psycopg.errors import QueryCanceled, ReadOnlySqlTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Mapper
from sqlalchemy.orm import class_mapper as mapper_of
from sqlmodel import SQLModel

from backoffice.errors import NotAllowed
from backoffice.models.viewings import NOTHING_CHANGES
from backoffice.settings import settings

log = getLogger(__name__)
AFTER_COMMIT = "after_commit"
GATHERED = "gathered"
DRIVER = "driver"
TENANCY = "tenancy"
POOL_SIZE = 10
STATEMENT_TIMEOUT_MS = 15_000
SEE = "select set_config('app.partner_id', %s, true), set_config('app.everyone', %s, true)"
SEE_ONLY = f"{SEE}, set_config('transaction_read_only', 'on', true)"
"""PostgreSQL itself refuses every change, and none can be let in again before the transaction is over."""

AfterCommit = Callable[[], Awaitable[None]]
_Shape = tuple[str, tuple[str, ...]]
"""A table and some of its columns."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Whose rows a transaction may see; row-level security holds it, not good manners."""

    partner_id: UUID | None = None
    is_everyone: bool = False
    is_read_only: bool = False

    @classmethod
    def of(cls, partner_id: UUID, *, is_read_only: bool = False) -> "Tenancy":
        """See one partner's rows only."""
        return cls(partner_id=partner_id, is_read_only=is_read_only)

    @classmethod
    def everyone(cls) -> "Tenancy":
        """See every partner's rows: staff and the system."""
        return cls(is_everyone=True)


class Store(StrEnum):
    """Which database: each has a pool of its own, so that who waits for one holds nothing of the other."""

    MAIN = "main"
    KEYS = "keys"


POOL_SECONDS = {Store.MAIN: 30, Store.KEYS: 5}
"""Who waits for the key store mostly holds a connection of the main one, and others wait for that."""


@cache
def engine(store: Store) -> AsyncEngine:
    """Open a pool on first use, never at import: web workers fork.

    Prepared statements stay off so that a transaction-pooling PgBouncer may stand in front.
    """
    own = settings()
    return create_async_engine(
        own.required("database_url") if store is Store.MAIN else own.key_store,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=POOL_SECONDS[store],
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "prepare_threshold": None,
            "connect_timeout": 5,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
        },
    )


@cache
def _reader(store: Store) -> AsyncEngine:
    """Share the pool for statements that are transactions by themselves."""
    return engine(store).execution_options(isolation_level="AUTOCOMMIT")


@cache
def _sessions(store: Store) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine(store), expire_on_commit=False)


def after_commit(session: AsyncSession, callback: AfterCommit) -> None:
    """Run `callback` once the change is durable; its failure is logged and undoes nothing."""
    session.info.setdefault(AFTER_COMMIT, []).append(callback)


@asynccontextmanager
async def transaction(tenancy: Tenancy, store: Store = Store.MAIN) -> AsyncGenerator[AsyncSession]:
    """Open one transaction that sees the rows of `tenancy`, commit it at the end, then tell who listens.

    The settings are local to the transaction (`set_config(…, true)`), so a pooled connection carries nothing over.
    Raises NotAllowed for a change where the tenancy only reads.
    """
    async with _sessions(store)() as session:
        session.info[TENANCY] = tenancy
        try:
            await _see(session, tenancy)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            await session.rollback()
            await _see(session, tenancy)
        try:
            yield session
            await session.commit()
        except DBAPIError as error:
            if tenancy.is_read_only and isinstance(error.orig, ReadOnlySqlTransaction):
                raise NotAllowed(NOTHING_CHANGES, code="read_only") from error
            raise
        for callback in session.info.pop(AFTER_COMMIT, []):
            await _run(callback)


def tenancy_of(session: AsyncSession) -> Tenancy:
    """Say whose rows a session sees."""
    return session.info[TENANCY]


async def _see(session: AsyncSession, tenancy: Tenancy) -> None:
    """Begin; this first statement also shows whether the pooled connection still lives, and nothing is done yet."""
    connection = await session.connection()
    await connection.exec_driver_sql(
        SEE_ONLY if tenancy.is_read_only else SEE,
        (str(tenancy.partner_id or ""), "on" if tenancy.is_everyone else "off"),
    )


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row by its columns, for what is written and never looked at again: a tenth of a model object's cost."""

    model: type[SQLModel]
    values: Mapping[str, Any]


async def insert(session: AsyncSession, *rows: SQLModel | NewRow) -> None:
    """Write new rows of any tables in one statement, in any order: references are checked at its end.

    Inside of `gathered` they wait for its end. Either way they stay outside of the session: a later change to one
    of these objects is not written.
    """
    waiting: list[SQLModel | NewRow] | None = session.info.get(GATHERED)
    if waiting is not None:
        waiting.extend(rows)
        return
    by_table: dict[_Shape, list[Mapping[str, Any]]] = {}
    for row in rows:
        model, values = (row.model, row.values) if isinstance(row, NewRow) else (type(row), _columns(row))
        by_table.setdefault((str(model.__tablename__), tuple(values)), []).append(values)
    if by_table:
        lists = tuple(json.dumps(values, default=as_json, ensure_ascii=False) for values in by_table.values())
        await execute(session, _insert_sql(tuple(by_table)), lists)


async def execute(
    session: AsyncSession, sql: str, values: tuple[object, ...] | Mapping[str, object]
) -> Sequence[tuple[Any, ...]]:
    """Run one statement as it stands, after what the session still has to write; answer its rows."""
    if session.new or session.dirty or session.deleted:
        await session.flush()
    try:
        async with (await _driver(session)).cursor() as cursor:
            await cursor.execute(sql.encode(), values)
            return await cursor.fetchall() if cursor.description else []
    except PsycopgError as error:
        raise DBAPIError.instance(sql, None, error, PsycopgError, hide_parameters=True) from error


async def _driver(session: AsyncSession) -> AsyncConnection[tuple[Any, ...]]:
    """Answer the session's connection itself: a statement that stands as it is needs nothing around it."""
    if DRIVER not in session.info:
        connection = await (await session.connection()).get_raw_connection()
        session.info[DRIVER] = connection.driver_connection
    return session.info[DRIVER]


async def glance(
    tenancy: Tenancy, sql: str, values: tuple[object, ...], *, store: Store = Store.MAIN
) -> list[tuple[Any, ...]]:
    """Run one statement in one round trip, in a transaction of its own: a fifth of `transaction`'s cost.

    Both statements travel as one simple query, which PostgreSQL runs as one transaction, so the settings end with it.
    When a pooled connection has died, the usual way finds a living one: a statement that writes may run twice.
    Raises NotAllowed for a change where the tenancy only reads.
    """
    try:
        return await _glance(tenancy, sql, values, store)
    except ReadOnlySqlTransaction as error:
        if not tenancy.is_read_only:
            raise
        raise NotAllowed(NOTHING_CHANGES, code="read_only") from error
    except OperationalError as error:
        if isinstance(error, QueryCanceled):
            raise
        async with transaction(tenancy, store) as session:
            return list(await execute(session, sql, values))


async def _glance(tenancy: Tenancy, sql: str, values: tuple[object, ...], store: Store) -> list[tuple[Any, ...]]:
    async with _reader(store).connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        try:
            async with AsyncClientCursor(cast("AsyncConnection[tuple[Any, ...]]", driver)) as cursor:
                seen = str(tenancy.partner_id or ""), "on" if tenancy.is_everyone else "off"
                see = SEE_ONLY if tenancy.is_read_only else SEE
                await cursor.execute(f"{see}; {sql}".encode(), (*seen, *values))
                cursor.nextset()
                return await cursor.fetchall()
        except BaseException:
            await connection.invalidate()
            raise


@asynccontextmanager
async def gathered(session: AsyncSession) -> AsyncGenerator[None]:
    """Write everything that the block inserts at its end, in one statement; nothing of it can be read before."""
    waiting: list[SQLModel | NewRow] = []
    session.info[GATHERED] = waiting
    try:
        yield
    finally:
        del session.info[GATHERED]
    await insert(session, *waiting)


def _columns(row: SQLModel) -> dict[str, Any]:
    """Read what this row says; what it leaves to the database is not named."""
    return {
        column: value
        for attribute, column, is_filled in _attributes(mapper_of(type(row)))
        if (value := getattr(row, attribute)) is not None or not is_filled
    }


@cache
def _attributes(mapper: Mapper[Any]) -> tuple[tuple[str, str, bool], ...]:
    """Pair attributes with columns, and with whether the database fills a column by itself."""
    return tuple(
        (each.key, each.columns[0].name, each.columns[0].server_default is not None) for each in mapper.column_attrs
    )


@lru_cache(256)
def _insert_sql(shapes: tuple[_Shape, ...]) -> str:
    """Write one statement for several tables; each takes its rows as a JSON array, which PostgreSQL types itself."""
    parts: list[str] = []
    for table, names in shapes:
        columns = ", ".join(f'"{name}"' for name in names)
        source = f"jsonb_populate_recordset(null::{table}, %s::jsonb)"
        parts.append(f"insert into {table} ({columns}) select {columns} from {source}")  # noqa: S608 names of our own tables
    *first, last = parts
    named = ", ".join(f"w{number} as ({part})" for number, part in enumerate(first))
    return f"with {named} {last}" if named else last


def as_json(value: object) -> str:
    """Write what JSON has no form for as PostgreSQL reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


async def _run(callback: AfterCommit) -> None:
    try:
        await callback()
    except Exception:  # the commit is out already: what follows it may fail, the change may not seem to
        log.exception("after_commit_failed")


async def close() -> None:
    """Give the connections back before the process ends."""
    if engine.cache_info().currsize:
        for store in Store:
            await engine(store).dispose()
        for known in (engine, _sessions, _reader):
            known.cache_clear()
