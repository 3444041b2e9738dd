"""Passport data pages (TD3) in three layouts."""

from PIL import Image

from backoffice.specimens.countries import COUNTRIES, WORDS, Country, label
from backoffice.specimens.mrz import Zone, td3
from backoffice.specimens.people import Person
from backoffice.specimens.printing import shown_date
from backoffice.specimens.sheet import Field, Sheet

SIZE = (1400, 986)
_ORDER = ("surname", "given_names", "nationality", "date_of_birth", "sex", "place_of_birth", "issued_on", "expires_on")


def data_page(person: Person) -> Image.Image:
    """Print the page with portrait and MRZ; the issuer decides the layout."""
    country = COUNTRIES[person.nationality]
    sheet = Sheet(country, SIZE, band=200)
    title = " / ".join(dict.fromkeys(WORDS[language]["passport"].upper() for language in country.languages))
    sheet.heading((64, 36), country.native.upper(), title, size=42)
    (_stacked, _rows, _mirrored)[country.layout](sheet, person, _fields(person, country))
    zone = Zone(
        "P", country.code, person.surname, person.given_names, person.document_number, country.code,
        person.date_of_birth, person.sex, person.expires_on, person.personal_number,
    )  # fmt: skip
    sheet.zone(td3(zone), top=826, size=44, left=56)
    return sheet.image


def _fields(person: Person, country: Country) -> dict[str, Field]:
    values = {
        "type": "P",
        "country": country.code if country.code != "DEU" else "D",
        "passport_number": person.document_number,
        "surname": person.surname.upper() if country.layout != 1 else person.surname,
        "given_names": person.given_names.upper() if country.layout == 0 else person.given_names,
        "nationality": country.demonym,
        "date_of_birth": shown_date(person.date_of_birth, country),
        "sex": person.sex,
        "place_of_birth": person.place_of_birth,
        "issued_on": shown_date(person.issued_on, country),
        "expires_on": shown_date(person.expires_on, country),
        "authority": f"{country.english} · {person.place_of_birth}",
        "personal_number": person.personal_number,
    }
    return {word: Field(label(country, word), value) for word, value in values.items() if value}


def _stacked(sheet: Sheet, person: Person, fields: dict[str, Field]) -> None:
    sheet.photo(person, (64, 190, 340, 440))
    for word, left in (("type", 450), ("country", 600), ("passport_number", 900)):
        sheet.field((left, 160), fields[word], size=32)
    for i, word in enumerate(("surname", "given_names", "nationality")):
        sheet.field((450, 242 + 80 * i), fields[word], size=36, wide=800)
    for i, word in enumerate(("date_of_birth", "sex", "place_of_birth")):
        sheet.field(((450, 800, 1010)[i], 486), fields[word], wide=340)
    sheet.field((450, 566), fields["issued_on"], wide=400)
    sheet.field((900, 566), fields["authority"], size=28, wide=440)
    sheet.field((450, 646), fields["expires_on"], wide=400)
    if "personal_number" in fields:
        sheet.field((900, 646), fields["personal_number"])
    sheet.signature(person, (90, 660, 280, 110))


def _rows(sheet: Sheet, person: Person, fields: dict[str, Field]) -> None:
    sheet.photo(person, (64, 210, 350, 460))
    sheet.field((1010, 150), fields["passport_number"], size=40)
    for i, word in enumerate((*_ORDER, "authority")):
        sheet.row((460, 236 + 58 * i), fields[word], gap=360, size=33, wide=500)
    if "personal_number" in fields:
        sheet.row((460, 236 + 58 * 9), fields["personal_number"], gap=360, size=33, wide=500)
    sheet.signature(person, (90, 690, 280, 100))


def _mirrored(sheet: Sheet, person: Person, fields: dict[str, Field]) -> None:
    sheet.photo(person, (996, 190, 340, 440))
    sheet.field((64, 166), fields["type"])
    sheet.field((220, 166), fields["country"])
    sheet.field((520, 166), fields["passport_number"], size=38)
    for i, word in enumerate(("surname", "given_names")):
        sheet.field((64, 256 + 86 * i), fields[word], size=40, wide=880)
    for i, word in enumerate(("nationality", "date_of_birth", "sex", "place_of_birth", "issued_on", "expires_on")):
        sheet.field((64 + 460 * (i % 2), 432 + 84 * (i // 2)), fields[word], wide=430)
    sheet.field((64, 690), fields["authority"], size=28, wide=430)
    if "personal_number" in fields:
        sheet.field((524, 690), fields["personal_number"])
    sheet.signature(person, (1030, 650, 270, 110))
