"""Driving licences of the spent set; ID-1 at 15.2 px to a millimetre, sizes as in `spent_printing`."""

from stdnum.es import dni

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, face, licence_code, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import CARD, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_NUMBERED = (*_NAMES, "date_of_birth", "issued_on", "expires_on", "document_number")
_CODE_TOP = 400


def spanish_licence(who: Person) -> Drawn:
    number = f"{who.document_number}-{dni.calc_check_digit(who.document_number)}"
    card = side(CARD, (250, 228, 232), (70, 60, 120), who.seed)
    card.bar(40, 30, 190, 130, (20, 50, 140))
    card.text(90, 56, "E", 58, face="bold", ink=(250, 220, 60))
    card.text(230, 36, "PERMISO DE CONDUCCIÓN", 44, face="bold", ink=(70, 60, 120))
    card.text(860, 40, "REINO DE ESPAÑA", 40)
    face(card, who, (50, 190, 350, 450))
    pen = Pen(card, 30, 43, "sans", "bold")
    pen.beside(450, 140, 60, "1.", who.surname.upper())
    pen.beside(450, 216, 60, "2.", who.given_names.upper())
    pen.beside(450, 292, 60, "3.", f"{who.date_of_birth:%d-%m-%Y} {who.place_of_birth.upper()}")
    pen.beside(450, 368, 60, "4a.", f"{who.issued_on:%d-%m-%Y}")
    pen.beside(860, 368, 60, "4c.", "08/1")
    pen.beside(450, 444, 60, "4b.", f"{who.expires_on:%d-%m-%Y}")
    pen.beside(450, 520, 60, "5.", number)
    pen.label(450, 620, "7.")
    pen.beside(450, 730, 60, "9.", "AM B")
    return Drawn("driving_licence", "ESP", {"front": card}, told(who, *_NUMBERED, document_number=number))


