"""Residence permits of the held_out set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from datetime import date

from stdnum import luhn
from stdnum.ua import rntrc

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_DAY_NOUGHT = date(1899, 12, 31)


def saudi_permit(who: Person) -> Drawn:
    """Draw the English lines; the day of issue is of the calendar of the Hijra, the others are not."""
    dice = dice_of(who)
    shown = who.document_number + luhn.calc_check_digit(who.document_number)
    card = side(CARD, (230, 240, 236), (20, 90, 70), who.seed)
    card.text(50, 24, "KINGDOM OF SAUDI ARABIA", 38, face="bold", ink=(20, 90, 70))
    card.text(50, 72, "Ministry of Interior", 30)
    card.text(800, 30, "RESIDENT IDENTITY", 46, face="bold", ink=(140, 90, 20))
    face(card, who, (50, 140, 330, 430))
    pen = Pen(card, 28, 43, "sans", "sans")
    card.text(440, 134, who.full_name.upper(), 43, face="bold")
    pen.beside(440, 216, 250, "ID Number", shown)
    pen.beside(440, 290, 250, "Date of Birth", f"{who.date_of_birth:%Y/%m/%d}")
    pen.beside(440, 364, 250, "Expiry Date", f"{who.expires_on:%Y/%m/%d}")
    pen.beside(440, 438, 250, "Place of Issue", ("Riyadh", "Jeddah", "Dammam")[who.seed % 3])
    pen.beside(440, 512, 250, "Profession", {"M": "Electrician", "F": "Nurse"}[who.sex])
    pen.beside(440, 586, 250, "Nationality", "Sudan")
    pen.beside(440, 660, 250, "Religion", "Islam")
    pen.beside(440, 734, 250, "Employer", "Najd Contracting Est.")
    pen.label(50, 600, "Version")
    pen.value(190, 590, f"{who.seed % 4 + 1:02}")
    back = side(CARD, (234, 242, 238), (20, 90, 70), who.seed + 1)
    pen = Pen(back, 28, 40, "sans", "sans")
    pen.above(60, 50, "Employer ID", filled("700&&&&&&&", dice))
    pen.above(
        60, 160, "Date of Issue (H)", f"{who.issued_on.year - 579}/{dice.randint(1, 12):02}/{dice.randint(1, 29):02}"
    )
    back.lines(60, 320, (
        "The holder must carry this identity and present it on request.",
        "Loss must be reported within 24 hours to the nearest Passports office.",
        "General Directorate of Passports",
    ), 30, 50)  # fmt: skip
    back.text(60, 720, filled("SA&&&&&&&&&&", dice), 32, face="mono")
    truth = told(who, "full_name", "date_of_birth", "expires_on", "nationality", document_number=shown)
    return Drawn("residence_permit", "SAU", {"front": card, "back": back}, truth)


def ukrainian_permit(who: Person) -> Drawn:
    """Draw the English words of the lines; the tax number is printed beside the record's."""
    card = side(CARD, (232, 238, 250), (30, 60, 140), who.seed)
    card.text(50, 18, "UKRAINE", 48, face="bold", ink=(30, 60, 140))
    card.text(360, 26, "PERMANENT RESIDENCE PERMIT", 40, face="bold", ink=(150, 110, 0))
    card.text(1140, 26, "UKR", 40, face="bold")
    face(card, who, (50, 110, 380, 490))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(490, 100, "Surname", who.surname.upper())
    pen.above(490, 202, "Name", who.given_names.upper())
    pen.above(490, 304, "Sex", who.sex)
    pen.above(640, 304, "Nationality", who.nationality)
    pen.above(930, 304, "Date of birth", f"{who.date_of_birth:%d %m %Y}")
    pen.above(490, 406, "Record No.", who.personal_number)
    pen.above(490, 508, "Date of expiry", f"{who.expires_on:%d %m %Y}")
    pen.above(930, 508, "Document No.", who.document_number)
    card.text(490, 640, "PERMANENT", 34, face="bold", ink=(150, 110, 0))
    pen.label(50, 740, "Signature of holder")
    signature(card, 80, 640, who.seed)
    back = side(CARD, (238, 242, 250), (30, 60, 140), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 36, "Date of issue", f"{who.issued_on:%d %m %Y}")
    pen.above(500, 36, "Authority", f"{8010 + who.seed % 37}")
    pen.above(840, 36, "Taxpayer's No.", _tax_number(who))
    pen.above(50, 140, "Place of birth", f"{who.place_of_birth}, AZERBAIJAN")
    pen.above(50, 244, "Type of permit", "1.7")
    pen.above(500, 244, "Previous document", "NONE")
    optional = who.personal_number.replace("-", "")
    back.zone(zone := card_zone(who, "IR", country="UKR", optional=optional), 545)
    truth = told(
        who, "surname", "given_names", "full_name", "date_of_birth", "sex", "nationality", "issued_on", "expires_on",
        "document_number", "personal_number",
    )  # fmt: skip
    return Drawn("residence_permit", "UKR", {"front": card, "back": back}, truth, zone)


def _tax_number(who: Person) -> str:
    """Write the ten digits that begin with the days since 1899; the ninth is odd for men."""
    dice = dice_of(who)
    parity = dice.choice("13579" if who.sex == "M" else "02468")
    body = f"{(who.date_of_birth - _DAY_NOUGHT).days:05}{filled('&&&', dice)}{parity}"
    return body + rntrc.calc_check_digit(body)
