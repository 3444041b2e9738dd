"""National cards of the met set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from dataclasses import replace

from stdnum.mu import nid

from backoffice.specimens.mrz import transliterate
from backoffice.specimens.people import Person
from bench.accuracy.met_people import parent
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told, worded
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")
_CHECKS = "ABCDEFGHJKLMNPQRSTUVWXY"


def bulgarian_card(who: Person) -> Drawn:
    """Draw the lines in Latin letters; the father's name has a line of its own."""
    father = parent(who, "M")[0]
    patronymic = f"{father.removesuffix('o')}{'ova' if who.sex == 'F' else 'ov'}"
    card = side(CARD, (232, 240, 232), (40, 100, 70), who.seed)
    card.text(300, 20, "REPUBLIC OF BULGARIA", 40, face="bold", ink=(40, 100, 70))
    card.text(300, 70, "IDENTITY CARD", 30)
    face(card, who, (50, 150, 340, 440))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(440, 112, "Surname", who.surname.upper())
    pen.above(440, 208, "Name", who.given_names.upper())
    pen.above(440, 304, "Father's name", patronymic.upper())
    pen.above(440, 400, "Nationality", "BULGARIA/BGR")
    pen.above(880, 400, "Sex", who.sex)
    pen.above(440, 496, "Date of birth", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(880, 496, "Personal number", who.personal_number)
    pen.above(440, 592, "Date of expiry", f"{who.expires_on:%d.%m.%Y}")
    pen.above(880, 592, "Document number", who.document_number)
    pen.label(50, 730, "Holder's signature")
    signature(card, 70, 640, who.seed)
    back = side(CARD, (236, 242, 236), (40, 100, 70), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 30, "Place of birth", who.place_of_birth.upper())
    pen.above(50, 128, "Residence", f"DISTRICT {who.place_of_birth.upper()}", "UL. TSAR SIMEON 41")
    pen.above(50, 274, "Authority", "MoI BGR")
    pen.above(400, 274, "Date of issue", f"{who.issued_on:%d.%m.%Y}")
    pen.above(760, 128, "Height", "174")
    pen.above(760, 274, "Colour of eyes", "BROWN")
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    home = f"DISTRICT {who.place_of_birth.upper()}, UL. TSAR SIMEON 41"
    truth = told(who, *_WHOLE, "issued_on", "personal_number", father_name=patronymic, address=home)
    return Drawn("national_id", "BGR", {"front": card, "back": back}, truth, zone)


def montenegrin_card(who: Person) -> Drawn:
    card = side(CARD, (246, 236, 226), (140, 40, 40), who.seed)
    card.text(50, 22, "CRNA GORA", 42, face="serifbold", ink=(140, 40, 40))
    card.text(420, 30, "MONTENEGRO", 32, face="serif")
    card.text(820, 22, "LICNA KARTA / IDENTITY CARD", 29, face="serifbold")
    face(card, who, (910, 160, 340, 440))
    pen = Pen(card, 28, 43, "serif", "sans")
    pen.above(50, 100, "Prezime / Surname", who.surname)
    pen.above(50, 202, "Ime / Given name", who.given_names)
    pen.above(50, 304, "Pol / Sex", {"M": "M/M", "F": "Ž/F"}[who.sex])
    pen.above(380, 304, "Državljanstvo / Citizenship", "MNE")
    pen.above(50, 406, "Datum rodenja / Date of birth", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(50, 508, "Datum izdavanja / Date of issue", f"{who.issued_on:%d.%m.%Y}")
    pen.above(50, 610, "Datum važenja / Date of expiry", f"{who.expires_on:%d.%m.%Y}")
    pen.above(50, 712, "Broj / Card number", who.document_number)
    pen.label(910, 750, "Potpis / Signature")
    signature(card, 920, 660, who.seed)
    back = side(CARD, (246, 240, 232), (140, 40, 40), who.seed + 1)
    pen = Pen(back, 28, 40, "serif", "sans")
    pen.above(50, 50, "JMB / Personal number", who.personal_number)
    pen.above(50, 160, "Mjesto i država rodenja / Place and state of birth", f"{who.place_of_birth}, CRNA GORA")
    pen.above(50, 270, "Organ izdavanja / Authority", f"MUP - FL {who.place_of_birth.upper()}")
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number")
    return Drawn("national_id", "MNE", {"front": card, "back": back}, truth, zone)


def honduran_card(who: Person) -> Drawn:
    digits = who.document_number
    shown = f"{digits[:4]} {who.date_of_birth.year} {digits[4:]}"
    card = side(CARD, (228, 240, 248), (20, 80, 150), who.seed)
    card.text(330, 18, "REPÚBLICA DE HONDURAS", 40, face="bold", ink=(20, 80, 150))
    card.text(330, 66, "REGISTRO NACIONAL DE LAS PERSONAS", 28)
    card.text(330, 102, "DOCUMENTO NACIONAL DE IDENTIFICACIÓN", 28)
    face(card, who, (50, 150, 350, 460))
    pen = Pen(card, 27, 43, "sans", "sans")
    pen.above(450, 156, "NOMBRE / FORENAME", who.given_names.upper())
    pen.above(450, 256, "APELLIDO / SURNAME", who.surname.upper())
    pen.above(450, 356, "FECHA DE NACIMIENTO / DATE OF BIRTH", f"{who.date_of_birth:%d %m %Y}")
    pen.above(450, 456, "NACIONALIDAD / NATIONALITY", "HND")
    pen.above(900, 456, "SEXO / SEX", who.sex)
    pen.above(450, 556, "LUGAR DE NACIMIENTO / PLACE OF BIRTH", who.place_of_birth.upper())
    pen.above(450, 656, "FECHA DE EXPIRACIÓN / DATE OF EXPIRY", f"{who.expires_on:%d %m %Y}")
    card.text(50, 640, shown, 42, face="bold", ink=(150, 30, 40))
    pen.label(50, 756, "FIRMA / SIGNATURE")
    signature(card, 70, 695, who.seed, high=45)
    back = side(CARD, (234, 242, 248), (20, 80, 150), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "sans")
    pen.above(50, 40, "DOMICILIO / ADDRESS", f"BO. EL CENTRO, {who.place_of_birth.upper()}")
    pen.above(50, 150, "SERIE / CARD SERIAL", filled("HN&&&&&&&", dice_of(who)))
    pen.above(640, 150, "ESTADO CIVIL / CIVIL STATUS", {"M": "SOLTERO", "F": "SOLTERA"}[who.sex])
    back.text(50, 290, "El Registro Nacional de las Personas certifica los datos de este documento.", 28)
    back.text(50, 340, "COMISIONADO PRESIDENTE", 27)
    signature(back, 560, 345, who.seed + 9)
    back.zone(zone := card_zone(replace(who, document_number=shown.replace(" ", "")), "I"), 545)
    truth = told(who, *_WHOLE, document_number=shown, address=f"BO. EL CENTRO, {who.place_of_birth.upper()}")
    return Drawn("national_id", "HND", {"front": card, "back": back}, truth, zone)


def cameroonian_card(who: Person) -> Drawn:
    """Draw the card without a zone, whose number, dates and parents stand on the back."""
    father, mother = parent(who, "M"), parent(who, "F")
    card = side(CARD, (236, 244, 224), (30, 100, 50), who.seed)
    card.text(50, 20, "RÉPUBLIQUE DU CAMEROUN", 32, face="bold", ink=(30, 100, 50))
    card.text(780, 20, "REPUBLIC OF CAMEROON", 32, face="bold", ink=(30, 100, 50))
    card.text(270, 68, "CARTE NATIONALE D'IDENTITÉ / NATIONAL IDENTITY CARD", 27)
    face(card, who, (50, 130, 340, 440))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(440, 120, "NOM/SURNAME", who.surname.upper())
    pen.above(440, 222, "PRÉNOMS/GIVEN NAMES", who.given_names.upper())
    pen.above(440, 324, "DATE DE NAISSANCE/DATE OF BIRTH", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(440, 426, "LIEU DE NAISSANCE/PLACE OF BIRTH", who.place_of_birth.upper())
    pen.above(440, 528, "SEXE/SEX", who.sex)
    pen.above(700, 528, "TAILLE/HEIGHT", "1,68")
    pen.above(440, 630, "PROFESSION/OCCUPATION", "COMMERÇANT")
    pen.label(50, 740, "SIGNATURE")
    signature(card, 70, 650, who.seed)
    back = side(CARD, (238, 244, 228), (30, 100, 50), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 30, "PÈRE/FATHER", " ".join(reversed(father)).upper())
    pen.above(50, 130, "MÈRE/MOTHER", " ".join(reversed(mother)).upper())
    pen.above(50, 230, "S.P./S.M.", "")
    pen.above(50, 310, "ADRESSE/ADDRESS", f"QUARTIER HAOUSSA {who.place_of_birth.upper()}")
    pen.above(50, 410, "AUTORITÉ/AUTHORITY", "DGSN YAOUNDÉ")
    pen.above(50, 510, "DATE DE DÉLIVRANCE/DATE OF ISSUE", f"{who.issued_on:%d.%m.%Y}")
    pen.above(700, 510, "DATE D'EXPIRATION/DATE OF EXPIRY", f"{who.expires_on:%d.%m.%Y}")
    pen.above(50, 610, "IDENTIFIANT UNIQUE/UNIQUE IDENTIFIER", who.personal_number)
    pen.above(800, 610, "POSTE D'IDENTIFICATION", "CE14")
    back.text(860, 740, who.document_number, 48, face="monobold", ink=(150, 30, 40))
    truth = told(
        who, *_NAMES, "date_of_birth", "sex", "issued_on", "expires_on", "document_number", "personal_number",
        father_name=" ".join(reversed(father)), address=f"QUARTIER HAOUSSA {who.place_of_birth.upper()}",
    )  # fmt: skip
    return Drawn("national_id", "CMR", {"front": card, "back": back}, truth)


def nicaraguan_card(who: Person) -> Drawn:
    body = f"{who.document_number[:3]}{who.date_of_birth:%d%m%y}{who.document_number[3:]}"
    number = f"{body[:3]}-{body[3:9]}-{body[9:]}{_CHECKS[int(body) % len(_CHECKS)]}"
    card = side(CARD, (230, 236, 248), (40, 60, 140), who.seed)
    card.text(250, 18, "REPÚBLICA DE NICARAGUA", 42, face="bold", ink=(40, 60, 140))
    card.text(250, 68, "CONSEJO SUPREMO ELECTORAL - CÉDULA DE IDENTIDAD", 30)
    face(card, who, (50, 200, 340, 430))
    card.text(470, 126, f"N° {number}", 52, face="bold", ink=(150, 30, 40))
    pen = Pen(card, 29, 43, "sans", "sans")
    pen.beside(450, 220, 210, "Nombres:", who.given_names.upper())
    pen.beside(450, 290, 210, "Apellidos:", who.surname.upper())
    pen.beside(450, 376, 320, "Fecha de nacimiento:", f"{who.date_of_birth:%d-%m-%Y}")
    pen.beside(450, 446, 320, "Lugar de nacimiento:", who.place_of_birth.upper())
    pen.beside(450, 516, 120, "Sexo:", {"M": "MASCULINO", "F": "FEMENINO"}[who.sex])
    pen.beside(450, 586, 320, "Fecha de emisión:", f"{who.issued_on:%d-%m-%Y}")
    pen.beside(450, 656, 320, "Fecha de expiración:", f"{who.expires_on:%d-%m-%Y}")
    pen.label(50, 750, "Firma del ciudadano")
    signature(card, 70, 660, who.seed)
    back = side(CARD, (236, 240, 248), (40, 60, 140), who.seed + 1)
    street, town = (part.upper() for part in who.address.split(", "))
    pen = Pen(back, 29, 40, "sans", "sans")
    pen.beside(50, 50, 260, "Departamento:", town)
    pen.beside(50, 120, 260, "Municipio:", town)
    pen.beside(50, 190, 260, "Nacionalidad:", "NICARAGÜENSE")
    pen.beside(50, 260, 260, "Dirección:", f"{street}, {town}")
    pen.beside(50, 330, 260, "Estatura:", "1.66 MTS")
    pen.beside(640, 330, 220, "Color de ojos:", "CAFÉ")
    pen.beside(50, 400, 260, "JRV N°:", filled("&&&&", dice_of(who)))
    pen.beside(50, 470, 260, "Serie:", filled("A0&&&&&&&", dice_of(who)))
    back.text(50, 740, "Este documento es propiedad del Consejo Supremo Electoral.", 29)
    truth = told(
        who, *_NAMES, "date_of_birth", "sex", "nationality", "issued_on", "expires_on", document_number=number,
        address=f"{street}, {town}",
    )  # fmt: skip
    return Drawn("national_id", "NIC", {"front": card, "back": back}, truth)


def mauritian_card(who: Person) -> Drawn:
    body = f"{transliterate(who.surname)[0]}{who.date_of_birth:%d%m%y}{who.document_number}"
    number = body + nid.calc_check_digit(body)
    card = side(CARD, (242, 238, 228), (120, 60, 20), who.seed)
    card.text(400, 22, "Republic of Mauritius", 42, face="serifbold", ink=(120, 60, 20))
    card.text(400, 76, "National Identity Card", 34, face="serif")
    face(card, who, (930, 150, 320, 420))
    pen = Pen(card, 30, 45, "oblique", "bold")
    pen.above(50, 140, "Surname", who.surname.upper())
    pen.above(50, 250, "First Name", who.given_names.upper())
    if who.sex == "F":
        pen.above(50, 360, "Surname at Birth", parent(who, "F")[1].upper())
    pen.above(50, 470, "Date of Birth", worded(who.date_of_birth))
    pen.above(520, 470, "Gender", who.sex)
    pen.above(50, 580, "Id Number", number)
    pen.above(50, 690, "Date of Issue", worded(who.issued_on))
    pen.label(930, 740, "Signature")
    signature(card, 940, 650, who.seed)
    back = side(CARD, (244, 240, 232), (120, 60, 20), who.seed + 1)
    back.lines(50, 500, (
        "This card is the property of the Government of Mauritius. If found, please",
        "return it to the Mauritius National Identity Card Unit, Port Louis.",
    ), 30, 46)  # fmt: skip
    back.text(50, 640, filled("MU&&&&&&&&&", dice_of(who)), 34, face="mono")
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", document_number=number)
    return Drawn("national_id", "MUS", {"front": card, "back": back}, truth)
