"""Cards, passports and licences of the varied set, put together from an issuer's fields; sizes as in spent_printing."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from backoffice.specimens.people import Person
from bench.accuracy import varied_layouts as layouts
from bench.accuracy.printing import Drawn, card_zone, face, licence_code, passport_zone, told, two_line_zone
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import CARD, PAGE, side
from bench.accuracy.varied_fields import Field, american, fields, numbered
from bench.accuracy.varied_issuers import Issuer

_TITLES = {
    "card": "id", "passport": "pass", "permit": "permit", "licence": "licence", "tax": "taxcard",
}  # fmt: skip
_IN_ZONE = (
    "surname", "given_names", "full_name", "date_of_birth", "sex", "nationality", "expires_on", "document_number",
)  # fmt: skip
_ZONE_SIGNS = 9
_MARGIN = 50


def drawn(by: Issuer, who: Person) -> Drawn:
    """Draw one document, on one side or two; what nobody asks for makes room where there is too little."""
    listed = _fields(by, who)
    while True:
        made, is_whole = _sides(by, who, listed)
        others = [one for one in listed if one.is_other]
        if is_whole or not others:
            return made
        listed.remove(others[-1])


def _sides(by: Issuer, who: Person, listed: list[Field]) -> tuple[Drawn, bool]:
    front, placed, rest = _front(by, who, listed)
    sides = {"front": front}
    zone: tuple[str, ...] = ()
    if by.zone in {"td3", "td2"}:
        zone = _zone(by, who, placed)
        front.zone(zone, 838 if by.zone == "td3" else 830, face=by.dice("zone").choice(("mono", "monobold")))
    elif rest or by.zone or by.is_barcoded or by.has("back", 0.4):
        sides["back"], more, zone = _back(by, who, rest, placed)
        placed += more
    truth = {name: value for one in placed for name, value in one.truth.items()}
    if zone:
        truth = told(who, *(name for name in _IN_ZONE if name not in truth)) | truth
    return Drawn(by.kind, by.people.code, sides, truth, zone), len(placed) == len(listed)


def _fields(by: Issuer, who: Person) -> list[Field]:
    if by.is_barcoded:
        return american(by, who)
    return numbered(by, who) if by.is_numbered else fields(by, who)


def _front(by: Issuer, who: Person, listed: list[Field]) -> tuple[Sheet, list[Field], list[Field]]:
    """Draw the front; say what is on it and what found no room."""
    is_page = by.zone in {"td3", "td2"}
    size = PAGE if is_page else CARD
    page = side(size, by.paper, by.accent, who.seed)
    top = _heading(by, page)
    wide, high = (340, 430) if is_page else (by.dice("portrait").randint(290, 350), 430)
    at_left = by.has("portrait at the left", 0.75)
    face(page, who, (_MARGIN if at_left else size[0] - _MARGIN - wide, top + 40, wide, high))
    left = _MARGIN + wide + 50 if at_left else _MARGIN
    box = (left, top, left + size[0] - 2 * _MARGIN - wide - 50, 795 if is_page else size[1] - 14)
    marks, placed, rest = layouts.arrange(by, listed, box)
    layouts.write(page, marks)
    if by.has("signature", 0.7) and (caption := by.word("sig")):
        at = _MARGIN if at_left else size[0] - _MARGIN - wide
        small = layouts.fitted(caption, by.sizes[0], by.faces[0], wide)
        page.text(at, top + 40 + high + 60, caption, small, face=by.faces[0], ink=page.accent)
    return page, placed, rest


def _heading(by: Issuer, page: Sheet) -> int:
    """Write the state, its ministry and the document's name; say where the fields begin."""
    wide = page.size[0] - 2 * _MARGIN
    states = by.people.states if len(by.languages) > 1 else by.people.states[:1]
    if by.is_barcoded:
        states = ("State of Franklin",)
    top = 20
    joined = " / ".join(dict.fromkeys(states))
    lines = [(joined.upper() if by.has("state in capitals", 0.7) else joined, 38, "bold")]
    lines.append((" / ".join(by.label(_TITLES[by.family])), 32, "bold"))
    if by.has("ministry", 0.5) and by.word("min"):
        lines.insert(1, (by.word("min"), 27, "sans"))
    strong = by.dice("heading").choice(("bold", "serifbold"))
    for words, size, weight in lines:
        shrunk = layouts.fitted(words, size, strong, wide)
        page.text(_MARGIN, top, words, shrunk, face=strong if weight == "bold" else weight, ink=page.accent)
        top += shrunk + 8
    return top + 14


