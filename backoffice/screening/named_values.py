"""What labels alone do not tell: names in two rows or in one line, spans of dates, and one number under two labels."""

from dataclasses import replace
from datetime import date

from backoffice.screening import dates, labels, names, places, spotting, titles, zone_names
from backoffice.screening.layout import Value
from backoffice.screening.mrz import Zone
from backoffice.screening.ocr import Line
from backoffice.screening.page_texts import PageText
from backoffice.screening.reading import Readings, international_account, person_name, without_title
from backoffice.screening.spotting import Spot
from backoffice.screening.types import Extracted

_ROWED = {"surname", "given_names", "full_name"}
_ROWED_SIDES = {"", "below", "right"}
_CLOSE, _WIDE = 0.3, 0.8
"""Rows of one value stand closer than those of two, in heights; a whole name is often set in two rows."""
_LEAST_SCORE = 0.8
_LEAST_SURNAME = 4
_LONGEST_SHOWN = 20
"""Years after which nothing is shown any more but what has no end: older days are births or another card's."""
_TAXED_BY_PERSON = {"HRV"}
"""Where the number of the person is the tax number, and cards show it."""
_BANKS = {"bank", "banka", "banco", "banque", "banca", "sparkasse", "sparbank", "pankki", "bankasi"}
_STATEMENTS = (
    "statement", "kontoauszug", "extracto", "estadodecuenta", "estrattoconto", "releve", "izvadak", "izvod", "wyciag",
    "vypis", "extrasdecont", "hesapozeti", "ekstre", "kontoudtog", "kontoutskrift", "kontoutdrag", "tiliote",
    "afschrift", "penyata", "rekeningkoran", "valjavote", "israsas", "izraksts", "kivonat", "extrato", "izpisek",
)  # fmt: skip
_PARTS = {"second_surname": "surname", "middle_name": "given_names"}
_PART_OF = {whole: part for part, whole in _PARTS.items()}


def with_second_parts(found: list[Value]) -> list[Value]:
    """Join second surnames and middle names, which have labels of their own, to what the API has one field for."""
    parts = {value.name: value for value in found if value.name in _PARTS}
    joined = [
        replace(value, value=f"{value.value} {parts[part].value}")
        if (part := _PART_OF.get(value.name)) in parts and value.value != parts[part].value else value
        for value in found
    ]  # fmt: skip
    return [value for value in joined if value.name not in _PARTS]


def with_second_rows(zones: list[Zone], spots: list[Spot], found: list[Value]) -> list[Value]:
    """Join names that are set in two rows under one label: the names of permits, and what a zone says is one name.

    A whole name that promises more and has none is left out.
    """
    taken = {value.line for value in found}
    joined = [(value, _with_row(zones, _row_after(spots, value), value, taken)) for value in found]
    return [
        whole for value, whole in joined if whole is not value or value.name != "full_name" or not _ends_open(value)
    ]


def _row_after(spots: list[Spot], value: Value) -> Line | None:
    reach = _WIDE if value.name == "full_name" else _CLOSE
    row = spotting.next_row(spots, value.line, reach)
    at, under = spotting.of(spots, value.line), spotting.of(spots, row)
    if value.side != "right" or at is None or under is None:
        return row
    return None if any(spotting.is_level(one, under) for one in spotting.labels_beside(spots, at)) else row


def _with_row(zones: list[Zone], row: Line | None, value: Value, taken: set[Line]) -> Value:
    is_open = value.name in _ROWED and value.side in _ROWED_SIDES and row is not None and row not in taken
    if row is None or not is_open or row.score < _LEAST_SCORE:
        return value
    more = person_name(row.text)
    if more is None or places.country(more):
        return value
    whole = without_title(f"{value.line.text.strip()} {more}" if _ends_open(value) else f"{value.value} {more}")
    if value.name != "full_name" and not any(_is_name_of(zone, whole) for zone in zones):
        return value
    left, right = value.line.quad, row.quad
    quad = (left[0], left[1], right[2], right[3])
    line = Line(f"{value.line.text} {row.text}", min(value.line.score, row.score), quad)
    return replace(value, value=whole, line=line)


def _ends_open(value: Value) -> bool:
    """Say whether a comma or a hyphen promises that more of a name follows."""
    return value.line.text.rstrip().endswith((",", "-"))


def _is_name_of(zone: Zone, name: str) -> bool:
    if zone_names.is_full(zone) and names.letters(name).startswith(names.letters(zone.given_names)):
        return True
    return names.same_as_zone(name, zone.surname) or names.same_as_zone(name, zone.given_names)


def named_wholly(page: PageText, found: list[Value]) -> list[Value]:
    """Take a lone `Name` for the full name when nothing on the page is labelled as given names."""
    labelled = {value.name for value in found}
    if "given_names" in labelled or "surname" not in labelled:
        return found
    whole = [
        value for value in found
        if value.name == "surname" and value.strength <= labels.NAME_ALONE
        and (" " in value.value.strip() or _is_whole_name(page, value.value))
    ]  # fmt: skip
    return [replace(value, name="full_name") if value in whole else value for value in found]


def _is_whole_name(page: PageText, name: str) -> bool:
    """Ask the zone whether a name without spaces is all of it, because the reader lost them."""
    zone = page.found.zone if page.found else None
    return zone is not None and names.same_as_zone(name, f"{zone.surname}{zone.given_names}")


