"""The text that a PDF says it carries: runs with their places, believed only in form."""

from dataclasses import dataclass
from typing import Any, cast

MOST_LINES, MOST_SIGNS = 600, 240


@dataclass(frozen=True, slots=True)
class Words:
    """One run of text with its place on the page as fractions: left, top, right and bottom."""

    text: str
    place: tuple[float, float, float, float]


def believed(said: Any, pages: int) -> list[tuple[Words, ...]]:
    """Take over what has the right form: a child that met a hostile file may say anything."""
    listed = cast("list[Any]", said) if isinstance(said, list) else []
    taken = [tuple(words for run in _runs(page) if (words := _words(run))) for page in listed[:pages]]
    return taken + [()] * (pages - len(taken))


def _runs(page: Any) -> list[Any]:
    return cast("list[Any]", page)[:MOST_LINES] if isinstance(page, list) else []


def _words(run: Any) -> Words | None:
    if not isinstance(run, list) or len(parts := cast("list[Any]", run)) != 5 or not isinstance(parts[0], str):
        return None
    if not all(isinstance(place, int | float) and 0 <= place <= 1 for place in parts[1:]):
        return None
    left, top, right, bottom = (float(place) for place in parts[1:])
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in parts[0][:MOST_SIGNS]).split())
    return Words(text, (left, top, right, bottom)) if text and left < right and top < bottom else None
