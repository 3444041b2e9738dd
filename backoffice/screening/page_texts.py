"""One read page of a document, and values taken from its lines."""

from dataclasses import dataclass

from backoffice.screening.mrz_lines import Found
from backoffice.screening.ocr import Line, Page
from backoffice.screening.types import Box, Extracted
from backoffice.screening.unlabelled import Lone


@dataclass(frozen=True, slots=True)
class PageText:
    """One read page of the document with its place and its zone, if it has one."""

    file_index: int
    page_index: int
    page: Page
    found: Found | None
    glare: Box | None = None
    """Where a reflection burns the text away."""


def field_of(page: PageText, name: str, value: str, confidence: float, line: Line) -> Extracted:
    """Make a field of what one line says."""
    box = page.page.box(line.quad)
    return Extracted(name, value, confidence, "text", box, page.file_index, page.page_index)


def taken(page: PageText, one: Lone) -> Extracted:
    """Make a field of a value that had no label."""
    box = page.page.box(tuple(point for line in one.lines for point in line.quad))
    return Extracted(one.name, one.value, one.confidence, "text", box, page.file_index, page.page_index)
