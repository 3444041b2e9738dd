"""The split that was held out before and may be tuned on now; its issuers are in no other."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import seen_cards as cards
from bench.accuracy import seen_far_cards as far_cards
from bench.accuracy import seen_letters as letters
from bench.accuracy import seen_licences as licences
from bench.accuracy import seen_passports as passports
from bench.accuracy.printing import Drawn
from bench.accuracy.seen_people import holder

TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "albanian_passport": (passports.albanian_passport, "ALB", "BR9999999"),
    "peruvian_passport": (passports.peruvian_passport, "PER", "122999999"),
    "moroccan_passport": (passports.moroccan_passport, "MAR", "KV9999999"),
    "japanese_passport": (passports.japanese_passport, "JPN", "TR9999999"),
    "bangladeshi_passport": (passports.bangladeshi_passport, "BGD", "B09999999"),
    "slovak_card": (cards.slovak_card, "SVK", "JV999999"),
    "uruguayan_card": (cards.uruguayan_card, "URY", "4999999"),
    "ecuadorian_card": (cards.ecuadorian_card, "ECU", "D99A99999"),
    "czech_permit": (cards.czech_permit, "VNM", "VS9999999"),
    "emirati_card": (cards.emirati_card, "ARE", "138999999"),
    "pakistani_card": (far_cards.pakistani_card, "PAK", "42999-9999999-9"),
    "dominican_card": (far_cards.dominican_card, "DOM", ""),
    "costa_rican_card": (far_cards.costa_rican_card, "CRI", "6 0999 0999"),
    "tanzanian_card": (far_cards.tanzanian_card, "TZA", "99999-99999-99"),
    "portuguese_licence": (licences.portuguese_licence, "PRT", "P-9999999 9"),
    "wisconsin_licence": (licences.wisconsin_licence, "USA", "999-9999-9999-09"),
    "jamaican_licence": (licences.jamaican_licence, "JAM", "129-999-999"),
    "thai_licence": (licences.thai_licence, "THA", "61999999"),
    "nepalese_tax_card": (licences.nepalese_tax_card, "NPL", "609999999"),
    "scottish_council_bill": (letters.scottish_council_bill, "GBR", "5099999-9"),
    "quebec_electricity_bill": (letters.quebec_electricity_bill, "CAN", "299 999 999 999 9"),
    "slovak_bank_statement": (letters.slovak_bank_statement, "SVK", "2999999999"),
    "trinidadian_internet_invoice": (letters.trinidadian_internet_invoice, "TTO", "8-683-99999"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(country, seed, pattern))
    return who, make(who)
