"""Driving licences and a tax card of the held_out set; ID-1 at 15.2 px to a millimetre, as `spent_printing` says."""

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, dice_of, face, licence_code, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_NUMBERED = ("surname", "given_names", "full_name", "date_of_birth", "issued_on", "expires_on", "document_number")


def guernsey_licence(who: Person) -> Drawn:
    """Draw the licence with numbers for labels; the home takes two lines."""
    card = side(CARD, (228, 242, 232), (20, 90, 60), who.seed)
    card.bar(0, 0, CARD[0], 108, (206, 228, 214))
    card.text(60, 28, "GUERNSEY", 52, face="bold", ink=(20, 90, 60))
    card.text(480, 20, "DRIVING LICENCE", 42, face="bold")
    card.text(480, 68, "PERMIS DE CONDUIRE", 28)
    card.text(1120, 28, "GBG", 52, face="bold", ink=(20, 90, 60))
    face(card, who, (940, 130, 310, 400))
    street, town = who.address.rsplit(", ", 1)
    pen = Pen(card, 28, 42, "sans", "bold")
    pen.beside(50, 130, 76, "1.", who.surname.upper())
    pen.beside(50, 194, 76, "2.", who.given_names.upper())
    pen.beside(50, 258, 76, "3.", f"{who.date_of_birth:%d.%m.%Y}   GUERNSEY")
    pen.beside(50, 322, 76, "4a.", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(480, 322, 76, "4b.", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(50, 386, 76, "4c.", "Driver & Vehicle Licensing")
    pen.beside(50, 450, 76, "5.", who.document_number)
    pen.beside(50, 514, 76, "8.", street)
    pen.value(126, 566, town)
    pen.beside(50, 640, 76, "9.", "AM  A1  B  BE")
    pen.label(50, 742, "7.")
    signature(card, 130, 716, who.seed)
    back = side(CARD, (234, 244, 238), (20, 90, 60), who.seed + 1)
    pen = Pen(back, 28, 36, "sans", "sans")
    for left, words in zip((80, 260, 560, 860), ("9.", "10.", "11.", "12."), strict=True):
        pen.label(left, 40, words)
    since = who.date_of_birth.replace(year=who.date_of_birth.year + 17)
    for i, (category, limit) in enumerate((("AM", ""), ("A1", "79.03"), ("B", "01"), ("BE", "01"))):
        pen.value(80, 100 + 76 * i, category)
        pen.value(260, 100 + 76 * i, f"{since:%d.%m.%y}")
        pen.value(560, 100 + 76 * i, f"{who.expires_on:%d.%m.%y}")
        pen.value(860, 100 + 76 * i, limit)
    back.lines(80, 470, (
        "1. Surname 2. First names 3. Date and place of birth 4a. Date of issue 4b. Date of expiry",
        "4c. Issuing authority 5. Licence number 7. Signature 8. Permanent place of residence",
        "9. Categories 10. Valid from 11. Valid to 12. Information codes",
    ), 27, 44)  # fmt: skip
    back.text(80, 720, "Bulwer Avenue, St Sampson, Guernsey", 27)
    return Drawn("driving_licence", "GGY", {"front": card, "back": back}, told(who, *_NUMBERED, "address"))


def ohio_licence(who: Person) -> Drawn:
    card = side(CARD, (244, 240, 232), (150, 30, 50), who.seed)
    card.text(50, 14, "OHIO", 72, face="serifbold", ink=(150, 30, 50))
    card.text(290, 34, "DRIVER LICENSE", 46, face="bold", ink=(30, 50, 110))
    card.text(1160, 36, "USA", 42, face="bold")
    face(card, who, (50, 120, 360, 470))
    street, town = who.address.split(", ", 1)
    pen = Pen(card, 27, 42, "sans", "bold")
    pen.above(450, 112, "4d LICENSE NO.", who.document_number)
    pen.above(850, 112, "9 CLASS", "D")
    pen.above(1040, 112, "3 DOB", f"{who.date_of_birth:%m/%d/%Y}")
    card.text(450, 216, "1", 27, ink=card.accent)
    card.text(484, 210, who.surname.upper(), 42, face="bold")
    card.text(450, 272, "2", 27, ink=card.accent)
    card.text(484, 266, who.given_names.upper(), 42, face="bold")
    card.text(450, 334, "8", 27, ink=card.accent)
    card.text(484, 328, street, 38)
    card.text(484, 376, town, 38)
    pen.above(450, 440, "4a ISS", f"{who.issued_on:%m/%d/%Y}")
    pen.above(850, 440, "4b EXP", f"{who.expires_on:%m/%d/%Y}")
    pen.above(450, 540, "15 SEX", who.sex)
    pen.above(600, 540, "16 HGT", "5'-08\"")
    pen.above(780, 540, "17 WGT", "154")
    pen.above(930, 540, "18 EYES", "GRN")
    pen.above(1100, 540, "19 HAIR", "BRO")
    pen.above(450, 640, "9a END", "NONE")
    pen.above(680, 640, "12 RESTR", "A")
    pen.above(930, 640, "5 DD", filled("&&&&&&&&&", dice_of(who)))
    card.text(450, 754, "ORGAN DONOR", 30, face="bold", ink=(150, 30, 50))
    signature(card, 80, 640, who.seed)
    back = Sheet(CARD, (252, 252, 250))
    back.text(60, 40, "OHIO BUREAU OF MOTOR VEHICLES", 34, face="bold")
    back.text(60, 96, "CLASS D: NONCOMMERCIAL VEHICLES UP TO 26,000 LBS GVWR", 29)
    back.text(60, 140, "RESTRICTION A: CORRECTIVE LENSES", 29)
    back.text(60, 184, "ENDORSEMENT: NONE", 29)
    back.text(60, 740, f"{who.issued_on:%m/%d/%Y}  REV 07/2018", 26)
    city, _, last = town.rpartition(", OH ")
    code = licence_code(who, country="USA", region="OH", town=city, street=street, code=f"{last}0000")
    back.picture(code, ((CARD[0] - code.width) // 2, 300))
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, told(who, *_NUMBERED, "sex", "address"))


def swazi_licence(who: Person) -> Drawn:
    """Draw the licence of the southern states, on which validity is a line from one date to the other."""
    card = side(CARD, (226, 236, 248), (30, 50, 120), who.seed)
    card.text(50, 20, "KINGDOM OF ESWATINI", 38, face="bold", ink=(30, 50, 120))
    card.text(50, 66, "DRIVING LICENCE", 34, face="bold", ink=(150, 30, 40))
    card.text(430, 70, "SADC: SZ", 28)
    face(card, who, (920, 40, 330, 430))
    pen = Pen(card, 29, 42, "bold", "sans")
    pen.beside(50, 128, 260, "Surname:", who.surname.upper())
    pen.beside(50, 196, 260, "Names:", who.given_names.upper())
    pen.beside(50, 264, 260, "ID No.:", who.personal_number)
    pen.beside(50, 332, 260, "Birth Date:", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(600, 332, 90, "Sex:", {"M": "MALE", "F": "FEMALE"}[who.sex])
    pen.beside(50, 400, 260, "Licence No.:", who.document_number)
    pen.beside(50, 468, 260, "Issue Date:", f"{who.issued_on:%d/%m/%Y}")
    pen.beside(50, 536, 260, "Valid:", f"{who.issued_on:%d/%m/%Y} - {who.expires_on:%d/%m/%Y}")
    pen.beside(50, 604, 260, "Code:", "B")
    pen.beside(640, 604, 260, "Vehicle restr.:", "0")
    first = who.date_of_birth.replace(year=who.date_of_birth.year + 19)
    pen.beside(50, 672, 260, "First Issue:", f"{first:%d/%m/%Y}")
    pen.beside(640, 672, 260, "Driver restr.:", "1")
    pen.label(50, 750, "Signature:")
    signature(card, 310, 736, who.seed)
    back = side(CARD, (232, 240, 250), (30, 50, 120), who.seed + 1)
    back.lines(60, 60, (
        "Code B: Light motor vehicle, GVM not exceeding 3 500 kg",
        "Driver restriction 0: None   1: Glasses or contact lenses   2: Artificial limb",
        "Vehicle restriction 0: None   1: Automatic transmission   2: Electrically powered",
    ), 29, 52)  # fmt: skip
    back.text(60, 400, "Issued under the Road Traffic Act, 2007", 29)
    back.text(60, 700, filled("SZ-&&&&&&&&-&", dice_of(who)), 34, face="mono")
    truth = told(who, *_NUMBERED, "sex", "personal_number")
    return Drawn("driving_licence", "SWZ", {"front": card, "back": back}, truth)


def guinean_licence(who: Person) -> Drawn:
    card = side(CARD, (250, 240, 222), (160, 40, 30), who.seed)
    card.text(280, 14, "RÉPUBLIQUE DE GUINÉE", 40, face="serifbold", ink=(160, 40, 30))
    card.text(310, 62, "Travail - Justice - Solidarité", 26, face="serif")
    card.text(850, 24, "PERMIS DE CONDUIRE", 38, face="serifbold", ink=(20, 100, 60))
    card.text(60, 24, "RG", 56, face="bold")
    face(card, who, (60, 110, 320, 410))
    pen = Pen(card, 27, 41, "serif", "bold")
    pen.below(430, 118, "1. Nom", who.surname.upper())
    pen.below(430, 214, "2. Prénoms", who.given_names.upper())
    pen.below(430, 310, "3. Date de naissance", f"{who.date_of_birth:%d/%m/%Y}")
    pen.below(860, 310, "3. Lieu de naissance", who.place_of_birth.upper())
    pen.below(430, 406, "4a. Date de délivrance", f"{who.issued_on:%d/%m/%Y}")
    pen.below(860, 406, "4b. Date d'expiration", f"{who.expires_on:%d/%m/%Y}")
    pen.below(430, 502, "5. Numéro du permis", who.document_number)
    pen.below(860, 502, "4c. Délivré par", "MIN. TRANSPORTS")
    pen.below(430, 598, "8. Adresse", who.address)
    pen.below(430, 694, "9. Catégories", "A1  B  C")
    pen.below(860, 694, "Groupe sanguin", ("O+", "A+", "B+")[who.seed % 3])
    pen.label(60, 650, "7. Signature du titulaire")
    signature(card, 80, 560, who.seed)
    back = side(CARD, (250, 244, 230), (160, 40, 30), who.seed + 1)
    pen = Pen(back, 27, 36, "serif", "sans")
    for left, words in zip((80, 330, 660, 990), ("Catégorie", "Depuis le", "Jusqu'au", "Restrictions"), strict=True):
        pen.label(left, 50, words)
    since = who.date_of_birth.replace(year=who.date_of_birth.year + 18)
    for i, category in enumerate(("A1", "B", "C")):
        pen.value(80, 110 + 80 * i, category)
        pen.value(330, 110 + 80 * i, f"{since:%d/%m/%y}")
        pen.value(660, 110 + 80 * i, f"{who.expires_on:%d/%m/%y}")
        pen.value(990, 110 + 80 * i, "-")
    back.text(80, 460, "Toute infraction au Code de la route peut entraîner la suspension du permis.", 27, face="serif")
    back.text(80, 720, filled("GIN/DNTT/&&&&&&&&", dice_of(who)), 32, face="mono")
    return Drawn("driving_licence", "GIN", {"front": card, "back": back}, told(who, *_NUMBERED, "address"))


def sao_tomean_tax_card(who: Person) -> Drawn:
    card = side(CARD, (240, 246, 228), (20, 110, 50), who.seed)
    card.text(180, 22, "REPÚBLICA DEMOCRÁTICA DE SÃO TOMÉ E PRÍNCIPE", 34, face="bold", ink=(20, 110, 50))
    card.text(180, 70, "Ministério do Planeamento, Finanças e Economia Azul", 27)
    card.text(180, 108, "Direcção dos Impostos", 27)
    card.bar(0, 166, CARD[0], 250, (222, 236, 196))
    card.text(180, 184, "CARTÃO DE CONTRIBUINTE", 46, face="bold", ink=(20, 110, 50))
    pen = Pen(card, 29, 44, "oblique", "mono")
    pen.above(60, 290, "Número de Identificação Fiscal (NIF)", who.document_number)
    pen.above(800, 290, "Data de emissão", f"{who.issued_on:%d-%m-%Y}")
    pen.above(60, 402, "Nome", who.full_name)
    pen.above(60, 514, "Data de nascimento", f"{who.date_of_birth:%d-%m-%Y}")
    pen.above(800, 514, "Natural de", who.place_of_birth)
    pen.above(60, 626, "Domicílio fiscal", who.address)
    pen.label(60, 752, "O Director dos Impostos")
    signature(card, 420, 726, who.seed)
    truth = told(who, "full_name", "date_of_birth", "issued_on", "document_number", "address")
    return Drawn("tax_id", "STP", {"front": card}, truth)
