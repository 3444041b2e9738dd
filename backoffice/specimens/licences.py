"""Driving licences with the numbered fields that Europe uses, and their back with categories."""

import random

from PIL import Image

from backoffice.specimens.countries import COUNTRIES, WORDS
from backoffice.specimens.people import Person, number
from backoffice.specimens.printing import shown_date
from backoffice.specimens.sheet import Sheet

SIZE = (1360, 858)


def licence_number(person: Person) -> str:
    """Invent the licence's own number."""
    return number("99A999999", random.Random(f"{person.document_number}licence"))


def front(person: Person) -> Image.Image:
    """Print the side with portrait and numbered fields."""
    country = COUNTRIES[person.nationality]
    sheet = Sheet(country, SIZE)
    words = " · ".join(dict.fromkeys(WORDS[language]["driving_licence"].upper() for language in country.languages))
    sheet.heading((56, 34), words, country.native, size=40)
    sheet.photo(person, (56, 190, 320, 420))
    rows = (
        ("1.", person.surname.upper()),
        ("2.", person.given_names),
        ("3.", f"{shown_date(person.date_of_birth, country)}  {person.place_of_birth}"),
        ("4a.", shown_date(person.issued_on, country)),
        ("4b.", shown_date(person.expires_on, country)),
        ("4c.", country.english),
        ("5.", licence_number(person)),
        ("8.", person.address),
        ("9.", "AM B"),
    )
    for i, (mark, value) in enumerate(rows):
        sheet.text((424, 168 + 64 * i), mark, 30, ink=country.ink)
        sheet.text((500, 162 + 64 * i), value, 38, cut="bold", wide=800)
    sheet.signature(person, (90, 650, 260, 100))
    return sheet.image


def back(person: Person) -> Image.Image:
    """Print the side with the table of categories."""
    country = COUNTRIES[person.nationality]
    sheet = Sheet(country, SIZE)
    for column, left in (("9.", 80), ("10.", 300), ("11.", 620), ("12.", 940)):
        sheet.text((left, 60), column, 32, ink=country.ink)
    for i, category in enumerate(("AM", "A1", "A", "B", "BE", "C", "D")):
        top = 130 + 84 * i
        sheet.draw.line((60, top - 12, SIZE[0] - 60, top - 12), fill=country.ink, width=2)
        sheet.text((80, top), category, 40, cut="bold")
        held = category in {"AM", "B"}
        sheet.text((300, top), shown_date(person.issued_on, country) if held else "—", 34)
        sheet.text((620, top), shown_date(person.expires_on, country) if held else "—", 34)
    return sheet.image
