"""Where document files live: a local folder, or S3 by setting. What arrives here is ciphertext already."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from backoffice.adapters.region_settings import not_set_up
from backoffice.adapters.storage_local import LocalStorage
from backoffice.adapters.storage_s3 import S3Storage
from backoffice.settings import DEFAULT_REGION, SettingsError, settings

DEFAULT_FOLDER = "documents"
FOLDER_SCHEMES = frozenset({"", "file"})

Data = bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Object:
    """One object, and the region whose store holds it: a key alone says not where."""

    region: str
    key: str


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


def storage_for(region: str) -> Storage:
    """Answer the store of a region: `BACKOFFICE_STORAGE_URL_<REGION>`, or `BACKOFFICE_STORAGE_URL` of the default one.

    Raises Unavailable with the code `region_unavailable` for a region without one or with a wrong one: nothing falls
    back.
    """
    address = address_of(region)
    if address is None:
        raise not_set_up(region, "STORAGE_URL")
    try:
        return _opened(address)
    except SettingsError:
        if region == DEFAULT_REGION:
            raise
        # Ending the process would stop the partners of all other regions, too.
        raise not_set_up(region, "STORAGE_URL") from None


def address_of(region: str) -> str | None:
    """Say where a region's store is; None when no setting does."""
    configured = settings()
    if region == DEFAULT_REGION:
        own = configured.storage_url
        return own.get_secret_value() if own else str(configured.data_dir / DEFAULT_FOLDER)
    named = configured.storage_urls.get(region)
    return named.get_secret_value() if named else None


def folder_of(region: str) -> Path | None:
    """Answer the folder of a region whose store is one."""
    parts = urlsplit(address_of(region) or "none:")
    return Path(unquote(parts.path)).resolve() if parts.scheme in FOLDER_SCHEMES else None


async def remove(objects: Iterable[Object]) -> None:
    """Delete objects, each where it is; one that is gone already is fine.

    Raises Unavailable when a store does not answer: trying again later is right.
    """
    for one in objects:
        await storage_for(one.region).delete(one.key)


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
    if parts.scheme in FOLDER_SCHEMES:
        return LocalStorage(Path(unquote(parts.path)).resolve())
    raise SettingsError("BACKOFFICE_STORAGE_URL must be s3://bucket/prefix or a folder.")
