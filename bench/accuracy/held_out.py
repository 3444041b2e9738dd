"""The held_out set: issuers, layouts and names of no other set, drawn without a look at the readers; not read yet."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import held_out_cards as cards
from bench.accuracy import held_out_letters as letters
from bench.accuracy import held_out_licences as licences
from bench.accuracy import held_out_passports as passports
from bench.accuracy import held_out_permits as permits
from bench.accuracy.held_out_people import holder
from bench.accuracy.printing import Drawn

TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "algerian_passport": (passports.algerian_passport, "DZA", "189999999"),
    "equatoguinean_passport": (passports.equatoguinean_passport, "GNQ", "G0999999"),
    "east_timorese_passport": (passports.east_timorese_passport, "TLS", "C0999999"),
    "seychellois_passport": (passports.seychellois_passport, "SYC", "N0999999"),
    "kazakh_passport": (passports.kazakh_passport, "KAZ", "N19999999"),
    "lebanese_passport": (passports.lebanese_passport, "LBN", "LR9999999"),
    "mauritanian_card": (cards.mauritanian_card, "MRT", "MR0999999"),
    "kuwaiti_card": (cards.kuwaiti_card, "KWT", "KA9999999"),
    "sierra_leonean_card": (cards.sierra_leonean_card, "SLE", "SL0999999"),
    "basotho_card": (cards.basotho_card, "LSO", "L09999999"),
    "burundian_card": (cards.burundian_card, "BDI", "0999/99.999"),
    "maldivian_card": (cards.maldivian_card, "MDV", "399999"),
    "saudi_permit": (permits.saudi_permit, "SDN", "239999999"),
    "ukrainian_permit": (permits.ukrainian_permit, "AZE", "700999999"),
    "guernsey_licence": (licences.guernsey_licence, "GGY", "0199999"),
    "ohio_licence": (licences.ohio_licence, "USA", "TL999999"),
    "swazi_licence": (licences.swazi_licence, "SWZ", "0049999999"),
    "guinean_licence": (licences.guinean_licence, "GIN", "GN-0999999"),
    "sao_tomean_tax_card": (licences.sao_tomean_tax_card, "STP", "517999999"),
    "french_polynesian_bank_statement": (letters.french_polynesian_bank_statement, "PYF", "30109999999"),
    "curacaoan_water_bill": (letters.curacaoan_water_bill, "CUW", "5009999"),
    "bruneian_telephone_bill": (letters.bruneian_telephone_bill, "BRN", "8009999999"),
    "bermudian_land_tax_bill": (letters.bermudian_land_tax_bill, "BMU", "0109999999"),
    "alandic_electricity_invoice": (letters.alandic_electricity_invoice, "ALA", "309999"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(country, seed, pattern))
    return who, make(who)