def polish_licence(who: Person) -> Drawn:
    card = side(CARD, (244, 230, 240), (110, 40, 80), who.seed)
    card.text(60, 30, "PL", 60, face="bold", ink=(20, 50, 140))
    card.text(230, 30, "PRAWO JAZDY", 48, face="serifbold", ink=(110, 40, 80))
    card.text(640, 42, "RZECZPOSPOLITA POLSKA", 36, face="serif")
    face(card, who, (930, 130, 320, 420))
    pen = Pen(card, 28, 46, "serif", "serif")
    pen.beside(60, 140, 64, "1.", who.surname)
    pen.beside(60, 214, 64, "2.", who.given_names)
    pen.beside(60, 288, 64, "3.", f"{who.date_of_birth:%d.%m.%Y} {who.place_of_birth}")
    pen.beside(60, 362, 64, "4a.", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(500, 362, 64, "4b.", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(60, 436, 64, "4c.", f"PREZYDENT M. {who.place_of_birth.upper()}")
    pen.beside(60, 510, 64, "5.", who.document_number)
    pen.label(60, 610, "7.")
    pen.beside(60, 720, 64, "9.", "B/B1")
    return Drawn("driving_licence", "POL", {"front": card}, told(who, *_NUMBERED))


def coloradan_licence(who: Person) -> Drawn:
    card = side(CARD, (232, 242, 236), (30, 80, 110), who.seed)
    card.text(60, 22, "COLORADO", 64, face="serifbold", ink=(30, 80, 110))
    card.text(520, 30, "DRIVER LICENSE", 46, face="bold")
    card.text(1120, 34, "USA", 42)
    face(card, who, (50, 190, 360, 460))
    pen = Pen(card, 27, 44, "sans", "bold")
    street, town = (part.upper() for part in who.address.split(", ", 1))
    pen.beside(50, 110, 120, "4d DL#", who.document_number)
    pen.beside(470, 110, 130, "9 CLASS", "R")
    pen.beside(470, 176, 60, "1", who.surname.upper())
    pen.beside(470, 242, 60, "2", who.given_names.upper())
    pen.beside(470, 308, 60, "8", street)
    pen.value(530, 366, town)
    pen.beside(470, 440, 130, "3 DOB", f"{who.date_of_birth:%m/%d/%Y}")
    pen.beside(900, 440, 130, "15 SEX", who.sex)
    pen.beside(470, 510, 130, "4a ISS", f"{who.issued_on:%m/%d/%Y}")
    pen.beside(900, 510, 130, "18 EYES", "GRN")
    pen.beside(470, 580, 130, "4b EXP", f"{who.expires_on:%m/%d/%Y}")
    pen.beside(900, 580, 130, "16 HGT", "5'-08\"")
    pen.beside(470, 650, 130, "12 REST", "NONE")
    pen.beside(900, 650, 130, "9a END", "NONE")
    pen.beside(470, 720, 130, "5 DD", "4019273650118")
    back = Sheet(CARD, (249, 249, 250))
    back.text(60, 60, "R: ANY MOTOR VEHICLE UNDER 26,001 LBS", 30)
    back.text(60, 120, "REV 10/01/2020", 28)
    city, _, region = town.partition(", ")
    code = licence_code(who, country="USA", region=region[:2], town=city, street=street, code=region[3:].ljust(9, "0"))
    back.picture(code, ((CARD[0] - code.width) // 2, _CODE_TOP))
    truth = told(who, *_NUMBERED, "sex", address=f"{street}, {town}")
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, truth)


def quebec_licence(who: Person) -> Drawn:
    card = side(CARD, (228, 236, 248), (30, 60, 140), who.seed)
    card.text(60, 24, "Québec", 64, face="bold", ink=(30, 60, 140))
    card.text(400, 40, "PERMIS DE CONDUIRE", 44)
    card.text(1090, 46, "Canada", 38, face="serif")
    face(card, who, (900, 130, 350, 450))
    pen = Pen(card, 27, 44, "sans", "bold")
    street, town = who.address.upper().split(", ")
    home = f"{town} QC  G5L 3A1"
    pen.above(60, 110, "4d Numéro de permis", who.document_number)
    pen.above(60, 206, "1, 2 Nom, prénom", f"{who.surname.upper()},", who.given_names.upper())
    pen.above(60, 354, "8 Adresse", street, home)
    pen.above(60, 510, "3 Date de naissance", f"{who.date_of_birth:%Y-%m-%d}")
    pen.above(480, 510, "15 Sexe", who.sex)
    pen.above(60, 613, "4a Valide du", f"{who.issued_on:%Y-%m-%d}")
    pen.above(480, 613, "4b Expire le", f"{who.expires_on:%Y-%m-%d}")
    pen.above(60, 716, "9 Classe", "5")
    pen.above(300, 716, "16 Taille", "168 cm")
    pen.above(620, 716, "18 Yeux", "BRUN")
    back = Sheet(CARD, (250, 250, 248))
    back.text(60, 60, "Classe 5 : véhicules de promenade", 30)
    code = licence_code(who, country="CAN", region="QC", town=town, street=street, code="G5L3A1")
    back.picture(code, ((CARD[0] - code.width) // 2, _CODE_TOP))
    truth = told(who, *_NUMBERED, "sex", address=f"{street}, {town} QC G5L 3A1")
    return Drawn("driving_licence", "CAN", {"front": card, "back": back}, truth)


def new_zealand_licence(who: Person) -> Drawn:
    card = side(CARD, (240, 244, 228), (40, 90, 50), who.seed)
    card.text(50, 28, "NEW ZEALAND DRIVER LICENCE", 46, face="bold", ink=(40, 90, 50))
    card.text(50, 84, "TE RAIHANA TARAIWA O AOTEAROA", 28)
    face(card, who, (50, 160, 370, 480))
    pen = Pen(card, 29, 45, "sans", "bold")
    street, town = who.address.split(", ")
    pen.beside(470, 160, 70, "1.", who.surname.upper())
    pen.beside(470, 232, 70, "2.", who.given_names.upper())
    pen.beside(470, 304, 70, "3.", f"{who.date_of_birth:%d-%m-%Y}")
    pen.beside(470, 376, 70, "4a.", f"{who.issued_on:%d-%m-%Y}")
    pen.beside(870, 376, 70, "4b.", f"{who.expires_on:%d-%m-%Y}")
    pen.beside(470, 448, 70, "5a.", who.document_number)
    pen.beside(870, 448, 70, "5b.", "417")
    pen.label(470, 530, "7.")
    pen.beside(470, 620, 70, "8.", street.upper())
    pen.value(540, 680, town.upper())
    card.text(50, 730, "DONOR", 36, face="bold", ink=(160, 30, 40))
    return Drawn("driving_licence", "NZL", {"front": card}, told(who, *_NUMBERED, "address"))


def brazilian_licence(who: Person) -> Drawn:
    """Draw the open licence of paper, 85 mm wide and taller than a card."""
    card = side((1300, 980), (228, 240, 230), (30, 80, 60), who.seed)
    card.text(200, 20, "REPÚBLICA FEDERATIVA DO BRASIL", 42, face="bold")
    card.text(200, 70, "MINISTÉRIO DA INFRAESTRUTURA", 28)
    card.text(200, 104, "CARTEIRA NACIONAL DE HABILITAÇÃO", 32, face="bold")
    pen = Pen(card, 27, 42, "sans", "sans")
    pen.above(60, 160, "NOME", who.full_name.upper())
    face(card, who, (60, 270, 380, 470))
    pen.above(490, 266, "DOC. IDENTIDADE / ÓRG. EMISSOR / UF", "48120637 SSP PR")
    pen.above(490, 356, "CPF", who.personal_number)
    pen.above(900, 356, "DATA NASCIMENTO", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(490, 446, "FILIAÇÃO", "OSMAR TEIXEIRA", "CLEUSA LOPES")
    pen.above(490, 586, "PERMISSÃO", "***")
    pen.above(760, 586, "ACC", "***")
    pen.above(960, 586, "CAT. HAB.", "AB")
    pen.above(490, 676, "Nº REGISTRO", who.document_number)
    pen.above(900, 676, "VALIDADE", f"{who.expires_on:%d/%m/%Y}")
    pen.above(60, 772, "1ª HABILITAÇÃO", f"{who.date_of_birth.replace(year=who.date_of_birth.year + 18):%d/%m/%Y}")
    pen.above(490, 772, "LOCAL", "CURITIBA, PR")
    pen.above(900, 772, "DATA EMISSÃO", f"{who.issued_on:%d/%m/%Y}")
    pen.label(60, 900, "ASSINATURA DO PORTADOR")
    truth = told(who, "full_name", "date_of_birth", "issued_on", "expires_on", "document_number", "personal_number")
    return Drawn("driving_licence", "BRA", {"front": card}, truth)
