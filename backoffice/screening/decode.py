"""Safe pages of foreign files, asked from a limited child process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backoffice.screening import frames, pdf_words
from backoffice.screening.pdf_words import Words
from backoffice.screening.process import Child, ChildLostError
from backoffice.screening.traces import Traces, believed

VIEW_SIDE = 2000
THUMBNAIL_SIDE = 320
_SECONDS = 15.0
_USES = 60
_MOST_RESIDENT = 900 * 1024 * 1024

Trouble = Literal["refused", "late", "died"]


@dataclass(frozen=True, slots=True)
class Raster:
    """One upright page as raw RGB rows."""

    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What the header and the first full decode say; `pages` is 1 for pictures that are not TIFF."""

    width: int
    height: int
    pages: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as the child gives it: its pages, and what it says about its own history."""

    pages: list[Raster]
    traces: Traces
    texts: list[tuple[Words, ...]]
    """Every page's own text, where the file is a PDF that carries enough of it."""


class UndecodableError(Exception):
    """The file gave no picture: `trouble` says whether it was refused (with its code) or took the child down."""

    def __init__(self, trouble: Trouble, code: str) -> None:
        super().__init__(f"{trouble}: {code}")
        self.trouble, self.code = trouble, code


class Decoder:
    """One limited child; the module can be another one in tests that need a decoder that hangs."""

    def __init__(self, module: str = "backoffice.screening.child", *, seconds: float = _SECONDS) -> None:
        self._child = Child(module, uses=_USES, most_bytes=_MOST_RESIDENT)
        self._seconds = seconds

    def warm(self) -> None:
        """Start the child ahead of the first file."""
        self._child.warm()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid

    def inspect(self, data: bytes, mime_type: str) -> Facts:
        """Measure and prove a file; raises `UndecodableError`."""
        answer, _ = self._ask({"task": "inspect", "mime_type": mime_type}, data)
        return Facts(int(answer["width"]), int(answer["height"]), int(answer["pages"]))

    def pages(self, data: bytes, mime_type: str) -> list[Raster]:
        """Decode every page upright without metadata; raises `UndecodableError`."""
        return self.open(data, mime_type).pages

    def open(self, data: bytes, mime_type: str, *, long_side: int = VIEW_SIDE) -> Opened:
        """Decode every page, and keep of the metadata only what it says of programs; raises `UndecodableError`."""
        answer, blobs = self._ask({"task": "pages", "mime_type": mime_type, "long_side": long_side}, data)
        rasters = _rasters(answer, blobs)
        texts = pdf_words.believed(answer.get("texts"), len(rasters))
        return Opened(rasters, believed(answer.get("traces"), mime_type), texts)

    def error_levels(self, data: bytes, mime_type: str) -> list[Raster]:
        """Draw what saving again changes on the first two pages, for a reviewer's eye; raises `UndecodableError`."""
        return _rasters(*self._ask({"task": "error_levels", "mime_type": mime_type}, data))

    def jpegs(self, data: bytes, mime_type: str, *, long_side: int) -> list[tuple[int, int, bytes]]:
        """Decode every page straight to JPEG (width, height, bytes); raises `UndecodableError`."""
        question: frames.Message = {"task": "pages", "mime_type": mime_type, "long_side": long_side, "jpeg": True}
        answer, blobs = self._ask(question, data)
        return [(int(w), int(h), blob) for (w, h), blob in zip(answer["sizes"], blobs, strict=True)]

    def redacted(self, data: bytes, mime_type: str, boxes: list[list[float]]) -> bytes:
        """Cover boxes of the first page and encode it anew as JPEG without metadata; raises `UndecodableError`."""
        _, blobs = self._ask({"task": "redact", "mime_type": mime_type, "boxes": boxes}, data)
        return blobs[0]

    def masked(
        self, data: bytes, mime_type: str, polygons: Sequence[Sequence[Sequence[Sequence[float]]]]
    ) -> tuple[str, bytes, int, int]:
        """Cover polygons on every page and encode the whole file anew; raises `UndecodableError`.

        Answers the new file's type, its bytes, and the size of its first page in pixels.
        """
        answer, blobs = self._ask({"task": "mask", "mime_type": mime_type, "polygons": polygons}, data)
        width, height = answer["sizes"][0]
        return str(answer["mime_type"]), blobs[0], int(width), int(height)

    def close(self) -> None:
        """End the child."""
        self._child.kill()

    def _ask(self, question: frames.Message, data: bytes) -> tuple[frames.Message, list[bytes]]:
        try:
            answer, blobs = self._child.ask(question, [data], timeout=self._seconds)
        except ChildLostError as lost:
            raise UndecodableError("late" if lost.kind == "late" else "died", "check_unavailable") from None
        if "refused" in answer:
            raise UndecodableError("refused", str(answer["refused"]))
        return answer, blobs


def _rasters(answer: frames.Message, blobs: list[bytes]) -> list[Raster]:
    """Believe sizes only where the bytes agree with them."""
    sizes = [(int(width), int(height)) for width, height in answer["sizes"]]
    if [width * height * 3 for width, height in sizes] != [len(blob) for blob in blobs]:
        raise UndecodableError("died", "check_unavailable")
    return [Raster(width, height, blob) for (width, height), blob in zip(sizes, blobs, strict=True)]
