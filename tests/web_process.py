"""A real web process on a free port, without the compiled pages: sockets and HTTP need none."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Servers

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class Web:
    url: str
    log: Path
    pid: int

    @property
    def logged(self) -> str:
        return self.log.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def web_process(servers: Servers, **settings: str) -> Iterator[Web]:
    from backoffice.commands import processes

    port = free_port()
    environment = os.environ | servers.environment() | {"BACKOFFICE_PORT": str(port), "BACKOFFICE_WEB_WORKERS": "1"}
    environment |= processes.REFLEX_PRODUCTION | settings
    environment.pop("__REFLEX_MOUNT_FRONTEND_COMPILED_APP", None)
    log = servers.folder / f"web-{port}.log"
    command = [
        str(Path(sys.executable).with_name("granian")),
        "--interface=asgi",
        "--factory",
        "--host=127.0.0.1",
        f"--port={port}",
        "--workers=1",
        "--no-access-log",
        "--log-level=warning",
        "backoffice.backoffice:app",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait(process, f"http://127.0.0.1:{port}/healthz", log)
        yield Web(f"http://127.0.0.1:{port}", log, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the web process ended:\n{log.read_text()[-4000:]}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the web process does not answer:\n{log.read_text()[-4000:]}")
