"""The set that was reported first: passports, permits and letters, and all its templates; it may be tuned on now."""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import known_cards as cards
from bench.accuracy.people import KNOWN, holder
from bench.accuracy.printing import Drawn, card_zone, face, passport_zone, told, worded
from bench.accuracy.sheets import Sheet, sheet

_PAGE, _A4 = (1400, 980), (1190, 1684)
_PASSPORT = (
    "surname",
    "given_names",
    "full_name",
    "nationality",
    "date_of_birth",
    "sex",
    "issued_on",
    "expires_on",
    "document_number",
)


def finnish_passport(who: Person) -> Drawn:
    page = sheet(_PAGE, (234, 238, 228), who.seed, accent=(60, 80, 50))
    page.text(70, 40, "SUOMI FINLAND", 46, face="bold")
    page.text(70, 100, "PASSI   PASS   PASSPORT", 30)
    face(page, who, (70, 190, 340, 440))
    page.under(470, 160, "Tyyppi/Typ/Type", "P", 30)
    page.under(690, 160, "Koodi/Kod/Code", "FIN", 30)
    page.under(960, 160, "Passin nro/Pass nr/Passport No.", who.document_number, 36)
    page.under(470, 245, "Sukunimi/Efternamn/Surname", who.surname.upper(), 38)
    page.under(470, 330, "Etunimet/Förnamn/Given names", who.given_names.upper(), 38)
    page.under(470, 415, "Kansalaisuus/Nationalitet/Nationality", "SUOMI/FINLAND", 32)
    page.under(470, 495, "Syntymäaika/Födelsedatum/Date of birth", f"{who.date_of_birth:%d.%m.%Y}", 34)
    page.under(960, 495, "Sukupuoli/Kön/Sex", {"M": "M/M", "F": "N/F"}[who.sex], 34)
    page.under(470, 575, "Syntymäkotikunta/Födelsehemort/Place of birth", who.place_of_birth.upper(), 32)
    page.under(470, 655, "Antopäivä/Utfärdad/Date of issue", f"{who.issued_on:%d.%m.%Y}", 34)
    page.under(960, 655, "Viim. voim. päivä/Sista giltighetsdag/Date of expiry", f"{who.expires_on:%d.%m.%Y}", 34)
    page.zone(zone := passport_zone(who), 830)
    return Drawn("passport", "FIN", {"front": page}, told(who, *_PASSPORT), zone)


def swiss_passport(who: Person) -> Drawn:
    page = sheet(_PAGE, (246, 230, 228), who.seed, accent=(160, 20, 30), face="oblique")
    page.text(70, 36, "Schweiz Suisse Svizzera Svizra Switzerland", 36, face="bold", ink=(160, 20, 30))
    page.text(70, 92, "Pass Passeport Passaporto Passaport Passport", 26, face="sans")
    face(page, who, (1000, 200, 330, 430))
    page.under(70, 150, "Pass-Nr. · Passeport No · Passaporto N. · Passport No", who.document_number, 38)
    page.under(70, 240, "Name · Nom · Cognome · Num · Surname", who.surname, 40)
    page.under(70, 330, "Vorname(n) · Prénom(s) · Nome(i) · Prenum(s) · Given name(s)", who.given_names, 40)
    page.under(70, 420, "Staatsangehörigkeit · Nationalité · Nationality", "Schweiz · Suisse · Svizzera", 28)
    page.under(70, 500, "Geburtsdatum · Date de naissance · Date of birth", f"{who.date_of_birth:%d.%m.%Y}", 34)
    page.under(620, 500, "Geschlecht · Sexe · Sex", who.sex, 34)
    page.under(70, 580, "Heimatort · Lieu d'origine · Place of origin", who.place_of_birth, 30)
    page.under(70, 660, "Ausstellungsdatum · Date of issue", f"{who.issued_on:%d.%m.%Y}", 34)
    page.under(620, 660, "Gültig bis · Date of expiry", f"{who.expires_on:%d.%m.%Y}", 34)
    page.zone(zone := passport_zone(who), 830, face="mono")
    return Drawn("passport", "CHE", {"front": page}, told(who, *_PASSPORT), zone)


def australian_passport(who: Person) -> Drawn:
    page = sheet(_PAGE, (228, 234, 246), who.seed, accent=(30, 40, 100))
    page.text(480, 40, "AUSTRALIA", 50, face="serifbold")
    page.text(70, 50, "PASSPORT", 30)
    face(page, who, (70, 180, 330, 430))
    page.beside(
        470,
        150,
        300,
        (
            ("Document No.", who.document_number),
            ("Family name", who.surname.upper()),
            ("Given names", who.given_names.upper()),
            ("Nationality", "AUSTRALIAN"),
            ("Date of birth", worded(who.date_of_birth)),
            ("Sex", who.sex),
            ("Place of birth", who.place_of_birth.upper()),
            ("Date of issue", worded(who.issued_on)),
            ("Date of expiry", worded(who.expires_on)),
        ),
        34,
        66,
    )
    page.zone(zone := passport_zone(who), 830)
    return Drawn("passport", "AUS", {"front": page}, told(who, *_PASSPORT), zone)


