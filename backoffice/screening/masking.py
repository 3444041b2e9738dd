"""Covering what must never be kept: on every page, before any picture of it is stored, and looked at again afterwards.

The covers are burnt into a new encoding of the file in the limited child; that file takes the place of what was sent,
and every picture that people see is made of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from backoffice.screening import barcodes, classify, masking_places, ocr
from backoffice.screening.barcodes import Code
from backoffice.screening.decode import Decoder, Opened, Raster
from backoffice.screening.masking_places import Context, Found, Polygon
from backoffice.screening.masking_rules import RULES, Rule, is_said
from backoffice.screening.ocr import Line, Pixels
from backoffice.screening.page_texts import PageText
from backoffice.screening.types import Declared, MaskedFile, SourceFile

_ROUNDS = 3
_CLOSER = 0.56
_LEAST_CLOSER = 900
"""A page of so many pixels is also read in halves: small print shows only there."""
_CODE_REACH, _CODE_LEAST = 0.08, 0.002
_SELFIE = "selfie"
_MOST_LINES = 40
"""A card has fewer lines; a page with more of them may only speak of one."""
WHOLE: Polygon = masking_places.box(0, 0, 1, 1)
PageKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Subject:
    """A document that was read: its files, every page's picture, what was read of them, and what that makes of it."""

    files: Sequence[SourceFile]
    rasters: Sequence[tuple[int, int, Raster]]
    pages: Sequence[PageText]
    codes: Sequence[Code]
    kind: str | None
    country: str | None
    declared: Declared


@dataclass(frozen=True, slots=True)
class Masked:
    """What became of a document under a rule."""

    rule: Rule
    files: tuple[MaskedFile, ...]
    rasters: list[tuple[int, int, Raster]]
    """Every page of the document as it may be seen; masked files decoded anew."""
    covers: Mapping[PageKey, list[Polygon]]
    number: str = field(default="", repr=False)
    """The document's whole number, for keyed hashes; nothing may keep it."""
    is_found: bool = True
    """Whether a number was found; where none was, whole pages are covered."""


def apply(subject: Subject, decoder: Decoder) -> Masked | None:
    """Mask a document that is under a rule; None for every other one, which is left as it is.

    Raises `UndecodableError` when the masked file cannot be made or opened: nothing of the document may be kept then.
    """
    for rule in RULES:
        contexts = _contexts(subject, rule)
        seen = {_key(page): masking_places.find(page.page.lines, contexts[_key(page)]) for page in subject.pages}
        is_card = any(context.is_card for context in contexts.values())
        if is_card or any(found.places for found in seen.values()) or _has_code(subject, rule):
            return _masked(subject, decoder, rule, contexts, seen)
    return None


def _key(page: PageText) -> PageKey:
    return page.file_index, page.page_index


def _contexts(subject: Subject, rule: Rule) -> dict[PageKey, Context]:
    """Say of every page whether it is one of the rule's documents, or only speaks of it."""
    said = {_key(page): any(is_said(rule.words, line.text) for line in page.page.lines) for page in subject.pages}
    hinted = any(rule.hint.search(line.text) for page in subject.pages for line in page.page.lines)
    coded = _has_code(subject, rule)
    cards = {None, "national_id"}
    is_home = subject.country in {None, rule.country}
    is_card = coded or (any(said.values()) and is_home and subject.kind in cards)
    countries = {subject.country, subject.declared.issuing_country} - {None}
    zones = any(page.found for page in subject.pages)
    contexts: dict[PageKey, Context] = {}
    for page in subject.pages:
        side = subject.files[page.file_index].side
        own = said[_key(page)] and is_home and classify.guess([page], [side]).type in cards
        contexts[_key(page)] = Context(
            rule,
            is_card=own or (is_card and side != _SELFIE),
            is_named=coded or any(said.values()) or (hinted and subject.kind in cards),
            is_free=hinted or (countries <= {rule.country} and not zones),
        )
    return contexts


def _has_code(subject: Subject, rule: Rule) -> bool:
    return any(code.record and code.record.standard in rule.codes for code in subject.codes)


def _masked(
    subject: Subject, decoder: Decoder, rule: Rule, contexts: dict[PageKey, Context], seen: dict[PageKey, Found]
) -> Masked:
    known = _known(subject, rule, seen)
    contexts = {key: Context(rule, one.is_card, one.is_named, one.is_free, known) for key, one in contexts.items()}
    is_found = bool(known) or any(found.is_masked for found in seen.values())
    is_found = is_found or any(file.is_masked for file in subject.files)
    covers = _first_covers(subject, rule, contexts, is_found=is_found)
    files: dict[int, MaskedFile] = {}
    views: dict[int, Opened] = {}
    for index, file in enumerate(subject.files):
        mine = {page: covers[file_index, page] for file_index, page in covers if file_index == index}
        if not mine or (file.side == _SELFIE and not any(mine.values())):
            continue
        files[index], views[index] = _proven(subject, decoder, index, contexts, covers)
    rasters = [
        (index, number, views[index].pages[number] if index in views else raster)
        for index, number, raster in subject.rasters
    ]
    longest = sorted(known, key=len)
    return Masked(rule, tuple(files.values()), rasters, covers, longest[0] if longest else "", is_found)


def _known(subject: Subject, rule: Rule, seen: Mapping[PageKey, Found]) -> frozenset[str]:
    numbers = {number for found in seen.values() for number in found.numbers}
    coded = {code.record.hidden for code in subject.codes if code.record and code.record.standard in rule.codes}
    return frozenset(numbers | coded - {""})


