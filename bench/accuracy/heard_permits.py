"""Residence permits of the heard set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")


def gabonese_permit(who: Person) -> Drawn:
    home = "QUARTIER GLASS, LIBREVILLE"
    card = side(CARD, (232, 244, 232), (20, 110, 70), who.seed)
    card.text(50, 20, "RÉPUBLIQUE GABONAISE", 38, face="bold", ink=(20, 110, 70))
    card.text(50, 66, "Union - Travail - Justice", 27, face="oblique")
    card.text(640, 24, "CARTE DE SÉJOUR", 48, face="bold", ink=(30, 60, 140))
    face(card, who, (50, 130, 340, 440))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(440, 110, "N° de la carte", who.document_number)
    pen.above(900, 110, "Catégorie", "SALARIÉ")
    pen.above(440, 208, "Nom", who.surname.upper())
    pen.above(440, 306, "Prénom(s)", who.given_names.upper())
    pen.above(440, 404, "Date de naissance", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(900, 404, "Sexe", who.sex)
    pen.above(440, 502, "Lieu de naissance", f"{who.place_of_birth.split()[-1].upper()} (TOGO)")
    pen.above(440, 600, "Nationalité", {"M": "TOGOLAIS", "F": "TOGOLAISE"}[who.sex])
    pen.above(440, 698, "Délivrée le", f"{who.issued_on:%d/%m/%Y}")
    pen.above(900, 698, "Expire le", f"{who.expires_on:%d/%m/%Y}")
    pen.label(50, 740, "Signature du titulaire")
    signature(card, 70, 640, who.seed)
    back = side(CARD, (236, 244, 236), (20, 110, 70), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 40, "Profession", {"M": "MAÇON", "F": "COIFFEUSE"}[who.sex])
    pen.above(640, 40, "Employeur", "SOCIETE OGOOUE BATIMENT")
    pen.above(50, 150, "Adresse", home)
    pen.above(50, 260, "Date d'entrée au Gabon", f"14/02/{who.issued_on.year - 3}")
    pen.above(640, 260, "Autorité", "D.G.D.I. LIBREVILLE")
    back.text(50, 390, "Le titulaire est tenu de signaler tout changement d'adresse.", 28)
    back.zone(zone := card_zone(who, "IR", country="GAB"), 545)
    truth = told(who, *_WHOLE, "issued_on", address=home)
    return Drawn("residence_permit", "GAB", {"front": card, "back": back}, truth, zone)


def belizean_permit(who: Person) -> Drawn:
    card = side(CARD, (230, 236, 248), (30, 50, 120), who.seed)
    card.text(400, 20, "GOVERNMENT OF BELIZE", 42, face="serifbold", ink=(30, 50, 120))
    card.text(400, 72, "Department of Immigration and Nationality Services", 28, face="serif")
    card.text(400, 112, "PERMANENT RESIDENCE CARD", 40, face="serifbold", ink=(150, 30, 40))
    face(card, who, (900, 190, 340, 430))
    pen = Pen(card, 28, 44, "serif", "sans")
    pen.above(50, 180, "Surname", who.surname.upper())
    pen.above(50, 284, "Given Name(s)", who.given_names.upper())
    pen.above(50, 388, "Nationality", "GUYANESE")
    pen.above(480, 388, "Sex", {"M": "MALE", "F": "FEMALE"}[who.sex])
    pen.above(50, 492, "Date of Birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(480, 492, "Place of Birth", "GUYANA")
    pen.above(50, 596, "Date of Issue", f"{who.issued_on:%d/%m/%Y}")
    pen.above(480, 596, "Date of Expiry", f"{who.expires_on:%d/%m/%Y}")
    pen.above(50, 700, "Residence Permit No.", who.document_number)
    pen.label(900, 750, "Holder's Signature")
    signature(card, 920, 660, who.seed)
    back = side(CARD, (236, 240, 248), (30, 50, 120), who.seed + 1)
    pen = Pen(back, 28, 40, "serif", "sans")
    pen.above(50, 60, "Passport No.", filled("R&&&&&&&", dice_of(who)))
    pen.above(640, 60, "File No.", filled("GEN/PR/&&&/&&", dice_of(who)))
    back.lines(50, 240, (
        "The holder has been granted permanent residence in Belize under",
        "section 16 of the Immigration Act, Chapter 156.",
        "This card remains the property of the Government of Belize.",
    ), 29, 48)  # fmt: skip
    pen.label(50, 700, "Director of Immigration")
    signature(back, 60, 610, who.seed + 5)
    return Drawn("residence_permit", "BLZ", {"front": card, "back": back}, told(who, *_WHOLE, "issued_on"))
