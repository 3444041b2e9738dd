"""The Node packages that tests need, installed once from a committed lock, outside of the repository's files."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "node"
CACHE = Path(sys.prefix) / "node-tests"
INSTALL_SECONDS = 100


def node_packages() -> Path:
    """Answer a folder with the packages and the scripts of tests/node; the network is needed the first time."""
    content = b"".join(path.read_bytes() for path in sorted(SOURCE.iterdir()) if path.is_file())
    folder = CACHE / hashlib.sha256(content).hexdigest()[:16]
    if folder.is_dir():
        return folder
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        made = Path(place) / "packages"
        shutil.copytree(SOURCE, made)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], made, INSTALL_SECONDS)
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # somebody else was faster
                raise
    return folder


def node(script: str, *arguments: str, given: str = "") -> str:
    """Run one of the scripts with the Node that came with the product; answers what it wrote."""
    folder = node_packages()
    return _run(["node", str(folder / script), *arguments], folder, 60, given)


def _run(command: list[str], place: Path, seconds: float, given: str = "") -> str:
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run(
        [program, *command[1:]],
        cwd=place,
        input=given,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
