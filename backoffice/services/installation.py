"""What this installation runs with: every setting without a secret, what is risky about them, and the versions."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from logging import getLogger
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from pydantic import SecretStr
from sqlalchemy import text

from backoffice.adapters import live, migrations
from backoffice.db import Tenancy, transaction
from backoffice.models.setting_notes import NOTES, SettingValue, Source, Version
from backoffice.services.access import Actor, Permission
from backoffice.settings import BY_REGION, PREFIX, Settings, settings, source_of

log = getLogger(__name__)
PRODUCT = "partner-backoffice"
BUDGET_SECONDS = 1.0
SET, NOT_SET, NONE = "set", "not set", "none"
IN_MAIN = f"in the database of {PREFIX}DATABASE_URL"
EMBEDDED = "embedded, started by `backoffice up`"
HARMLESS = frozenset({"endpoint", "region", "uploads", "host", "port", "db", "dbname", "from", "tls", "sslmode"})
"""What an address may say after its question mark and be shown; anything else could be a secret."""
HIDDEN = "…"
ADDRESSES = frozenset(
    {
        "database_url",
        "database_owner_url",
        "keystore_url",
        "keystore_owner_url",
        "redis_url",
        "storage_url",
        "storage_urls",
        "smtp_url",
    }
)
"""Secrets whose place is worth knowing: they are shown without what opens it."""


def listed(actor: Actor) -> list[SettingValue]:
    """List every setting as this process runs with it, by its group."""
    actor.require(Permission.JOBS_READ)
    return [
        one
        for group, notes in NOTES.items()
        for name, about in notes.items()
        for one in (_by_region(group, name, about) if name in BY_REGION else [_one(group, name, about)])
    ]


async def versions(actor: Actor) -> list[Version]:
    """Say what runs; what does not answer in time has no version."""
    actor.require(Permission.JOBS_READ)
    postgres, valkey, head = await asyncio.gather(*(_asked(ask) for ask in (_postgres, _valkey, _head)))
    return [
        Version("Partner Backoffice", version(PRODUCT)),
        Version("Python", ".".join(map(str, sys.version_info[:3]))),
        Version("PostgreSQL", postgres),
        Version("Valkey", valkey),
        Version("Database's form", head),
        Version("Form of this code", migrations.newest() or ""),
    ]


def _one(group: str, name: str, about: str) -> SettingValue:
    value, variable = getattr(settings(), name), f"{PREFIX}{name.upper()}"
    told = shown(name, value) if value or isinstance(value, bool | int) else _instead(name)
    return SettingValue(name, variable, group, told, Source(source_of(variable)), about, is_secret(name))


def is_secret(name: str) -> bool:
    """Answer whether a setting's type says that nobody may read it."""
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def _instead(name: str) -> str:
    """Say what holds where nothing was set."""
    own = settings()
    held = {
        "public_url": own.url,
        "database_url": EMBEDDED,
        "redis_url": EMBEDDED,
        "storage_url": str(own.data_dir / "documents"),
        "kek_url": str(own.data_dir / "keys" / "kek.json"),
        "database_owner_url": f"as {PREFIX}DATABASE_URL",
        "keystore_url": IN_MAIN if own.database_url else EMBEDDED,
        "keystore_owner_url": f"as {PREFIX}KEYSTORE_URL",
    }
    return held.get(name) or (NOT_SET if is_secret(name) else NONE)


def _by_region(group: str, name: str, about: str) -> Iterator[SettingValue]:
    """List one of those that each region has for itself; none where there is no region."""
    known: dict[str, object] = getattr(settings(), name)
    for region, value in sorted(known.items()):
        variable = f"{PREFIX}{BY_REGION[name]}_{region.upper()}"
        words = f"{about[:-1]}: {region}."
        source = Source(source_of(variable))
        yield SettingValue(name, variable, group, shown(name, value), source, words, is_secret(name))


def shown(name: str, value: object) -> str:
    """Write a value for people: never a secret, and of an address only where it leads to."""
    if isinstance(value, SecretStr):
        return address(value.get_secret_value()) if name in ADDRESSES else SET
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] a tuple of texts
    told = str(value)
    return address(told) if "://" in told else told


def address(url: str) -> str:
    """Write an address without its password and without anything in it that could be one."""
    try:
        parts = urlsplit(url)
        place = parts.hostname or ""
        place = f"{place}:{parts.port}" if parts.port else place
    except ValueError:
        return SET
    if not parts.scheme or "@" in parts.path or ("@" in parts.netloc and parts.hostname is None):
        return SET  # a password with a slash that is not escaped: it would be read as the path
    who = "" if parts.username is None else f"{HIDDEN}@"
    if parts.username and parts.scheme.startswith("postgres"):
        who = f"{quote(parts.username)}@"  # a role: the difference between owner and application
    query = "&".join(f"{key}={_harmless(key, value)}" for key, value in parse_qsl(parts.query))
    return urlunsplit((parts.scheme, f"{who}{place}", parts.path, query, ""))


def _harmless(key: str, value: str) -> str:
    if key not in HARMLESS:
        return HIDDEN
    return address(value) if "://" in value else value


async def _asked(question: Callable[[], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            return await question()
    except Exception as error:  # noqa: BLE001 whatever a vendor raises, it has no version now
        log.warning("version_unknown", extra={"error": type(error).__name__})
        return ""


async def _postgres() -> str:
    async with transaction(Tenancy.everyone()) as session:
        return str((await session.execute(text("show server_version"))).scalar_one()).split()[0]


async def _valkey() -> str:
    told: dict[str, object] = await live.command("INFO", "server")
    return str(told.get("valkey_version") or told.get("redis_version") or "")


async def _head() -> str:
    async with transaction(Tenancy.everyone()) as session:
        found = await session.execute(text("select version_num from alembic_version"))
        return str(found.scalar_one_or_none() or "")
