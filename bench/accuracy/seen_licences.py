"""Driving licences and a tax card of the seen set; ID-1 at 15.2 px to a millimetre, as `spent_printing` says."""

from dataclasses import replace

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, face, licence_code, told
from bench.accuracy.seen_people import parent
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import CARD, Pen, long, side

_ENGLISH = "January February March April May June July August September October November December"
_NAMES = ("surname", "given_names", "full_name")
_NUMBERED = (*_NAMES, "date_of_birth", "issued_on", "expires_on", "document_number")
_CODE_TOP = 420


def portuguese_licence(who: Person) -> Drawn:
    card = side(CARD, (248, 230, 234), (30, 60, 140), who.seed)
    card.bar(40, 24, 180, 124, (20, 50, 140))
    card.text(86, 46, "P", 58, face="bold", ink=(250, 220, 60))
    card.text(230, 24, "CARTA DE CONDUÇÃO", 46, face="bold", ink=(30, 60, 140))
    card.text(230, 80, "REPÚBLICA PORTUGUESA", 32)
    face(card, who, (50, 160, 340, 440))
    pen = Pen(card, 28, 45, "sans", "sans")
    pen.beside(430, 150, 70, "1.", who.surname)
    pen.beside(430, 228, 70, "2.", who.given_names)
    pen.beside(430, 306, 70, "3.", f"{who.date_of_birth:%d/%m/%Y}  {who.place_of_birth}")
    pen.beside(430, 384, 70, "4a.", f"{who.issued_on:%d/%m/%Y}")
    pen.beside(860, 384, 70, "4b.", f"{who.expires_on:%d/%m/%Y}")
    pen.beside(430, 462, 70, "4c.", "IMT - Norte")
    pen.beside(430, 540, 70, "5.", who.document_number)
    pen.label(430, 640, "7.")
    pen.beside(430, 736, 70, "9.", "B1  B")
    return Drawn("driving_licence", "PRT", {"front": card}, told(who, *_NUMBERED))


