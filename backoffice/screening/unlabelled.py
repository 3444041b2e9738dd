"""Values that need no label: numbers that prove themselves, dates in the order of a life, the address of a letter.

Everything here is taken only where one reading is possible; the confidence says that no label confirmed it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from anyascii import anyascii
from stdnum import verhoeff

from backoffice.screening import dates, labels, layout, places, spotting, titles
from backoffice.screening.ocr import Line
from backoffice.screening.reading import (
    Readings,
    address,
    digits,
    is_titled,
    names_another,
    number,
    person_name,
    postal_code,
    without_title,
)
from backoffice.screening.spotting import Spot

CONFIDENCE = 0.6
_PROVEN, _CLEAR = 0.97, 0.93
_MOST_DAYS = 4
_LONGEST_VALID = 365 * 15 + 4
_LEAST_GAP, _MOST_GAP, _ROW_STEP = 0.3, 2.4, 2.0
_PAN = re.compile(r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b")
_AADHAAR = re.compile(r"(?<!\d)([2-9]\d{3})\s?(\d{4})\s?(\d{4})(?!\d)")
_AADHAAR_WORDS = ("aadhaar", "governmentofindia", "uniqueidentification")
_LONE_NUMBER = re.compile(r"^(?=(?:.*\d){5})(?!(?:.* )?[A-Z]{3,}(?: |$))[A-Z0-9](?:[A-Z0-9]|[ -](?=[A-Z0-9])){5,22}$")
_MARKED_NUMBER = re.compile(r"^N(?:[°º]|[or][.:°º]) ?((?=(?:.*\d){5})[A-Z0-9][A-Z0-9 \-./]{5,24})$")
_COMMA_NAME = re.compile(r"^([^\W\d_a-z][^\d_a-zà-ÿ,]+), ?([^\W\d_a-z][^\W\d_]*[a-zà-ÿ][^\d,]*)$")
_STREET_AND_TOWN = re.compile(r"^[^\W\d_].*\d+\w?,\s.*[^\W\d_]{2,}|^\d+\w?\s+[^\W\d_].*,\s.*[^\W\d_]{2,}")
_REFERENCE = re.compile(r"^[^\W\d_]+-\d[\d-]*$")
"""`TEN-62985-0` is no town."""
_CLOSE = 0.8
_LEAST_STREET = 8
_MOST_DIGITS = 9
"""A box and a postal code have as many; firms print their registers' numbers in such lines."""
_LEAST_AGE_AT_ISSUE = 365 * 12
_SURELY_BORN = 365 * 18
"""Nothing but a birth is dated so long ago on a document that is still shown."""
_OF_A_FIRM = re.compile(r":|\b(?:tel|tlf|fax|iban|bic|www)\b|@", re.IGNORECASE)
"""Footers name where the sender is."""
_HEADINGS = ("govt", "government", "department", "republic", "ministry")
_SEXES = {
    "male": "M", "female": "F", "masculin": "M", "feminin": "F", "masculino": "M", "femenino": "F", "feminino": "F",
    "mannlich": "M", "weiblich": "F",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lone:
    """A value with the lines that show it and what speaks for it."""

    name: str
    value: str
    lines: tuple[Line, ...]
    confidence: float = CONFIDENCE


def proven(spots: list[Spot]) -> Iterator[Lone]:
    """Read numbers that prove themselves by their form; an Aadhaar number leaves this function masked.

    Twelve digits in a row are an Aadhaar number only on a page that says so: every tenth number has a fitting digit.
    """
    is_aadhaar = any(mark in labels.key(spot.line.text) for spot in spots for mark in _AADHAAR_WORDS)
    for spot in spots:
        if pan := _PAN.search(spot.line.text.replace(" ", "").upper()):
            yield Lone("document_number", pan.group(), (spot.line,), _PROVEN)
        for match in _AADHAAR.finditer(spot.line.text):
            is_grouped = " " in match.group()
            if (is_grouped or is_aadhaar) and verhoeff.is_valid("".join(match.groups())):
                yield Lone("document_number", f"XXXXXXXX{match[3]}", (spot.line,), _PROVEN)


def life_dates(spots: list[Spot], known: dict[str, str], readings: Readings) -> list[Lone]:
    """Tell dates without readable labels apart by their order in a life, only where one reading is possible."""
    days = {
        day.value: spot.line
        for spot in spots
        for day in dates.find(spot.line.text, order=readings.order, latest=readings.today.year)
    }
    missing = {"date_of_birth", "issued_on", "expires_on"} - known.keys()
    meaning = _in_a_life(sorted(days), readings) if missing and len(days) <= _MOST_DAYS else {}
    return [
        Lone(name, day.isoformat(), (days[day],))
        for name, day in meaning.items()
        if name in missing and day.isoformat() not in known.values()
    ]


def issue_date(pages: list[list[Spot]], known: dict[str, str], readings: Readings) -> list[Lone]:
    """Take the one date that is neither of the known ones: of a card between birth and expiry, of a letter its own."""
    days = {
        day.value.isoformat(): spot.line
        for spots in pages for spot in spots
        for day in dates.find(spot.line.text, order=readings.order, latest=readings.today.year)
        if day.value <= readings.today
    }  # fmt: skip
    others = [day for day in days if day not in known.values()]
    if "issued_on" in known or len(others) != 1:
        return []
    is_card = known.keys() >= {"date_of_birth", "expires_on"} and _is_between(others[0], known)
    is_letter = "address" in known and not known.keys() & {"date_of_birth", "expires_on", "document_number"}
    return [Lone("issued_on", others[0], (days[others[0]],))] if is_card or (is_letter and len(days) == 1) else []


def _is_between(day: str, known: dict[str, str]) -> bool:
    """Say whether a card can have been issued on a day: fifteen years at most before it ends, and after a birth."""
    valid = (date.fromisoformat(known["expires_on"]) - date.fromisoformat(day)).days
    return day > known["date_of_birth"] and 0 < valid <= _LONGEST_VALID


def _in_a_life(days: list[date], readings: Readings) -> dict[str, date]:
    if 2 <= len(days) <= 3 and (days[1] - days[0]).days >= _LEAST_AGE_AT_ISSUE:
        meaning = {"date_of_birth": days[0]}
        if len(days) == 3 or days[-1] > readings.today:
            meaning["expires_on"] = days[-1]
        return meaning | ({"issued_on": days[1]} if len(days) == 3 else {})
    long_ago = [day for day in days if (readings.today - day).days >= _SURELY_BORN]
    ahead = [day for day in days if day > readings.today]
    lone = {"date_of_birth": long_ago, "expires_on": ahead}
    return {name: found[0] for name, found in lone.items() if len(found) == 1}


def letter_head(spots: list[Spot]) -> list[Lone]:
    """Find the block that letters print: addressee, street with a house number, town with a postal code."""
    blocks = list(_blocks(spots))
    named = [block for block in blocks if len(block) == 3]
    chosen = named if len(named) == 1 else blocks
    if len(chosen) != 1:
        return []
    *above, street, town = chosen[0]
    found = [Lone("address", f"{address(street.text)}, {address(town.text)}", (street, town))]
    if above:
        found.append(Lone("full_name", without_title(above[0].text), (above[0],)))
    return found


def address_line(spots: list[Spot]) -> list[Lone]:
    """Take a line that is a whole address, street with number and town with postal code, where there is just one."""
    found = [
        spot.line for spot in spots
        if _STREET_AND_TOWN.match(spot.line.text) and postal_code(spot.line.text.partition(",")[2])
        and spot.line.score >= _CLEAR and _is_address(spot.line.text) and not _OF_A_FIRM.search(spot.line.text)
    ]  # fmt: skip
    return [Lone("address", found[0].text.strip(" ,"), (found[0],))] if len(found) == 1 else []


def surname_over(spots: list[Spot], given: Line) -> list[Lone]:
    """Take the name printed one row over field 2 of a licence, at the same edge: the mark before it was not seen."""
    at = next((spot for spot in spots if spot.line == given), None)
    over = [
        spot for spot in spots
        if at and 0 < at.middle - spot.middle < _ROW_STEP * at.height and abs(spot.left - at.left) < 0.5 * at.height
        and 0.75 < spot.height / at.height < 1.33 and spot.line.score >= _CLEAR
    ]  # fmt: skip
    name = person_name(over[0].line.text) if len(over) == 1 else None
    return [Lone("surname", name, (over[0].line,))] if name and places.country(name) is None else []


def given_names(spots: list[Spot], surname: Line) -> list[Lone]:
    """Take the name printed one row under the surname, as large and at the same edge: its label is too small."""
    at = next((spot for spot in spots if spot.line == surname), None)
    if at is None or at.line.score < _CLEAR:
        return []
    under = [
        spot for spot in spots
        if _LEAST_GAP < (spot.top - at.bottom) / at.height < _MOST_GAP and abs(spot.left - at.left) < 0.5 * at.height
    ]  # fmt: skip
    nearest = min(under, key=lambda spot: spot.top, default=None)
    if nearest is None or not 0.8 < nearest.height / at.height < 1.25 or nearest.line.score < _CLEAR:
        return []
    name = person_name(nearest.line.text)
    is_name = name and len(name) > 1 and " - " not in name and places.country(name) is None
    return [Lone("given_names", name, (nearest.line,))] if name and is_name else []


def _blocks(spots: list[Spot]) -> Iterator[tuple[Line, ...]]:
    for spot in spots:
        if not re.search(r"\d", spot.line.text) or not _is_address(spot.line.text):
            continue
        over = [other for other in spots if spotting.below(spots, other.line, most=1) == [spot.line]]
        if any(_is_titled_over(spots, other) for other in over):
            continue  # who is addressed stands two lines higher, and what is between belongs to the address
        for town in spotting.below(spots, spot.line, most=1):
            if postal_code(town.text) and _is_address(town.text) and not _REFERENCE.match(town.text):
                name = _addressee(spots, spot)
                yield (name, spot.line, town) if name else (spot.line, town)


def _is_address(text: str) -> bool:
    is_other = dates.find(text) or names_another(text) or _words(text) & _bill_words() or digits(text) > _MOST_DIGITS
    return address(text) is not None and not is_other


def _addressee(spots: list[Spot], street: Spot) -> Line | None:
    """Find the name over a street: the next line up, of two words at least, at the same edge."""
    for spot in spots:
        is_next = spotting.below(spots, spot.line, most=1) == [street.line]
        name = person_name(without_title(spot.line.text)) if is_next else None
        is_clear = spot.line.score >= _CLEAR
        is_whole = name and len(name.split()) > 1 and "," not in name
        if name and is_whole and is_clear and not _words(name) & _bill_words():
            return spot.line
    return None


def _is_titled_over(spots: list[Spot], at: Spot) -> bool:
    """Say whether somebody is addressed in the line over a text, which then is a part of where they live."""
    return any(
        is_titled(other.line.text) and person_name(without_title(other.line.text))
        and spotting.below(spots, other.line, most=1) == [at.line] for other in spots
    )  # fmt: skip


def addressee_of(spots: list[Spot], home: str) -> list[Lone]:
    """Find the name over the lines that print an address which a label gave elsewhere on the page."""
    plain = labels.key(home)
    found = {
        name for spot in spots
        if len(key := labels.key(spot.line.text)) >= _LEAST_STREET and plain.startswith(key)
        if (name := _addressee(spots, spot))
    }  # fmt: skip
    return [Lone("full_name", without_title(one.text), (one,)) for one in found] if len(found) == 1 else []


def marked_number(spots: list[Spot]) -> list[Lone]:
    """Take the only number that stands behind nothing but `N°` or `No.`: large, in the head of a card."""
    found = {
        value: spot.line for spot in spots
        if (mark := _MARKED_NUMBER.match(spot.line.text)) and not dates.find(mark[1])
        if (value := number(mark[1])) and len(value) >= 7 and not re.fullmatch(r"\d{12}", value)
        if not _has_label(spots, spot)
    }  # fmt: skip
    return [Lone("document_number", value, (line,), CONFIDENCE * line.score) for value, line in found.items()] * (
        len(found) == 1
    )


def lone_number(spots: list[Spot], known: dict[str, str]) -> list[Lone]:
    """Take a number without a label only when the page is no letter and has exactly one that stands alone.

    Twelve digits may be an Aadhaar number whose check digit was misread: it must not leave the page unmasked.
    """
    if len({word for spot in spots for word in _words(spot.line.text)} & _bill_words()) > 1:
        return []
    found = {
        value: spot.line
        for spot in spots
        if _LONE_NUMBER.match(spot.line.text) and not dates.find(spot.line.text)
        if (value := number(spot.line.text)) and value not in known.values() and len(value) >= 7
        if not re.fullmatch(r"\d{12}", value) and not _has_label(spots, spot)
    }
    if len(found) != 1:
        return []
    value, line = found.popitem()
    return [Lone("document_number", value, (line,), CONFIDENCE * line.score)]


def _has_label(spots: list[Spot], spot: Spot) -> bool:
    """Say whether a text stands right beside, under or over a label, which then says what it is."""
    places = (layout.place(other, spot) for other in spots if labels.match(other.line.text))
    return any(at[0] == "right" or at[1] < _CLOSE for at in places if at)


def names_around_a_comma(spots: list[Spot]) -> list[Lone]:
    """Take the one line that is a surname in capitals, a comma and given names in small letters, beside no label."""
    found = [
        (spot, match) for spot in spots
        if (match := _COMMA_NAME.match(spot.line.text.strip())) and spot.line.score >= _CLEAR
        and not _has_label(spots, spot) and places.country(match[2]) is None
    ]  # fmt: skip
    if len(found) != 1:
        return []
    spot, match = found[0]
    surname, given = person_name(match[1]), person_name(match[2])
    if surname is None or given is None:
        return []
    return [Lone("surname", surname, (spot.line,)), Lone("given_names", given, (spot.line,))]


def lone_sex(spots: list[Spot]) -> list[Lone]:
    """Read a sex that is written out and stands alone, as on Aadhaar cards; a single letter is not enough."""
    found = {(said, spot.line) for spot in spots if (said := _written_out(spot.line.text))}
    if len(found) != 1:
        return []
    said, line = found.pop()
    return [Lone("sex", said, (line,))]


def names_on_pan_card(spots: list[Spot]) -> list[Lone]:
    """Take the two names that stand one under the other on a PAN card without labels: the holder's and the father's."""
    found = [spot for spot in spots if spot.line.score >= _CLEAR and spot.line.text.isupper() and _two_words(spot)]
    pairs = [
        (one, other) for one in found for other in found
        if _LEAST_GAP < (other.top - one.bottom) / one.height < _MOST_GAP and abs(one.left - other.left) < one.height
    ]  # fmt: skip
    if len(found) != 2 or len(pairs) != 1:
        return []
    ((holder, father),) = pairs
    return [Lone("full_name", holder.line.text.strip(), (holder.line,)),
            Lone("father_name", father.line.text.strip(), (father.line,))]  # fmt: skip


def _two_words(spot: Spot) -> bool:
    name = person_name(spot.line.text)
    is_heading = any(labels.key(word) in labels.key(spot.line.text) for word in (*titles.words()["tax_id"], *_HEADINGS))
    return name is not None and " " in name and places.mentioned([name]) is None and not is_heading


def name_over_birth(spots: list[Spot], birth: Line) -> list[Lone]:
    """Take the name that stands right over the date of birth at the same edge, as on Aadhaar cards."""
    for spot in spots:
        name = person_name(spot.line.text)
        if name and " " in name and spotting.below(spots, spot.line, most=1, is_wide=True) == [birth]:
            return [Lone("full_name", name, (spot.line,))]
    return []


def _written_out(text: str) -> str | None:
    words = [word for word in re.split(r"[^a-z]+", anyascii(text).lower()) if word]
    said = {_SEXES[word] for word in words if word in _SEXES}
    return said.pop() if len(said) == 1 and len(words) <= 2 else None


def _words(text: str) -> set[str]:
    return {labels.key(word) for word in text.split()}


def _bill_words() -> set[str]:
    return set(titles.words()["proof_of_address"]) | {"charges", "payment", "total", "reading", "consumo"}
