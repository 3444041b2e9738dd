"""One page being printed: text with sensible fitting, portrait, signature, flag-like emblem and MRZ lines."""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from backoffice.specimens.countries import Colour, Country
from backoffice.specimens.fonts import Cut, font
from backoffice.specimens.paper import paper
from backoffice.specimens.people import Person
from backoffice.specimens.portrait import portrait

BLACK: Colour = (26, 28, 34)
_MRZ_INK: Colour = (22, 22, 26)


@dataclass(frozen=True, slots=True)
class Field:
    """A label and its value as printed."""

    label: str
    value: str


class Sheet:
    """A page of security paper with the pen on it; all measures in pixels."""

    def __init__(self, country: Country, size: tuple[int, int], *, band: int = 0) -> None:
        self.country = country
        self.width, self.height = size
        self.image = paper(country, *size, band=band).copy()
        self.draw = ImageDraw.Draw(self.image)

    def text(  # noqa: PLR0913 - a pen needs place, size, cut and ink
        self, at: tuple[int, int], text: str, size: int, *, cut: Cut = "regular", ink: Colour = BLACK, wide: int = 0
    ) -> None:
        """Write one line, in a smaller size when it would be wider than `wide`."""
        face = font(cut, size)
        while wide and size > 14 and face.getlength(text) > wide:
            size -= 1
            face = font(cut, size)
        self.draw.text(at, text, font=face, fill=ink)

    def field(self, at: tuple[int, int], field: Field, *, size: int = 34, wide: int = 420) -> None:
        """Write a small label with its value under it."""
        self.text(at, field.label, size * 11 // 20, ink=self.country.ink, wide=wide)
        self.text((at[0], at[1] + size * 13 // 20), field.value, size, cut="bold", wide=wide)

    def row(self, at: tuple[int, int], field: Field, *, gap: int, size: int = 30, wide: int = 420) -> None:
        """Write a label with its value to the right, `gap` pixels from the label's start."""
        self.text((at[0], at[1] + size // 4), field.label, size * 12 // 20, ink=self.country.ink, wide=gap - 16)
        self.text((at[0] + gap, at[1]), field.value, size, cut="bold", wide=wide)

    def heading(self, at: tuple[int, int], title: str, under: str, *, size: int = 44) -> None:
        """Write the issuer in display type with a rule and the kind of document under it."""
        self.text(at, title, size, cut="serif", ink=self.country.ink, wide=self.width - at[0] - 60)
        self.text((at[0], at[1] + size + 14), under, size * 3 // 5, ink=self.country.accent, wide=self.width // 2)

    def photo(self, person: Person, box: tuple[int, int, int, int]) -> None:
        """Place the portrait and its SPECIMEN strip; box is left, top, width, height."""
        left, top, wide, high = box
        face = portrait(person.seed, person.sex, wide, high)
        self.image.paste(face, (left, top))
        self.draw.rectangle((left, top, left + wide, top + high), outline=self.country.ink, width=2)
        strip = Image.new("RGBA", (wide * 3 // 2, high // 9), (*self.country.accent, 0))
        pen = ImageDraw.Draw(strip)
        middle = (strip.width // 2, strip.height // 2)
        pen.text(middle, "SPECIMEN", font=font("bold", strip.height), anchor="mm", fill=(*self.country.accent, 150))
        turned = strip.rotate(38, expand=True, resample=Image.Resampling.BICUBIC)
        self.image.paste(turned, (left + (wide - turned.width) // 2, top + high // 2 - turned.height // 3), turned)

    def ghost(self, person: Person, box: tuple[int, int, int, int]) -> None:
        """Place the pale second portrait that cards carry."""
        left, top, wide, high = box
        face = portrait(person.seed, person.sex, wide, high).convert("L").convert("RGB")
        spot = self.image.crop((left, top, left + wide, top + high))
        self.image.paste(Image.blend(spot, face, 0.28), (left, top))

    def signature(self, person: Person, box: tuple[int, int, int, int]) -> None:
        """Scribble: loops that follow the length of the name."""
        dice = random.Random(person.seed + 5)
        left, top, wide, high = box
        count = 6 + len(person.surname)
        points = [
            (left + wide * (i + dice.uniform(-0.6, 0.4)) / count, top + high * dice.uniform(0.1, 0.9))
            for i in range(count + 1)
        ]
        curve = [_spline(points, i / 8) for i in range(8 * (count - 2))]
        self.draw.line(curve, fill=(34, 40, 96), width=4, joint="curve")

    def zone(self, lines: list[str], *, top: int, size: int, left: int) -> None:
        """Print MRZ lines with equal steps from edge to edge (ICAO 9303-3 §4.2: fixed pitch)."""
        face = font("mono", size)
        step = (self.width - 2 * left) / len(lines[0])
        for row, line in enumerate(lines):
            for column, letter in enumerate(line):
                at = (left + column * step, top + row * size * 1.5)
                self.draw.text(at, letter, font=face, fill=_MRZ_INK)


def _spline(points: list[tuple[float, float]], turn: float) -> tuple[float, float]:
    i, t = int(turn), turn - int(turn)
    four = points[i : i + 4] if len(points) >= i + 4 else points[-4:]
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    x = sum(weight * point[0] for weight, point in zip(weights, four, strict=True)) / 6
    y = sum(weight * point[1] for weight, point in zip(weights, four, strict=True)) / 6
    return x, y
