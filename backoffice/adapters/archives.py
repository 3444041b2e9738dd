"""Archives that only the holder of a key opens: a tar inside age (age-encryption.org/v1), streamed both ways.

Nothing is ever on disk in clear, and the `age` tool opens what we wrote.
"""
# pyright: reportMissingTypeStubs=false

import contextlib
import os
import tarfile
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

import pyrage as untyped_age

from backoffice.errors import Invalid

age: Any = untyped_age
"""The library says nothing of its types."""
Fill = Callable[[tarfile.TarFile], None]


def new_identity() -> tuple[str, str]:
    """Draw a key: the identity, which opens, and its recipient, which only closes."""
    identity = age.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def checked_recipient(text: str) -> Any:  # noqa: ANN401 untyped library
    """Read a recipient; raises Invalid."""
    try:
        return age.x25519.Recipient.from_str(text.strip())
    except age.RecipientError:
        raise Invalid("A recipient begins with age1: `backoffice backup-key` prints one.") from None


def checked_identity(text: str) -> Any:  # noqa: ANN401 untyped library
    """Read an identity; lines that begin with # are notes. Raises Invalid."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return age.x25519.Identity.from_str(lines[0] if lines else "")
    except age.IdentityError:
        raise Invalid("This file holds no key that `backoffice backup-key` wrote.") from None


def close_into(target: BinaryIO, recipient: str, fill: Fill) -> None:
    """Write a sealed archive; what `fill` raises is raised here, and the target is then worth nothing."""
    known = checked_recipient(recipient)
    ours, theirs = os.pipe()

    def write() -> None:
        with os.fdopen(theirs, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            fill(tar)

    writer = _Errand(write)
    with writer, os.fdopen(ours, "rb") as pipe:
        age.encrypt_io(pipe, target, [known])


def open_from(source: BinaryIO, identity: str, take: Fill) -> None:
    """Read a sealed archive from its beginning to its end.

    Raises Invalid for another key's, a damaged or a cut archive: what `take` saw before is then worth nothing. The
    library tells damage as an OSError without a number.
    """
    known = checked_identity(identity)
    ours, theirs = os.pipe()

    def read() -> None:
        with os.fdopen(theirs, "wb") as pipe:
            age.decrypt_io(source, pipe, [known])

    reader = _Errand(read)
    try:
        with reader, os.fdopen(ours, "rb") as pipe, tarfile.open(fileobj=pipe, mode="r|") as tar:
            take(tar)
            while pipe.read(1 << 20):
                pass
    except (age.DecryptError, tarfile.TarError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Invalid("This archive cannot be opened: the key is another one's, or it is damaged.") from error


class _Errand:
    """The other end of a pipe, in a thread; its error is the one that counts."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.error: BaseException | None = None

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 raised again where it is waited for
            self.error = error

    def __enter__(self) -> "_Errand":
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with contextlib.suppress(RuntimeError):
            self._thread.join(60 if kind else None)
        if self.error is not None and not isinstance(self.error, BrokenPipeError):
            raise self.error
