"""Where things stand on disk."""

import os
import tempfile
from pathlib import Path

from backoffice.commands.console import stop
from backoffice.settings import ROOT, settings

__all__ = ["ROOT", "WEB", "data_dir", "write_private"]
WEB = ROOT / ".web"


def data_dir() -> Path:
    """Answer the data folder, made on first use and private.

    Ends the command with one sentence when it cannot be written.
    """
    folder = settings().data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        stop(
            f"The data folder {folder} cannot be written ({error.strerror}). "
            "Give this user the right to it, or name another with BACKOFFICE_DATA_DIR."
        )
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