def _back(
    by: Issuer, who: Person, rest: Sequence[Field], placed: Sequence[Field]
) -> tuple[Sheet, list[Field], tuple[str, ...]]:
    """Draw the back: what the front had no room for, a zone or a code, rows of categories, what to do when found."""
    back = side(CARD, by.paper, by.accent, who.seed + 1)
    bottom = 500 if by.zone or by.is_barcoded else CARD[1] - 30
    marks, more, _left = layouts.arrange(by, rest, (_MARGIN, 36, CARD[0] - _MARGIN, bottom))
    layouts.write(back, marks)
    top = max((mark.top + mark.size for mark in marks), default=20) + 30
    if by.family == "licence" and not by.is_barcoded:
        top = _categories(by, who, back, top)
    if (words := by.word("bear")) and top + 40 < bottom:
        back.text(_MARGIN, top, words, layouts.fitted(words, 28, "sans", CARD[0] - 2 * _MARGIN))
    if by.is_barcoded:
        _code(who, back)
    zone = _zone(by, who, [*placed, *more]) if by.zone else ()
    if zone:
        back.zone(zone, 545, face=by.dice("zone").choice(("mono", "monobold")))
    return back, more, zone


def _categories(by: Issuer, who: Person, back: Sheet, top: int) -> int:
    """Write the categories' table: each has dates of its own, which are not the document's."""
    if top + 100 > CARD[1]:
        return top
    for left, words in ((_MARGIN, "9."), (300, "10."), (640, "11."), (1000, "12.")):
        back.text(left, top, words, 28, ink=back.accent)
    dice = by.dice("categories")
    for name in ("AM", "A1", "B", "BE", "C1")[: dice.randint(2, 5)]:
        if top + 100 > CARD[1]:
            break
        top += 48
        begun = who.issued_on.replace(year=who.date_of_birth.year + dice.randint(18, 19))
        ends = who.issued_on.replace(year=who.expires_on.year + dice.randint(1, 6))
        back.text(_MARGIN, top, name, 34, face="bold")
        back.text(300, top, f"{begun:%d.%m.%y}", 34)
        back.text(640, top, f"{ends:%d.%m.%y}", 34)
        back.text(1000, top, dice.choice(("01", "78", "-", "01.06")), 34)
    return top + 70


def _code(who: Person, back: Sheet) -> None:
    street, _, town = who.address.upper().partition(", ")
    city, _, region = town.partition(", ")
    coded = replace(who, document_number=_packed(who.document_number))
    code = licence_code(
        coded, country="USA", region=region[:2], town=city, street=street, code=f"{region[3:].replace(' ', '')}0000"
    )  # fmt: skip
    back.picture(code, ((CARD[0] - code.width) // 2, CARD[1] - 24 - code.height))


def _zone(by: Issuer, who: Person, placed: Sequence[Field]) -> tuple[str, ...]:
    coded = replace(who, document_number=_packed(who.document_number)[:_ZONE_SIGNS])
    has_personal = any("personal_number" in one.truth for one in placed) and by.has("personal in the zone", 0.6)
    return _ZONES[by.zone](by, coded, _packed(who.personal_number) if has_personal else "")


def _card(by: Issuer, who: Person, optional: str) -> tuple[str, ...]:
    code = "IR" if by.family == "permit" else by.dice("code").choice(("ID", "ID", "I", "IN"))
    return card_zone(who, code, country=by.people.code, optional=optional)


def _two_lines(by: Issuer, who: Person, _optional: str) -> tuple[str, ...]:
    return two_line_zone(who, "ID", 36, issuer=by.people.code)


_ZONES: dict[str, Callable[[Issuer, Person, str], tuple[str, ...]]] = {
    "td1": _card,
    "td2": _two_lines,
    "td3": lambda _by, who, optional: passport_zone(who, optional=optional),
}


def _packed(number: str) -> str:
    return "".join(sign for sign in number if sign.isalnum()).upper()
