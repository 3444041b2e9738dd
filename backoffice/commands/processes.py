"""How the two processes of the product are started; the only place that knows Reflex's internal switches."""

import sys
from pathlib import Path

from backoffice.settings import settings

KILL_TIMEOUT_SECONDS = 20
REFLEX_PRODUCTION = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    "REFLEX_SOCKET_TIMEOUT": "20",
}
"""Serve the compiled pages and build nothing (Reflex 0.10.1; the names with underscores are internal to it)."""


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def web() -> list[str]:
    """Serve pages, websocket and API on one port, with workers that come back when they die."""
    own = settings()
    return [
        _program("granian"),
        "--interface=asgi",
        "--factory",
        f"--host={own.host}",
        f"--port={own.port}",
        f"--workers={own.web_workers}",
        "--respawn-failed-workers",
        f"--workers-kill-timeout={KILL_TIMEOUT_SECONDS}",
        "--no-access-log",
        "--log-level=warning",
        "backoffice.backoffice:app",
    ]


def worker() -> list[str]:
    """Run the jobs."""
    return [sys.executable, "-m", "backoffice.worker"]


def command(*arguments: str) -> list[str]:
    """Run another `backoffice` command."""
    return [_program("backoffice"), *arguments]
