"""Objects as files of a local folder, written so that a crash leaves the old one or the new one, never half of it."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from backoffice.adapters.storage_keys import checked_key
from backoffice.errors import NotFound, Unavailable

FREE_BYTES_WANTED = 64 * 1024 * 1024
"""Below this the store reports itself unready, while reads still work."""


class LocalStorage:
    """Keeps objects below one private folder."""

    takes_uploads = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Write aside, sync, rename, sync the folder."""
        path = self._path(key)
        with _translated():
            if isinstance(data, bytes):
                await asyncio.to_thread(_put, path, self._folder, data)
                return
            draft = await asyncio.to_thread(_draft_for, path, self._folder)
            try:
                async for chunk in data:
                    await asyncio.to_thread(draft.write, chunk)
                await asyncio.to_thread(_settle, draft, path)
            finally:
                await asyncio.to_thread(_discard, draft)

    async def keep(self, key: str, data: bytes, *, locked: timedelta) -> None:  # noqa: ARG002 the protocol's signature
        """Write an object that is not there yet; a folder can promise no more."""
        if not await self.exists(key):
            await self.put(key, data)

    async def get(self, key: str, *, at_most: int | None = None) -> bytes:
        """Read an object, or so many bytes of its beginning; NotFound when there is none."""
        with _translated():
            return await asyncio.to_thread(_read, self._path(key), at_most)

    async def delete(self, key: str) -> None:
        """Remove an object for good, also over a crash."""
        with _translated():
            await asyncio.to_thread(_remove, self._path(key))

    async def exists(self, key: str) -> bool:
        """Tell whether an object is there."""
        return await asyncio.to_thread(self._path(key).is_file)

    async def keys(self, prefix: str) -> list[str]:
        """List the keys of the objects below a prefix, in order; drafts are none."""
        folder = self._path(prefix)
        with _translated():
            return await asyncio.to_thread(_listed, folder, self._folder)

    async def upload_url(self, key: str, *, seconds: int) -> None:  # noqa: ARG002 the protocol's signature
        """Answer None: a folder has no address of its own."""
        checked_key(key)

    async def check(self) -> None:
        """Raise Unavailable when the folder cannot be written or the disk is nearly full."""
        with _translated():
            await asyncio.to_thread(_check, self._folder)

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("This file is not stored here any more.", code="file_missing") from error
    except OSError as error:
        raise Unavailable("The document storage cannot be used right now.", code="storage_unavailable") from error


def _listed(folder: Path, root: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(str(path.relative_to(root)) for path in files)


def _read(path: Path, at_most: int | None) -> bytes:
    with path.open("rb") as file:
        return file.read(at_most)


def _put(path: Path, root: Path, data: bytes) -> None:
    draft = _draft_for(path, root)
    try:
        draft.write(data)
        _settle(draft, path)
    finally:
        _discard(draft)


def _draft_for(path: Path, root: Path) -> BinaryIO:
    _make_folder(path.parent, root)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".draft-")  # mode 0600
    os.close(descriptor)
    return Path(name).open("wb")


def _make_folder(folder: Path, root: Path) -> None:
    """Make the missing folders durable, too: a file in a lost folder is lost."""
    if folder.is_dir():
        return
    if folder != root:
        _make_folder(folder.parent, root)
        folder.mkdir(mode=0o700, exist_ok=True)
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync_folder(folder.parent)


def _settle(draft: BinaryIO, path: Path) -> None:
    draft.flush()
    os.fsync(draft.fileno())
    Path(draft.name).rename(path)
    _sync_folder(path.parent)


def _discard(draft: BinaryIO) -> None:
    draft.close()
    Path(draft.name).unlink(missing_ok=True)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(folder)
    if shutil.disk_usage(folder).free < FREE_BYTES_WANTED:
        raise Unavailable("The disk of the document storage is nearly full.", code="storage_full")
