"""Writes a case file as PDF: pictures with numbered marks, tables, every script that a name may be in.

It knows nothing of documents: it gets words and pictures, and the same ones give the same bytes.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path

from fpdf import FPDF, FontFace, TextStyle
from fpdf.enums import TableBordersLayout

LATIN, BOLD = "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"
OTHERS = {
    "arabic": "NotoSansArabic-Regular.ttf",
    "hebrew": "NotoSansHebrew-Regular.ttf",
    "devanagari": "NotoSansDevanagari-Regular.ttf",
    "signs": "NotoSansMath-Signs.ttf",
}
"""Taken for what the first font lacks; what all of them lack, such as Chinese, is printed as an empty box."""
_FONTS = Path(__file__).parent / "fonts"
_MARGIN, _FOOT = 15.0, 16.0
_MOST_HEIGHT = 120.0
"""Millimetres that a picture may be high, so that its title and its notes stay close."""
_LABEL = (5.0, 4.2)
"""Width and height of the number of a mark, in millimetres."""
_JOINERS = "\u200c\u200d"
"""Without them Persian and Indian words look wrong; all other unseen signs only hide or turn text."""
_INK, _GRAY, _LINE, _RED = (24, 28, 36), (96, 104, 118), (205, 210, 219), (200, 30, 40)


Jpeg = tuple[int, int, bytes]
"""Width, height and the file."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; `widths` are shares of the page's width."""

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Sequence[tuple[str, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """One page with numbered boxes, which are fractions of it."""

    title: str
    jpeg: Jpeg = field(repr=False)
    marks: Sequence[tuple[int, Sequence[float]]] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading: sentences, tables and pictures."""

    title: str
    parts: Sequence[str | Table | Picture] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole case file."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]] = field(repr=False)
    sections: Sequence[Section]
    foot: str
    """On every page, before its number."""
    made_at: datetime


def write(sheet: Sheet) -> bytes:
    """Write the file; takes seconds for hundreds of rows, so call it in a thread."""
    paper = _Paper(sheet.foot)
    paper.set_creation_date(sheet.made_at)
    paper.set_title(_plain(f"{sheet.title}: {sheet.subtitle}"))
    paper.add_page()
    paper.head(sheet)
    for section in sheet.sections:
        paper.section(section)
    return bytes(paper.output())


def _plain(text: str) -> str:
    """Take out what cannot be printed or turns the direction of what follows; line ends stay."""
    return "".join(letter for letter in text if letter in _JOINERS + "\n" or unicodedata.category(letter)[0] != "C")


class _Paper(FPDF):
    """A4 with our fonts, foot and styles."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = _plain(foot)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_FOOT + 4)
        self.add_font("noto", "", _FONTS / LATIN)
        self.add_font("noto", "B", _FONTS / BOLD)
        for name, file in OTHERS.items():
            self.add_font(name, "", _FONTS / file)
        self.set_fallback_fonts(list(OTHERS), exact_match=False)
        self.set_text_shaping(use_shaping_engine=True)
        self.set_lang("en")
        self.set_creator("Partner Backoffice")
        self.set_section_title_styles(
            TextStyle("noto", "B", 12, color=_INK, t_margin=7, b_margin=2), TextStyle("noto", "B", 9)
        )
        self._body()

    def footer(self) -> None:
        """Say who made it and which page this is; FPDF calls it at the end of every page."""
        self.set_y(-_FOOT)
        self.set_font("noto", "", 7)
        self.set_text_color(*_GRAY)
        self.set_draw_color(*_LINE)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.set_y(-_FOOT + 2)
        self.cell(self.epw * 0.8, 4, self._foot)
        self.cell(self.epw * 0.2, 4, f"Page {self.page_no()} of {{nb}}", align="R")

    def head(self, sheet: Sheet) -> None:
        """Write the title and the facts below it."""
        self._line(sheet.title, 18, bold=True, height=9)
        self._line(sheet.subtitle, 11, color=_GRAY, height=6)
        self.ln(2)
        self._grid(Table((), (1, 3), list(sheet.facts)))

    def section(self, section: Section) -> None:
        """Write a heading, kept together with what follows, and all its parts."""
        room = _MOST_HEIGHT / 2 if any(isinstance(part, Picture) for part in section.parts) else 30
        if self.will_page_break(room):
            self.add_page()
        self.start_section(section.title)
        self._body()
        for part in section.parts:
            if isinstance(part, Picture):
                self._picture(part)
            elif isinstance(part, Table):
                self._grid(part)
            else:
                self._line(part, 8.5, color=_GRAY, height=4.6)

    def _body(self) -> None:
        self.set_font("noto", "", 8.5)
        self.set_text_color(*_INK)

    def _line(
        self, text: str, size: float, *, height: float, color: tuple[int, int, int] = _INK, bold: bool = False
    ) -> None:
        self.set_font("noto", "B" if bold else "", size)
        self.set_text_color(*color)
        self.multi_cell(0, height, _plain(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self._body()

    def _grid(self, table: Table) -> None:
        """Draw a table with lines between its rows only; heads are repeated on every page."""
        self.set_draw_color(*_LINE)
        heads = FontFace(emphasis="BOLD", color=_GRAY, size_pt=7.5)
        with self.table(
            col_widths=table.widths,
            text_align="LEFT",
            line_height=4.6,
            padding=(0.9, 1.2),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            first_row_as_headings=bool(table.heads),
            headings_style=heads,
        ) as rows:
            for values in ([table.heads] if table.heads else []) + list(table.rows):
                row = rows.row()
                for value in values:
                    row.cell(_plain(value))

    def _picture(self, picture: Picture) -> None:
        """Draw a picture as large as the page allows, and the marks upon it."""
        across, down, data = picture.jpeg
        scale = min(self.epw / across, _MOST_HEIGHT / down)
        width, height = across * scale, down * scale
        if self.will_page_break(height + 10):
            self.add_page()
        self._line(picture.title, 8.5, bold=True, height=6)
        left, top = self.get_x(), self.get_y()
        self.image(BytesIO(data), left, top, width, height, alt_text=picture.title)
        for number, box in picture.marks:
            self._mark(number, (left + box[0] * width, top + box[1] * height, box[2] * width, box[3] * height))
        self.set_xy(_MARGIN, top + height + 3)
        self._body()

    def _mark(self, number: int, place: tuple[float, float, float, float]) -> None:
        left, top, width, height = place
        label = max(top - _LABEL[1], 0)
        with self.local_context(draw_color=_RED, fill_color=_RED, line_width=0.5):
            self.rect(left, top, width, height)
            self.rect(left, label, *_LABEL, style="F")
        self.set_xy(left, label)
        self.set_font("noto", "B", 7)
        self.set_text_color(255, 255, 255)
        self.cell(*_LABEL, str(number), align="C")
