"""The templates that the readers may be tuned on; the reported ones are in `held_out`."""

from collections.abc import Callable

from stdnum import verhoeff

from backoffice.specimens.people import Person
from bench.accuracy import development_letters as letters
from bench.accuracy.people import DEVELOPMENT, holder
from bench.accuracy.printing import (
    Drawn,
    card_zone,
    face,
    licence_code,
    passport_zone,
    secure_code,
    told,
    two_line_zone,
    worded,
)
from bench.accuracy.sheets import Sheet, sheet

_CARD, _PAGE = (1280, 806), (1340, 940)


def austrian_passport(who: Person) -> Drawn:
    page = sheet(_PAGE, (240, 232, 226), who.seed, accent=(120, 30, 40), face="serif", strong="serifbold")
    page.text(60, 40, "REPUBLIK ÖSTERREICH", 40)
    page.text(60, 92, "REISEPASS   PASSPORT   PASSEPORT", 26)
    face(page, who, (60, 180, 330, 430))
    page.under(440, 150, "Typ/Type", "P")
    page.under(560, 150, "Code", "AUT")
    page.under(860, 150, "Reisepass Nr./Passport No.", who.document_number, 38)
    page.under(440, 235, "Familienname/Surname", who.surname.upper(), 38)
    page.under(440, 320, "Vornamen/Given names", who.given_names.upper(), 38)
    page.under(440, 405, "Staatsangehörigkeit/Nationality", "ÖSTERREICH")
    page.under(860, 405, "Größe/Height", "1,74 m")
    page.under(440, 485, "Geburtsdatum/Date of birth", f"{who.date_of_birth:%d.%m.%Y}")
    page.under(740, 485, "Geschlecht/Sex", who.sex)
    page.under(900, 485, "Geburtsort/Place of birth", who.place_of_birth)
    page.under(440, 565, "Ausstellungsdatum/Date of issue", f"{who.issued_on:%d.%m.%Y}")
    page.under(860, 565, "Behörde/Authority", "BH Altried")
    page.under(440, 645, "Gültig bis/Date of expiry", f"{who.expires_on:%d.%m.%Y}")
    page.zone(zone := passport_zone(who), 796)
    names = (
        "surname",
        "given_names",
        "nationality",
        "date_of_birth",
        "sex",
        "issued_on",
        "expires_on",
        "document_number",
    )
    return Drawn("passport", "AUT", {"front": page}, told(who, *names, "full_name"), zone)


def mexican_card(who: Person) -> Drawn:
    card = sheet(_CARD, (236, 240, 232), who.seed, accent=(20, 90, 60))
    card.text(50, 34, "MÉXICO   INSTITUTO ELECTORAL", 34, face="bold")
    card.text(50, 84, "CREDENCIAL PARA IDENTIFICACIÓN   IDENTITY CARD", 28)
    face(card, who, (50, 170, 320, 410))
    card.text(420, 170, "PRIMER APELLIDO Y SEGUNDO", 20, ink=card.accent)
    card.text(420, 196, who.surname.upper(), 36, face="bold")
    card.text(420, 256, "NOMBRES", 20, ink=card.accent)
    card.text(420, 282, who.given_names.upper(), 36, face="bold")
    card.under(420, 350, "DOMICILIO", who.address.split(", ")[0], 30)
    card.text(420, 412, who.address.split(", ")[1], 30, face="bold")
    card.under(420, 480, "FECHA DE NACIMIENTO", f"{who.date_of_birth:%d/%m/%Y}", 32)
    card.under(860, 480, "SEXO", "H" if who.sex == "M" else "M", 32)
    card.under(420, 570, "CLAVE DE ELECTOR / NÚM. DE DOCUMENTO", who.document_number, 34)
    card.under(420, 660, "EMISIÓN", f"{who.issued_on:%d/%m/%Y}", 32)
    card.under(860, 660, "VIGENCIA", f"{who.expires_on:%d/%m/%Y}", 32)
    truth = told(
        who,
        "surname",
        "given_names",
        "full_name",
        "date_of_birth",
        "document_number",
        "issued_on",
        "expires_on",
        "address",
        "sex",
    )
    return Drawn("national_id", "MEX", {"front": card}, truth)


