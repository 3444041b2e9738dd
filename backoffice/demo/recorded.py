"""What screening read on the demo's specimens, recorded from the real pipeline (`make demo-history`).

The history is two hundred documents; reading them again on every first start would cost minutes.
"""

import asyncio
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from backoffice.screening.masked_screenings import NONE
from backoffice.screening.types import Declared, Derivative, Screening, SourceFile

PATH = Path(__file__).with_name("history.json.gz")
VIEW_SIDE = 2000
THUMBNAIL_SIDE = 320
QUALITY = 88
TURNS = (0, 90, 180, 270)
_screening = TypeAdapter(Screening)


@dataclass(frozen=True, slots=True)
class Recording:
    """One document's screening without its pictures, and how each of its pages has to be turned."""

    screening: Screening
    turns: tuple[int, ...]


@lru_cache(1)
def recordings() -> dict[int, Recording]:
    """Read all recordings by the planned document's number."""
    raw: dict[str, Any] = json.loads(gzip.decompress(PATH.read_bytes()))
    return {
        int(number): Recording(_screening.validate_python(row["screening"]), tuple(row["turns"]))
        for number, row in raw.items()
    }


def write(found: dict[int, Recording]) -> None:
    """Keep recordings, always with the same bytes for the same content."""
    rows = {
        number: {"screening": _screening.dump_python(row.screening, mode="json"), "turns": row.turns}
        for number, row in sorted(found.items())
    }
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    PATH.write_bytes(gzip.compress(text.encode(), mtime=0))


def record(screening: Screening, sources: Sequence[SourceFile]) -> Recording:
    """Keep everything but the pictures, which can be drawn again."""
    views = {item.file_index: item.data for item in screening.derivatives if item.kind == "view"}
    turns = tuple(_turn(source.data, views.get(index)) for index, source in enumerate(sources))
    return Recording(replace(screening, derivatives=()), turns)


def _turn(original: bytes, view: bytes | None) -> int:
    """Find by how much the view was turned: the turn under which both look alike."""
    if view is None:
        return 0
    wanted = Image.open(BytesIO(view)).convert("L")

    def distance(turn: int) -> float:
        turned = _open(original).convert("L").rotate(turn, expand=True)
        if (turned.width > turned.height) != (wanted.width > wanted.height):
            return float("inf")
        pairs = zip(turned.resize((32, 32)).tobytes(), wanted.resize((32, 32)).tobytes(), strict=True)
        return sum(abs(one - other) for one, other in pairs)

    return min(TURNS, key=distance)


def _open(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


class Recorded:
    """Reads the history's documents from their recordings, and draws their pictures from the specimens."""

    def __init__(self, number: int) -> None:
        self._recording = recordings()[number]

    async def screen(
        self,
        files: Sequence[SourceFile],
        declared: Declared,  # noqa: ARG002 the recording knows
        *,
        today: date,  # noqa: ARG002
        timeout: float,  # noqa: ARG002, ASYNC109
    ) -> Screening:
        """Answer what the pipeline found when it was recorded."""
        pictures = await asyncio.to_thread(self._draw, files)
        unmasked = (NONE,) * len(files)  # the history shows no document of which anything must be covered
        return replace(self._recording.screening, derivatives=tuple(pictures), masking=unmasked)

    def _draw(self, files: Sequence[SourceFile]) -> list[Derivative]:
        turned = zip(files, self._recording.turns, strict=True)
        return [picture for index, (file, turn) in enumerate(turned) for picture in _pictures(index, file.data, turn)]


def _pictures(index: int, data: bytes, turn: int) -> list[Derivative]:
    upright = _open(data).rotate(turn, expand=True)
    upright.thumbnail((VIEW_SIDE, VIEW_SIDE))
    small = upright.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    is_untouched = turn == 0 and max(upright.size) == max(Image.open(BytesIO(data)).size)
    view = data if is_untouched else _jpeg(upright)
    return [
        Derivative(index, 0, "view", upright.width, upright.height, view),
        Derivative(index, 0, "thumbnail", small.width, small.height, _jpeg(small)),
    ]


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
