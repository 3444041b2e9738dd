"""Identity cards and residence permits (TD1), front and back, in three layouts."""

import random

from PIL import Image

from backoffice.specimens.countries import COUNTRIES, WORDS, Country, label
from backoffice.specimens.mrz import Zone, td1
from backoffice.specimens.people import Person, address, number
from backoffice.specimens.printing import shown_date
from backoffice.specimens.sheet import Field, Sheet

SIZE = (1360, 858)


def front(person: Person, kind: str) -> Image.Image:
    """Print the side with the portrait; a residence permit comes from the country of residence."""
    country = issuer(person, kind)
    sheet = Sheet(country, SIZE)
    title = " · ".join(dict.fromkeys(WORDS[language][kind].upper() for language in country.languages[:2]))
    sheet.heading((56, 34), country.native.upper(), title, size=40)
    (_left, _rows, _right)[country.layout](sheet, person, _fields(person, country, kind))
    return sheet.image


def back(person: Person, kind: str) -> Image.Image:
    """Print the side with address and the three MRZ lines."""
    country = issuer(person, kind)
    sheet = Sheet(country, SIZE, band=300)
    home = person.address if kind == "national_id" else address(country.code, random.Random(person.seed))
    street, _, town = home.partition(", ")
    sheet.field((60, 60), Field(label(country, "address"), street), size=36, wide=700)
    sheet.text((60, 126), town, 36, cut="bold")
    sheet.field((60, 200), Field(label(country, "authority"), country.english), size=32, wide=700)
    sheet.field((60, 290), Field(label(country, "place_of_birth"), person.place_of_birth), size=32, wide=700)
    sheet.ghost(person, (1000, 90, 260, 330))
    zone = Zone(
        "IR" if kind == "residence_permit" else ("ID" if country.code in {"FRA", "ESP", "BRA"} else "I"),
        country.code, person.surname, person.given_names, card_number(person, kind), person.nationality,
        person.date_of_birth, person.sex, person.expires_on, person.personal_number if kind == "national_id" else "",
    )  # fmt: skip
    sheet.zone(td1(zone), top=592, size=56, left=50)
    return sheet.image


def issuer(person: Person, kind: str) -> Country:
    """Decide who issues the card."""
    return COUNTRIES[person.residence if kind == "residence_permit" else person.nationality]


def card_number(person: Person, kind: str) -> str:
    """Invent the card's own number, which is not the passport's."""
    return number(issuer(person, kind).card_number, random.Random(f"{person.document_number}{kind}"))


def _fields(person: Person, country: Country, kind: str) -> dict[str, Field]:
    demonym = COUNTRIES[person.nationality].demonym if kind == "national_id" else person.nationality
    values = {
        "surname": person.surname.upper(),
        "given_names": person.given_names,
        "date_of_birth": shown_date(person.date_of_birth, country),
        "sex": person.sex,
        "nationality": demonym,
        "document_number": card_number(person, kind),
        "issued_on": shown_date(person.issued_on, country),
        "expires_on": shown_date(person.expires_on, country),
        "personal_number": person.personal_number if kind == "national_id" else "",
    }
    return {word: Field(label(country, word), value) for word, value in values.items() if value}


def _left(sheet: Sheet, person: Person, fields: dict[str, Field]) -> None:
    sheet.photo(person, (56, 190, 330, 430))
    sheet.field((440, 150), fields["document_number"], size=40)
    sheet.field((440, 240), fields["surname"], size=40, wide=640)
    sheet.field((440, 336), fields["given_names"], size=40, wide=640)
    for i, word in enumerate(("sex", "nationality", "date_of_birth")):
        sheet.field(((440, 610, 890)[i], 436), fields[word], wide=380)
    for i, word in enumerate(("issued_on", "expires_on")):
        sheet.field((440 + 450 * i, 530), fields[word], wide=420)
    if "personal_number" in fields:
        sheet.field((440, 624), fields["personal_number"])
    sheet.ghost(person, (1130, 590, 170, 214))
    sheet.signature(person, (90, 660, 260, 110))


def _rows(sheet: Sheet, person: Person, fields: dict[str, Field]) -> None:
    sheet.photo(person, (56, 180, 310, 410))
    for i, (_word, field) in enumerate(fields.items()):
        sheet.row((410, 172 + 64 * i), field, gap=380, size=36, wide=520)
    sheet.signature(person, (80, 630, 260, 110))


def _right(sheet: Sheet, person: Person, fields: dict[str, Field]) -> None:
    sheet.photo(person, (980, 180, 320, 420))
    sheet.field((56, 150), fields["surname"], size=42, wide=860)
    sheet.field((56, 246), fields["given_names"], size=42, wide=860)
    for i, word in enumerate(("date_of_birth", "sex", "nationality", "document_number", "issued_on", "expires_on")):
        sheet.field((56 + 450 * (i % 2), 346 + 96 * (i // 2)), fields[word], size=36, wide=420)
    if "personal_number" in fields:
        sheet.field((56, 646), fields["personal_number"], size=36)
    sheet.signature(person, (1000, 640, 280, 110))
