"""Where on a page a number stands that must be hidden: rows of lines, runs of digits, and what of them is covered.

Whoever cannot be sure covers more: a run that is no whole number on a card that has one goes with its whole line.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backoffice.screening import dates, pencils
from backoffice.screening.masking_rules import Number, Rule
from backoffice.screening.ocr import Line, Page

Polygon = tuple[tuple[float, float], ...]
"""Corners as fractions of the upright page."""
_ALIKE = str.maketrans("OoQDIlLi|!ZzSsBGbA", "000011111122558664")
_SEPARATORS = " .-,:·"
_MOST_APART = 3
_LEAST_PARTLY = 7
"""So many digits in a row on a card are a part of its number; a date and a postal code have fewer, or other signs."""
_MOST_DATE = 8
_MASKED = re.compile(r"[X*x]{4}[ .\-]*[X*x]{4}[ .\-]*\d{4}(?!\d)")
_GROUP = 4
_BESIDES = 3
"""So many words beside a number that nothing names must be without digits: accounts have groups of letters."""
_WIDTHS = {" ": 0.5, ":": 0.5, ".": 0.4, "-": 0.6, "1": 0.95}
_WIDE, _LETTER = 1.15, 1.0
_ABOVE, _BESIDE = 0.22, 0.6
"""How far a cover reaches over the line, in heights of its letters."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a document when one of its pages is searched."""

    rule: Rule
    is_card: bool = False
    """Whether the page is one of the rule's documents, and not only about one."""
    is_named: bool = False
    """Whether words say that a number of the right form is one of the rule's."""
    is_free: bool = True
    """Whether no other country is shown or declared."""
    known: frozenset[str] = frozenset()
    """Whole numbers that were read anywhere on the document."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """One digit of a run with its place in its line."""

    digit: str
    line: int
    at: int
    is_first: bool
    """Whether a new group of digits begins here."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of one line, from one letter to another."""

    line: Line
    start: int
    end: int

    def polygon(self, page: Page) -> Polygon:
        """Lay a cover over the letters, with some air around them."""
        return _cover(self.line, _fraction(self.line.text, self.start), _fraction(self.line.text, self.end), page)


@dataclass(frozen=True, slots=True)
class Found:
    """What one reading of a page shows."""

    places: tuple[Place, ...] = ()
    numbers: frozenset[str] = frozenset()
    is_masked: bool = False
    """Whether the page prints a number that is masked already."""


def find(lines: Sequence[Line], context: Context) -> Found:
    """Find every number that must be hidden in one reading of a page."""
    places: list[Place] = []
    numbers: set[str] = set()
    for row in rows(lines):
        for run in _runs(row):
            whole = _whole(row, run, context)
            if whole:
                form, signs = whole
                numbers.add("".join(sign.digit for sign in signs))
                places += _hidden(row, signs[: form.digits - form.shown])
            elif _is_suspect(row, run, context):
                places += [Place(row[line], 0, len(row[line].text)) for line in sorted({sign.line for sign in run})]
    masked = any(_MASKED.search(line.text) for line in lines)
    return Found(tuple(places), frozenset(numbers), masked)