def _first_covers(
    subject: Subject, rule: Rule, contexts: Mapping[PageKey, Context], *, is_found: bool
) -> dict[PageKey, list[Polygon]]:
    """Cover what one reading shows; a page that was not read, or a card without its number, is covered wholly."""
    read = {_key(page): page for page in subject.pages}
    covers: dict[PageKey, list[Polygon]] = {}
    for index, number, _ in subject.rasters:
        page = read.get((index, number))
        if page is None:
            covers[index, number] = [] if subject.files[index].side == _SELFIE else [WHOLE]
            continue
        context = contexts[index, number]
        if context.is_card and not is_found and len(page.page.lines) <= _MOST_LINES:
            covers[index, number] = [WHOLE]
            continue
        found = masking_places.find(page.page.lines, context)
        covers[index, number] = masking_places.polygons(found.places, page.page)
        covers[index, number] += [
            masking_places.box(*code.box, reach=_CODE_REACH)
            for code in subject.codes
            if (code.file_index, code.page_index) == (index, number)
            and (context.is_card or (code.record and code.record.standard in rule.codes))
        ]
        if context.is_card:
            covers[index, number] += list(_squares(page.page.pixels))
    return covers


def _proven(
    subject: Subject,
    decoder: Decoder,
    index: int,
    contexts: Mapping[PageKey, Context],
    covers: dict[PageKey, list[Polygon]],
) -> tuple[MaskedFile, Opened]:
    """Encode one file with its covers and read it again, until nothing shows; a page that shows to the end goes wholly.

    The covers of a round that found something are part of what is laid in the next one.
    """
    keys = sorted(key for key in covers if key[0] == index)
    turns = {_key(page): page.page.turned for page in subject.pages}
    for left in reversed(range(_ROUNDS)):
        made, opened = _encoded(subject, decoder, index, [(covers[key], turns.get(key, 0)) for key in keys])
        shown = {
            key: list(_shown(opened.pages[key[1]], turns[key], contexts[key]))
            for key in keys
            if key in contexts and WHOLE not in covers[key]
        }
        if not any(shown.values()):
            return made, opened
        for key, more in shown.items():
            covers[key] += more if left > 1 else [WHOLE] * bool(more)
    return _encoded(subject, decoder, index, [(covers[key], turns.get(key, 0)) for key in keys])


def _encoded(
    subject: Subject, decoder: Decoder, index: int, laid: Sequence[tuple[list[Polygon], int]]
) -> tuple[MaskedFile, Opened]:
    file = subject.files[index]
    polygons = [[_turned_back(one, turned) for one in own] for own, turned in laid]
    mime_type, data, width, height = decoder.masked(file.data, file.mime_type, polygons)
    return MaskedFile(index, mime_type, width, height, data), decoder.open(data, mime_type)


def _shown(raster: Raster, turned: int, context: Context) -> Iterator[Polygon]:
    """Cover what a page still shows, wholly this time: every line with hidden digits, every code."""
    pixels = np.ascontiguousarray(np.rot90(pixels_of(raster), -turned // 90))
    page = ocr.Page((), pixels, 0)
    for lines in readings(pixels):
        for place in masking_places.find(lines, context).places:
            yield masking_places.Place(place.line, 0, len(place.line.text)).polygon(page)
    for code in barcodes.read([PageText(0, 0, page, None)], is_likely=False, finer=lambda _: None):
        if context.is_card or (code.record and code.record.standard in context.rule.codes):
            yield masking_places.box(*code.box, reach=_CODE_REACH)


def readings(pixels: Pixels) -> Iterator[tuple[Line, ...]]:
    """Read an upright page as a whole, then its halves, which show smaller print."""
    yield ocr.lines(pixels)
    high, wide = pixels.shape[:2]
    if max(high, wide) < _LEAST_CLOSER:
        return
    part = round(_CLOSER * max(high, wide))
    for start in (0, max(high, wide) - part):
        left, top = (start, 0) if wide >= high else (0, start)
        half = pixels[top : top + part, :] if high > wide else pixels[:, left : left + part]
        yield tuple(_moved(line, left, top) for line in ocr.lines(np.ascontiguousarray(half)))


def _moved(line: Line, left: float, top: float) -> Line:
    return Line(line.text, line.score, tuple((x + left, y + top) for x, y in line.quad))


def _squares(pixels: Pixels) -> Iterator[Polygon]:
    """Find what looks like a QR code and could not be read: somebody else may read it."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    high, wide = grey.shape
    for quad in barcodes.unread(grey):
        yield _square(quad, wide, high)
    is_seen, quads = cv2.QRCodeDetector().detectMulti(grey)
    for quad in np.asarray(quads, np.float64).reshape(-1, 4, 2) if is_seen else ():
        if cv2.contourArea(quad.astype(np.float32)) > _CODE_LEAST * wide * high:
            yield _square([(float(x), float(y)) for x, y in quad], wide, high)


def _square(quad: Sequence[tuple[float, float]], wide: int, high: int) -> Polygon:
    xs, ys = [x / wide for x, _ in quad], [y / high for _, y in quad]
    return masking_places.box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), reach=_CODE_REACH)


def _turned_back(polygon: Polygon, turned: int) -> Polygon:
    """Say where points of the upright page lie in the picture as the file holds it."""
    for _ in range(turned // 90):
        polygon = tuple((y, 1 - x) for x, y in polygon)
    return polygon


def pixels_of(raster: Raster) -> Pixels:
    """Lay a raster out as the readers take it: rows of blue, green, red."""
    return np.frombuffer(raster.rgb, np.uint8).reshape(raster.height, raster.width, 3)[..., ::-1]
