"""Driving licences and a tax card of the heard set; ID-1 at 15.2 px to a millimetre, as `spent_printing` says."""

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, dice_of, face, licence_code, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_NUMBERED = (*_NAMES, "date_of_birth", "issued_on", "expires_on", "document_number")
_CODE_TOP = 400


def jersey_licence(who: Person) -> Drawn:
    """Draw the licence that a parish gives; it has numbers for labels."""
    parish = {"Grouville": "Grouville", "St": "St Helier"}[who.address.split(", ")[1].split()[0]]
    card = side(CARD, (248, 230, 234), (150, 30, 50), who.seed)
    card.text(50, 24, "GBJ", 54, face="bold", ink=(150, 30, 50))
    card.text(220, 20, "DRIVING LICENCE", 46, face="bold", ink=(150, 30, 50))
    card.text(220, 74, "PERMIS DE CONDUIRE", 30)
    card.text(900, 24, "JERSEY", 52, face="bold", ink=(30, 50, 120))
    face(card, who, (50, 140, 350, 450))
    pen = Pen(card, 29, 42, "bold", "sans")
    street, town = who.address.split(", ")
    pen.beside(450, 128, 66, "1.", who.surname.upper())
    pen.beside(450, 194, 66, "2.", who.given_names.upper())
    pen.beside(450, 260, 66, "3.", f"{who.date_of_birth:%d.%m.%Y}  JERSEY")
    pen.beside(450, 326, 66, "4a.", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(830, 326, 66, "4c.", f"Parish of {parish}")
    pen.beside(450, 392, 66, "4b.", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(450, 458, 66, "5.", who.document_number)
    pen.label(450, 542, "7.")
    signature(card, 530, 524, who.seed)
    pen.beside(450, 614, 66, "8.", street)
    pen.value(516, 664, town)
    pen.beside(450, 736, 66, "9.", "AM/B1/B/f/k/p/q")
    back = side(CARD, (250, 238, 240), (150, 30, 50), who.seed + 1)
    pen = Pen(back, 29, 36, "bold", "sans")
    since = f"{who.date_of_birth.replace(year=who.date_of_birth.year + 18):%d.%m.%y}"
    for left, words in zip((120, 380, 720, 1020), ("9.", "10.", "11.", "12."), strict=True):
        pen.label(left, 40, words)
    for i, category in enumerate(("AM", "B1", "B", "f", "k", "p", "q")):
        pen.value(120, 104 + 62 * i, category)
        pen.value(380, 104 + 62 * i, since)
        pen.value(720, 104 + 62 * i, f"{who.expires_on:%d.%m.%y}")
    back.text(60, 640, "1. Surname  2. Other names  3. Date and place of birth  4a. Issued", 28)
    back.text(60, 684, "4b. Expires  4c. Issued by  5. Licence number  8. Address", 28)
    return Drawn("driving_licence", "JEY", {"front": card, "back": back}, told(who, *_NUMBERED, "address"))


def oregon_licence(who: Person) -> Drawn:
    card = side(CARD, (228, 240, 246), (30, 70, 120), who.seed)
    card.text(430, 20, "OREGON", 60, face="bold", ink=(30, 70, 120))
    card.text(720, 40, "USA", 36, face="bold")
    card.text(880, 32, "DRIVER LICENSE", 44, face="bold", ink=(30, 70, 120))
    face(card, who, (50, 110, 350, 460))
    pen = Pen(card, 27, 42, "sans", "bold")
    street, town = who.address.split(", ")
    pen.beside(440, 112, 118, "4d LIC#", who.document_number)
    pen.beside(920, 112, 110, "5 DD", filled("AA&&&&&&&", dice_of(who)))
    pen.beside(440, 178, 36, "1", who.surname.upper())
    pen.beside(440, 236, 36, "2", who.given_names.upper())
    pen.beside(440, 294, 36, "8", street)
    card.text(476, 344, town, 42, face="bold")
    pen.beside(440, 418, 100, "3 DOB", f"{who.date_of_birth:%m/%d/%Y}")
    pen.beside(860, 418, 110, "15 SEX", who.sex)
    pen.beside(440, 484, 100, "4a ISS", f"{who.issued_on:%m/%d/%Y}")
    pen.beside(860, 484, 110, "4b EXP", f"{who.expires_on:%m/%d/%Y}")
    pen.beside(440, 550, 116, "16 HGT", "5'-09\"")
    pen.beside(680, 550, 116, "17 WGT", "165 lb")
    pen.beside(970, 550, 120, "18 EYES", "BRO")
    pen.beside(440, 616, 124, "9 CLASS", "C")
    pen.beside(680, 616, 116, "9a END", "NONE")
    pen.beside(970, 616, 120, "12 REST", "B")
    card.text(440, 700, "ORGAN DONOR", 32, face="bold", ink=(150, 30, 40))
    signature(card, 60, 620, who.seed)
    back = Sheet(CARD, (250, 250, 250))
    back.text(60, 50, "CLASS C: ANY SINGLE VEHICLE OF LESS THAN 26,001 LBS", 30)
    back.text(60, 100, "RESTRICTION B: CORRECTIVE LENSES", 30)
    back.text(60, 180, "Oregon Driver and Motor Vehicle Services - report a move within 30 days.", 28)
    city, _, last = town.rpartition(" OR ")
    code = licence_code(who, country="USA", region="OR", town=city, street=street, code=f"{last}0000")
    back.picture(code, ((CARD[0] - code.width) // 2, _CODE_TOP))
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, told(who, *_NUMBERED, "sex", "address"))


def papuan_licence(who: Person) -> Drawn:
    card = side(CARD, (250, 242, 222), (150, 30, 30), who.seed)
    card.text(50, 20, "PAPUA NEW GUINEA", 46, face="bold", ink=(150, 30, 30))
    card.text(50, 76, "ROAD TRAFFIC AUTHORITY", 30)
    card.text(760, 24, "DRIVER'S LICENCE", 48, face="bold")
    face(card, who, (930, 130, 320, 420))
    street, town = who.address.split(", ")
    pen = Pen(card, 28, 43, "bold", "sans")
    pen.above(50, 136, "LICENCE NO.", who.document_number)
    pen.above(540, 136, "CLASS", "3 LIGHT")
    pen.above(50, 240, "SURNAME", who.surname.upper())
    pen.above(50, 344, "GIVEN NAMES", who.given_names.upper())
    pen.above(50, 448, "DATE OF BIRTH", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(540, 448, "GENDER", {"M": "MALE", "F": "FEMALE"}[who.sex])
    pen.above(50, 552, "ADDRESS", f"{street.upper()}, {town.upper()}")
    pen.above(50, 656, "ISSUE DATE", f"{who.issued_on:%d/%m/%Y}")
    pen.above(540, 656, "EXPIRY DATE", f"{who.expires_on:%d/%m/%Y}")
    pen.label(930, 740, "SIGNATURE OF LICENSEE")
    signature(card, 950, 640, who.seed)
    back = side(CARD, (252, 246, 234), (150, 30, 30), who.seed + 1)
    pen = Pen(back, 28, 40, "bold", "sans")
    pen.above(60, 60, "CONDITIONS", "NIL")
    pen.above(640, 60, "BLOOD GROUP", "O+")
    back.lines(60, 240, (
        "This licence must be carried whenever the holder drives",
        "and shown to any police officer or traffic inspector on demand.",
    ), 30, 50)  # fmt: skip
    return Drawn("driving_licence", "PNG", {"front": card, "back": back}, told(who, *_NUMBERED, "sex", "address"))


def congolese_licence(who: Person) -> Drawn:
    """Draw the licence on which the name after the father's, the postnom, belongs to the surname."""
    card = side(CARD, (226, 240, 250), (20, 80, 160), who.seed)
    card.text(50, 20, "RÉPUBLIQUE DÉMOCRATIQUE DU CONGO", 36, face="bold", ink=(20, 80, 160))
    card.text(50, 66, "PERMIS DE CONDUIRE NATIONAL", 36, face="bold", ink=(170, 30, 40))
    card.text(920, 40, "CGO", 50, face="bold")
    face(card, who, (50, 140, 330, 420))
    pen = Pen(card, 27, 42, "sans", "sans")
    pen.above(430, 120, "1. Nom et Postnom", who.surname.upper())
    pen.above(430, 218, "2. Prénom", who.given_names.upper())
    pen.above(
        430, 316, "3. Date et lieu de naissance", f"{who.date_of_birth:%d/%m/%Y} {who.place_of_birth.split(', ')[1]}"
    )
    pen.above(430, 414, "4a. Délivré le", f"{who.issued_on:%d/%m/%Y}")
    pen.above(860, 414, "4b. Expire le", f"{who.expires_on:%d/%m/%Y}")
    pen.above(430, 512, "4c. Délivré par", "CONADEP KINSHASA")
    pen.above(430, 610, "5. Permis N°", who.document_number)
    pen.above(860, 610, "Sexe", who.sex)
    pen.above(430, 708, "9. Catégories", "A  B")
    pen.label(50, 740, "7. Signature")
    signature(card, 70, 620, who.seed)
    back = side(CARD, (234, 242, 250), (20, 80, 160), who.seed + 1)
    pen = Pen(back, 27, 38, "sans", "sans")
    pen.above(50, 40, "8. Adresse", who.address)
    pen.above(50, 150, "Groupe sanguin", "A+")
    pen.above(500, 150, "12. Restrictions", "Néant")
    back.text(50, 300, "A Motocycles", 29)
    back.text(50, 344, "B Véhicules dont le poids n'excède pas 3.500 kg", 29)
    back.text(50, 640, "Commission Nationale de Délivrance des Permis de Conduire", 29)
    return Drawn("driving_licence", "COD", {"front": card, "back": back}, told(who, *_NUMBERED, "sex", "address"))


def beninese_tax_card(who: Person) -> Drawn:
    card = side(CARD, (244, 246, 226), (20, 110, 60), who.seed)
    card.text(50, 20, "RÉPUBLIQUE DU BÉNIN", 38, face="bold", ink=(20, 110, 60))
    card.text(50, 68, "Ministère de l'Économie et des Finances", 28)
    card.text(50, 104, "Direction Générale des Impôts", 28)
    card.text(760, 30, "CARTE IFU", 60, face="bold", ink=(170, 30, 40))
    card.text(760, 104, "Identifiant Fiscal Unique", 29)
    pen = Pen(card, 29, 44, "sans", "bold")
    pen.beside(60, 190, 370, "N° IFU", who.document_number)
    pen.beside(60, 276, 370, "Nom", who.surname.upper())
    pen.beside(60, 362, 370, "Prénoms", who.given_names)
    pen.beside(60, 448, 370, "Né(e) le", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(760, 448, 80, "à", who.place_of_birth)
    pen.beside(60, 534, 370, "Adresse", who.address)
    pen.beside(60, 620, 370, "Date d'immatriculation", f"{who.issued_on:%d/%m/%Y}")
    pen.label(60, 740, "Le Directeur Général des Impôts")
    signature(card, 560, 700, who.seed)
    truth = told(who, *_NAMES, "date_of_birth", "issued_on", "document_number", "address")
    return Drawn("tax_id", "BEN", {"front": card}, truth)
