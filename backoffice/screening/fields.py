"""The fields of one document: zone first, then barcode, then labelled text, then what needs no label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from backoffice.screening import (
    addresses,
    dates,
    doubts,
    layout,
    letter_lines,
    named_values,
    places,
    quality,
    spotting,
    unlabelled,
    zone_names,
)
from backoffice.screening.layout import Value
from backoffice.screening.mrz import Zone
from backoffice.screening.mrz_lines import Found, looks_machine_readable
from backoffice.screening.page_texts import PageText, field_of, taken
from backoffice.screening.reading import Readings, postal_code
from backoffice.screening.spotting import Spot
from backoffice.screening.types import Box, Extracted
from backoffice.screening.unlabelled import Lone

_MASK = "XXXX"
_MONTH_FIRST_COUNTRIES = {"USA"}
_BURNT_SHARE = 0.8
_LETTER_SHAPE = 1.2
_LEAST_SCORE = 0.8
_RIM = 0.003
_ALL_NAMES = {*zone_names.NAMES, "full_name", "father_name"}
_LETTER = "proof_of_address"
_NOT_ON_LETTERS = {"document_number", "expires_on", "personal_number", "father_name"}
"""Invoices have numbers and are due, but no letter is a document that ends; people's numbers are the sender's."""
_DATES = {"date_of_birth", "issued_on", "expires_on"}
"""A date of which a part is hidden is no date any more."""


@dataclass(frozen=True, slots=True)
class Readout:
    """Fields for everybody, and each source's ones apart, for the check that compares them."""

    extracted: tuple[Extracted, ...]
    machine: tuple[Extracted, ...]
    printed: tuple[Extracted, ...]
    country: str | None
    coded: tuple[Extracted, ...] = ()


def read(
    pages: list[PageText],
    *,
    today: date,
    country: str | None = None,
    kind: str | None = None,
    coded: Sequence[Extracted] = (),
) -> Readout:
    """Read every page, then let the zone, the barcodes' values and the printed text confirm each other."""
    texts = [line.text for page in pages for line in page.page.lines]
    guess = _country(pages, texts, coded) or country
    default: dates.Order = "mdy" if guess in _MONTH_FIRST_COUNTRIES else "dmy"
    order = dates.order_of(texts, default)
    readings = Readings(today, order, guess, is_sure_of_order=default in {order, "dmy"}, kind=kind)
    zones = [page.found.zone for page in pages if page.found]
    printed = [field for page in pages for field in _printed(page, zones, readings)]
    lines = [(page, line) for page in pages for line in page.page.lines if not looks_machine_readable(line.text)]
    machine = [field for page in pages if page.found for field in _machine(page, page.found, today)]
    machine, codes = zone_names.uncut(_best(machine), printed, zones), _best(list(coded))
    machine = zone_names.without_unprinted(machine, zones, texts)
    printed = _best(named_values.without_firms(printed, texts))
    printed = named_values.told_otherwise(printed, [] if zones else texts, guess)
    printed = zone_names.without_exchanged(printed, machine)
    merged = _merged(_first_known(zone_names.checked(machine, printed, lines), codes), printed)
    merged = _without_doubtful_number(pages, merged)
    merged = named_values.in_order(named_values.told_once(named_values.spaced(merged)), today)
    merged += _issued(pages, merged, readings)
    merged += _derived(merged, guess)
    if kind == _LETTER:
        merged = [field for field in merged if field.name not in _NOT_ON_LETTERS]
        merged = named_values.without_half_names(merged)
    return Readout(tuple(merged), tuple(machine), tuple(printed), guess, tuple(codes))


def _without_doubtful_number(pages: list[PageText], fields: list[Extracted]) -> list[Extracted]:
    """Leave out a number that has no label where another such stands on another page."""
    lone = [field for field in fields if field.name == "document_number" and field.confidence <= unlabelled.CONFIDENCE]
    others = [
        page for page in pages for field in lone if (page.file_index, page.page_index) != (field.file_index, field.page)
    ]
    is_rivalled = any(doubts.is_rivalled(spotting.read(page.page), ()) for page in others)
    return [field for field in fields if field not in lone or not is_rivalled]


def _issued(pages: list[PageText], fields: list[Extracted], readings: Readings) -> list[Extracted]:
    """Read the date of issue where its label was lost, once everything else is known."""
    known = {field.name: field.value for field in fields}
    read = [spotting.read(page.page) for page in pages]
    found = unlabelled.issue_date(read, known, readings)
    if not found and "issued_on" not in known and len(pages) == 1 and _is_letter(pages[0]):
        found = letter_lines.dated(read[0], readings)
    return [taken(page, one) for one in found for page, spots in zip(pages, read, strict=True)
            if any(spot.line in one.lines for spot in spots) and not _is_at_rim(taken(page, one))][:1]  # fmt: skip


