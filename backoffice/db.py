"""The engine and `transaction()`, the only place that commits."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from logging import getLogger
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from backoffice.settings import settings

log = getLogger(__name__)
AFTER_COMMIT = "after_commit"
POOL_SIZE = 10
STATEMENT_TIMEOUT_MS = 15_000

AfterCommit = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Whose rows a transaction may see; row-level security holds it, not good manners."""

    partner_id: UUID | None = None
    is_everyone: bool = False

    @classmethod
    def of(cls, partner_id: UUID) -> "Tenancy":
        """See one partner's rows only."""
        return cls(partner_id=partner_id)

    @classmethod
    def everyone(cls) -> "Tenancy":
        """See every partner's rows: staff and the system."""
        return cls(is_everyone=True)


@lru_cache(1)
def engine() -> AsyncEngine:
    """Open the pool on first use, never at import: web workers fork.

    Prepared statements stay off so that a transaction-pooling PgBouncer may stand in front.
    """
    return create_async_engine(
        settings().required("database_url"),
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "prepare_threshold": None,
            "connect_timeout": 5,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
        },
    )


@lru_cache(1)
def _sessions() -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine(), expire_on_commit=False)


def after_commit(session: AsyncSession, callback: AfterCommit) -> None:
    """Run `callback` once the change is durable; its failure is logged and undoes nothing."""
    session.info.setdefault(AFTER_COMMIT, []).append(callback)


@asynccontextmanager
async def transaction(tenancy: Tenancy) -> AsyncGenerator[AsyncSession]:
    """Open one transaction that sees the rows of `tenancy`, commit it at the end, then tell who listens.

    The settings are local to the transaction (`set_config(…, true)`), so a pooled connection carries nothing over.
    """
    async with _sessions()() as session:
        async with session.begin():
            await session.execute(
                text(
                    "select set_config('app.partner_id', :partner, true), set_config('app.everyone', :everyone, true)"
                ),
                {"partner": str(tenancy.partner_id or ""), "everyone": "on" if tenancy.is_everyone else "off"},
            )
            yield session
        for callback in session.info.pop(AFTER_COMMIT, []):
            await _run(callback)


async def _run(callback: AfterCommit) -> None:
    try:
        await callback()
    except Exception:
        log.exception("after_commit_failed")


async def close() -> None:
    """Give the connections back before the process ends."""
    if engine.cache_info().currsize:
        await engine().dispose()
        engine.cache_clear()
        _sessions.cache_clear()
