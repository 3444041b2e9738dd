"""Starts what the product needs for a test run: the same embedded servers that `backoffice up` starts."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Servers:
    folder: Path
    app_url: str
    owner_url: str
    redis_url: str
    secret: str
    keys_url: str
    keys_owner_url: str

    def url(self, role: str = "backoffice_app") -> str:
        return self.app_url if role == "backoffice_app" else self.owner_url

    def environment(self) -> dict[str, str]:
        return {
            "BACKOFFICE_DATA_DIR": str(self.folder / "data"),
            "BACKOFFICE_DATABASE_URL": self.app_url,
            "BACKOFFICE_DATABASE_OWNER_URL": self.owner_url,
            "BACKOFFICE_KEYSTORE_URL": self.keys_url,
            "BACKOFFICE_KEYSTORE_OWNER_URL": self.keys_owner_url,
            "BACKOFFICE_REDIS_URL": self.redis_url,
            "BACKOFFICE_SECRET_KEY": self.secret,
            "BACKOFFICE_DEMO": "1",
            "BACKOFFICE_WEBHOOK_ALLOW_HOSTS": "127.0.0.1,localhost",
            "BACKOFFICE_UNDO_SECONDS": "1",
        }


@contextmanager
def start_servers(folder: Path) -> Generator[Servers]:
    from backoffice.adapters import migrations
    from backoffice.adapters.embedded import embedded_postgres, embedded_valkey

    servers_dir = folder / "servers"
    servers_dir.mkdir(mode=0o700)
    (folder / "data").mkdir(mode=0o700)
    with embedded_postgres(servers_dir, is_durable=False) as urls, embedded_valkey(servers_dir) as redis_url:
        keys = urls.keys
        servers = Servers(folder, urls.app, urls.owner, redis_url, secrets.token_hex(32), keys.app, keys.owner)
        migrations.upgrade(servers.owner_url, servers.keys_owner_url)
        yield servers