def _country(pages: list[PageText], texts: list[str], coded: Sequence[Extracted]) -> str | None:
    zones = [page.found.zone for page in pages if page.found]
    if zones and places.known(zones[0].issuer):
        return zones[0].issuer
    named = {field.value for field in coded if field.name == "issuing_country"}
    if len(named) == 1:
        return named.pop()
    return places.mentioned(texts[:6]) or places.mentioned(texts)


def _printed(page: PageText, zones: list[Zone], readings: Readings) -> list[Extracted]:
    spots = spotting.read(page.page)
    found = [value for value in layout.values(spots, readings.read) if value.line.score >= _LEAST_SCORE]
    found = doubts.without_twice_named(doubts.without_rest_of_labels(found))
    if _is_letter(page):
        found = letter_lines.without_columns(spots, letter_lines.without_senders(spots, found), readings)
    found = named_values.with_second_rows(zones, spots, named_values.with_second_parts(found))
    found = named_values.named_wholly(page, named_values.own_number(found, readings.kind))
    found = doubts.without_rivals(spots, named_values.valid_from(found, readings))
    fields = [_extracted(page, value) for value in found]
    fields = list(_with_whole_addresses(page, spots, found, fields))
    fields += _unlabelled(page, spots, fields, readings)
    fields += _beside_names(page, spots, found)
    return [field for field in fields if not _is_burnt(page, field) and not _is_at_rim(field)]


def _beside_names(page: PageText, spots: list[Spot], found: list[Value]) -> list[Extracted]:
    """Read the name over or under the only one that has a label; a zone has both."""
    lines = {value.name: value.line for value in found if value.name in {*zone_names.NAMES, "full_name"}}
    if page.found or len(lines) != 1:
        return []
    ((name, line),) = lines.items()
    lone = unlabelled.given_names(spots, line) if name == "surname" else []
    if name == "given_names" and layout.is_numbered(spots):
        lone = unlabelled.surname_over(spots, line)
    return [taken(page, one) for one in lone]


def _is_at_rim(field: Extracted) -> bool:
    """Distrust a value that touches the picture's edge: the rest of it may lie outside."""
    if field.box is None:
        return False
    left, top, wide, high = field.box
    return left < _RIM or top < _RIM or left + wide > 1 - _RIM or top + high > 1 - _RIM


def _is_burnt(page: PageText, field: Extracted) -> bool:
    """Distrust a value that a reflection touches: what is left of it reads well and is wrong."""
    if page.glare is None or field.box is None:
        return False
    is_whole = field.name in _DATES and field.confidence >= _LEAST_SCORE
    if is_whole or not _is_near(page.glare, field.box, field.box[3]):
        return False
    return quality.burnt_share(page.page, field.box) > _BURNT_SHARE


def _is_near(spot: Box, box: Box, reach: float) -> bool:
    (left, top, wide, high), (x, y, across, down) = spot, box
    return x < left + wide + reach and left - reach < x + across and y < top + high and top < y + down


def _extracted(page: PageText, value: Value) -> Extracted:
    confidence = round(min(0.98, value.line.score * (0.6 + 0.37 * value.strength)), 3)
    return field_of(page, value.name, value.value, confidence, value.line)


def _with_whole_addresses(
    page: PageText, spots: list[Spot], found: list[Value], fields: list[Extracted]
) -> Iterator[Extracted]:
    for value, field in zip(found, fields, strict=True):
        whole = addresses.whole(page, spots, value, field, found) if field.name == "address" else field
        if whole:
            yield whole


def _unlabelled(page: PageText, spots: list[Spot], fields: list[Extracted], readings: Readings) -> list[Extracted]:
    """Read what needs no label, each value only where no label gave it."""
    proven = list(unlabelled.proven(spots))
    known = {field.name: field.value for field in fields}
    lone = unlabelled.life_dates(spots, known, readings)
    is_letter = _is_letter(page)
    if "address" not in known:
        lone += _addressed(unlabelled.letter_head(spots) or letter_lines.titled(spots), known)
        lone += [] if any(one.name == "address" for one in lone) else unlabelled.address_line(spots)
    elif is_letter and "full_name" not in known:
        lone += unlabelled.addressee_of(spots, known["address"])
    if page.found is None and "document_number" not in known and not proven and not is_letter:
        lone += unlabelled.marked_number(spots) or _lone_number(spots, known)
    if any(one.value.startswith(_MASK) for one in proven):
        lone += _of_aadhaar(spots, readings)
    elif proven and not known.keys() & {"full_name", "father_name", "surname"}:
        lone += unlabelled.names_on_pan_card(spots)
    if page.found is None and not is_letter and not known.keys() & _ALL_NAMES:
        lone += unlabelled.names_around_a_comma(spots)
    lone = [one for one in lone if one.name not in known]
    return [taken(page, one) for one in (*proven, *lone)]


