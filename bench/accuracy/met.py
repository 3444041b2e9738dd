"""The met set: the split that was held out last, read once and tuned on since; its issuers are in no other."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import met_cards as cards
from bench.accuracy import met_letters as letters
from bench.accuracy import met_licences as licences
from bench.accuracy import met_passports as passports
from bench.accuracy import met_permits as permits
from bench.accuracy.met_people import holder
from bench.accuracy.printing import Drawn

TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "paraguayan_passport": (passports.paraguayan_passport, "PRY", "P999999"),
    "malagasy_passport": (passports.malagasy_passport, "MDG", "A99E99999"),
    "surinamese_passport": (passports.surinamese_passport, "SUR", "R0999999"),
    "ugandan_passport": (passports.ugandan_passport, "UGA", "A00999999"),
    "israeli_passport": (passports.israeli_passport, "ISR", "33999999"),
    "angolan_passport": (passports.angolan_passport, "AGO", "N1999999"),
    "bulgarian_card": (cards.bulgarian_card, "BGR", "649999999"),
    "montenegrin_card": (cards.montenegrin_card, "MNE", "TB9999999"),
    "honduran_card": (cards.honduran_card, "HND", "080199999"),
    "cameroonian_card": (cards.cameroonian_card, "CMR", "116999999"),
    "nicaraguan_card": (cards.nicaraguan_card, "NIC", "0010099"),
    "mauritian_card": (cards.mauritian_card, "MUS", "299999"),
    "greek_permit": (permits.greek_permit, "ARM", "DA9999999"),
    "omani_permit": (permits.omani_permit, "ETH", "79999999"),
    "faroese_licence": (licences.faroese_licence, "FRO", "10 999 999"),
    "gibraltarian_licence": (licences.gibraltarian_licence, "GIB", "GI999999"),
    "british_columbian_licence": (licences.british_columbian_licence, "CAN", "2999999"),
    "motswana_licence": (licences.motswana_licence, "BWA", "3109999999"),
    "haitian_tax_card": (licences.haitian_tax_card, "HTI", "004-999-999-9"),
    "andorran_bank_statement": (letters.andorran_bank_statement, "AND", "200399999999"),
    "cape_verdean_electricity_bill": (letters.cape_verdean_electricity_bill, "CPV", "1199999"),
    "aruban_telephone_invoice": (letters.aruban_telephone_invoice, "ABW", "30-99999-9"),
    "namibian_council_bill": (letters.namibian_council_bill, "NAM", "2109999-99"),
    "greenlandic_water_bill": (letters.greenlandic_water_bill, "GRL", "6199999"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(country, seed, pattern))
    return who, make(who)
