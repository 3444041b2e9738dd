"""Driving licences and a tax card of the shown set; ID-1 at 15.2 px to a millimetre, as `spent_printing` says."""

from dataclasses import replace

from stdnum.sv import nit

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, face, licence_code, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_printing import CARD, Pen, long, side

_ENGLISH = "January February March April May June July August September October November December"
_NAMES = ("surname", "given_names", "full_name")
_NUMBERED = (*_NAMES, "date_of_birth", "issued_on", "expires_on", "document_number")
_CODE_TOP = 400


def latvian_licence(who: Person) -> Drawn:
    card = side(CARD, (246, 228, 232), (120, 30, 60), who.seed)
    card.bar(40, 24, 190, 128, (20, 50, 140))
    card.text(70, 50, "LV", 56, face="bold", ink=(250, 220, 60))
    card.text(230, 30, "VADITAJA APLIECIBA", 44, face="bold", ink=(120, 30, 60))
    card.text(760, 38, "LATVIJAS REPUBLIKA", 36)
    face(card, who, (50, 170, 340, 440))
    pen = Pen(card, 29, 44, "sans", "sans")
    pen.beside(430, 130, 70, "1.", who.surname.upper())
    pen.beside(430, 202, 70, "2.", who.given_names.upper())
    pen.beside(430, 274, 70, "3.", f"{who.date_of_birth:%d.%m.%Y}. LATVIJA")
    pen.beside(430, 346, 70, "4a.", f"{who.issued_on:%d.%m.%Y}.")
    pen.beside(430, 418, 70, "4b.", f"{who.expires_on:%d.%m.%Y}.")
    pen.beside(820, 346, 70, "4c.", "CSDD")
    pen.beside(430, 490, 70, "5.", who.document_number)
    pen.label(430, 590, "7.")
    signature(card, 500, 570, who.seed)
    pen.beside(430, 710, 70, "9.", "AM/B1/B/BE")
    back = side(CARD, (246, 236, 238), (120, 30, 60), who.seed + 1)
    pen = Pen(back, 28, 36, "sans", "sans")
    since = f"{who.date_of_birth.replace(year=who.date_of_birth.year + 18):%d.%m.%y}"
    for left, words in zip((120, 340, 680, 1000), ("9.", "10.", "11.", "12."), strict=True):
        pen.label(left, 40, words)
    for i, category in enumerate(("AM", "B1", "B", "BE")):
        pen.value(120, 110 + 80 * i, category)
        pen.value(340, 110 + 80 * i, since)
        pen.value(680, 110 + 80 * i, f"{who.expires_on:%d.%m.%y}")
    back.text(60, 760, "1. Uzvards 2. Vards 3. Dzimšanas datums un vieta 4a. Izdošanas datums 5. Numurs", 27)
    return Drawn("driving_licence", "LVA", {"front": card, "back": back}, told(who, *_NUMBERED))


