"""Cursors of the event list: opaque, checked, and the same in the list, in the stream and after any restart."""

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass
from uuid import UUID

from backoffice.errors import Invalid
from backoffice.models.events import Event
from backoffice.services.access import Actor

_FORM = struct.Struct(">qi16s")
_CHECK = struct.Struct(">I")
LENGTH = 43
"""Letters of base64 for 32 bytes."""
LAST_SEQUENCE = 2**31 - 1
LAST_ID = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands: everything up to here has been seen."""

    position: int
    sequence: int
    id: UUID

    @classmethod
    def of(cls, event: Event) -> "Place":
        """Stand right after an event."""
        return cls(event.position, event.sequence, event.id)

    @classmethod
    def before_position(cls, position: int) -> "Place":
        """Stand after everything below a position."""
        return cls(position - 1, LAST_SEQUENCE, LAST_ID)


def write(actor: Actor, place: Place) -> str:
    """Write a place for this partner and mode; the check sum tells a cursor that was cut or belongs elsewhere."""
    packed = _FORM.pack(place.position, place.sequence, place.id.bytes)
    return base64.urlsafe_b64encode(packed + _CHECK.pack(_sum(actor, packed))).decode().rstrip("=")


def read(actor: Actor, text: str) -> Place:
    """Read a cursor that `write` wrote for the same partner and mode.

    Raises Invalid with the code `invalid_cursor`.
    """
    try:
        raw = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
        position, sequence, key = _FORM.unpack_from(raw)
    except (binascii.Error, ValueError, struct.error):
        raise invalid() from None
    place = Place(position, sequence, UUID(bytes=key))
    if write(actor, place) != text:
        raise invalid()
    return place


def _sum(actor: Actor, packed: bytes) -> int:
    return zlib.crc32(actor.require_partner().bytes + bytes([bool(actor.livemode)]) + packed)


def invalid() -> Invalid:
    """Say that a cursor is not ours."""
    return Invalid(
        "This is neither a cursor that this list handed out, nor the id of one of your events, nor `now`.",
        code="invalid_cursor",
        pointer="/after",
    )
