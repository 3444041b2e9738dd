"""Residence permits of the met set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")


def greek_permit(who: Person) -> Drawn:
    """Draw the lines in Latin letters of the Union's card of 2020; the remarks say when it was first given."""
    card = side(CARD, (232, 236, 246), (40, 60, 120), who.seed)
    card.bar(40, 24, 170, 112, (20, 50, 140))
    card.text(72, 46, "GR", 54, face="bold", ink=(250, 220, 60))
    card.text(460, 24, "RESIDENCE PERMIT", 46, face="bold", ink=(40, 60, 120))
    card.text(960, 30, who.document_number, 42, face="mono")
    face(card, who, (50, 150, 360, 470))
    pen = Pen(card, 27, 43, "sans", "sans")
    pen.above(460, 100, "SURNAME, NAME", who.surname.upper(), who.given_names.upper())
    pen.above(460, 256, "SEX", who.sex)
    pen.above(620, 256, "NATIONALITY", who.nationality)
    pen.above(880, 256, "DATE OF BIRTH", f"{who.date_of_birth:%d %m %Y}")
    pen.above(460, 360, "TYPE OF PERMIT", "FAMILY REUNIFICATION")
    pen.above(460, 464, "CARD EXPIRY DATE", f"{who.expires_on:%d %m %Y}")
    pen.above(460, 568, "REMARKS", "ART. 70 LAW 4251/2014", "ACCESS TO EMPLOYMENT")
    pen.above(50, 640, "CAN", filled("&&&&&&", dice_of(who)))
    pen.label(460, 760, "SIGNATURE OF HOLDER")
    signature(card, 800, 720, who.seed)
    back = side(CARD, (236, 240, 246), (40, 60, 120), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "sans")
    pen.above(50, 40, "DATE OF ISSUE - PLACE OF ISSUE - AUTHORITY", f"{who.issued_on:%d %m %Y} ATHINA  AD ATTIKIS")
    pen.above(50, 150, "PLACE OF BIRTH", f"{who.place_of_birth.upper()}, ARMENIA")
    pen.above(50, 260, "REMARKS", f"A.F.M. {filled('1&&&&&&&&', dice_of(who))}")
    back.zone(zone := card_zone(who, "IR", country="GRC", optional=filled("&&&&&&&", dice_of(who))), 545)
    return Drawn("residence_permit", "GRC", {"front": card, "back": back}, told(who, *_WHOLE, "issued_on"), zone)


def omani_permit(who: Person) -> Drawn:
    """Draw the card whose labels follow in English after the Arabic ones, which the fonts do not have."""
    card = side(CARD, (230, 244, 240), (20, 100, 80), who.seed)
    card.text(50, 20, "SULTANATE OF OMAN", 42, face="bold", ink=(20, 100, 80))
    card.text(50, 72, "ROYAL OMAN POLICE", 30)
    card.text(860, 26, "RESIDENT CARD", 44, face="bold", ink=(150, 40, 40))
    face(card, who, (50, 150, 330, 430))
    pen = Pen(card, 28, 44, "bold", "sans")
    pen.beside(430, 150, 270, "CIVIL NUMBER", who.document_number)
    pen.beside(430, 236, 270, "EXPIRY DATE", f"{who.expires_on:%d/%m/%Y}")
    pen.beside(430, 322, 270, "DATE OF BIRTH", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(430, 408, 270, "SEX", {"M": "MALE", "F": "FEMALE"}[who.sex])
    pen.beside(430, 494, 270, "NATIONALITY", "ETHIOPIA")
    pen.label(50, 630, "NAME")
    card.text(50, 668, who.full_name.upper(), 46, face="bold")
    card.text(50, 760, "DIRECTORATE GENERAL OF CIVIL STATUS", 27)
    back = side(CARD, (236, 244, 242), (20, 100, 80), who.seed + 1)
    pen = Pen(back, 28, 39, "bold", "sans")
    dice = dice_of(who)
    pen.beside(50, 50, 300, "ISSUE DATE", f"{who.issued_on:%d/%m/%Y}")
    pen.beside(50, 120, 300, "PLACE OF BIRTH", who.place_of_birth.upper())
    pen.beside(50, 190, 300, "SPONSOR", "AL WADI TRADING LLC")
    pen.beside(50, 260, 300, "PROFESSION", "SALES REPRESENTATIVE")
    pen.beside(50, 330, 300, "VISA NUMBER", filled("&&&&&&&&", dice))
    pen.label(50, 420, "SIGNATURE")
    signature(back, 350, 400, who.seed)
    back.zone(zone := card_zone(who, "IR", country="OMN"), 545)
    return Drawn("residence_permit", "OMN", {"front": card, "back": back}, told(who, *_WHOLE, "issued_on"), zone)
