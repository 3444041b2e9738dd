"""The partner API in a process of its own, which can be killed and started again on the same port."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ApiProcess:
    """One server with one worker; `settings` are environment variables."""

    def __init__(self, servers, app="tests.api.served:app", **settings):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1"
        self.app = app
        self.environment = {**os.environ, **servers.environment(), **settings}
        self.log = servers.folder / f"api-{self.port}.log"
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--log-level", "warning", self.app]
        command += ["--factory"] if self.app.endswith(":serve") else []
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=output, stderr=output)
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                httpx2.get(f"{self.url}/events", timeout=5)
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def kill(self):
        """Kill server and worker at once, as a machine that loses power does."""
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for each in family:
            each.kill()
        psutil.wait_procs(family, timeout=10)
        self.process.wait(10)

    def stop(self, seconds=20):
        """Ask it to stop, and insist that it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"it did not stop within {seconds} s") from None
