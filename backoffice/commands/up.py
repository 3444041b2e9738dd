"""`backoffice up`: everything that the product needs, in one process tree that stops together."""

import asyncio
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

from backoffice import db
from backoffice.adapters import groups
from backoffice.adapters.embedded import CannotStart, embedded_postgres, embedded_valkey, keep_running
from backoffice.adapters.supervisor import Child, Supervisor
from backoffice.commands import demo_logins, frontend, processes, runtime, seed
from backoffice.commands.console import out, step, stop
from backoffice.commands.places import ROOT, data_dir
from backoffice.jobs import regions
from backoffice.settings import child_environment, settings

READY_SECONDS = 90


def up() -> None:
    """Start everything, say where it is, and stop it all together."""
    folder = data_dir()
    began = monotonic()
    # Until the supervisor listens: a signal unwinds what was started, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: stop("Stopped."))
    with ExitStack() as stack:
        stack.enter_context(runtime.alone(folder))
        runtime.refuse_half_restored(folder)
        runtime.check_secrets()
        runtime.check_challengers()
        _check_port()
        addresses = _servers(stack, folder)
        known = runtime.settled(folder, addresses)
        environment = child_environment(**runtime.lasting(known), data_dir=folder)
        runtime.tell(folder, known)
        _prepare(folder, environment)
        runtime.tell_url(folder)
        asyncio.run(_serve(folder, environment, began, tied=set(addresses)))


def _check_port() -> None:
    own = settings()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((own.host, own.port))
        except OSError as error:
            stop(
                f"Port {own.port} on {own.host} cannot be used ({error.strerror}). Stop what uses it, or choose "
                f"another: BACKOFFICE_PORT={own.port + 1 if own.port < 65535 else 8000} make run"  # noqa: PLR2004
            )


def _servers(stack: ExitStack, folder: Path) -> dict[str, str]:
    """Start the servers that no setting names; answer their addresses by setting."""
    own, addresses = settings(), {}
    try:
        if own.database_url is None:
            with step("PostgreSQL"):
                urls = stack.enter_context(embedded_postgres(folder))
            addresses |= runtime.embedded_addresses(urls)
        if own.redis_url is None:
            with step("Valkey"):
                addresses["redis_url"] = stack.enter_context(embedded_valkey(folder))
    except CannotStart as error:
        stop(str(error))
    return addresses


def _prepare(folder: Path, environment: dict[str, str]) -> None:
    """Build the pages while the database is prepared: two cores, two jobs."""
    logs = folder / "logs"
    with ThreadPoolExecutor(1) as pool, groups.ended():
        pages = None if frontend.is_current() else pool.submit(frontend.build, logs / "build.log")
        _run("Database at its newest form", processes.command("migrate"), environment)
        if settings().demo and not seed.is_loaded():
            _run("Demo data", processes.command("seed"), environment, hint="a month of documents, once")
        if pages:
            with step("Pages", hint="compiled once, about a minute"):
                pages.result()


def _run(label: str, command: list[str], environment: dict[str, str], *, hint: str = "") -> None:
    with step(label, hint=hint):
        done = groups.run(command, cwd=ROOT, env=environment)
    if done.returncode:
        stop(f"{label} failed:\n{done.stdout.strip()[-3000:]}")


async def _serve(folder: Path, environment: dict[str, str], began: float, *, tied: set[str]) -> None:
    supervisor = Supervisor(
        [
            Child("web", processes.web(), environment | processes.REFLEX_PRODUCTION),
            Child("worker", processes.worker(), environment),
        ],
        log_dir=folder / "logs",
        cwd=ROOT,
    )
    settings.cache_clear()  # what was settled since is in it now: the servers' addresses
    for sentence in await regions.check():
        out.print(f"[yellow]{sentence}[/yellow]")
    await db.close()
    watch = asyncio.create_task(keep_running(folder, postgres="database_url" in tied, valkey="redis_url" in tied))
    welcome = asyncio.create_task(asyncio.to_thread(_welcome, folder, began))
    try:
        code = await supervisor.run()
    finally:
        watch.cancel()
        welcome.cancel()
    sys.exit(code)


def _welcome(folder: Path, began: float) -> None:
    """Say where the product is once it answers."""
    own = settings()
    address = f"http://{'127.0.0.1' if own.host in ('0.0.0.0', '::') else own.host}:{own.port}/readyz"  # noqa: S104
    deadline = monotonic() + READY_SECONDS
    while monotonic() < deadline:
        try:
            with urlopen(address, timeout=2) as answer:
                if answer.status == 200:  # noqa: PLR2004 OK
                    break
        except OSError:
            sleep(0.3)
    else:
        out.print(f"[yellow]Not ready after {READY_SECONDS} s.[/yellow] See {folder}/logs and `backoffice doctor`.")
        return
    out.print(f"\n[bold green]Ready[/bold green] after {monotonic() - began:.1f} s at [bold]{own.url}[/bold]")
    if own.demo:
        demo_logins.show(folder)
    out.print("[dim]Ctrl-C stops everything.[/dim]\n")
