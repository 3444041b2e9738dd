"""A screening as a message on a pipe: plain JSON, pictures beside it, validated when it comes back."""

from dataclasses import asdict, replace

from pydantic import TypeAdapter

from backoffice.screening.frames import Message
from backoffice.screening.types import Screening

_SCREENING = TypeAdapter(Screening)


def packed(screening: Screening) -> tuple[Message, list[bytes]]:
    """Take the pictures out, because JSON has no bytes."""
    bare = replace(screening, derivatives=tuple(replace(made, data=b"") for made in screening.derivatives))
    return {"screening": asdict(bare) | {"derivatives": [_bare(made) for made in asdict(bare)["derivatives"]]}}, [
        made.data for made in screening.derivatives
    ]


def unpacked(message: Message, blobs: list[bytes]) -> Screening:
    """Validate what another process says and put the pictures back; raises `ValueError` for nonsense."""
    screening = _SCREENING.validate_python(message["screening"])
    made = zip(screening.derivatives, blobs, strict=True)
    return replace(screening, derivatives=tuple(replace(picture, data=data) for picture, data in made))


def _bare(made: dict[str, object]) -> dict[str, object]:
    return made | {"data": ""}