def irish_permit(who: Person) -> Drawn:
    card = sheet((1300, 820), (230, 244, 236), who.seed, accent=(0, 100, 80))
    card.text(60, 34, "CEAD CÓNAITHE   RESIDENCE PERMIT", 34, face="bold")
    card.text(1160, 34, "IRL", 34, face="bold")
    face(card, who, (60, 140, 310, 410))
    card.text(900, 100, who.document_number, 36, face="bold")
    card.under(430, 150, "NAME", f"{who.surname.upper()} {who.given_names.upper()}", 34)
    card.under(430, 240, "VALID UNTIL", f"{who.expires_on:%d-%m-%y}", 34)
    card.under(430, 330, "PLACE AND DATE OF ISSUE", f"{who.issued_on:%d-%m-%y} BURGH QUAY", 32)
    card.under(430, 420, "TYPE OF PERMIT", "STAMP 4", 32)
    card.under(430, 510, "REMARKS", "WORK PERMITTED", 28)
    back = sheet((1300, 820), (234, 244, 238), who.seed + 1, accent=(0, 100, 80))
    back.under(60, 50, "DATE OF BIRTH", f"{who.date_of_birth:%d-%m-%y}", 30)
    back.under(420, 50, "NATIONALITY", who.nationality, 30)
    back.under(760, 50, "SEX", who.sex, 30)
    back.zone(zone := card_zone(who, "IR", country="IRL"), 550)
    names = (
        "surname",
        "given_names",
        "full_name",
        "nationality",
        "date_of_birth",
        "sex",
        "expires_on",
        "issued_on",
        "document_number",
    )
    return Drawn("residence_permit", "IRL", {"front": card, "back": back}, told(who, *names), zone)


def irish_statement(who: Person) -> Drawn:
    page = Sheet(_A4, (253, 253, 253))
    page.text(80, 60, "Provincial Mutual Bank", 50, face="bold", ink=(20, 80, 60))
    page.lines(80, 230, (f"Mx {who.full_name}", *who.address.split(", ")), 30)
    page.beside(
        680,
        230,
        230,
        (
            ("Account number", who.document_number),
            ("Statement date", f"{who.issued_on:%d %b %Y}"),
            ("Branch", "College Green"),
        ),
        28,
        52,
    )
    page.text(80, 470, "Current account statement", 38, face="bold")
    for i in range(10):
        page.text(80, 560 + 56 * i, f"{['POS Grocer', 'Direct debit Gas', 'Salary'][i % 3]}", 28)
        page.text(960, 560 + 56 * i, f"{31 * i + 8}.2{i}", 28)
    page.text(80, 1180, "Balance forward 2,118.40", 30, face="bold")
    return Drawn("proof_of_address", "IRL", {"page": page},
                 told(who, "full_name", "address", "issued_on", account_number=who.document_number))  # fmt: skip


def argentine_bill(who: Person) -> Drawn:
    page = Sheet(_A4, (250, 250, 252), accent=(90, 90, 110), face="serif", strong="serifbold")
    page.text(80, 60, "Aguas del Rosal S.A.", 50, face="serifbold", ink=(30, 80, 150))
    page.text(80, 150, "FACTURA DE SERVICIOS", 34)
    page.beside(
        80,
        250,
        260,
        (
            ("Titular", who.full_name),
            ("Domicilio", who.address),
            ("N.º de cliente", who.document_number),
            ("Fecha de emisión", f"{who.issued_on:%d/%m/%Y}"),
        ),
        30,
        60,
    )
    page.lines(
        80,
        600,
        ("Cargo fijo  1.240,00", "Consumo 18 m3  3.310,50", "IVA 21 %  955,60", "Total a pagar  5.506,10"),
        30,
        64,
    )
    return Drawn("proof_of_address", "ARG", {"page": page},
                 told(who, "full_name", "address", "issued_on", account_number=who.document_number))  # fmt: skip


def norwegian_invoice(who: Person) -> Drawn:
    page = Sheet(_A4, (254, 254, 252), face="mono", strong="monobold")
    page.text(80, 70, "SOLVIK KRAFT AS", 46, face="monobold")
    page.lines(80, 240, (who.full_name, *who.address.split(", ")), 28)
    page.lines(
        660, 240, (f"Kundenummer: {who.document_number}", f"Fakturadato: {who.issued_on:%d.%m.%Y}", "Side 1 av 1"), 26
    )
    page.lines(
        80,
        560,
        ("Faktura", "Strøm 410 kWh       615,00", "Nettleie            214,30", "Sum                 829,30"),
        30,
        64,
    )
    return Drawn("proof_of_address", "NOR", {"page": page},
                 told(who, "full_name", "address", "issued_on", account_number=who.document_number))  # fmt: skip


TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "finnish_passport": (finnish_passport, "FIN", "AA9999999"),
    "swiss_passport": (swiss_passport, "CHE", "A9A99999"),
    "australian_passport": (australian_passport, "AUS", "AA9999999"),
    "estonian_card": (cards.estonian_card, "EST", "AA9999999"),
    "portuguese_card": (cards.portuguese_card, "PRT", "99999999A"),
    "luxembourg_card": (cards.luxembourg_card, "LUX", "AAAAA9A99"),
    "philippine_card": (cards.philippine_card, "PHL", "9999999999999999"),
    "indonesian_card": (cards.indonesian_card, "IDN", "3299999999999999"),
    "argentine_card": (cards.argentine_card, "ARG", "39999999"),
    "irish_permit": (irish_permit, "PHL", "AAA999999"),
    "norwegian_licence": (cards.norwegian_licence, "NOR", "99 99 999999 9"),
    "canadian_licence": (cards.canadian_licence, "CAN", "A99999999999999"),
    "american_licence": (cards.american_licence, "USA", "A99999999"),
    "australian_licence": (cards.australian_licence, "AUS", "99999999"),
    "indian_letter": (cards.indian_letter, "IND", "39999999999"),
    "indian_tax_card": (cards.indian_tax_card, "IND", "AAAPA9999A"),
    "irish_statement": (irish_statement, "IRL", "89999999"),
    "argentine_bill": (argentine_bill, "ARG", "99999999999"),
    "norwegian_invoice": (norwegian_invoice, "NOR", "799999999"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(KNOWN, country, seed, pattern))
    return who, make(who)
