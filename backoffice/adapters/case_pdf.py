"""Writes a case file as PDF: pictures with numbered marks, tables, every script that a name may be in.

It knows nothing of documents: it gets words and pictures, and the same ones give the same bytes.
"""

import unicodedata
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import zip_longest
from pathlib import Path

from fpdf import FPDF, FontFace, TextStyle
from fpdf.enums import TableBordersLayout, VAlign
from fpdf.fonts import TTFFont

LATIN, BOLD = "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"
OTHERS = {
    "arabic": "NotoSansArabic-Regular.ttf",
    "hebrew": "NotoSansHebrew-Regular.ttf",
    "devanagari": "NotoSansDevanagari-Regular.ttf",
    "signs": "NotoSansMath-Signs.ttf",
}
"""Taken for what the first font lacks."""
_LOST = "\ufffd"
"""Stands for what all of them lack, such as Chinese."""
_FONTS = Path(__file__).parent / "fonts"
_MARGIN, _FOOT = 15.0, 16.0
_MOST_HEIGHT = 120.0
"""Millimetres that a picture may be high, so that its title and its notes stay close."""
_WIDEST, _MOST_LINES, _MOST_BREAKS = 3.0, 34, 10
"""Millimetres of a wide letter, and how many lines and line ends one row of a table may have."""
_WIDEST_SIGN = 2_000
"""Thousandths of the size of the letters."""
_SIMPLE = 0x300
"""Below, letters stand side by side as they are; shaping them would only take time."""
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
    numbers: int = 0
    """How many of its last columns are figures, which stand at the right."""


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
    with closing(_Paper(sheet.foot)) as paper:
        return _written(paper, sheet)


def _written(paper: "_Paper", sheet: Sheet) -> bytes:
    paper.set_creation_date(sheet.made_at)
    paper.set_title(f"{sheet.title}: {sheet.subtitle}")
    paper.add_page()
    paper.head(sheet)
    for section in sheet.sections:
        paper.section(section)
    paper.end()
    return bytes(paper.output())


def _letters(font: TTFFont) -> frozenset[int]:
    """List what a font has, without the few signs that are whole sentences and wider than a column."""
    widths = font.ttfont["hmtx"]
    return frozenset(letter for letter, glyph in font.cmap.items() if widths[glyph][0] * font.scale <= _WIDEST_SIGN)


def _pieces(text: str, most: int) -> list[str]:
    """Cut a text that is too long for one row of a page, between words where there are any."""
    pieces: list[str] = []
    while len(text) > most or text.count("\n") > _MOST_BREAKS:
        parts = text[:most].split("\n")[: _MOST_BREAKS + 1]
        end = len("\n".join(parts))
        space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
        end = space if space > end / 2 else end
        pieces.append(text[:end])
        text = text[end:].lstrip()
    return [*pieces, text]


class _Paper(FPDF):
    """A4 with our fonts, foot and styles."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._is_lossy = False
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_FOOT + 4)
        self.add_font("noto", "", _FONTS / LATIN)
        self.add_font("noto", "B", _FONTS / BOLD)
        for name, file in OTHERS.items():
            self.add_font(name, "", _FONTS / file)
        self.set_fallback_fonts(list(OTHERS), exact_match=False)
        self.set_text_shaping(use_shaping_engine=True)
        self._known = frozenset[int]().union(*(_letters(font) for font in self._files()))
        self._foot = self._plain(foot)
        self.set_lang("en")
        self.set_creator("Partner Backoffice")
        self.set_section_title_styles(
            TextStyle("noto", "B", 12, color=_INK, t_margin=7, b_margin=2), TextStyle("noto", "B", 9)
        )
        self._body()

    def _files(self) -> list[TTFFont]:
        return [font for font in self.fonts.values() if isinstance(font, TTFFont)]

    def close(self) -> None:
        """Let go of the font files."""
        for font in self._files():
            font.ttfont.close()

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
        room = _MOST_HEIGHT + 30 if any(isinstance(part, Picture) for part in section.parts) else 30
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

    def end(self) -> None:
        """Own up to what could not be printed."""
        if self._is_lossy:
            self.ln(4)
            self._line(
                f"{_LOST} stands for a sign that the fonts of this file do not have.", 8.5, color=_GRAY, height=4.6
            )

    def _plain(self, text: str) -> str:
        """Take out what is not seen or turns the direction of what follows; line ends stay."""
        seen = [letter for letter in text if letter in _JOINERS + "\n" or unicodedata.category(letter)[0] != "C"]
        printed = "".join(letter if letter == "\n" or ord(letter) in self._known else _LOST for letter in seen)
        self._is_lossy = self._is_lossy or _LOST in printed
        return printed

    def _body(self) -> None:
        self.set_font("noto", "", 8.5)
        self.set_text_color(*_INK)

    def _line(
        self, text: str, size: float, *, height: float, color: tuple[int, int, int] = _INK, bold: bool = False
    ) -> None:
        self.set_font("noto", "B" if bold else "", size)
        self.set_text_color(*color)
        self.multi_cell(0, height, self._plain(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self._body()

    def _grid(self, table: Table) -> None:
        """Draw a table with lines between its rows only; heads are repeated on every page."""
        self.set_draw_color(*_LINE)
        whole = [part for values in table.rows for part in self._parts(values, table.widths)]
        needs_shaping = any(ord(letter) >= _SIMPLE for values in whole for value in values for letter in value)
        self.set_text_shaping(use_shaping_engine=needs_shaping)
        heads = FontFace(emphasis="BOLD", color=_GRAY, size_pt=7.5)
        with self.table(
            col_widths=table.widths,
            text_align=(*["LEFT"] * (len(table.widths) - table.numbers), *["RIGHT"] * table.numbers),
            v_align=VAlign.T,
            line_height=4.6,
            padding=(0.9, 1.2),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            first_row_as_headings=bool(table.heads),
            headings_style=heads,
        ) as rows:
            for values in ([table.heads] if table.heads else []) + whole:
                row = rows.row()
                for value in values:
                    row.cell(value)
        self.set_text_shaping(use_shaping_engine=True)

    def _parts(self, values: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
        """Continue a row that is higher than a page in further rows."""
        letters = [self.epw * share / sum(widths) / _WIDEST * _MOST_LINES for share in widths]
        cut = [_pieces(self._plain(value), int(most)) for value, most in zip(values, letters, strict=True)]
        return list(zip_longest(*cut, fillvalue=""))

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
