"""A pen whose label and value sizes are the template's own, and dates as the spent set's issuers write them.

Sizes are those of the world. An ID-1 card (85.6 x 54 mm) is 1300 px wide, 15.2 px to a millimetre: labels of 5 to
6.5 pt are 27 to 35 px, values of 8 to 10 pt are 43 to 54 px. A passport page (125 x 88 mm) is 1400 px wide, 11.2 px
to a millimetre: labels 22 to 26 px, values 36 to 41 px. A4 is 1190 px wide and set in large print, 24 to 28 px.
"""

from dataclasses import dataclass
from datetime import date

from bench.accuracy.sheets import Colour, Sheet, sheet

CARD, PAGE, A4 = (1300, 820), (1400, 985), (1190, 1684)
_ASCENT, _LINE, _ACCENT = 0.78, 1.2, 0.2


@dataclass(frozen=True)
class Pen:
    """Write labels and values on one side, each in its own size, face and ink."""

    page: Sheet
    small: int
    large: int
    label_face: str = "sans"
    value_face: str = "bold"
    ink: Colour = (28, 30, 36)

    def above(self, left: int, top: int, label: str, *values: str) -> None:
        """Write the label over the value, which may take several lines."""
        self.label(left, top, label)
        for i, value in enumerate(values):
            self.value(left, top + self.small + self._apart + round(_LINE * self.large * i), value)

    def below(self, left: int, top: int, label: str, value: str) -> None:
        """Write the label under the value."""
        self.value(left, top, value)
        self.label(left, top + self.large + self._apart, label)

    def beside(self, left: int, top: int, gap: int, label: str, value: str) -> None:
        """Write the label and the value on one base line."""
        self.label(left, top + round(_ASCENT * (self.large - self.small)), label)
        self.value(left + gap, top, value)

    @property
    def _apart(self) -> int:
        """Leave room for the accents of capitals."""
        return round(_ACCENT * self.large)

    def label(self, left: int, top: int, words: str) -> None:
        self.page.text(left, top, words, self.small, face=self.label_face, ink=self.page.accent)

    def value(self, left: int, top: int, words: str) -> None:
        self.page.text(left, top, words, self.large, face=self.value_face, ink=self.ink)


def side(size: tuple[int, int], paper: Colour, accent: Colour, seed: int) -> Sheet:
    """Begin a side of security paper whose labels have the accent's colour."""
    return sheet(size, paper, seed, accent=accent)


def short(day: date, months: str, *, glue: str = " ") -> str:
    """Write 05 MAA/MAR 1993: the day, the month's word out of twelve, the year."""
    return glue.join((f"{day.day:02}", months.split()[day.month - 1], f"{day.year}"))


def long(day: date, months: str) -> str:
    """Write 5 mars 1993."""
    return f"{day.day} {months.split()[day.month - 1]} {day.year}"
