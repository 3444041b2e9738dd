"""Proof of address: a bill from an invented supplier."""

import random
from datetime import timedelta

from PIL import Image, ImageDraw

from backoffice.specimens.countries import COUNTRIES, Colour
from backoffice.specimens.fonts import Cut, font
from backoffice.specimens.people import Person

SIZE = (1240, 1754)
_INK: Colour = (38, 42, 50)
_SUPPLIERS = ("Northwind Energy", "Aqua Civic Water", "Lumen Telecom", "Borough Gas & Power")


def bill(person: Person) -> Image.Image:
    """Print one page with the holder's name and address, a date and an account number."""
    dice = random.Random(person.seed + 11)
    country = COUNTRIES[person.nationality]
    page = Image.new("RGB", SIZE, (252, 252, 250))
    pen = ImageDraw.Draw(page)
    supplier = dice.choice(_SUPPLIERS)
    pen.rectangle((0, 0, SIZE[0], 18), fill=country.ink)
    _write(pen, (110, 92), supplier, 58, "serif", country.ink)
    _write(pen, (110, 172), "Customer service · PO Box 118 · SPECIMEN", 26)
    street, _, town = person.address.partition(", ")
    for i, line in enumerate((person.full_name, street, town, country.english)):
        _write(pen, (110, 300 + 46 * i), line, 36, "bold" if i == 0 else "regular")
    billed = person.issued_on + timedelta(days=dice.randint(5, 60))
    account = f"{dice.randint(10**9, 10**10 - 1)}"
    facts = (
        ("Statement date", billed.strftime("%d %B %Y")),
        ("Account number", account),
        ("Customer", person.full_name),
    )
    for i, (name, value) in enumerate(facts):
        _write(pen, (720, 300 + 84 * i), name, 24, "regular", country.ink)
        _write(pen, (720, 328 + 84 * i), value, 34, "bold")
    _write(pen, (110, 600), "Your electricity statement", 48, "serif", country.ink)
    _table(pen, dice, country.ink)
    mark = Image.new("L", SIZE, 0)
    ImageDraw.Draw(mark).text((SIZE[0] // 2, 1250), "SPECIMEN", font=font("bold", 240), anchor="mm", fill=34)
    page.paste(Image.new("RGB", SIZE, country.accent), mask=mark.rotate(38, center=(SIZE[0] // 2, 1250)))
    return page


def _table(pen: ImageDraw.ImageDraw, dice: random.Random, rule: Colour) -> None:
    total = 0.0
    for i, item in enumerate(("Standing charge", "Day units", "Night units", "Network fee", "Levies")):
        amount = dice.uniform(6, 74)
        total += amount
        pen.line((110, 770 + 62 * i, 1130, 770 + 62 * i), fill=(214, 218, 224), width=2)
        _write(pen, (110, 716 + 62 * i), item, 32)
        _write(pen, (960, 716 + 62 * i), f"{amount:,.2f}", 32)
    _write(pen, (110, 1044), "Amount due", 40, "bold", rule)
    _write(pen, (960, 1044), f"{total:,.2f}", 40, "bold", rule)
    for i in range(4):
        pen.line((110, 1180 + 30 * i, 1130 - 90 * (i % 2), 1180 + 30 * i), fill=(226, 229, 234), width=10)


def _write(  # noqa: PLR0913, PLR0917 - a pen needs place, size, cut and ink
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, cut: Cut = "regular", ink: Colour = _INK
) -> None:
    pen.text(at, text, font=font(cut, size), fill=ink)
