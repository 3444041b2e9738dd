"""Finding a machine readable zone among the lines of a page, and reading it a second time where digits do not fit."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from backoffice.screening import ocr
from backoffice.screening.mrz import LENGTHS, Kind, Zone, parse
from backoffice.screening.ocr import Line, Page, Quad
from backoffice.screening.types import Box

_FILLERS = str.maketrans(
    {"«": "<<", "‹": "<", "〈": "<", "《": "<<", "＜": "<", "≪": "<<", "く": "<", "ㄑ": "<", "∠": "<"}
    | {"(": "<", "{": "<", "[": "<", "£": "<", "€": "C"}
)
_DATA_TWO = re.compile(r"[A-Z0-9<]{9}[0-9OIQSBZ<][A-Z01258<]{3}[0-9OIQSBZDG]{7}[MFX<][0-9OIQSBZDG]{6}")
_DATA_ONE = re.compile(r"^[0-9OIQSBZDG]{7}[MFX<][0-9OIQSBZDG]{7}[A-Z01258<]{3}")
_TAIL = re.compile(r"^(.*?[A-Z0-9])(<[<KCLSEGX6]{2,})$")
_FALSE_FILLERS = re.compile(r"(?:<[CKLSEGX]{5,}|([CKLSEGX])\1{3,}<*)+$")
_SLACK = 5
_FEW_FILLERS = 2
_LEAST_LENGTH = 24
_PADS = (0.12, 0.28, 0.0, 0.45)


@dataclass(frozen=True, slots=True)
class Found:
    """A zone with the page lines that it was read from, top first."""

    zone: Zone
    rows: tuple[Line, ...]

    def box(self, page: Page, name: str) -> Box | None:
        """Find a value's part of its line; the signs of a zone have a fixed pitch."""
        if name not in self.zone.spans:
            return None
        row, start, end = self.zone.spans[name]
        length = LENGTHS[self.zone.kind]
        return page.box(_part(self.rows[row].quad, start / length, end / length))

    def whole(self, page: Page) -> Box:
        """Find the whole zone on the page."""
        return page.box(tuple(point for row in self.rows for point in row.quad))


def find(page: Page, others: Iterable[Page] = ()) -> Found | None:
    """Find the best zone of a page; a zone whose digits do not fit is read again from enlarged strips.

    What is printed here and on the `others`, which are the document's pages before, decides between repairs.
    """
    printed = _printed((page, *others))
    best = find_once(page, others)
    if best is not None and not best.zone.is_valid:
        for pad in _PADS:
            again = tuple(_read_again(page, row, pad) for row in best.rows)
            second = _best(_readings(list(again), printed))
            if second and _score(second.zone) > _score(best.zone):
                best = Found(second.zone, best.rows)
            if best.zone.is_valid:
                break
    return best


def find_once(page: Page, others: Iterable[Page] = ()) -> Found | None:
    """Find the best zone in a page's lines as they are."""
    return _best(_readings(_rows(page.lines), _printed((page, *others))))


def _printed(pages: Iterable[Page]) -> tuple[str, ...]:
    return tuple(_clean(line.text) for page in pages for line in page.lines if line.text.count("<") < _FEW_FILLERS)


def _best(readings: Iterator[Found]) -> Found | None:
    return max(readings, key=lambda found: _score(found.zone), default=None)


def _score(zone: Zone) -> float:
    return sum(zone.checks.values()) / len(zone.checks) - 0.01 * zone.repaired


def _clean(text: str) -> str:
    return re.sub(r"[^A-Z0-9<]", "", text.upper().translate(_FILLERS))


def looks_machine_readable(text: str) -> bool:
    """Say whether a line belongs to a zone, so that no printed value is taken from it."""
    plain = _clean(text)
    return len(plain) >= _LEAST_LENGTH and (plain.count("<") > 1 or bool(_DATA_ONE.search(plain)))


