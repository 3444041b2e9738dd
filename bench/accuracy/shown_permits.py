"""Residence permits of the shown set; ID-1 at 15.2 px a millimetre, the sticker of ID-2 size at 14.3."""

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told, two_line_zone
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_WHOLE = (
    "surname", "given_names", "full_name", "date_of_birth", "sex", "nationality", "expires_on", "document_number",
    "issued_on",
)  # fmt: skip
_CENTURY = 2000


def maltese_permit(who: Person) -> Drawn:
    card = side(CARD, (230, 234, 246), (60, 40, 120), who.seed)
    card.text(50, 22, "PERMESS TA' RESIDENZA", 40, face="bold", ink=(60, 40, 120))
    card.text(600, 30, "RESIDENCE PERMIT", 32)
    card.text(1140, 20, "MLT", 44, face="bold")
    face(card, who, (50, 140, 350, 460))
    pen = Pen(card, 27, 42, "sans", "bold")
    card.text(450, 82, who.document_number, 44, face="monobold")
    pen.above(450, 140, "KUNJOM / SURNAME", who.surname.upper())
    pen.above(450, 238, "ISEM / NAME", who.given_names.upper())
    pen.above(450, 336, "SESS / SEX", who.sex)
    pen.above(640, 336, "NAZZJONALITÀ/NAT.", who.nationality)
    pen.above(930, 336, "DATA TAT-TWELID / DOB", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(450, 434, "TIP TA' PERMESS / TYPE OF PERMIT", "IMPJIEG - EMPLOYMENT")
    pen.above(450, 532, "VALIDU SA / VALID UNTIL", f"{who.expires_on:%d/%m/%Y}")
    pen.above(880, 532, "CAN", "402815")
    pen.above(450, 630, "RIMARKI / REMARKS", "SINGLE PERMIT")
    pen.label(50, 720, "FIRMA TAD-DETENTUR / SIGNATURE")
    signature(card, 60, 640, who.seed)
    back = side(CARD, (234, 238, 246), (60, 40, 120), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 30, "DATA U POST TAL-HRUG / DATE AND PLACE OF ISSUE", f"{who.issued_on:%d/%m/%Y} BLATA L-BAJDA")
    pen.above(50, 130, "POST TAT-TWELID / PLACE OF BIRTH", f"{who.place_of_birth.upper()}, GEO")
    pen.above(50, 230, "RIMARKI / REMARKS", "TCN - FIRST PERMIT 2019")
    pen.above(50, 330, "AWTORITÀ / AUTHORITY", "IDENTITÀ")
    back.zone(zone := card_zone(who, "IR", country="MLT"), 545)
    return Drawn("residence_permit", "MLT", {"front": card, "back": back}, told(who, *_WHOLE), zone)


def cypriot_permit(who: Person) -> Drawn:
    """Draw the lines in Latin letters of the sticker, which has a zone of two lines."""
    page = side((1500, 1060), (238, 230, 222), (110, 60, 30), who.seed)
    page.text(520, 26, "RESIDENCE PERMIT", 48, face="bold", ink=(110, 60, 30))
    page.text(60, 26, "CYPRUS", 48, face="bold")
    page.text(1130, 32, who.document_number, 46, face="monobold", ink=(150, 30, 40))
    face(page, who, (60, 150, 380, 500))
    pen = Pen(page, 26, 42, "sans", "mono")
    pen.above(500, 110, "NAME", f"{who.surname.upper()} {who.given_names.upper()}")
    pen.above(500, 214, "DATE AND PLACE OF BIRTH", f"{who.date_of_birth:%d.%m.%Y} {who.place_of_birth.upper()}")
    pen.above(500, 318, "NATIONALITY", who.nationality)
    pen.above(900, 318, "SEX", who.sex)
    pen.above(500, 422, "TYPE OF PERMIT", "TEMPORARY RESIDENCE - VISITOR")
    pen.above(500, 526, "VALID UNTIL", f"{who.expires_on:%d.%m.%Y}")
    pen.above(500, 630, "PLACE OF ISSUE / START OF VALIDITY", f"NICOSIA {who.issued_on:%d.%m.%Y}")
    pen.above(500, 734, "REMARKS", "EMPLOYMENT NOT PERMITTED")
    pen.label(60, 790, "SIGNATURE AND SEAL")
    signature(page, 80, 700, who.seed)
    page.zone(zone := two_line_zone(who, "IR", 36, issuer="CYP"), 900)
    return Drawn("residence_permit", "CYP", {"front": page}, told(who, *_WHOLE), zone)


def qatari_permit(who: Person) -> Drawn:
    century = 3 if who.date_of_birth.year >= _CENTURY else 2
    number = f"{century}{who.date_of_birth:%y}{who.document_number}"
    card = side(CARD, (246, 238, 240), (120, 20, 60), who.seed)
    card.text(50, 20, "State of Qatar", 44, face="bold", ink=(120, 20, 60))
    card.text(50, 78, "Residency Permit", 38)
    face(card, who, (930, 100, 320, 420))
    pen = Pen(card, 29, 42, "sans", "bold")
    pen.beside(50, 160, 200, "ID.No:", number)
    pen.beside(50, 244, 200, "D.O.B.:", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(50, 328, 200, "Expiry:", f"{who.expires_on:%d/%m/%Y}")
    pen.beside(50, 412, 200, "Nationality:", "EGYPT")
    pen.beside(50, 496, 200, "Occupation:", "ACCOUNTANT")
    pen.beside(50, 620, 200, "Name:", who.full_name.upper())
    back = side(CARD, (246, 242, 242), (120, 20, 60), who.seed + 1)
    pen = Pen(back, 28, 38, "sans", "bold")
    dice = dice_of(who)
    pen.beside(50, 60, 300, "Passport Number:", filled("A2&&&&&&&", dice))
    pen.beside(50, 130, 300, "Passport Expiry:", f"{who.expires_on.replace(year=who.expires_on.year + 2):%d/%m/%Y}")
    pen.beside(50, 200, 300, "Residency Type:", "WORK")
    pen.beside(50, 270, 300, "Employer:", "GULF PEARL CONTRACTING W.L.L.")
    pen.beside(50, 340, 300, "Serial No:", filled("630&&&&&&&&", dice))
    back.text(50, 460, "General Director of Passports & Expatriates Affairs", 28)
    signature(back, 820, 520, who.seed)
    pen.label(50, 560, "Holder's signature:")
    truth = told(who, "full_name", "date_of_birth", "nationality", "expires_on", document_number=number)
    return Drawn("residence_permit", "QAT", {"front": card, "back": back}, truth)