def _lone_number(spots: list[Spot], known: dict[str, str]) -> list[Lone]:
    if doubts.is_promised(spots, "document_number"):
        return []
    return [one for one in unlabelled.lone_number(spots, known) if not doubts.is_rivalled(spots, one.lines)]


def _is_letter(page: PageText) -> bool:
    return page.page.height > _LETTER_SHAPE * page.page.width


def _addressed(found: list[Lone], known: dict[str, str]) -> list[Lone]:
    """Believe a block of name, street and town on a card only where it holds the one name that the card has."""
    if not known.keys() & {"surname", "date_of_birth"}:
        return found
    names_there = {one.name for one in found}
    return found if "full_name" in names_there and not known.keys() & {"surname", "given_names", "full_name"} else []


def _of_aadhaar(spots: list[Spot], readings: Readings) -> list[Lone]:
    """Read the card of which only the date of birth has a label."""
    found = unlabelled.lone_sex(spots)
    births = [spot.line for spot in spots if dates.find(spot.line.text, order=readings.order)]
    return found + (unlabelled.name_over_birth(spots, births[0]) if len(births) == 1 else [])


def _machine(page: PageText, found: Found, today: date) -> list[Extracted]:
    zone = found.zone
    born, expires = zone.born_on(today), zone.expires_on(today)
    raw = {
        "document_number": zone.number if zone.checks.get("document_number") else "",
        "surname": zone.surname,
        "given_names": zone.given_names,
        "date_of_birth": born.isoformat() if born and zone.checks.get("date_of_birth") else "",
        "sex": zone.sex,
        "nationality": zone.nationality if places.known(zone.nationality) else "",
        "issuing_country": zone.issuer if places.known(zone.issuer) else "",
        "expires_on": expires.isoformat() if expires and zone.checks.get("expires_on") else "",
        "personal_number": zone.optional.replace(" ", "") if zone.is_valid else "",
    }
    score = sum(row.score for row in found.rows) / len(found.rows)
    confidence = round(score * (0.98 if zone.is_valid else 0.8), 3)
    return [
        Extracted(name, value, confidence, "mrz", found.box(page.page, name), page.file_index, page.page_index)
        for name, value in raw.items()
        if value
    ]


def _best(fields: list[Extracted]) -> list[Extracted]:
    best: dict[str, Extracted] = {}
    for field in fields:
        if field.name not in best or field.confidence > best[field.name].confidence:
            best[field.name] = field
    return list(best.values())


def _first_known(machine: list[Extracted], codes: list[Extracted]) -> list[Extracted]:
    """Prefer the zone, whose digits were checked, to a barcode, which anybody can print."""
    zone = {field.name for field in machine}
    return machine + [field for field in codes if field.name not in zone]


def _merged(machine: list[Extracted], printed: list[Extracted]) -> list[Extracted]:
    """Prefer machine values; where the printed value says the same, show its box, and for names its accents."""
    visible = {field.name: field for field in printed}
    merged: dict[str, Extracted] = {}
    for field in machine:
        seen = visible.get(field.name)
        merged[field.name] = zone_names.confirmed(field, seen) if seen else field
    for name, field in visible.items():
        merged.setdefault(name, field)
    if merged.keys() >= zone_names.NAMES:
        merged.pop("full_name", None)
    return list(merged.values())


def _derived(fields: list[Extracted], country: str | None) -> list[Extracted]:
    """Add what other fields imply: the full name, the postal code, the issuing country of the headings."""
    by_name = {field.name: field for field in fields}
    more: list[Extracted] = []
    if by_name.keys() >= zone_names.NAMES and "full_name" not in by_name:
        given, surname = by_name["given_names"], by_name["surname"]
        confidence = min(given.confidence, surname.confidence)
        more.append(replace(given, name="full_name", value=f"{given.value} {surname.value}", confidence=confidence))
    home = by_name.get("address")
    if home and "postal_code" not in by_name and (code := postal_code(home.value)):
        more.append(replace(home, name="postal_code", value=code))
    if country and "issuing_country" not in by_name:
        more.append(Extracted("issuing_country", country, unlabelled.CONFIDENCE, "text"))
    return more
