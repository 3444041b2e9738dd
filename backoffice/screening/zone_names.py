"""Names of a zone, which no check digit covers, beside the print that shows them."""

import re
from dataclasses import replace

from anyascii import anyascii
from rapidfuzz import fuzz

from backoffice.screening import names
from backoffice.screening.mrz import Zone
from backoffice.screening.ocr import Line
from backoffice.screening.page_texts import PageText, field_of
from backoffice.screening.types import Extracted

NAMES = {"surname", "given_names"}
_CONFIRMED_CONFIDENCE = 0.99
_NEAR, _CLEAR = 75.0, 0.93
_PERMITS = ("IR", "AR")
_WORDS = re.compile(r"\s*[^\W\d_](?:[^\W\d_]|[ '’\-])*")


def without_exchanged(printed: list[Extracted], machine: list[Extracted]) -> list[Extracted]:
    """Drop a printed surname that is the zone's given name, and the other way round: a label was paired wrongly.

    So is a number that the zone has as the person's: `ID No.` is printed on passports, too.
    """
    own = {names.signs(field.value) for field in machine if field.name == "personal_number"}
    if any(field.name == "document_number" for field in machine):
        printed = [one for one in printed if one.name != "document_number" or names.signs(one.value) not in own]
    zone = {field.name: anyascii(field.value) for field in machine if field.name in NAMES}
    other = {"surname": zone.get("given_names"), "given_names": zone.get("surname")}
    return [
        field
        for field in printed
        if not ((wrong := other.get(field.name)) and wrong != zone.get(field.name))
        or not names.same_as_zone(field.value, wrong)
    ]


def without_unprinted(machine: list[Extracted], zones: list[Zone], texts: list[str]) -> list[Extracted]:
    """Leave out what a permit's zone has as optional data and nothing on the card shows.

    What issuers keep there is up to them (ICAO 9303-5 §4.2.2): on permits often a number of the file.
    """
    if not any(zone.lines[0].startswith(_PERMITS) for zone in zones):
        return machine
    shown = [names.signs(text) for text in texts if "<" not in text]
    return [
        one for one in machine
        if one.name != "personal_number" or any(names.signs(one.value) in text for text in shown)
    ]  # fmt: skip


def checked(machine: list[Extracted], printed: list[Extracted], lines: list[tuple[PageText, Line]]) -> list[Extracted]:
    """Compare the zone's names, which no check digit covers, with any line that prints them, labelled or not.

    The same letters confirm a name and give its accents; almost the same letters say that one of the two was
    misread, and a name that may be wrong is left out.
    """
    labelled = {field.name for field in printed}
    kept = [field for field in machine if field.name not in NAMES]
    for field in (field for field in machine if field.name in NAMES):
        plain = names.letters(field.value)
        same = [(page, line) for page, line in lines if names.same_as_zone(line.text, plain)]
        if same and field.name not in labelled and _WORDS.fullmatch(same[0][1].text):
            page, line = same[0]
            kept.append(confirmed(field, field_of(page, field.name, line.text.strip(), line.score, line)))
        elif same or not _is_misread(plain, [line for _, line in lines]):
            kept.append(field)
    return kept


def is_full(zone: Zone) -> bool:
    """Say whether the names fill their line, so that the rest of them may be missing."""
    return not zone.lines[zone.spans["given_names"][0]].endswith("<")


def uncut(machine: list[Extracted], printed: list[Extracted], zones: list[Zone]) -> list[Extracted]:
    """Give names that a full zone had no room for the rest that is printed, or leave them out."""
    if not any(is_full(zone) for zone in zones):
        return machine
    shown = {field.name: field for field in printed}
    surname = next((field.value for field in machine if field.name == "surname"), "")
    whole = [
        _uncut(field, shown.get(field.name), surname) if field.name == "given_names" else field for field in machine
    ]
    return [field for field in whole if field]


def _uncut(field: Extracted, shown: Extracted | None, surname: str) -> Extracted | None:
    """Take the printed name that begins like the zone's; without one nobody knows how the name ends."""
    if shown is None or not names.letters(shown.value).startswith(names.letters(field.value)):
        return None
    return replace(field, value=_without(shown.value, surname))


def _without(name: str, surname: str) -> str:
    """Take a surname off the end of a name: some cards print one line of both under the label of given names."""
    words, own = name.split(), [names.letters(word) for word in surname.split()]
    is_whole = own and [names.letters(word) for word in words[-len(own) :]] == own and len(words) > len(own)
    return " ".join(words[: -len(own)]) if is_whole else name


def confirmed(machine: Extracted, seen: Extracted) -> Extracted:
    """Give a zone's value the place, and a name the accents, of the print that says the same."""
    if machine.name in {*NAMES, "full_name"}:
        if machine.name == "given_names" and _ends_in_the_middle(machine.value, seen.value):
            return seen
        if not names.same_as_zone(seen.value, anyascii(machine.value)):
            return machine
        value = names.spaced_like_zone(seen.value, machine.value)
        return replace(seen, value=value, confidence=_CONFIRMED_CONFIDENCE)
    if seen.value != machine.value:
        return machine
    return replace(machine, box=seen.box, file_index=seen.file_index, page=seen.page, confidence=_CONFIRMED_CONFIDENCE)


def _ends_in_the_middle(zone: str, printed: str) -> bool:
    """Say whether a zone was cut inside a word that the print shows to its end."""
    one, other = zone.split(), printed.split()
    if len(one) != len(other) or [names.letters(word) for word in one[:-1]] != [
        names.letters(word) for word in other[:-1]
    ]:
        return False
    return len(other[-1]) > len(one[-1]) + 1 and names.letters(other[-1]).startswith(names.letters(one[-1]))


def _is_misread(plain: str, lines: list[Line]) -> bool:
    """Say whether some line shows almost this name, and none shows it with more or with less beside it."""
    seen = [
        (spell(line.text), line.score, {spell(word) for word in line.text.split()})
        for line in lines for spell in (names.letters, names.icao_letters)
    ]  # fmt: skip
    if any(_is_shown(plain, text, words) for text, _, words in seen):
        return False
    return any(score >= _CLEAR and fuzz.ratio(text, plain) >= _NEAR for text, score, _ in seen)


def _is_shown(plain: str, text: str, words: set[str]) -> bool:
    """Find a name in a line; one letter more, in the same word, is the letter that the zone's reading lost."""
    if plain in text:
        return len(text) - len(plain) != 1 or plain in words
    return (len(text) > 2 and text in plain) or names.without_digraphs(plain) == text