def _rows(lines: tuple[Line, ...]) -> list[Line]:
    """Join fragments that lie on one row, keep what may belong to a zone, in reading order."""
    tall = sorted(lines, key=lambda line: line.quad[0][1] + line.quad[2][1])
    joined: list[Line] = []
    for line in tall:
        if "<" not in line.text and len(_clean(line.text)) < 20:
            continue
        previous = joined[-1] if joined else None
        if previous and len(_clean(previous.text + line.text)) < 50 and _same_row(previous, line):
            left, right = sorted((previous, line), key=lambda part: part.quad[0][0])
            corners = (left.quad[0], right.quad[1], right.quad[2], left.quad[3])
            joined[-1] = Line(left.text + right.text, min(left.score, right.score), corners)
        else:
            joined.append(line)
    return [line for line in joined if len(_clean(line.text)) >= _LEAST_LENGTH]


def _same_row(one: Line, other: Line) -> bool:
    left, right = sorted((one, other), key=lambda part: part.quad[0][0])
    gap = right.quad[0][0] - left.quad[1][0]
    shift = abs((left.quad[1][1] + left.quad[2][1]) - (right.quad[0][1] + right.quad[3][1])) / 2
    return gap > -one.height and shift < 0.5 * min(one.height, other.height)


def _readings(rows: list[Line], printed: tuple[str, ...]) -> Iterator[Found]:
    """Offer every way to read the rows as a zone; a line whose length was mended is not mended in its signs too."""
    texts = [_clean(row.text) for row in rows]
    for i, text in enumerate(texts):
        start = _DATA_TWO.search(text)
        if start and i > 0:
            data = text[start.start() :] if start.start() < 4 else text
            for kind in _two_line_kinds(texts[i - 1], len(data)):
                for fitted in _fitted(data, LENGTHS[kind]):
                    names = _fitted_names(texts[i - 1], LENGTHS[kind])
                    zone = parse(kind, (names, fitted), printed=printed, is_bold=fitted[:10] == data[:10])
                    yield Found(zone, (rows[i - 1], rows[i]))
        if _DATA_ONE.search(text) and 0 < i < len(texts) - 1:
            for first in _fitted(texts[i - 1], 30):
                for second in _fitted(text, 30):
                    names, is_bold = _fitted_names(texts[i + 1], 30), first[:15] == texts[i - 1][:15]
                    zone = parse("TD1", (first, second, names), printed=printed, is_bold=is_bold)
                    yield Found(zone, (rows[i - 1], rows[i], rows[i + 1]))


def _two_line_kinds(first: str, length: int) -> Iterator[Kind]:
    is_visa = first.startswith("V")
    if abs(length - 44) <= _SLACK:
        yield "MRVA" if is_visa else "TD3"
    if abs(length - 36) <= _SLACK:
        yield "MRVB" if is_visa else "TD2"


def _fitted_names(text: str, length: int) -> str:
    """Bring a line of names to its length; misread fillers at its end become fillers again."""
    text = _FALSE_FILLERS.sub("", text)
    tail = _TAIL.match(text)
    if tail and tail.group(2).count("<") >= max(2, len(tail.group(2)) // 2):
        text = tail.group(1)
    return text.rstrip("<").ljust(length, "<")[:length]


def _fitted(text: str, length: int) -> list[str]:
    """Offer readings of the right length: runs of fillers absorb what was lost or doubled."""
    surplus = len(text) - length
    if surplus == 0:
        return [text]
    runs = list(re.finditer(r"<{2,}", text)) or list(re.finditer("<", text))
    offers = [
        text[: run.start()] + "<" * (len(run.group()) - surplus) + text[run.end() :]
        for run in reversed(runs)
        if len(run.group()) >= surplus
    ]
    if surplus > 0:
        offers += [text[surplus:], text[:length]]
    return [offer for offer in dict.fromkeys(offers) if len(offer) == length][:8]


def _read_again(page: Page, row: Line, pad: float) -> Line:
    text, score = ocr.read_strip(ocr.strip(page.pixels, row.quad, pad))
    return replace(row, text=text, score=score) if text else row


def _part(quad: Quad, start: float, end: float) -> Quad:
    top_left, top_right, bottom_right, bottom_left = (np.array(point) for point in quad)
    top, bottom = top_right - top_left, bottom_right - bottom_left
    corners = (top_left + top * start, top_left + top * end, bottom_left + bottom * end, bottom_left + bottom * start)
    return tuple((float(x), float(y)) for x, y in corners)