def serbian_licence(who: Person) -> Drawn:
    card = side(CARD, (244, 232, 226), (50, 60, 110), who.seed)
    card.text(50, 28, "SRB", 54, face="bold", ink=(50, 60, 110))
    card.text(230, 24, "VOZACKA DOZVOLA", 44, face="bold", ink=(50, 60, 110))
    card.text(740, 34, "REPUBLIKA SRBIJA", 34)
    card.text(230, 80, "DRIVING LICENCE", 28)
    face(card, who, (50, 150, 350, 460))
    pen = Pen(card, 28, 43, "bold", "sans")
    pen.beside(440, 136, 74, "1.", who.surname)
    pen.beside(440, 206, 74, "2.", who.given_names)
    pen.beside(440, 276, 74, "3.", f"{who.date_of_birth:%d.%m.%Y}, {who.place_of_birth}")
    pen.beside(440, 346, 74, "4a.", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(850, 346, 74, "4b.", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(440, 416, 74, "4c.", f"PU {who.place_of_birth.upper()}")
    pen.beside(440, 486, 74, "4d.", who.personal_number)
    pen.beside(440, 556, 74, "5.", who.document_number)
    pen.label(440, 640, "7.")
    signature(card, 520, 620, who.seed)
    pen.beside(440, 730, 74, "9.", "AM, B, F, M")
    return Drawn("driving_licence", "SRB", {"front": card}, told(who, *_NUMBERED, "personal_number"))


def new_york_licence(who: Person) -> Drawn:
    """Draw the licence on which the names and the home have no number and no label."""
    card = side(CARD, (232, 238, 246), (30, 50, 110), who.seed)
    card.text(50, 20, "NEW YORK STATE", 52, face="serifbold", ink=(30, 50, 110))
    card.text(560, 30, "USA", 40, face="serif")
    card.text(760, 28, "DRIVER LICENSE", 46, face="bold")
    face(card, who, (50, 120, 370, 470))
    pen = Pen(card, 28, 42, "sans", "bold")
    street, town = (part.upper() for part in who.address.split(", ", 1))
    pen.beside(460, 110, 50, "ID", who.document_number)
    pen.beside(960, 110, 120, "CLASS", "D")
    card.text(460, 180, who.surname.upper(), 44, face="bold")
    card.text(460, 232, who.given_names.upper(), 44, face="bold")
    card.text(460, 290, street, 40)
    card.text(460, 340, town, 40)
    pen.beside(460, 412, 90, "DOB", f"{who.date_of_birth:%m/%d/%Y}")
    pen.beside(460, 482, 80, "SEX", who.sex)
    pen.beside(680, 482, 90, "EYES", "HAZ")
    pen.beside(960, 482, 80, "HT", "5'-06\"")
    pen.beside(460, 552, 60, "E", "NONE")
    pen.beside(680, 552, 60, "R", "B")
    pen.beside(460, 622, 120, "ISSUED", f"{who.issued_on:%m/%d/%Y}")
    pen.beside(860, 622, 140, "EXPIRES", f"{who.expires_on:%m/%d/%Y}")
    card.text(50, 740, "ORGAN DONOR", 34, face="bold", ink=(150, 30, 40))
    signature(card, 60, 620, who.seed)
    card.text(860, 744, "KJ81T0WQ4F", 30)
    back = Sheet(CARD, (250, 250, 250))
    back.text(60, 50, "CLASS D: OPERATOR", 30)
    back.text(60, 100, "RESTRICTION B: CORRECTIVE LENSES", 30)
    back.text(60, 170, "Notify the department of a change of address within 10 days.", 28)
    coded = replace(who, document_number=who.document_number.replace(" ", ""))
    city, _, last = town.rpartition(" NY ")
    code = licence_code(coded, country="USA", region="NY", town=city, street=street, code=f"{last}0000")
    back.picture(code, ((CARD[0] - code.width) // 2, _CODE_TOP))
    truth = told(who, *_NUMBERED, "sex", address=f"{street}, {town}")
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, truth)


def fijian_licence(who: Person) -> Drawn:
    card = side(CARD, (224, 240, 246), (20, 80, 130), who.seed)
    card.text(50, 22, "REPUBLIC OF FIJI", 40, face="bold", ink=(20, 80, 130))
    card.text(50, 72, "LAND TRANSPORT AUTHORITY", 30)
    card.text(800, 22, "DRIVING LICENCE", 46, face="bold", ink=(150, 30, 40))
    face(card, who, (50, 140, 320, 420))
    pen = Pen(card, 29, 42, "sans", "bold")
    street, town = who.address.split(", ")
    pen.beside(410, 140, 220, "Licence No:", who.document_number)
    pen.beside(410, 210, 220, "Name:", who.full_name)
    pen.beside(410, 280, 220, "Address:", street)
    pen.value(630, 334, town)
    pen.beside(410, 410, 220, "Date of Birth:", long(who.date_of_birth, _ENGLISH))
    pen.beside(410, 480, 220, "Issue Date:", long(who.issued_on, _ENGLISH))
    pen.beside(410, 550, 220, "Expiry Date:", long(who.expires_on, _ENGLISH))
    pen.beside(410, 620, 220, "Class/Group:", "2, 6")
    pen.beside(820, 620, 200, "Conditions:", "NIL")
    pen.label(50, 680, "Signature of holder")
    signature(card, 60, 590, who.seed)
    card.text(50, 750, "Valid only when carried by the person named. Blood donor: N", 28)
    truth = told(
        who, "full_name", "date_of_birth", "issued_on", "expires_on", "document_number", "address"
    )  # fmt: skip
    return Drawn("driving_licence", "FJI", {"front": card}, truth)


def salvadoran_tax_card(who: Person) -> Drawn:
    place, _, serial = who.document_number.partition("/")
    body = f"{place}{who.date_of_birth:%d%m%y}{serial}"
    number = nit.format(body + nit.calc_check_digit(body))
    card = side(CARD, (232, 240, 248), (20, 60, 130), who.seed)
    card.text(300, 20, "REPÚBLICA DE EL SALVADOR", 38, face="bold", ink=(20, 60, 130))
    card.text(300, 66, "MINISTERIO DE HACIENDA", 32)
    card.text(300, 106, "DIRECCIÓN GENERAL DE IMPUESTOS INTERNOS", 28)
    card.text(50, 180, "NÚMERO DE IDENTIFICACIÓN TRIBUTARIA", 34, face="bold")
    card.text(50, 232, f"NIT: {number}", 54, face="bold", ink=(150, 30, 40))
    pen = Pen(card, 28, 43, "sans", "bold")
    pen.above(50, 330, "APELLIDOS", who.surname.upper())
    pen.above(50, 438, "NOMBRES", who.given_names.upper())
    pen.above(50, 546, "FECHA DE NACIMIENTO", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(500, 546, "SEXO", {"M": "MASCULINO", "F": "FEMENINO"}[who.sex])
    pen.above(50, 654, "FECHA DE EXPEDICIÓN", f"{who.issued_on:%d/%m/%Y}")
    pen.above(500, 654, "NACIONALIDAD", "SALVADOREÑA")
    pen.label(930, 760, "FIRMA DEL TITULAR")
    signature(card, 940, 670, who.seed)
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", "nationality", document_number=number)
    return Drawn("tax_id", "SLV", {"front": card}, truth)
