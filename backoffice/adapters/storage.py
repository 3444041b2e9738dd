"""Where document files live: a local folder, or S3 by setting. What arrives here is ciphertext already."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from backoffice.adapters.storage_local import LocalStorage
from backoffice.adapters.storage_s3 import S3Storage
from backoffice.settings import SettingsError, settings

DEFAULT_FOLDER = "documents"

Data = bytes | AsyncIterator[bytes]


class Storage(Protocol):
    """Keeps objects by key; every method raises Unavailable when the store does not answer."""

    takes_uploads: bool
    """Whether a stranger may send an object straight to it; if not, everything comes through us."""

    async def put(self, key: str, data: Data) -> None:
        """Keep an object; when this returns it survives a crash. Writing a key again replaces it whole."""
        ...

    async def keep(self, key: str, data: bytes, *, locked: timedelta) -> None:
        """Keep an object for good; one that is there already stays as it is.

        Where the store can promise it, nobody replaces or deletes the object before so much time has passed.
        """
        ...

    async def get(self, key: str, *, at_most: int | None = None) -> bytes:
        """Read an object, or so many bytes of its beginning; NotFound when there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Remove an object; a missing one is fine."""
        ...

    async def exists(self, key: str) -> bool:
        """Tell whether an object is there."""
        ...

    async def keys(self, prefix: str) -> list[str]:
        """List the keys of the objects below a prefix, in order."""
        ...

    async def upload_url(self, key: str, *, seconds: int) -> str | None:
        """Sign an address to which a stranger may PUT this object for a while; None unless `takes_uploads`."""
        ...

    async def check(self) -> None:
        """Raise Unavailable when objects could not be written now."""
        ...


def storage_for(region: str | None = None) -> Storage:
    """Answer the store of a region (`BACKOFFICE_STORAGE_URL_<REGION>`), or the default one."""
    configured = settings()
    url = configured.storage_urls.get(region.lower()) if region else None
    if region and url is None:
        raise SettingsError(f"BACKOFFICE_STORAGE_URL_{region.upper()} is not set: files of this region have no home.")
    url = url or configured.storage_url
    return _opened(url.get_secret_value() if url else str(configured.data_dir / DEFAULT_FOLDER))


@lru_cache(32)
def _opened(url: str) -> Storage:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return S3Storage(
            parts.netloc,
            parts.path.strip("/"),
            endpoint=query.get("endpoint"),
            region=query.get("region"),
            takes_uploads=query.get("uploads") != "proxied",
        )
    if parts.scheme in {"", "file"}:
        return LocalStorage(Path(unquote(parts.path)).resolve())
    raise SettingsError("BACKOFFICE_STORAGE_URL must be s3://bucket/prefix or a folder.")
