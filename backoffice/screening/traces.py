"""What a file says about its own history: a few short facts, read in the limited child and believed only in form."""

from dataclasses import dataclass
from typing import Any, cast

MOST_TOOLS = 8
TOOL_LENGTH = 64
_MOST_PIXELS_OF_A_SIDE = 100_000
_MOST_REVISIONS = 1_000


@dataclass(frozen=True, slots=True)
class Traces:
    """Programs that wrote a file, and how it came to be; all of it can be missing or forged, so it only warns."""

    mime_type: str
    tools: tuple[str, ...] = ()
    has_camera: bool = False
    """Whether a maker or model of a camera is named."""
    is_screenshot: bool = False
    """Whether the file calls itself a screenshot, as phones' do."""
    width: int = 0
    height: int = 0
    revisions: int = 1
    """How often a PDF was saved by appending; 1 is the file as it was made."""
    is_signed: bool = False
    is_changed_after_signing: bool = False
    is_readable: bool = True


def believed(said: Any, mime_type: str) -> Traces:
    """Take over what has the right form and size: a child that met a hostile file may say anything."""
    if not isinstance(said, dict):
        return Traces(mime_type, is_readable=False)
    facts = cast("dict[str, Any]", said)
    return Traces(
        mime_type,
        tools=_texts(facts.get("tools")),
        has_camera=facts.get("has_camera") is True,
        is_screenshot=facts.get("is_screenshot") is True,
        width=_number(facts.get("width"), _MOST_PIXELS_OF_A_SIDE),
        height=_number(facts.get("height"), _MOST_PIXELS_OF_A_SIDE),
        revisions=max(1, _number(facts.get("revisions"), _MOST_REVISIONS)),
        is_signed=facts.get("is_signed") is True,
        is_changed_after_signing=facts.get("is_changed_after_signing") is True,
    )


def _texts(said: Any) -> tuple[str, ...]:
    listed = cast("list[Any]", said) if isinstance(said, list) else []
    return tuple(str(text)[:TOOL_LENGTH] for text in listed[:MOST_TOOLS])


def _number(said: Any, most: int) -> int:
    return min(said, most) if type(said) is int and said > 0 else 0