def rows(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Put lines that stand beside each other in one row, as a reader that splits a number leaves them."""
    straightened = pencils.straightener(lines)
    found: list[list[tuple[Line, float, float, float]]] = []
    placed: list[tuple[Line, float, float, float]] = []
    for line in lines:
        points = [straightened(x, y) for x, y in line.quad]
        xs, ys = [point[0] for point in points], [point[1] for point in points]
        placed.append((line, min(xs), max(xs), sum(ys) / len(ys)))
    for item in sorted(placed, key=lambda item: item[1]):
        row = next((row for row in found if _continues(row[-1], item)), None)
        if row is None:
            found.append([item])
        else:
            row.append(item)
    return [tuple(item[0] for item in row) for row in found]


def _continues(left: tuple[Line, float, float, float], right: tuple[Line, float, float, float]) -> bool:
    high = min(left[0].height, right[0].height)
    gap = right[1] - left[2]
    is_as_large = 0.5 < left[0].height / right[0].height < 2.0
    return is_as_large and abs(left[3] - right[3]) < 0.5 * high and -1.0 * high < gap < 2.5 * high


def _runs(row: Sequence[Line]) -> Iterator[list[_Sign]]:
    """Go through the runs of digits of a row; letters that look like digits count inside of groups of digits."""
    run: list[_Sign] = []
    apart = _MOST_APART
    for number, line in enumerate(row):
        text = _as_digits(line.text)
        for at, sign in enumerate(text):
            if sign.isdigit() and sign.isascii():
                run.append(_Sign(sign, number, at, apart > 0))
                apart = 0
            elif sign in _SEPARATORS and apart < _MOST_APART:
                apart += 1
            else:
                if run:
                    yield run
                run, apart = [], _MOST_APART
        apart = min(apart + 1, _MOST_APART)
    if run:
        yield run


def _as_digits(text: str) -> str:
    """Write letters as the digits that they look like, in words that are digits for the most part; same length."""
    out: list[str] = []
    for part in re.split(r"( )", text):
        digits = sum(sign.isdigit() for sign in part)
        out.append(part.translate(_ALIKE) if digits * 2 >= len(part) > 1 else part)
    return "".join(out)


def _whole(row: Sequence[Line], run: list[_Sign], context: Context) -> tuple[Number, list[_Sign]] | None:
    """Find a whole number with its check digit in a run, from one group's beginning to another's end."""
    for form in context.rule.numbers:
        for start, first in enumerate(run):
            signs = run[start : start + form.digits]
            after = run[start + form.digits : start + form.digits + 1]
            is_whole = first.is_first and len(signs) == form.digits and (not after or after[0].is_first)
            if not is_whole or not form.is_valid("".join(sign.digit for sign in signs)):
                continue
            if _is_said(signs, context) or (len(run) == form.digits and _is_printed(form, row, signs, context)):
                return form, signs
    return None


def _is_said(signs: list[_Sign], context: Context) -> bool:
    """Say whether a number of the right form is one of the rule's by the page's words, or was read elsewhere."""
    return context.is_card or context.is_named or "".join(sign.digit for sign in signs) in context.known


def _is_printed(form: Number, row: Sequence[Line], signs: list[_Sign], context: Context) -> bool:
    """Say whether a number is one of the rule's by how it is printed alone: in fours, and by itself.

    Account and card numbers are printed in fours, too: nothing that touches it and no word beside it may be part of it.
    """
    groups = [at for at, sign in enumerate(signs) if sign.is_first]
    if not context.is_free or form.is_common or groups != list(range(0, len(signs), _GROUP)):
        return False
    first, last = signs[0], signs[-1]
    before, after = row[first.line].text[: first.at], row[last.line].text[last.at + 1 :]
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    words = " ".join([*(line.text for line in row[: first.line]), before]).split()[-_BESIDES:]
    words += " ".join([after, *(line.text for line in row[last.line + 1 :])]).split()[:_BESIDES]
    return not any(sign.isdigit() for word in words for sign in word)


def _is_suspect(row: Sequence[Line], run: list[_Sign], context: Context) -> bool:
    """Say whether a run is a part of a number that was not read whole, or holds hidden digits of a known one."""
    digits = "".join(sign.digit for sign in run)
    text = " ".join(row[line].text for line in sorted({sign.line for sign in run}))
    if len(run) <= _MOST_DATE and dates.find(text):
        return False
    is_named = context.is_card or context.is_named
    if any(group in digits for number in context.known for group in _groups(number, context.rule, is_named=is_named)):
        return True
    return context.is_card and len(run) >= _LEAST_PARTLY


def _groups(number: str, rule: Rule, *, is_named: bool) -> list[str]:
    """Say which hidden digits of a known number give it away; four are in many others where nothing names it."""
    shown = next(form.shown for form in rule.numbers if form.digits == len(number))
    hidden = number[:-shown]
    return [hidden[at : at + _GROUP] for at in range(0, len(hidden), _GROUP)] if is_named else [hidden]


def _hidden(row: Sequence[Line], signs: list[_Sign]) -> Iterator[Place]:
    for line in sorted({sign.line for sign in signs}):
        ats = [sign.at for sign in signs if sign.line == line]
        yield Place(row[line], min(ats), max(ats) + 1)


def _fraction(text: str, end: int) -> float:
    """Say how far along a line a letter begins; digits are of one width, most letters of about the same."""
    widths = [_WIDTHS.get(sign, _WIDE if sign.isupper() else _LETTER) for sign in text]
    return sum(widths[:end]) / (sum(widths) or 1.0)


def _cover(line: Line, start: float, end: float, page: Page) -> Polygon:
    """Turn a part of a line into corners; a line that stands on its side has no known beginning and goes whole."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.quad[:4]
    long, high = math.hypot(x1 - x0, y1 - y0), line.height
    if high > long:
        start, end = 0.0, 1.0
    reach = min(1.0, _BESIDE * min(high, long) / max(1.0, long))
    start = start - reach if start < 0.5 else start - 0.25 * reach
    end = end + reach if end >= 1.0 else end + 0.1 * reach

    def corner(along: float, down: float) -> tuple[float, float]:
        top = (x0 + (x1 - x0) * along, y0 + (y1 - y0) * along)
        low = (x3 + (x2 - x3) * along, y3 + (y2 - y3) * along)
        x, y = top[0] + (low[0] - top[0]) * down, top[1] + (low[1] - top[1]) * down
        return (_within(x / page.width), _within(y / page.height))

    return tuple(corner(along, down) for along, down in ((start, -_ABOVE), (end, -_ABOVE), (end, 1 + _ABOVE),
                                                          (start, 1 + _ABOVE)))  # fmt: skip


def _within(part: float) -> float:
    return round(min(1.0, max(0.0, part)), 5)


def polygons(places: Iterable[Place], page: Page) -> list[Polygon]:
    """Lay covers over places of a page."""
    return [place.polygon(page) for place in places]


def box(left: float, top: float, wide: float, high: float, reach: float = 0.0) -> Polygon:
    """Write a box as a cover, with `reach` of its own size around it."""
    x, y = reach * wide, reach * high
    sides = _within(left - x), _within(top - y), _within(left + wide + x), _within(top + high + y)
    return ((sides[0], sides[1]), (sides[2], sides[1]), (sides[2], sides[3]), (sides[0], sides[3]))
