"""Signed notes and the checkpoints of a log (C2SP signed-note, tlog-checkpoint), with Ed25519.

Nothing here reads a setting: a key to check with is a line of text, `name+hash+key`, as Go's `note` and others read it.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"
"""The kind of key, as the name of a key is made from it."""
ID_BYTES = 4
KEY_BYTES = 32
HASH_BYTES = 32
MARK = "— "
BODY_LINES = 3


class BadNote(Exception):
    """A note, a checkpoint or a key that cannot be believed; says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How large a log was, and its root hash, as its owner signed it."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name of its owner."""

    name: str
    key: bytes

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """Read `name+hash+key`.

        Raises BadNote for anything else.
        """
        name, _, rest = text.strip().partition("+")
        given, _, encoded = rest.partition("+")
        data = _decoded(encoded, "The public key")
        if not name or len(data) != 1 + KEY_BYTES or data[:1] != ED25519:
            raise BadNote("The public key must look like name+hash+key, as GET /api/v1/audit/checkpoint serves it.")
        verifier = cls(name, data[1:])
        if verifier.id.hex() != given:
            raise BadNote("The public key is damaged: its parts do not belong together.")
        return verifier

    @property
    def id(self) -> bytes:
        """Answer the four bytes that name this key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.key).decode()}"

    def open(self, note: str) -> str:
        """Answer the text of a note that this key signed.

        Raises BadNote when it did not.
        """
        text, gap, signatures = note.partition("\n\n")
        if not gap or not signatures.endswith("\n"):
            raise BadNote("This is no signed note.")
        text += "\n"
        for line in signatures.splitlines():
            name, _, encoded = line.removeprefix(MARK).partition(" ")
            signature = _decoded(encoded, "A signature")
            if line.startswith(MARK) and name == self.name and signature[:ID_BYTES] == self.id:
                return self._checked(text, signature[ID_BYTES:])
        raise BadNote("The note is not signed with this key.")

    def checkpoint(self, note: str) -> Checkpoint:
        """Read a checkpoint that this key signed.

        Raises BadNote when it did not, or when it is no checkpoint.
        """
        lines = self.open(note).split("\n")
        if len(lines) < BODY_LINES + 1 or lines[0] != self.name or not _is_size(lines[1]):
            raise BadNote("The note is no checkpoint of this log.")
        root = _decoded(lines[2], "The root hash")
        if len(root) != HASH_BYTES:
            raise BadNote("The checkpoint's root hash has the wrong length.")
        return Checkpoint(lines[0], int(lines[1]), root)

    def _checked(self, text: str, signature: bytes) -> str:
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            raise BadNote("The signature is wrong: the note was changed, or signed with another key.") from None
        return text


def verifier_of(name: str, key: Ed25519PrivateKey) -> Verifier:
    """Answer the public half of a key under its name."""
    return Verifier(name, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Sign a text that ends with a line's end and holds no empty line."""
    signature = verifier_of(name, key).id + key.sign(text.encode())
    return f"{text}\n{MARK}{name} {base64.b64encode(signature).decode()}\n"


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote(f"{what} cannot be read.") from None


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and (text == "0" or not text.startswith("0"))
