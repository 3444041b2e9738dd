"""Pages of invented documents, drawn as PDF with the fonts that every PDF reader has; a picture is a rendering of one.

The specimens' own fonts and sheets are not used: what the readers were built on must not measure them.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

Colour = tuple[int, int, int]
INK: Colour = (28, 30, 36)
_FACES = {
    "sans": "Helvetica", "bold": "Helvetica-Bold", "oblique": "Helvetica-Oblique", "serif": "Times-Roman",
    "serifbold": "Times-Bold", "mono": "Courier", "monobold": "Courier-Bold",
}  # fmt: skip
_COURIER_PITCH = 0.6
_POINTS_PER_UNIT = 0.5
_PIXELS_PER_POINT = 2.0


@dataclass
class Sheet:
    """One side; all measures are pixels of the rendering, from the top left."""

    size: tuple[int, int]
    paper: Colour
    accent: Colour = (70, 80, 110)
    face: str = "sans"
    strong: str = "bold"
    marks: list[str] = field(default_factory=list)
    pictures: list[tuple[Image.Image, tuple[int, int]]] = field(default_factory=list)

    def text(self, left: int, top: int, words: str, size: int = 34, *, face: str = "", ink: Colour = INK) -> None:
        """Write one line with its top left corner at a place."""
        name = face or self.face
        safe = words.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        x, y = left * _POINTS_PER_UNIT, (self.size[1] - top - size * 0.78) * _POINTS_PER_UNIT
        face_and_place = f"/{name} {size * _POINTS_PER_UNIT:.2f} Tf {x:.2f} {y:.2f} Td"
        self.marks.append(f"BT {_rgb(ink)} rg {face_and_place} ({safe.decode('latin-1')}) Tj ET")

    def under(self, left: int, top: int, label: str, value: str, size: int = 34) -> None:
        """Write a small label with its value under it."""
        self.text(left, top, label, max(15, size * 10 // 19), ink=self.accent)
        self.text(left, top + size * 13 // 20, value, size, face=self.strong)

    def over(self, left: int, top: int, label: str, value: str, size: int = 34) -> None:
        """Write a value with its small label under it."""
        self.text(left, top, value, size, face=self.strong)
        self.text(left, top + size * 23 // 20, label, max(15, size * 10 // 19), ink=self.accent)

    def beside(
        self, left: int, top: int, gap: int, rows: Iterable[tuple[str, str]], size: int = 32, step: int = 56
    ) -> None:
        """Write labels in one column and values in another."""
        for i, (label, value) in enumerate(rows):
            self.text(left, top + step * i + size // 5, label, size * 7 // 10, ink=self.accent)
            self.text(left + gap, top + step * i, value, size, face=self.strong)

    def lines(self, left: int, top: int, words: Iterable[str], size: int = 32, step: int = 0) -> None:
        """Write lines one under the other."""
        for i, line in enumerate(words):
            self.text(left, top + i * (step or size * 14 // 10), line, size)

    def zone(self, lines: Iterable[str], top: int, *, margin: int = 60, face: str = "monobold") -> None:
        """Print a machine readable zone from edge to edge on white."""
        rows = list(lines)
        size = round((self.size[0] - 2 * margin) / (len(rows[0]) * _COURIER_PITCH))
        self.bar(0, top - size // 2, self.size[0], self.size[1], (246, 247, 246))
        for i, line in enumerate(rows):
            self.text(margin, top + round(size * 1.36 * i), line, size, face=face)

    def bar(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        """Fill a rectangle."""
        x, y = left * _POINTS_PER_UNIT, (self.size[1] - bottom) * _POINTS_PER_UNIT
        wide, high = (right - left) * _POINTS_PER_UNIT, (bottom - top) * _POINTS_PER_UNIT
        self.marks.append(f"{_rgb(colour)} rg {x:.1f} {y:.1f} {wide:.1f} {high:.1f} re f")

    def pattern(self, seed: int) -> None:
        """Cover the page with the fine waves of security paper."""
        dice = random.Random(seed)
        tint = " ".join(f"{(part - dice.randint(6, 20)) / 255:.3f}" for part in self.paper)
        wide, high = self.size[0] * _POINTS_PER_UNIT, self.size[1] * _POINTS_PER_UNIT
        swing, period = dice.uniform(6, 14), dice.uniform(40, 90)
        for row in range(0, int(high) + 20, dice.randint(7, 12)):
            points = [
                (x, row + swing * math.sin(x / period * 2 * math.pi + row / 30)) for x in range(0, int(wide) + 8, 8)
            ]
            path = " ".join(f"{x:.0f} {y:.1f} {'l' if i else 'm'}" for i, (x, y) in enumerate(points))
            self.marks.append(f"{tint} RG 0.6 w {path} S")

    def picture(self, image: Image.Image, at: tuple[int, int]) -> None:
        """Place a portrait or a barcode."""
        self.pictures.append((image, at))

    def pdf(self) -> bytes:
        """Write the page as a PDF with its text."""
        document = pikepdf.new()
        page = document.add_blank_page(page_size=(self.size[0] * _POINTS_PER_UNIT, self.size[1] * _POINTS_PER_UNIT))
        ground = f"{_rgb(self.paper)} rg 0 0 {self.size[0]} {self.size[1]} re f"
        page.Contents = document.make_stream("\n".join([ground, *self.marks]).encode("latin-1"))
        fonts = {f"/{name}": _font(base) for name, base in _FACES.items()}
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(fonts))
        buffer = BytesIO()
        document.save(buffer, deterministic_id=True)
        return buffer.getvalue()

    def image(self) -> Image.Image:
        """Render the page, then place what is not text."""
        page: Any = pypdfium2.PdfDocument(self.pdf())[0]
        drawn = page.render(scale=_PIXELS_PER_POINT).to_pil().convert("RGB")
        for picture, at in self.pictures:
            drawn.paste(picture, at)
        return drawn


def sheet(
    size: tuple[int, int], paper: Colour, seed: int, *, accent: Colour, face: str = "sans", strong: str = "bold"
) -> Sheet:
    """Begin a side of security paper."""
    made = Sheet(size, paper, accent, face, strong)
    made.pattern(seed)
    return made


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part / 255:.3f}" for part in colour)


def _font(base: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name(f"/{base}"),
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
