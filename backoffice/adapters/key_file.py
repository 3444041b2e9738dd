"""A file of 32-byte keys with ids, mode 0600; the last one is the newest."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from backoffice import clock
from backoffice.adapters.cipher import KEY_BYTES, new_key
from backoffice.errors import Conflict, NotFound
from backoffice.settings import SettingsError

FOR_OTHERS = 0o077


class Entry(TypedDict):
    """One key as the file holds it."""

    id: str
    key: str
    created_at: str


class KeyFile:
    """Reads the file again when it changed, so that running processes follow a rotation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = (0, 0)
        self._keys: dict[str, bytes] = {}
        self._refresh()

    @classmethod
    def create(cls, path: Path) -> "KeyFile":
        """Open a key file, making it with one key if it is missing; of two at once one wins and both agree."""
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = _draft(path, [_entry()])
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
            _sync_folder(path.parent)
        return cls(path)

    def newest(self) -> tuple[str, bytes]:
        """Answer the id and bytes of the key that wraps."""
        self._refresh()
        return next(reversed(self._keys.items()))

    def get(self, key_id: str) -> bytes | None:
        """Answer a key by its id."""
        self._refresh()
        return self._keys.get(key_id)

    def add_key(self) -> str:
        """Add a fresh newest key (rotation) and answer its id; the old ones stay to unwrap."""
        with self._alone():
            entry = _entry()
            self._write([*_entries(self._path), entry])
        return entry["id"]

    def ids(self) -> list[str]:
        """Name all keys, the newest last."""
        self._refresh()
        return list(self._keys)

    def successor_of(self, key_id: str) -> datetime | None:
        """Say when a key was replaced; None for the newest and for one that is not there."""
        entries = _entries(self._path)
        places = [place for place, entry in enumerate(entries) if entry["id"] == key_id]
        after = entries[places[0] + 1 :] if places else []
        return datetime.fromisoformat(after[0]["created_at"]) if after else None

    def drop_key(self, key_id: str) -> None:
        """Take an old key out of the file for good: what it wrapped, in old backups too, opens never again.

        Raises NotFound when it is not there, Conflict for the newest, which wraps.
        """
        with self._alone():
            kept = [entry for entry in _entries(self._path) if entry["id"] != key_id]
            before = _entries(self._path)
            if len(kept) == len(before):
                raise NotFound(f"There is no key {key_id} in {self._path}.")
            if before[-1]["id"] == key_id:
                raise Conflict("This is the key that wraps now. Add a new one first.", code="key_in_use")
            self._write(kept)

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        with (self._path.parent / f".{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, entries: list[Entry]) -> None:
        _draft(self._path, entries).rename(self._path)
        _sync_folder(self._path.parent)

    def _refresh(self) -> None:
        try:
            facts = self._path.stat()
        except OSError as error:
            message = (
                f"BACKOFFICE_KEK_URL: the key file {self._path} cannot be read ({error.strerror}). Restore it from its "
                "backup, or make the first one of a new installation with `backoffice keys create`."
            )
            raise SettingsError(message) from None
        if facts.st_mode & FOR_OTHERS:
            raise SettingsError(f"BACKOFFICE_KEK_URL: others may read {self._path}. Run: chmod 600 {self._path}")
        if self._seen != (facts.st_mtime_ns, facts.st_ino):
            self._keys = _decoded(self._path)
            self._seen = (facts.st_mtime_ns, facts.st_ino)


def _entry() -> Entry:
    now = clock.now()
    key = base64.b64encode(new_key()).decode()
    return {"id": f"kek-{now:%Y%m%d}-{secrets.token_hex(4)}", "key": key, "created_at": now.isoformat()}


def _entries(path: Path) -> list[Entry]:
    return json.loads(path.read_text())["keys"]


def _decoded(path: Path) -> dict[str, bytes]:
    try:
        keys = {entry["id"]: base64.b64decode(entry["key"], validate=True) for entry in _entries(path)}
    except (OSError, ValueError, KeyError, TypeError):
        keys = {}
    if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise SettingsError(f"BACKOFFICE_KEK_URL: {path} is not a key file. Restore it from its backup.")
    return keys


def _draft(path: Path, entries: list[Entry]) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".kek-")  # mode 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump({"keys": entries}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
