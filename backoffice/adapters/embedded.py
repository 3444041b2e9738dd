"""The two servers that a fresh machine gets with the product: real PostgreSQL and real Valkey, from wheels."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path

from backoffice.adapters.embedded_account import CannotStart
from backoffice.adapters.embedded_postgres import (
    PostgresUrls,
    create_database,
    drop_database,
    embedded_postgres,
    is_postgres_running,
    start_postgres,
    stop_postgres,
    throwaway_database,
)
from backoffice.adapters.embedded_valkey import embedded_valkey, is_valkey_running, start_valkey, stop_valkey

__all__ = [
    "CannotStart",
    "PostgresUrls",
    "Servers",
    "create_database",
    "drop_database",
    "embedded_postgres",
    "embedded_servers",
    "embedded_valkey",
    "is_postgres_running",
    "is_valkey_running",
    "keep_running",
    "start_postgres",
    "start_valkey",
    "stop_postgres",
    "stop_valkey",
    "throwaway_database",
]

log = getLogger(__name__)
WATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of both servers, named as the settings name them."""

    database_url: str
    database_owner_url: str
    redis_url: str


@contextmanager
def embedded_servers(data_dir: Path) -> Generator[Servers]:
    """Have both servers for a while; a server that ran before goes on running afterwards."""
    with embedded_postgres(data_dir) as urls, embedded_valkey(data_dir) as redis_url:
        yield Servers(urls.app, urls.owner, redis_url)


async def keep_running(data_dir: Path, *, postgres: bool = True, valkey: bool = True) -> None:
    """Start a server again when it dies; run this as a task on the main thread and cancel it before stopping."""
    while True:
        if postgres and not is_postgres_running(data_dir):
            log.warning("embedded_postgres_restarted")
            start_postgres(data_dir)
        if valkey and not is_valkey_running(data_dir):
            log.warning("embedded_valkey_restarted")
            start_valkey(data_dir)
        await asyncio.sleep(WATCH_SECONDS)
