"""`backoffice doctor`: what is wrong with an installation, and how to mend it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from backoffice import db
from backoffice.adapters import key_store, live, migrations, storage
from backoffice.commands import frontend, runtime
from backoffice.commands.console import out
from backoffice.commands.places import data_dir
from backoffice.db import Tenancy, transaction
from backoffice.errors import Unavailable
from backoffice.services import breached_passwords, regions
from backoffice.services.access import Actor
from backoffice.services.health import WHERE
from backoffice.settings import DEFAULT_REGION, SettingsError, settings

MIN_FREE_BYTES = 2_000_000_000
MIN_NODE = (22, 22)
OF_DATABASE = {"connection", "regions"}
NOT_RUNNING = "Start the product with `make run`, or name a server with"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    is_good: bool
    says: str
    remedy: str = ""


async def run() -> int:
    """Look at everything, print a line each; answer 0 when all is well, else 1."""
    findings = [check() for check in (_python, _data, _disk, _node, _pages, _port, _secret, _key_files, _passwords)]
    findings += [await _guarded(look) for look in (_database, connection, _keystore, _redis, _storage, _regions)]
    await db.close()
    for finding in findings:
        mark = "[green]✓[/green]" if finding.is_good else "[red]✗[/red]"
        out.print(f"{mark} {finding.what:<18} {finding.says}")
        if not finding.is_good:
            out.print(f"  [dim]→ {finding.remedy}[/dim]")
    bad = sum(not finding.is_good for finding in findings)
    out.print("\nAll is well." if not bad else f"\n{bad} to mend.")
    return 1 if bad else 0


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer and run `make run`.")


def _data() -> Finding:
    folder = data_dir()
    is_private = not folder.stat().st_mode & 0o007
    return Finding("data folder", is_private, str(folder), f"Others can read it: chmod 700 {folder}")


def _disk() -> Finding:
    free = shutil.disk_usage(data_dir()).free
    return Finding("disk", free > MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free", "Free at least 2 GB for documents.")


def _node() -> Finding:
    node = Path(sys.executable).with_name("node")
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 ours
    except (OSError, subprocess.CalledProcessError) as error:
        return Finding(
            "Node", False, f"not usable: {error}", "Remove .venv and run `make run`: it brings its own Node."
        )
    version = tuple(int(part) for part in said.lstrip("v").split(".")[:2])
    return Finding("Node", version >= MIN_NODE, said, "Remove .venv and run `make run`.")


def _pages() -> Finding:
    if not frontend.INDEX.exists():
        return Finding("pages", False, "not built", "Run `backoffice build`.")
    is_current = frontend.is_current()
    return Finding("pages", is_current, "built" if is_current else "older than the code", "Run `backoffice build`.")


def _port() -> Finding:
    own = settings()
    with socket.socket() as probe:
        probe.settimeout(1)
        is_open = probe.connect_ex((own.host, own.port)) == 0
    said = f"{own.host}:{own.port} answers" if is_open else f"{own.host}:{own.port} is free"
    return Finding("port", True, said)


def _secret() -> Finding:
    is_there = settings().secret_key is not None
    remedy = "Set BACKOFFICE_SECRET_KEY_FILE to a file with 64 random hex digits (openssl rand -hex 32)."
    if not is_there and (data_dir() / "keys" / "secret_key").exists():
        remedy = "The demo brings its own while it runs: start it with `make run`."
    try:
        runtime.check_roots(writes=False)
    except SettingsError as error:
        return Finding("master secret", False, "opens nothing here", str(error))
    return Finding("master secret", is_there, "set" if is_there else "not set", remedy)


def _key_files() -> Finding:
    keys = data_dir() / "keys"
    loose = [path.name for path in keys.glob("*") if path.is_file() and path.stat().st_mode & 0o077]
    said = f"others can read {', '.join(loose)}" if loose else "private"
    return Finding("key files", not loose, said, f"chmod 600 {keys}{os.sep}*")


def _passwords() -> Finding:
    wrong, own = breached_passwords.fault(), settings().breached_passwords
    remedy = "Set BACKOFFICE_BREACHED_PASSWORDS to the download ordered by hash, or leave it out."
    return Finding("stolen passwords", not wrong, wrong or str(own or "those that are shipped"), remedy)


async def _guarded(look: Callable[[], Awaitable[Finding]]) -> Finding:
    """Let a server that is away be a finding and not a crash."""
    try:
        return await look()
    except (Exception, SystemExit) as error:  # noqa: BLE001 whatever a vendor raises, a person wants to know it
        name = look.__name__.strip("_")
        remedy = f"{NOT_RUNNING} BACKOFFICE_{'DATABASE' if name in OF_DATABASE else name.upper()}_URL."
        return Finding(name, False, str(error).splitlines()[0][:140], remedy)


async def _database() -> Finding:
    async with transaction(Tenancy.everyone()) as session:
        version = (await session.execute(text("select version_num from alembic_version"))).scalar_one_or_none()
        server = (await session.execute(text("show server_version"))).scalar_one()
        bypasses = (
            await session.execute(text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user"))
        ).scalar_one()
    if bypasses:
        remedy = "Connect as a role without superuser and BYPASSRLS, or tenants are not kept apart by the database."
        return Finding("database", False, f"PostgreSQL {server}, role is above row-level security", remedy)
    return Finding(
        "database", version == migrations.newest(), f"PostgreSQL {server} at {version}", "Run `backoffice migrate`."
    )


async def connection() -> Finding:
    """See that what stands before PostgreSQL lets our settings through: a pooler drops them unless told otherwise."""
    async with transaction(Tenancy()) as session:
        found = await session.execute(text("select current_setting('statement_timeout'), current_setting('timezone')"))
        limit, zone = found.one()
    remedy = "Give the pooler the connect_query of deploy/pgbouncer/pgbouncer.ini."
    said = f"statements end after {limit}, times are {zone}"
    return Finding("connection", limit != "0" and zone == "UTC", said, remedy)


async def _keystore() -> Finding:
    found = await key_store.form()
    said = f"answers at {found}, {WHERE[key_store.apart()]}"
    return Finding("key store", found == migrations.newest(migrations.KEYS), said, "Run `backoffice migrate`.")


async def _redis() -> Finding:
    await live.redis_client().execute_command("PING")
    return Finding("redis", True, "answers")


async def _storage() -> Finding:
    await storage.storage_for(DEFAULT_REGION).check()
    return Finding("storage", True, "can be written and read")


async def _regions() -> Finding:
    """Look at every region that has partners or a setting: its store answers, and its key opens."""
    actor = Actor.system(name="doctor")
    async with transaction(actor.tenancy) as session:
        places, wrong = await regions.every(session, actor), await regions.findings(session, actor)
    if wrong:
        return Finding("regions", False, f"{len(wrong)} to set up", " ".join(wrong))
    for region in places:
        try:
            await storage.storage_for(region).check()
        except Unavailable as error:
            remedy = f"See that the address of BACKOFFICE_STORAGE_URL_{region.upper()} can be reached and written."
            return Finding("regions", False, f"{region}: {error}", remedy)
    return Finding("regions", True, ", ".join(places))
