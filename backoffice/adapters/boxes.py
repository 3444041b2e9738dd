"""Small secrets of ours that must be read again: sealed under a versioned key, each box saying which."""

from backoffice.adapters import cipher
from backoffice.adapters.cipher import Tampered
from backoffice.adapters.derive import FIRST, RETIRED, box_key, box_version
from backoffice.errors import Unavailable

FORM = b"\x02"
HEAD_BYTES = 3


def head_of(version: int) -> bytes:
    """Write how every box of a version begins; those of the first one begin with the cipher's own byte."""
    return cipher.VERSION if version == FIRST else FORM + version.to_bytes(HEAD_BYTES - 1, "big")


def seal(purpose: str, plaintext: bytes, aad: bytes) -> bytes:
    """Seal under the newest version; `aad` names the place, so that a box is worthless elsewhere."""
    version = box_version()
    head = b"" if version == FIRST else head_of(version)
    return head + cipher.seal(box_key(purpose, version), plaintext, head + aad)


def open_(purpose: str, box: bytes, aad: bytes) -> bytes:
    """Open a box of any version that lives; Tampered for anything else."""
    if not box.startswith(FORM):
        return cipher.open_(_living_key(purpose, FIRST), box, aad)
    head = box[:HEAD_BYTES]
    if len(head) < HEAD_BYTES:
        raise Tampered
    version = int.from_bytes(head[1:], "big")
    return cipher.open_(_living_key(purpose, version), box[HEAD_BYTES:], head + aad)


def _living_key(purpose: str, version: int) -> bytes:
    """Answer a key to open with: a box under a version that lives no more is as unreadable as a changed one."""
    try:
        return box_key(purpose, version)
    except Unavailable as error:
        if error.code == RETIRED:
            raise Tampered from error
        raise