def belgian_card(who: Person) -> Drawn:
    card = sheet(_CARD, (232, 238, 246), who.seed, accent=(60, 60, 120), face="mono", strong="monobold")
    card.text(50, 30, "BELGIË BELGIQUE BELGIEN BELGIUM", 32)
    card.text(50, 76, "IDENTITEITSKAART CARTE D'IDENTITÉ PERSONALAUSWEIS", 24)
    face(card, who, (880, 150, 330, 430))
    card.over(50, 150, "Naam / Name", who.surname, 36)
    card.over(50, 240, "Voornamen / Given names", who.given_names, 36)
    card.over(50, 330, "Geslacht / Sex", {"M": "M/M", "F": "V/F"}[who.sex], 32)
    card.over(380, 330, "Nationaliteit / Nationality", "Belg", 32)
    card.over(50, 420, "Geboortedatum / Date of birth", worded(who.date_of_birth), 32)
    card.over(50, 510, "Kaartnummer / Card No.", who.document_number, 32)
    card.over(50, 600, "Vervaldatum / Expiry date", worded(who.expires_on), 32)
    back = sheet(_CARD, (238, 240, 244), who.seed + 1, accent=(60, 60, 120), face="mono")
    back.under(50, 60, "Rijksregisternummer / National register number", who.personal_number, 32)
    back.under(50, 150, "Geboorteplaats / Place of birth", who.place_of_birth, 32)
    back.zone(zone := card_zone(who, "ID"), 540)
    names = (
        "surname",
        "given_names",
        "full_name",
        "date_of_birth",
        "sex",
        "nationality",
        "document_number",
        "expires_on",
        "personal_number",
    )
    return Drawn("national_id", "BEL", {"front": card, "back": back}, told(who, *names), zone)


def danish_licence(who: Person) -> Drawn:
    card = sheet(_CARD, (246, 226, 228), who.seed, accent=(80, 40, 90))
    card.text(430, 34, "KØREKORT   DANMARK", 40, face="bold")
    card.text(60, 40, "DK", 60, face="bold", ink=(30, 50, 130))
    face(card, who, (50, 160, 310, 400))
    rows = (
        f"1.  {who.surname}", f"2.  {who.given_names}", f"3.  {who.date_of_birth:%d.%m.%Y}  {who.place_of_birth}",
        f"4a. {who.issued_on:%d.%m.%Y}   4c. Politi", f"4b. {who.expires_on:%d.%m.%Y}", f"5.  {who.document_number}",
    )  # fmt: skip
    card.lines(430, 140, rows, 36, 68)
    card.lines(430, 690, ("9.  AM B",), 34)
    truth = told(
        who, "surname", "given_names", "full_name", "date_of_birth", "issued_on", "expires_on", "document_number"
    )
    return Drawn("driving_licence", "DNK", {"front": card}, truth)


