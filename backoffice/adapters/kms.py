"""Key-encryption keys: they wrap the data keys, and live in a local key file or in AWS KMS by setting."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from backoffice.adapters import aws
from backoffice.adapters.cipher import Tampered, open_, seal
from backoffice.adapters.key_file import KeyFile
from backoffice.errors import Conflict, NotFound, Unavailable
from backoffice.settings import SettingsError, settings

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

    def is_current(self, wrapped: bytes) -> bool:
        """Tell whether the newest key wrapped it, or rotation should wrap it again."""
        ...


class LocalKeyFile:
    """Wraps with AES-256-GCM under the newest key of a file; the form is `1‖length of id‖id‖box`."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    async def wrap(self, dek: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key under the newest key."""
        key_id, key = self._keys.newest()
        head = FORMAT + bytes([len(key_id)]) + key_id.encode()
        return head + seal(key, dek, head + _canonical(context))

    async def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key; Unavailable when its key is not in the file."""
        key_id, head, box = _split(wrapped)
        key = self._keys.get(key_id)
        if key is None:
            raise Unavailable(f"The key {key_id} is not in the key file.", code="key_missing")
        return open_(key, box, head + _canonical(context))

    def is_current(self, wrapped: bytes) -> bool:
        """Tell whether the newest key wrapped it."""
        return _split(wrapped)[0] == self._keys.newest()[0]


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

    def is_current(self, wrapped: bytes) -> bool:
        """Answer yes: KMS keeps the old versions of a key itself."""
        return bool(wrapped)

    async def _call(self, function: aws.Call, **arguments: object) -> dict[str, bytes]:
        try:
            return await aws.call("The key service", function, KeyId=self._key_id, **arguments)
        except aws.Refused as error:
            if error.reason in TAMPERED_REASONS:
                raise Tampered from error
            raise
        except NotFound as error:
            raise Unavailable("The key service does not know our key.", code="key_missing") from error


def key_encryption() -> KeyEncryption:
    """Answer the key encryption of `BACKOFFICE_KEK_URL`: `aws-kms://<key id or alias>?region=…` or a key file's path.

    Without the setting it is a key file in the data folder. Only demo mode makes one by itself: elsewhere a missing
    one means lost keys, not new ones. Raises SettingsError when it cannot be used.
    """
    configured = settings()
    return _opened(_address(), may_create=configured.demo and not configured.kek_url)


def create_key_file() -> Path:
    """Make the key file of this installation, once, and answer where it is.

    Raises SettingsError when keys are elsewhere, Conflict when the file is there already.
    """
    parts = urlsplit(_address())
    if parts.scheme not in FILE_SCHEMES:
        raise SettingsError("BACKOFFICE_KEK_URL names no key file, so there is none to make.")
    path = Path(unquote(parts.path))
    if path.exists():
        raise Conflict(f"There is a key file already: {path}.", code="key_file_exists")
    KeyFile.create(path)
    return path


def _address() -> str:
    configured = settings()
    return configured.kek_url or str(configured.data_dir.resolve() / DEFAULT_FILE)


@lru_cache(8)
def _opened(url: str, *, may_create: bool) -> KeyEncryption:
    parts = urlsplit(url)
    if parts.scheme == "aws-kms":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return AwsKms(parts.netloc + parts.path, endpoint=query.get("endpoint"), region=query.get("region"))
    if parts.scheme not in FILE_SCHEMES:
        raise SettingsError("BACKOFFICE_KEK_URL must be aws-kms://<key> or the path of a key file.")
    path = Path(unquote(parts.path))
    return LocalKeyFile(KeyFile.create(path) if may_create else KeyFile(path))


def _canonical(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _split(wrapped: bytes) -> tuple[str, bytes, bytes]:
    end = 2 + wrapped[1] if len(wrapped) > 1 else 0
    if wrapped[:1] != FORMAT or end < 3 or len(wrapped) <= end:  # noqa: PLR2004 an id has a letter
        raise Tampered
    return wrapped[2:end].decode("ascii", "replace"), wrapped[:end], wrapped[end:]
