"""Tools that Node's world wrote: installed once from tests/node with its lock, and run with our own Node."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WANTED = ROOT / "tests" / "node"
FOLDER = Path(sys.prefix) / "node-tests"
INSTALL_SECONDS = 300
LOCK_FILES = ("package.json", "package-lock.json")


@cache
def node_tools() -> Path:
    """Answer the folder that holds `node_modules`; installs what the lock names when it is not there already."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(b"".join((WANTED / name).read_bytes() for name in LOCK_FILES)).hexdigest()
        stamp = FOLDER / "installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            _install()
            stamp.write_text(wanted)
    return FOLDER


def _install() -> None:
    (FOLDER / "installed").unlink(missing_ok=True)
    for name in LOCK_FILES:
        shutil.copy(WANTED / name, FOLDER / name)
    done = run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=FOLDER)
    assert done.returncode == 0, f"The Node tools could not be installed:\n{done.stdout}\n{done.stderr}"


def run(command: str, *arguments: str, folder: Path = ROOT, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with our own Node first, whatever the machine has."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    environment = {
        **os.environ,
        "PATH": path,
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    }
    return subprocess.run(
        [shutil.which(command, path=path) or command, *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )


def node_tool(name: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run one of the installed tools by the name of its command."""
    return run("node", str(node_tools() / "node_modules" / ".bin" / name), *arguments, folder=folder)


def script(name: str, *arguments: str, given: str) -> str:
    """Run a script of tests/node beside the installed packages; answers what it wrote."""
    beside = node_tools() / name
    shutil.copy(WANTED / name, beside)
    done = run("node", str(beside), *arguments, given=given)
    assert done.returncode == 0, f"{name}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
