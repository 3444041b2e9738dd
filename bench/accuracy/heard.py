"""The heard set: the split that was held out last, read once and tuned on since; its issuers are in no other."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import heard_cards as cards
from bench.accuracy import heard_letters as letters
from bench.accuracy import heard_licences as licences
from bench.accuracy import heard_passports as passports
from bench.accuracy import heard_permits as permits
from bench.accuracy.heard_people import holder
from bench.accuracy.printing import Drawn

TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "bolivian_passport": (passports.bolivian_passport, "BOL", "CA99999"),
    "bahamian_passport": (passports.bahamian_passport, "BHS", "EA999999"),
    "tunisian_passport": (passports.tunisian_passport, "TUN", "F999999"),
    "uzbek_passport": (passports.uzbek_passport, "UZB", "FA9999999"),
    "malawian_passport": (passports.malawian_passport, "MWI", "MWA999999"),
    "sammarinese_passport": (passports.sammarinese_passport, "SMR", "ES09999"),
    "maltese_card": (cards.maltese_card, "MLT", "AB9999999"),
    "macanese_card": (cards.macanese_card, "MAC", "51999999"),
    "cuban_card": (cards.cuban_card, "CUB", "ACM999999"),
    "ivorian_card": (cards.ivorian_card, "CIV", "CI009999999"),
    "zimbabwean_card": (cards.zimbabwean_card, "ZWE", "63-999999 A 42"),
    "burkinabe_card": (cards.burkinabe_card, "BFA", "B19999999"),
    "gabonese_permit": (permits.gabonese_permit, "TGO", "GA9999999"),
    "belizean_permit": (permits.belizean_permit, "GUY", "P99999"),
    "jersey_licence": (licences.jersey_licence, "JEY", "JY 099 9999"),
    "oregon_licence": (licences.oregon_licence, "USA", "B999999"),
    "papuan_licence": (licences.papuan_licence, "PNG", "PNG0999999"),
    "congolese_licence": (licences.congolese_licence, "COD", "KN/0999999/19"),
    "beninese_tax_card": (licences.beninese_tax_card, "BEN", "1201999999999"),
    "togolese_bank_statement": (letters.togolese_bank_statement, "TGO", "103499999999"),
    "puerto_rican_electricity_bill": (letters.puerto_rican_electricity_bill, "PRI", "7999999999"),
    "bahraini_telephone_invoice": (letters.bahraini_telephone_invoice, "BHR", "41999999"),
    "manx_council_bill": (letters.manx_council_bill, "IMN", "4009999"),
    "new_caledonian_water_bill": (letters.new_caledonian_water_bill, "NCL", "40.99999.9"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(country, seed, pattern))
    return who, make(who)
