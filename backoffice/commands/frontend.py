"""Builds the pages once, and again only when something they are made of has changed."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from backoffice.adapters import groups
from backoffice.commands.console import stop
from backoffice.commands.places import ROOT, WEB
from backoffice.settings import child_environment

SOURCES = ("i18n", "pages", "components", "state", "viewmodels", "models")
FILES = (
    "rxconfig.py",
    "requirements.txt",
    "reflex.lock/package-lock.json",
    "backoffice/backoffice.py",
    "backoffice/routes.py",
)
STAMP = WEB / "backoffice.stamp"
INDEX = WEB / "build" / "client" / "index.html"
LAST_LINES = 25


def _paths() -> list[Path]:
    found = [ROOT / name for name in FILES]
    for folder in ("assets", *(f"backoffice/{name}" for name in SOURCES)):
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(path for path in found if path.is_file() and "external" not in path.parts)


def digest() -> str:
    """Fingerprint everything that the pages are made of; the address is not: one build serves any host and port."""
    total = hashlib.sha256()
    for path in _paths():
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def is_current() -> bool:
    """Whether the built pages are those of this checkout."""
    return INDEX.exists() and STAMP.exists() and STAMP.read_text() == digest()


@contextmanager
def _kept(path: Path) -> Generator[None]:
    """Leave a checkout as it was: npm writes the same packages down in another order each time."""
    before = path.read_bytes() if path.exists() else b"null"
    yield
    if path.exists() and json.loads(path.read_bytes()) == json.loads(before):
        path.write_bytes(before)


@contextmanager
def _alone() -> Generator[None]:
    """Wait until nobody else builds this checkout: two builds at once would overwrite each other's files."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def build(log: Path) -> None:
    """Compile and bundle the pages into `.web/build/client`, unless they are current when it is our turn.

    Ends the command with the last lines of the log when the build fails.
    """
    with _alone():
        if not is_current():
            _build(log, digest())


def _build(log: Path, wanted: str) -> None:
    STAMP.unlink(missing_ok=True)
    reflex = Path(sys.executable).with_name("reflex")
    command = [str(reflex), "export", "--frontend-only", "--no-zip", "--loglevel", "info"]
    environment = child_environment(redis_url=None) | {"CI": "1"}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output, _kept(ROOT / "reflex.lock" / "package.json"):
        code = groups.run(command, cwd=ROOT, env=environment, output=output).returncode
    if code or not INDEX.exists():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        stop(f"The pages could not be built (exit {code}). The end of {log}:\n{tail}")
    STAMP.write_text(wanted)


def clean() -> None:
    """Remove the built pages."""
    shutil.rmtree(WEB, ignore_errors=True)
