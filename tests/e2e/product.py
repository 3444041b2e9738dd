"""The whole product, started as a stranger starts it, on a free port and in a folder of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300


@dataclass
class Product:
    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def cast(self) -> dict[str, Any]:
        return json.loads((self.folder / "demo.json").read_text())

    def member(self, role: str, partner: str = "acme", *, skip: int = 0) -> dict[str, Any]:
        partners = {row["name"]: row["id"] for row in self.cast["partners"]}
        found = [
            row
            for row in self.cast["members"]
            if row["role"] == role and row["partner_id"] in (None, partners[partner])
        ]
        return found[skip]

    def key(self, partner: str = "acme", mode: str = "live_key") -> str:
        return next(row[mode] for row in self.cast["partners"] if row["name"] == partner)

    def runtime(self) -> dict[str, str]:
        return json.loads((self.folder / "runtime.json").read_text())

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"`backoffice up` ended: {(self.folder / 'up.log').read_text()[-4000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=3) as answer:
                    if answer.status == 200 and (self.folder / "demo.json").exists():
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.2)
        raise AssertionError(f"not ready: {(self.folder / 'up.log').read_text()[-4000:]}")

    def processes(self, marker: str) -> list[int]:
        """Process ids below ours whose command line holds the marker."""
        import psutil

        found = list[int]()
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it may have ended meanwhile
                if marker in " ".join(child.cmdline()):
                    found.append(child.pid)
        return found

    def errors(self, most: int = 20) -> str:
        """The last lines of its log that are errors."""
        lines = (self.folder / "up.log").read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if '"error"' in line or "Traceback" in line][-most:])

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(folder: Path, port: int, **settings: str) -> Product:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    environment |= {
        "BACKOFFICE_DATA_DIR": str(folder),
        "BACKOFFICE_PORT": str(port),
        "BACKOFFICE_DEMO": "1",
        "BACKOFFICE_EXPORT_ALONE": "100000",  # one person takes every list along, at full size too (test_counts.py)
        "BACKOFFICE_WEB_WORKERS": "2",
        **settings,
    }
    command = [str(Path(sys.executable).with_name("backoffice")), "up"]
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    return Product(f"http://localhost:{port}", folder, process, environment)


@contextmanager
def running(**settings: str) -> Generator[Product]:
    with tempfile.TemporaryDirectory(prefix="bo-e2e-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "data"
        folder.mkdir(mode=0o700)
        product = launch(folder, free_port(), **settings)
        try:
            product.wait_ready()
            yield product
        finally:
            product.stop()