def own_number(found: list[Value], kind: str | None) -> list[Value]:
    """Believe the label that names the document: a number under `ID No.` beside it is the holder's own.

    A permit that names a passport's number does not call it its own.
    """
    if kind == "residence_permit":
        others = [value for value in found if _is_number(value) and value.about == labels.PASSPORT]
        return [value for value in found if value not in others]
    named = labels.PASSPORT if kind == "passport" else labels.LICENCE
    others = [value for value in found if _is_number(value) and value.about != named]
    kept = [value for value in found if value not in others]
    if not any(map(_is_number, kept)):
        return found
    own = [value for value in others if value.about == labels.BEARER]
    is_known = any(value.name == "personal_number" for value in found)
    return kept if is_known or len(own) != 1 else [*kept, replace(own[0], name="personal_number")]


def _is_number(value: Value) -> bool:
    return value.name == "document_number"


def valid_from(found: list[Value], readings: Readings) -> list[Value]:
    """Read `26.06.22-25.06.2032` as issue and expiry."""
    if any(value.name == "issued_on" for value in found):
        return found
    ranges = [(value, dates.find(value.line.text, order=readings.order, latest=readings.today.year + 50))
              for value in found if value.name == "expires_on"]  # fmt: skip
    return found + [
        replace(value, name="issued_on", value=days[0].value.isoformat())
        for value, days in ranges
        if len(days) == 2 and days[0].value < days[1].value and days[0].value <= readings.today
    ]


def told_otherwise(fields: list[Extracted], texts: list[str], country: str | None) -> list[Extracted]:
    """Name fields as documents mean them: a tax card's number, Brazil's one line of names, a comma.

    No tax card has a zone, so that of those that have one no texts are asked.
    """
    known = {field.name: field for field in fields}
    keys = [labels.key(text) for text in texts]
    is_tax_card = any(labels.key(word) in key for word in titles.words()["tax_id"] for key in keys)
    own = known.get("tax_number") or known.get("personal_number")
    if own and is_tax_card and "document_number" not in known:
        fields = [replace(field, name="document_number") if field is own else field for field in fields]
    elif own and country in _TAXED_BY_PERSON and "date_of_birth" in known and "personal_number" not in known:
        fields = [replace(field, name="personal_number") if field is own else field for field in fields]
    fields = [field for field in fields if field.name != "tax_number"]
    whole = known.get("full_name") or known.get("given_names")
    if whole and whole.value.count(",") == 1 and not known.keys() & ({"surname", "given_names"} - {whole.name}):
        surname, _, rest = whole.value.partition(",")
        fields = [field for field in fields if field is not whole]
        fields += [
            replace(whole, name="surname", value=surname.strip()),
            replace(whole, name="given_names", value=rest.strip()),
        ]
    whole, surname = known.get("full_name"), known.get("surname")
    if whole and surname and "given_names" not in known and not _holds(whole.value, surname.value):
        fields = [replace(field, name="given_names") if field is whole else field for field in fields]
    given = known.get("given_names")
    is_whole = given and " " in given.value and not known.keys() & {"surname", "full_name"}
    if is_whole and (country == "BRA" or is_tax_card):
        fields = [replace(field, name="full_name") if field is given else field for field in fields]
    return fields


def _holds(whole: str, part: str) -> bool:
    """Say whether a name holds another; `Names` beside `Surname` are the given ones."""
    return labels.key(part) in labels.key(whole)


def spaced(fields: list[Extracted]) -> list[Extracted]:
    """Give a name that the reader wrote as one word the space before the holder's surname: `EMMANUELMAKAME`."""
    surname = next((field.value for field in fields if field.name == "surname"), "")
    if len(surname) < _LEAST_SURNAME:
        return fields
    return [
        replace(field, value=f"{field.value[: -len(surname)]} {field.value[-len(surname) :]}")
        if field.name in {"full_name", "father_name"} and " " not in field.value
        and field.value.upper().endswith(surname.upper()) and len(field.value) > len(surname) + 1 else field
        for field in fields
    ]  # fmt: skip


def without_firms(fields: list[Extracted], texts: list[str]) -> list[Extracted]:
    """Leave out accounts of banks on letters that are no bank's: it is where the customer pays to."""
    words = {labels.key(word) for text in texts for word in text.split()}
    keys = " ".join(labels.key(text) for text in texts)
    if words & _BANKS or any(word in keys for word in _STATEMENTS):
        return fields
    return [field for field in fields if field.name != "account_number" or international_account(field.value) is None]


def without_half_names(fields: list[Extracted]) -> list[Extracted]:
    """Leave out a surname without given names on letters, which print people's whole names."""
    is_half = not any(field.name == "given_names" for field in fields)
    return [field for field in fields if field.name != "surname" or not is_half]


def in_order(fields: list[Extracted], today: date) -> list[Extracted]:
    """Leave out a date of issue that a life leaves no room for: before or at the birth, after the end, or long ago."""
    days = {field.name: field.value for field in fields}
    born, ends = days.get("date_of_birth", ""), days.get("expires_on", "9999")
    longest = today.replace(year=today.year - _LONGEST_SHOWN, day=1).isoformat()
    return [
        field for field in fields
        if field.name != "issued_on"
        or (born < field.value <= ends and (field.source != "text" or field.value > longest))
    ]  # fmt: skip


def told_once(fields: list[Extracted]) -> list[Extracted]:
    """Leave out a personal number that is the document's number under another label, and an account on a card."""
    numbers = [labels.key(field.value) for field in fields if field.name == "document_number"]
    is_card = any(field.name == "date_of_birth" for field in fields)
    return [
        field for field in fields
        if not (field.name == "personal_number" and labels.key(field.value) in numbers)
        and not (field.name == "account_number" and is_card)
    ]  # fmt: skip
