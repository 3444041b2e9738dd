"""The shown set: issuers, layouts and names of no other set, drawn without a look at the readers or their rules."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import shown_cards as cards
from bench.accuracy import shown_letters as letters
from bench.accuracy import shown_licences as licences
from bench.accuracy import shown_passports as passports
from bench.accuracy import shown_permits as permits
from bench.accuracy.printing import Drawn
from bench.accuracy.shown_people import holder

TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "croatian_passport": (passports.croatian_passport, "HRV", "219999999"),
    "sri_lankan_passport": (passports.sri_lankan_passport, "LKA", "N9999999"),
    "venezuelan_passport": (passports.venezuelan_passport, "VEN", "159999999"),
    "senegalese_passport": (passports.senegalese_passport, "SEN", "A02999999"),
    "taiwanese_passport": (passports.taiwanese_passport, "TWN", "359999999"),
    "mozambican_passport": (passports.mozambican_passport, "MOZ", "15AA99999"),
    "turkish_card": (cards.turkish_card, "TUR", "A99A99999"),
    "lithuanian_card": (cards.lithuanian_card, "LTU", "19999999"),
    "guatemalan_card": (cards.guatemalan_card, "GTM", "259999990101"),
    "hong_kong_card": (cards.hong_kong_card, "HKG", "Y999999"),
    "rwandan_card": (cards.rwandan_card, "RWA", "0099999 0 99"),
    "panamanian_card": (cards.panamanian_card, "PAN", "8-799-1999"),
    "maltese_permit": (permits.maltese_permit, "GEO", "MP9999999"),
    "cypriot_permit": (permits.cypriot_permit, "MDA", "CY9999999"),
    "qatari_permit": (permits.qatari_permit, "EGY", "81899999"),
    "latvian_licence": (licences.latvian_licence, "LVA", "AA999999"),
    "serbian_licence": (licences.serbian_licence, "SRB", "001999999"),
    "new_york_licence": (licences.new_york_licence, "USA", "499 999 999"),
    "fijian_licence": (licences.fijian_licence, "FJI", "799999"),
    "salvadoran_tax_card": (licences.salvadoran_tax_card, "SLV", "0614/199"),
    "liechtenstein_bank_statement": (letters.liechtenstein_bank_statement, "LIE", "009999999999"),
    "monegasque_electricity_bill": (letters.monegasque_electricity_bill, "MCO", "1 009 999 999"),
    "croatian_telephone_invoice": (letters.croatian_telephone_invoice, "HRV", "7099999999"),
    "turkish_gas_bill": (letters.turkish_gas_bill, "TUR", "1009999999"),
    "barbadian_land_tax_bill": (letters.barbadian_land_tax_bill, "BRB", "2999-09-99-999"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(country, seed, pattern))
    return who, make(who)