def wisconsin_licence(who: Person) -> Drawn:
    number = f"{who.surname[0]}{who.document_number}"
    card = side(CARD, (236, 240, 230), (150, 30, 40), who.seed)
    card.text(50, 16, "WISCONSIN", 62, face="bold", ink=(150, 30, 40))
    card.text(470, 24, "DRIVER LICENSE", 40)
    card.text(920, 28, "REGULAR", 36, face="bold")
    card.text(1150, 28, "USA", 36)
    face(card, who, (50, 190, 350, 450))
    pen = Pen(card, 27, 42, "oblique", "bold")
    street, town = (part.upper() for part in who.address.split(", ", 1))
    pen.beside(50, 104, 110, "4d DLN", number)
    pen.beside(760, 104, 110, "3 DOB", f"{who.date_of_birth:%m/%d/%Y}")
    pen.beside(440, 180, 40, "1", who.surname.upper())
    pen.beside(440, 240, 40, "2", who.given_names.upper())
    pen.beside(440, 320, 40, "8", street)
    pen.value(480, 380, town)
    pen.above(440, 450, "4a ISS", f"{who.issued_on:%m/%d/%Y}")
    pen.above(760, 450, "4b EXP", f"{who.expires_on:%m/%d/%Y}")
    pen.above(1080, 450, "9 CLASS", "D")
    pen.above(440, 550, "15 SEX", who.sex)
    pen.above(600, 550, "16 HGT", "5'-07\"")
    pen.above(760, 550, "17 WGT", "165 lb")
    pen.above(920, 550, "18 EYES", "BLU")
    pen.above(1080, 550, "19 HAIR", "BRO")
    pen.above(440, 650, "9a END", "NONE")
    pen.above(760, 650, "12 REST", "B")
    pen.beside(50, 752, 80, "5 DD", "OTAKL2026031814220917")
    back = Sheet(CARD, (250, 250, 248))
    back.text(60, 60, "CLASS: D - OPERATOR   REST: B - CORRECTIVE LENSES", 30)
    back.text(60, 120, "ORGAN DONOR REGISTRY: YESWISCONSIN.EXAMPLE", 28)
    city, _, region = town.partition(", ")
    coded = replace(who, document_number=number.replace("-", ""))
    code = licence_code(coded, country="USA", region=region[:2], town=city, street=street, code=f"{region[3:]}0000")
    back.picture(code, ((CARD[0] - code.width) // 2, _CODE_TOP))
    truth = told(
        who, *(name for name in _NUMBERED if name != "document_number"), "sex",
        document_number=number, address=f"{street}, {town}",
    )  # fmt: skip
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, truth)


def jamaican_licence(who: Person) -> Drawn:
    card = side(CARD, (250, 244, 214), (20, 100, 50), who.seed)
    card.text(50, 20, "JAMAICA", 54, face="bold", ink=(20, 100, 50))
    card.text(360, 34, "DRIVER'S LICENCE", 42, face="bold")
    card.text(900, 40, "GENERAL", 36)
    face(card, who, (910, 120, 340, 440))
    pen = Pen(card, 27, 41, "sans", "bold")
    street, town = who.address.upper().split(", ")
    pen.above(50, 100, "DRIVER'S LICENCE NO./TRN", who.document_number)
    pen.above(560, 100, "CLASS", "C")
    pen.above(50, 196, "NAME", f"{who.surname}, {who.given_names}".upper())
    pen.above(50, 292, "ADDRESS", street, f"{town} P.O.")
    pen.above(50, 438, "DATE OF BIRTH", f"{who.date_of_birth:%Y/%m/%d}")
    pen.above(480, 438, "SEX", who.sex)
    pen.above(50, 534, "DATE ISSUED", f"{who.issued_on:%Y/%m/%d}")
    pen.above(480, 534, "EXPIRY DATE", f"{who.expires_on:%Y/%m/%d}")
    pen.above(50, 630, "COLLECTORATE", "012 - CROSS ROADS")
    pen.above(560, 630, "CONTROL NO.", "0048217735")
    pen.label(50, 744, "SIGNATURE OF HOLDER")
    truth = told(who, *_NUMBERED, "sex", address=f"{street}, {town} P.O.")
    return Drawn("driving_licence", "JAM", {"front": card}, truth)


def thai_licence(who: Person) -> Drawn:
    """Draw the lines in Latin letters; the card's own number and the citizen's are two."""
    card = side(CARD, (226, 236, 248), (30, 60, 140), who.seed)
    card.text(300, 20, "KINGDOM OF THAILAND", 36, face="bold", ink=(30, 60, 140))
    card.text(300, 64, "PRIVATE CAR DRIVING LICENCE", 32, face="bold")
    face(card, who, (930, 140, 320, 420))
    pen = Pen(card, 29, 42, "sans", "sans")
    pen.beside(50, 140, 100, "No.", who.document_number)
    pen.above(50, 214, "Issue Date", long(who.issued_on, _ENGLISH))
    pen.above(480, 214, "Expiry Date", long(who.expires_on, _ENGLISH))
    pen.beside(50, 350, 120, "Name", f"{ {'M': 'MR.', 'F': 'MISS'}[who.sex] } {who.full_name.upper()}")
    pen.beside(50, 440, 180, "Birth Date", long(who.date_of_birth, _ENGLISH))
    pen.beside(50, 530, 120, "ID No.", who.personal_number)
    pen.beside(50, 620, 290, "Province Registrar", who.place_of_birth)
    pen.label(930, 600, "Signature of Bearer")
    truth = told(
        who, "full_name", "date_of_birth", "issued_on", "expires_on", "document_number", "personal_number"
    )  # fmt: skip
    return Drawn("driving_licence", "THA", {"front": card}, truth)


def nepalese_tax_card(who: Person) -> Drawn:
    card = side(CARD, (244, 240, 228), (150, 30, 50), who.seed)
    card.text(330, 20, "GOVERNMENT OF NEPAL", 40, face="bold", ink=(150, 30, 50))
    card.text(330, 70, "MINISTRY OF FINANCE", 28)
    card.text(330, 106, "INLAND REVENUE DEPARTMENT", 32, face="bold")
    card.text(330, 152, "PERMANENT ACCOUNT NUMBER CARD", 28)
    given, surname = parent(who, "M")
    pen = Pen(card, 29, 43, "sans", "bold")
    pen.beside(50, 230, 310, "PAN No.", who.document_number)
    pen.beside(50, 316, 310, "Name", who.full_name)
    pen.beside(50, 402, 310, "Date of Birth (A.D.)", f"{who.date_of_birth:%Y-%m-%d}")
    pen.beside(50, 488, 310, "Father's Name", f"{given} {surname}")
    pen.beside(50, 574, 310, "Address", who.address)
    pen.beside(50, 660, 310, "Date of Issue (A.D.)", f"{who.issued_on:%Y-%m-%d}")
    face(card, who, (960, 200, 290, 370))
    pen.label(960, 700, "Tax Officer")
    truth = told(
        who, "full_name", "date_of_birth", "document_number", "issued_on", "address", father_name=f"{given} {surname}"
    )
    return Drawn("tax_id", "NPL", {"front": card}, truth)
