"""Driving licences and a tax card of the met set; ID-1 at 15.2 px to a millimetre, as `spent_printing` says."""

from datetime import date

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, dice_of, face, licence_code, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_NAMES = ("surname", "given_names", "full_name")
_NUMBERED = (*_NAMES, "date_of_birth", "issued_on", "expires_on", "document_number")
_CODE_TOP = 400


def faroese_licence(who: Person) -> Drawn:
    card = side(CARD, (248, 228, 230), (30, 60, 130), who.seed)
    card.text(50, 24, "FØROYAR", 50, face="bold", ink=(30, 60, 130))
    card.text(450, 28, "KOYRIKORT", 46, face="bold", ink=(150, 30, 50))
    card.text(820, 36, "KØREKORT  DRIVING LICENCE", 28)
    face(card, who, (50, 140, 350, 450))
    pen = Pen(card, 28, 43, "sans", "sans")
    pen.beside(450, 128, 64, "1.", who.surname)
    pen.beside(450, 200, 64, "2.", who.given_names)
    pen.beside(450, 272, 64, "3.", f"{who.date_of_birth:%d.%m.%Y} {who.place_of_birth}")
    pen.beside(450, 344, 64, "4a.", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(860, 344, 64, "4c.", "Akstovan")
    pen.beside(450, 416, 64, "4b.", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(860, 416, 64, "4d.", who.personal_number)
    pen.beside(450, 488, 64, "5.", who.document_number)
    pen.label(450, 580, "7.")
    signature(card, 520, 560, who.seed)
    pen.beside(450, 690, 64, "9.", "AM/A1/B/BE/T")
    back = side(CARD, (248, 236, 238), (30, 60, 130), who.seed + 1)
    pen = Pen(back, 28, 36, "sans", "sans")
    since = f"{who.date_of_birth.replace(year=who.date_of_birth.year + 18):%d.%m.%y}"
    for left, words in zip((120, 340, 680, 1000), ("9.", "10.", "11.", "12."), strict=True):
        pen.label(left, 40, words)
    for i, category in enumerate(("AM", "A1", "B", "BE", "T")):
        pen.value(120, 110 + 74 * i, category)
        pen.value(340, 110 + 74 * i, since)
        pen.value(680, 110 + 74 * i, f"{who.expires_on:%d.%m.%y}")
    pen.value(1000, 110 + 74 * 2, "01.06")
    back.text(60, 620, "1. Eftirnavn 2. Fornavn 3. Føðingardagur og føðistaður 4a. Útgávudagur", 27)
    back.text(60, 664, "4b. Gildugt til 4c. Útgivið hevur 4d. P-tal 5. Koyrikort nr.", 27)
    truth = told(who, *_NUMBERED, "personal_number")
    return Drawn("driving_licence", "FRO", {"front": card, "back": back}, truth)


def gibraltarian_licence(who: Person) -> Drawn:
    card = side(CARD, (246, 230, 236), (110, 20, 50), who.seed)
    card.text(50, 26, "GBZ", 54, face="bold", ink=(110, 20, 50))
    card.text(230, 24, "DRIVING LICENCE", 48, face="bold", ink=(110, 20, 50))
    card.text(760, 34, "HM GOVERNMENT OF GIBRALTAR", 30)
    face(card, who, (50, 140, 340, 440))
    pen = Pen(card, 30, 42, "bold", "bold")
    street, town = who.address.upper().split(", ")
    title = {"M": "MR", "F": "MS"}[who.sex]
    pen.beside(440, 120, 70, "1.", who.surname.upper())
    pen.beside(440, 188, 70, "2.", f"{title} {who.given_names.upper()}")
    pen.beside(440, 256, 70, "3.", f"{who.date_of_birth:%d.%m.%Y} GIBRALTAR")
    pen.beside(440, 324, 70, "4a.", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(860, 324, 70, "4c.", "DVLD")
    pen.beside(440, 392, 70, "4b.", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(440, 460, 70, "5.", who.document_number)
    pen.label(440, 540, "7.")
    signature(card, 520, 520, who.seed)
    pen.beside(440, 620, 70, "8.", f"{street}, {town}")
    pen.beside(440, 700, 70, "9.", "AM/A/B1/B/f/k/l")
    truth = told(who, *_NUMBERED, address=f"{street}, {town}")
    return Drawn("driving_licence", "GIB", {"front": card}, truth)


def british_columbian_licence(who: Person) -> Drawn:
    """Draw the licence on which the names and the home have no label and dates are written 2019-Mar-05."""
    card = side(CARD, (228, 238, 248), (20, 60, 120), who.seed)
    card.text(50, 20, "BRITISH COLUMBIA", 44, face="bold", ink=(20, 60, 120))
    card.text(560, 26, "CANADA", 34, face="sans")
    card.text(820, 20, "DRIVER'S LICENCE", 44, face="bold", ink=(20, 60, 120))
    face(card, who, (50, 110, 370, 470))
    street, town = who.address.split(", ")
    city, _, code = town.partition(" BC ")
    pen = Pen(card, 28, 42, "sans", "bold")
    pen.beside(470, 96, 60, "DL:", who.document_number)
    pen.beside(470, 160, 110, "Issued:", _year_first(who.issued_on))
    pen.beside(880, 160, 120, "Expires:", _year_first(who.expires_on))
    card.text(470, 236, f"{who.surname.upper()},", 46, face="bold")
    card.text(470, 292, who.given_names.upper(), 46, face="bold")
    card.text(470, 366, street, 40)
    card.text(470, 414, f"{city} BC", 40)
    card.text(470, 462, code, 40)
    pen.beside(470, 536, 90, "DOB:", _year_first(who.date_of_birth))
    pen.beside(880, 536, 80, "Sex:", who.sex)
    pen.beside(470, 604, 90, "Ht:", "173.0 cm")
    pen.beside(880, 604, 80, "Wt:", "71.5 kg")
    pen.beside(470, 672, 90, "Hair:", "BRN")
    pen.beside(880, 672, 90, "Eyes:", "BLU")
    pen.beside(470, 740, 100, "Class:", "5")
    pen.beside(880, 740, 90, "Restr:", "21")
    signature(card, 70, 640, who.seed)
    card.text(60, 760, f"NDL: {filled('19&&&&&&', dice_of(who))}", 28)
    back = Sheet(CARD, (250, 250, 250))
    back.text(60, 50, "CLASS 5: TWO-AXLE VEHICLES INCLUDING CARS, VANS AND TRUCKS", 28)
    back.text(60, 96, "RESTRICTION 21: CORRECTIVE LENSES REQUIRED", 28)
    back.text(60, 150, "A change of address must be reported within 10 days.", 28)
    coded = licence_code(who, country="CAN", region="BC", town=city, street=street, code=code.replace(" ", ""))
    back.picture(coded, ((CARD[0] - coded.width) // 2, _CODE_TOP))
    truth = told(who, *_NUMBERED, "sex", "address")
    return Drawn("driving_licence", "CAN", {"front": card, "back": back}, truth)


def motswana_licence(who: Person) -> Drawn:
    card = side(CARD, (226, 240, 248), (20, 90, 140), who.seed)
    card.text(300, 18, "REPUBLIC OF BOTSWANA", 38, face="bold", ink=(20, 90, 140))
    card.text(300, 64, "DRIVING LICENCE - SADC", 34, face="bold")
    face(card, who, (50, 130, 330, 430))
    pen = Pen(card, 28, 42, "sans", "bold")
    pen.beside(430, 124, 240, "Surname", who.surname.upper())
    pen.beside(430, 192, 240, "Forenames", who.given_names.upper())
    pen.beside(430, 260, 240, "Omang/ID No.", who.personal_number)
    pen.beside(430, 328, 240, "Date of birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(950, 328, 120, "Gender", {"M": "MALE", "F": "FEMALE"}[who.sex])
    pen.beside(430, 396, 240, "Licence No.", who.document_number)
    pen.beside(430, 464, 240, "Valid from", f"{who.issued_on:%d/%m/%Y}")
    pen.beside(430, 532, 240, "Valid until", f"{who.expires_on:%d/%m/%Y}")
    pen.beside(430, 600, 240, "Codes", "B  C1")
    pen.beside(800, 600, 240, "Driver restriction", "0")
    first = who.date_of_birth.replace(year=who.date_of_birth.year + 19)
    pen.beside(430, 668, 240, "First issue", f"B {first:%d/%m/%Y}")
    pen.label(50, 700, "Signature of holder")
    signature(card, 60, 610, who.seed)
    card.text(50, 764, f"Card No. {filled('BW&&&&&&&&', dice_of(who))}", 29)
    truth = told(who, *_NUMBERED, "sex", "personal_number")
    return Drawn("driving_licence", "BWA", {"front": card}, truth)


def haitian_tax_card(who: Person) -> Drawn:
    card = side(CARD, (230, 236, 250), (30, 50, 130), who.seed)
    card.text(360, 18, "RÉPUBLIQUE D'HAÏTI", 40, face="serifbold", ink=(30, 50, 130))
    card.text(230, 68, "MINISTÈRE DE L'ÉCONOMIE ET DES FINANCES", 30, face="serif")
    card.text(290, 106, "DIRECTION GÉNÉRALE DES IMPÔTS", 30, face="serif")
    card.text(230, 152, "CARTE D'IMMATRICULATION FISCALE", 38, face="serifbold", ink=(150, 30, 40))
    face(card, who, (920, 220, 330, 420))
    pen = Pen(card, 29, 44, "serif", "bold")
    pen.beside(50, 224, 300, "N.I.F. :", who.document_number)
    pen.beside(50, 302, 300, "Nom :", who.surname.upper())
    pen.beside(50, 380, 300, "Prénom :", who.given_names)
    pen.beside(50, 458, 300, "Date de naissance :", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(50, 536, 300, "Lieu de naissance :", who.place_of_birth)
    pen.beside(50, 614, 300, "Sexe :", who.sex)
    pen.beside(500, 614, 140, "Activité :", "Commerce")
    pen.beside(50, 692, 300, "Émise le :", f"{who.issued_on:%d/%m/%Y}")
    pen.label(920, 750, "Signature du contribuable")
    signature(card, 930, 670, who.seed)
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", "document_number")
    return Drawn("tax_id", "HTI", {"front": card}, truth)


def _year_first(day: date) -> str:
    """Write 2019-Mar-05."""
    return f"{day.year}-{_ENGLISH.split()[day.month - 1]}-{day.day:02}"
