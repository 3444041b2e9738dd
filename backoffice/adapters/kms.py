"""Key-encryption keys: they wrap the data keys, and live in a local key file or in AWS KMS by setting."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from logging import getLogger
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from backoffice.adapters import aws
from backoffice.adapters.cipher import Tampered, open_, seal
from backoffice.adapters.key_file import KeyFile
from backoffice.adapters.region_settings import not_set_up, setting_of
from backoffice.errors import Conflict, NotFound, Unavailable
from backoffice.settings import DEFAULT_REGION, PREFIX, SettingsError, settings

log = getLogger(__name__)
DEFAULT_FILE = Path("keys") / "kek.json"
FILE_SCHEMES = frozenset({"", "file"})
FORMAT = b"\x01"
TAMPERED_REASONS = {"InvalidCiphertextException", "IncorrectKeyException"}


class KeyEncryption(Protocol):
    """Wraps data keys; the context (partner, applicant) must be the same for unwrapping."""

    async def wrap(self, dek: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key under the newest key."""
        ...

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key; Tampered when it or its context is not what was wrapped."""
        ...

    def newest_id(self) -> str:
        """Name the key that wraps now; what another one wrapped is for rotation to wrap again."""
        ...


class LocalKeyFile:
    """Wraps with AES-256-GCM under the newest key of a file; the form is `1‖length of id‖id‖box`."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    async def wrap(self, dek: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key under the newest key."""
        key_id, key = self._keys.newest()
        head = head_of(key_id)
        return head + seal(key, dek, head + _canonical(context))

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key; Unavailable when its key is not in the file."""
        key_id, head, box = _split(wrapped)
        key = self._keys.get(key_id)
        if key is None:
            raise Unavailable(f"The key {key_id} is not in the key file.", code="key_missing")
        return open_(key, box, head + _canonical(context))

    def newest_id(self) -> str:
        """Name the newest key of the file."""
        return self._keys.newest()[0]


class AwsKms:
    """Wraps with one KMS key, which KMS rotates by itself."""

    def __init__(self, key_id: str, *, endpoint: str | None, region: str | None) -> None:
        self._key_id = key_id
        self._client = aws.client("kms", endpoint=endpoint, region=region)

    async def wrap(self, dek: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key under the KMS key."""
        call = self._client.encrypt
        answer = await self._call(call, Plaintext=dek, EncryptionContext=dict(context))
        return answer["CiphertextBlob"]

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key, by this KMS key and no other."""
        call = self._client.decrypt
        answer = await self._call(call, CiphertextBlob=wrapped, EncryptionContext=dict(context))
        return answer["Plaintext"]

    def newest_id(self) -> str:
        """Name the KMS key; its versions are KMS's own matter."""
        return f"aws-kms:{self._key_id}"

    async def _call(self, function: aws.Call, **arguments: object) -> dict[str, bytes]:
        try:
            return await aws.call("The key service", function, KeyId=self._key_id, **arguments)
        except aws.Refused as error:
            if error.reason in TAMPERED_REASONS:
                raise Tampered from error
            raise
        except NotFound as error:
            raise Unavailable("The key service does not know our key.", code="key_missing") from error


