"""A screening as a message on a pipe: plain JSON, pictures beside it, validated when it comes back."""

from dataclasses import asdict, replace

from pydantic import TypeAdapter

from backoffice.screening.frames import Message
from backoffice.screening.types import Screening

_SCREENING = TypeAdapter(Screening)


def packed(screening: Screening) -> tuple[Message, list[bytes]]:
    """Take the pictures out, because JSON has no bytes."""
    pictures, files = screening.derivatives, screening.masked
    bare = replace(
        screening,
        derivatives=tuple(replace(made, data=b"") for made in pictures),
        masked=tuple(replace(made, data=b"") for made in files),
    )
    said = asdict(bare)
    said |= {name: [_bare(made) for made in said[name]] for name in ("derivatives", "masked")}
    return {"screening": said}, [made.data for made in (*pictures, *files)]


def unpacked(message: Message, blobs: list[bytes]) -> Screening:
    """Validate what another process says and put the pictures back; raises `ValueError` for nonsense."""
    screening = _SCREENING.validate_python(message["screening"])
    count = len(screening.derivatives)
    made = zip(screening.derivatives, blobs[:count], strict=True)
    files = zip(screening.masked, blobs[count:], strict=True)
    return replace(
        screening,
        derivatives=tuple(replace(picture, data=data) for picture, data in made),
        masked=tuple(replace(file, data=data) for file, data in files),
    )


def _bare(made: dict[str, object]) -> dict[str, object]:
    return made | {"data": ""}