def american_licence(who: Person) -> Drawn:
    card = sheet(_CARD, (230, 238, 240), who.seed, accent=(140, 30, 30), strong="serifbold")
    card.text(50, 30, "NEW HAVEN STATE   USA", 44, face="bold")
    card.text(50, 84, "DRIVER LICENSE   NOT FOR FEDERAL IDENTIFICATION", 24)
    face(card, who, (50, 150, 300, 390))
    card.beside(
        400,
        140,
        110,
        (
            ("DLN", who.document_number),
            ("EXP", f"{who.expires_on:%m/%d/%Y}"),
            ("LN", who.surname.upper()),
            ("FN", who.given_names.upper()),
            ("DOB", f"{who.date_of_birth:%m/%d/%Y}"),
            ("ISS", f"{who.issued_on:%m/%d/%Y}"),
            ("SEX", who.sex),
        ),
        34,
        62,
    )
    card.lines(400, 590, ("19 ALDER COURT", "LISBON, ME 04250"), 30)
    back = Sheet(_CARD, (248, 248, 246))
    back.text(60, 40, "CLASS D    ENDORSEMENTS NONE", 28)
    code = licence_code(who, country="USA", region="ME", town="LISBON", street="19 ALDER COURT", code="042500000")
    back.picture(code, (max(20, (_CARD[0] - code.width) // 2), 300))
    names = (
        "surname",
        "given_names",
        "full_name",
        "date_of_birth",
        "sex",
        "issued_on",
        "expires_on",
        "document_number",
    )
    truth = told(who, *names, address="19 ALDER COURT, LISBON, ME 04250")
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, truth)


def indian_card(who: Person) -> Drawn:
    number = who.document_number + verhoeff.calc_check_digit(who.document_number)
    card = sheet(_CARD, (250, 248, 240), who.seed, accent=(200, 100, 20))
    card.text(300, 30, "GOVERNMENT OF INDIA", 40, face="bold")
    face(card, who, (50, 150, 260, 330))
    card.lines(
        350, 160, (who.full_name, f"DOB: {who.date_of_birth:%d/%m/%Y}", {"M": "MALE", "F": "FEMALE"}[who.sex]), 36, 62
    )
    card.picture(secure_code(who, number[-4:]), (820, 150))
    card.text(300, 620, f"{number[:4]} {number[4:8]} {number[8:]}", 56, face="bold")
    card.text(300, 720, "AADHAAR - IDENTITY OF EVERYONE", 26)
    truth = told(who, "full_name", "date_of_birth", "sex", document_number=f"XXXXXXXX{number[-4:]}",
                 address=f"{who.address}, Maharashtra 411002")  # fmt: skip
    return Drawn("national_id", "IND", {"front": card}, truth)


def french_permit(who: Person) -> Drawn:
    card = sheet(_CARD, (244, 232, 238), who.seed, accent=(130, 40, 90))
    card.text(50, 34, "TITRE DE SÉJOUR     RESIDENCE PERMIT", 34, face="bold")
    card.text(1100, 34, "FRA", 34, face="bold")
    face(card, who, (50, 140, 320, 420))
    card.text(430, 110, who.document_number, 38, face="bold")
    card.under(430, 180, "NOM / SURNAME", who.surname.upper(), 34)
    card.under(430, 260, "PRÉNOMS / FORENAMES", who.given_names.upper(), 34)
    card.under(430, 340, "SEXE / SEX", who.sex, 32)
    card.under(600, 340, "NATIONALITÉ / NATIONALITY", who.nationality, 32)
    card.under(950, 340, "DATE DE NAISSANCE / DOB", f"{who.date_of_birth:%d %m %Y}", 32)
    card.under(430, 430, "CATÉGORIE DU TITRE", "SALARIÉ", 32)
    card.under(430, 520, "DATE DE FIN DE VALIDITÉ / VALID UNTIL", f"{who.expires_on:%d %m %Y}", 34)
    back = sheet(_CARD, (244, 236, 240), who.seed + 1, accent=(130, 40, 90))
    back.under(50, 50, "DATE DE DÉLIVRANCE", f"{who.issued_on:%d %m %Y}", 32)
    back.under(50, 140, "ADRESSE", who.address, 30)
    back.zone(zone := card_zone(who, "IR", country="FRA"), 540)
    names = (
        "surname",
        "given_names",
        "full_name",
        "date_of_birth",
        "sex",
        "nationality",
        "document_number",
        "expires_on",
    )
    return Drawn(
        "residence_permit", "FRA", {"front": card, "back": back}, told(who, *names, "issued_on", "address"), zone
    )


def nigerian_card(who: Person) -> Drawn:
    card = sheet(_CARD, (228, 242, 230), who.seed, accent=(0, 100, 50))
    card.text(300, 30, "FEDERAL REPUBLIC OF NIGERIA", 38, face="bold")
    card.text(300, 80, "NATIONAL IDENTITY CARD", 30)
    face(card, who, (50, 170, 300, 390))
    card.beside(400, 170, 330, (("SURNAME:", who.surname.upper()), ("FIRST NAME:", who.given_names.upper()),
                                ("DATE OF BIRTH:", worded(who.date_of_birth, glue="-")), ("GENDER:", who.sex),
                                ("DOCUMENT NO:", who.document_number), ("ISSUE DATE:", worded(who.issued_on, glue="-")),
                                ("EXPIRY DATE:", worded(who.expires_on, glue="-"))), 32, 66)  # fmt: skip
    names = (
        "surname",
        "given_names",
        "full_name",
        "date_of_birth",
        "sex",
        "issued_on",
        "expires_on",
        "document_number",
    )
    return Drawn("national_id", "NGA", {"front": card}, told(who, *names))


def south_african_card(who: Person) -> Drawn:
    page = sheet(_PAGE, (226, 236, 244), who.seed, accent=(20, 60, 110), face="serif", strong="serifbold")
    page.text(60, 40, "REPUBLIC OF SOUTH AFRICA    IDENTITY DOCUMENT", 34)
    face(page, who, (60, 150, 300, 390))
    page.under(420, 150, "Surname / Van", who.surname.upper(), 36)
    page.under(420, 240, "Forenames / Voorname", who.given_names.upper(), 36)
    page.under(420, 330, "Identity number", who.document_number, 36)
    page.under(420, 420, "Date of birth / Geboortedatum", f"{who.date_of_birth:%Y-%m-%d}", 34)
    page.under(900, 420, "Sex / Geslag", who.sex, 34)
    page.under(420, 510, "Date issued / Datum uitgereik", f"{who.issued_on:%Y-%m-%d}", 34)
    page.under(900, 510, "Valid until", f"{who.expires_on:%Y-%m-%d}", 34)
    page.zone(zone := two_line_zone(who, "I", 36, issuer="ZAF"), 760)
    names = (
        "surname",
        "given_names",
        "full_name",
        "date_of_birth",
        "sex",
        "issued_on",
        "expires_on",
        "document_number",
        "nationality",
    )
    return Drawn("national_id", "ZAF", {"front": page}, told(who, *names), zone)


TEMPLATES: dict[str, tuple[Callable[[Person], Drawn], str, str]] = {
    "austrian_passport": (austrian_passport, "AUT", "A9999999"),
    "mexican_card": (mexican_card, "MEX", "AAAAAA99999999"),
    "belgian_card": (belgian_card, "BEL", "999999999"),
    "danish_licence": (danish_licence, "DNK", "99999999"),
    "american_licence": (american_licence, "USA", "9999999"),
    "indian_card": (indian_card, "IND", "24999999999"),
    "french_permit": (french_permit, "NGA", "AA9XX9X99"),
    "nigerian_card": (nigerian_card, "NGA", "A99999999"),
    "south_african_card": (south_african_card, "ZAF", "A99999999"),
    "british_statement": (letters.british_statement, "GBR", "99999999"),
    "malaysian_bill": (letters.malaysian_bill, "MYS", "299999999999"),
}


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    make, country, pattern = TEMPLATES[template]
    who = change(holder(DEVELOPMENT, country, seed, pattern))
    return who, make(who)
