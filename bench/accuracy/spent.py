"""The set that was reported second, drawn without a look at what the readers could do; it may be tuned on now."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import spent_cards as cards
from bench.accuracy import spent_far_cards as far_cards
from bench.accuracy import spent_letters as letters
from bench.accuracy import spent_licences as licences
from bench.accuracy import spent_passports as passports
from bench.accuracy.printing import Drawn
from bench.accuracy.spent_people import holder

TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "swedish_passport": (passports.swedish_passport, "SWE", "WA999999"),
    "dutch_passport": (passports.dutch_passport, "NLD", "NAXXXXXX9"),
    "spanish_passport": (passports.spanish_passport, "ESP", "PAB999999"),
    "icelandic_passport": (passports.icelandic_passport, "ISL", "B9S99999"),
    "korean_passport": (passports.korean_passport, "KOR", "M999A9999"),
    "singaporean_passport": (passports.singaporean_passport, "SGP", "K9999999A"),
    "german_card": (cards.german_card, "DEU", "LXXXXXXXX"),
    "italian_card": (cards.italian_card, "ITA", "CA99999AA"),
    "slovenian_card": (cards.slovenian_card, "SVN", "IE9999999"),
    "romanian_card": (cards.romanian_card, "ROU", "RD999999"),
    "dutch_permit": (cards.dutch_permit, "COL", "IAXX99999"),
    "chilean_card": (far_cards.chilean_card, "CHL", "599999999"),
    "colombian_card": (far_cards.colombian_card, "COL", "1099999999"),
    "kenyan_card": (far_cards.kenyan_card, "KEN", "29999999"),
    "ghanaian_card": (far_cards.ghanaian_card, "GHA", "CF9999999"),
    "singaporean_card": (far_cards.singaporean_card, "SGP", "S9999999A"),
    "brazilian_card": (far_cards.brazilian_card, "BRA", "299999999"),
    "spanish_licence": (licences.spanish_licence, "ESP", "45999999"),
    "polish_licence": (licences.polish_licence, "POL", "09999/99/9999"),
    "coloradan_licence": (licences.coloradan_licence, "USA", "99-999-9999"),
    "quebec_licence": (licences.quebec_licence, "CAN", "G9999-999999-99"),
    "new_zealand_licence": (licences.new_zealand_licence, "NZL", "EK999999"),
    "brazilian_licence": (licences.brazilian_licence, "BRA", "04999999999"),
    "italian_tax_card": (cards.italian_tax_card, "ITA", "299"),
    "indian_plastic_card": (cards.indian_plastic_card, "IND", "35999999999"),
    "indian_bare_tax_card": (cards.indian_bare_tax_card, "IND", "BKAP?9999A"),
    "hungarian_bill": (letters.hungarian_bill, "HUN", "1103999999"),
    "dutch_statement": (letters.dutch_statement, "NLD", "0999999999"),
    "swedish_tax_statement": (letters.swedish_tax_statement, "SWE", "7099999999999"),
    "german_insurance_invoice": (letters.german_insurance_invoice, "DEU", "K 999 999 9"),
    "new_zealand_rent_statement": (letters.new_zealand_rent_statement, "NZL", "TEN-99999-9"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(country, seed, pattern))
    return who, make(who)