class Succession:
    """Wraps under the new keys and unwraps what the previous ones wrapped, until rotation has moved everything."""

    def __init__(self, new: KeyEncryption, previous: KeyEncryption) -> None:
        self._new = new
        self._previous = previous

    async def wrap(self, dek: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key under the new keys."""
        return await self._new.wrap(dek, context)

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key by the new keys, or else by the previous ones.

        What neither opens raises what the new keys say: the previous ones are the exception. A key service that is
        away is no reason to ask another.
        """
        try:
            return await self._new.unwrap(wrapped, context)
        except (Tampered, Unavailable) as error:
            if isinstance(error, Unavailable) and error.code != "key_missing":
                raise
            try:
                return await self._previous.unwrap(wrapped, context)
            except Tampered:
                raise error from None

    def newest_id(self) -> str:
        """Name the new key."""
        return self._new.newest_id()


class OfRegion:
    """The keys of a region other than the default one: what is wrong with them stops its partners, not the process."""

    def __init__(self, region: str, keys: KeyEncryption) -> None:
        self._region = region
        self._keys = keys

    async def wrap(self, dek: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key under the region's newest key."""
        with _answering(self._region):
            return await self._keys.wrap(dek, context)

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key that the region's keys wrapped."""
        with _answering(self._region):
            return await self._keys.unwrap(wrapped, context)

    def newest_id(self) -> str:
        """Name the region's newest key."""
        with _answering(self._region):
            return self._keys.newest_id()


@contextmanager
def _answering(region: str) -> Generator[None]:
    try:
        yield
    except SettingsError as error:
        log.error("region_key_unusable", extra={"region": region, "error": str(error)})  # noqa: TRY400 no trace wanted
        raise not_set_up(region, "KEK_URL") from None


def key_encryption(region: str) -> KeyEncryption:
    """Answer the key encryption of a region: `aws-kms://<key id or alias>?region=…` or a key file's path.

    It is `BACKOFFICE_KEK_URL_<REGION>`, or `BACKOFFICE_KEK_URL` of the default region; with the `KEK_PREVIOUS_URL` of
    the same region what that one wrapped still opens. Without the setting the default region has a key file in the
    data folder, and any other one raises Unavailable with the code `region_unavailable`. Only demo mode makes a file
    by itself: elsewhere a missing one means lost keys, not new ones. Raises SettingsError when the default one cannot
    be used.
    """
    if region == DEFAULT_REGION:
        return _keys_of(region)
    with _answering(region):
        return OfRegion(region, _keys_of(region))


def _keys_of(region: str) -> KeyEncryption:
    configured = settings()
    is_house = region == DEFAULT_REGION
    current = _opened(_address(region), may_create=is_house and configured.demo and not configured.kek_url)
    previous = configured.kek_previous_url if is_house else configured.kek_previous_urls.get(region, "")
    return Succession(current, _opened(previous, may_create=False)) if previous else current


def create_key_file(region: str) -> Path:
    """Make the key file of a region, once, and answer where it is.

    Raises SettingsError when its keys are elsewhere, Conflict when the file is there already.
    """
    path = _file(region)
    if path is None:
        raise SettingsError(f"{_setting(region)} names no key file, so there is none to make.")
    if path.exists():
        raise Conflict(f"There is a key file already: {path}.", code="key_file_exists")
    KeyFile.create(path)
    return path


def key_file(region: str) -> KeyFile | None:
    """Open the key file of a region; None when its keys are in a key service, which turns them itself."""
    path = _file(region)
    return KeyFile(path) if path else None


def address_of(region: str) -> str | None:
    """Say where the keys of a region are; None when no setting does."""
    configured = settings()
    if region == DEFAULT_REGION:
        return configured.kek_url or str(configured.data_dir.resolve() / DEFAULT_FILE)
    return configured.kek_urls.get(region) or None


def path_of(region: str) -> Path | None:
    """Answer the key file of a region whose keys are in one."""
    parts = urlsplit(address_of(region) or "none:")
    return Path(unquote(parts.path)).resolve() if parts.scheme in FILE_SCHEMES else None


def _setting(region: str) -> str:
    return f"{PREFIX}KEK_URL" if region == DEFAULT_REGION else setting_of(region, "KEK_URL")


def _file(region: str) -> Path | None:
    parts = urlsplit(_address(region))
    return Path(unquote(parts.path)) if parts.scheme in FILE_SCHEMES else None


def _address(region: str) -> str:
    address = address_of(region)
    if address is None:
        raise SettingsError(f"{_setting(region)} is not set.")
    return address


@lru_cache(64)
def _opened(url: str, *, may_create: bool) -> KeyEncryption:
    parts = urlsplit(url)
    if parts.scheme == "aws-kms":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return AwsKms(parts.netloc + parts.path, endpoint=query.get("endpoint"), region=query.get("region"))
    if parts.scheme not in FILE_SCHEMES:
        raise SettingsError("BACKOFFICE_KEK_URL must be aws-kms://<key> or the path of a key file.")
    path = Path(unquote(parts.path))
    return LocalKeyFile(KeyFile.create(path) if may_create else KeyFile(path))


def head_of(key_id: str) -> bytes:
    """Write how everything begins that a key of a key file wrapped."""
    return FORMAT + bytes([len(key_id)]) + key_id.encode()


def _canonical(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _split(wrapped: bytes) -> tuple[str, bytes, bytes]:
    end = 2 + wrapped[1] if len(wrapped) > 1 else 0
    if wrapped[:1] != FORMAT or end < 3 or len(wrapped) <= end:  # noqa: PLR2004 an id has a letter
        raise Tampered
    return wrapped[2:end].decode("ascii", "replace"), wrapped[:end], wrapped[end:]
