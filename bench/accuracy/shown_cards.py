"""National cards of the shown set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from dataclasses import replace

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, face, told
from bench.accuracy.shown_people import parent
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_printing import CARD, Pen, short, side

_SPANISH = "ENE FEB MAR ABR MAY JUN JUL AGO SEP OCT NOV DIC"
_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")
_ELEVEN, _BLANK, _TEN = 11, 36, 10


def turkish_card(who: Person) -> Drawn:
    card = side(CARD, (238, 232, 240), (150, 30, 50), who.seed)
    card.text(300, 20, "TÜRKIYE CUMHURIYETI KIMLIK KARTI", 36, face="bold", ink=(150, 30, 50))
    card.text(360, 64, "REPUBLIC OF TURKEY IDENTITY CARD", 28)
    face(card, who, (50, 210, 330, 430))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(50, 104, "T.C. Kimlik No / TR Identity No", who.personal_number)
    pen.above(430, 196, "Soyadi / Surname", who.surname.upper())
    pen.above(430, 300, "Adi / Given Name(s)", who.given_names.upper())
    pen.above(430, 404, "Dogum Tarihi / Date of Birth", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(900, 404, "Cinsiyeti / Gender", {"M": "E / M", "F": "K / F"}[who.sex])
    pen.above(430, 508, "Seri No / Document No", who.document_number)
    pen.above(900, 508, "Uyrugu / Nationality", "T.C./TUR")
    pen.above(430, 612, "Son Geçerlilik / Valid Until", f"{who.expires_on:%d.%m.%Y}")
    pen.label(900, 612, "Imza / Signature")
    signature(card, 910, 660, who.seed)
    father, mother = parent(who, "M")[0], parent(who, "F")[0]
    back = side(CARD, (240, 236, 242), (150, 30, 50), who.seed + 1)
    pen = Pen(back, 27, 43, "sans", "bold")
    pen.above(560, 120, "Anne Adi / Mother's Name", mother.upper())
    pen.above(560, 224, "Baba Adi / Father's Name", father.upper())
    pen.above(560, 328, "Veren Makam / Issued By", "T.C. IÇISLERI BAKANLIGI")
    back.zone(zone := card_zone(who, "I", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "personal_number", father_name=father)
    return Drawn("national_id", "TUR", {"front": card, "back": back}, truth, zone)


def lithuanian_card(who: Person) -> Drawn:
    """Draw the card on which V is a man and M a woman, before the other languages' letter."""
    card = side(CARD, (230, 240, 228), (20, 90, 60), who.seed)
    card.text(50, 22, "LIETUVOS RESPUBLIKA", 38, face="bold", ink=(20, 90, 60))
    card.text(560, 30, "REPUBLIC OF LITHUANIA", 28)
    card.text(50, 74, "ASMENS TAPATYBES KORTELE / IDENTITY CARD", 28)
    face(card, who, (50, 130, 350, 460))
    pen = Pen(card, 27, 44, "sans", "sans")
    pen.above(450, 124, "PAVARDE / SURNAME", who.surname.upper())
    pen.above(450, 226, "VARDAS (-AI) / GIVEN NAME(S)", who.given_names.upper())
    pen.above(450, 328, "LYTIS / SEX", {"M": "V/M", "F": "M/F"}[who.sex])
    pen.above(780, 328, "PILIETYBE / CITIZENSHIP", "LTU")
    pen.above(450, 430, "GIMIMO DATA / DATE OF BIRTH", f"{who.date_of_birth:%Y-%m-%d}")
    pen.above(450, 532, "ASMENS KODAS / PERSONAL NO.", who.personal_number)
    pen.above(450, 634, "KORTELES NR. / CARD NO.", who.document_number)
    pen.above(840, 634, "GALIOJA IKI / DATE OF EXPIRY", f"{who.expires_on:%Y-%m-%d}")
    pen.label(50, 750, "PARAŠAS / SIGNATURE")
    signature(card, 60, 660, who.seed)
    back = side(CARD, (234, 240, 232), (20, 90, 60), who.seed + 1)
    pen = Pen(back, 27, 43, "sans", "sans")
    pen.above(50, 50, "GIMIMO VIETA / PLACE OF BIRTH", who.place_of_birth.upper())
    pen.above(50, 160, "IŠDAVE / AUTHORITY", "ADIC PRIE VRM")
    pen.above(50, 270, "IŠDAVIMO DATA / DATE OF ISSUE", f"{who.issued_on:%Y-%m-%d}")
    pen.above(760, 270, "CAN", "617204")
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number")
    return Drawn("national_id", "LTU", {"front": card, "back": back}, truth, zone)


def guatemalan_card(who: Person) -> Drawn:
    digits = f"{who.document_number[:8]}{_guatemalan_digit(who.document_number[:8])}{who.document_number[8:]}"
    shown = f"{digits[:4]} {digits[4:9]} {digits[9:]}"
    card = side(CARD, (226, 238, 246), (30, 90, 150), who.seed)
    card.text(300, 18, "REPÚBLICA DE GUATEMALA, CENTROAMÉRICA", 34, face="bold", ink=(30, 90, 150))
    card.text(300, 60, "REGISTRO NACIONAL DE LAS PERSONAS", 27)
    card.text(300, 96, "DOCUMENTO PERSONAL DE IDENTIFICACIÓN", 28, face="bold")
    face(card, who, (920, 170, 330, 430))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(50, 140, "CUI", shown)
    pen.above(50, 242, "NOMBRE / GIVEN NAME", *who.given_names.upper().split(" ", 1))
    pen.above(50, 394, "APELLIDO / SURNAME", *who.surname.upper().split(" ", 1))
    pen.above(50, 546, "NACIONALIDAD / NATIONALITY", "GTM")
    pen.above(520, 546, "SEXO / SEX", {"M": "MASCULINO", "F": "FEMENINO"}[who.sex])
    pen.above(50, 648, "FECHA DE NACIMIENTO / DATE OF BIRTH", short(who.date_of_birth, _SPANISH, glue=""))
    pen.label(920, 740, "FIRMA / SIGNATURE")
    signature(card, 930, 650, who.seed)
    back = side(CARD, (232, 240, 246), (30, 90, 150), who.seed + 1)
    pen = Pen(back, 27, 39, "sans", "bold")
    town = who.place_of_birth.upper()
    pen.above(50, 24, "LUGAR DE NACIMIENTO / PLACE OF BIRTH", f"{town}, {town}")
    pen.above(50, 116, "VECINDAD", f"{town}, GUATEMALA")
    pen.above(50, 208, "ESTADO CIVIL / MARITAL STATUS", {"M": "CASADO", "F": "CASADA"}[who.sex])
    pen.above(50, 300, "FECHA DE VENCIMIENTO / DATE OF EXPIRY", short(who.expires_on, _SPANISH, glue=""))
    pen.above(760, 300, "LIBRO FOLIO PARTIDA", "118 204 407")
    pen.above(50, 392, "SERIE NÚMERO", "209417735")
    back.zone(zone := card_zone(replace(who, document_number=digits), "ID"), 545, face="mono")
    truth = told(who, *_WHOLE, document_number=shown)
    return Drawn("national_id", "GTM", {"front": card, "back": back}, truth, zone)


def hong_kong_card(who: Person) -> Drawn:
    """Draw the card of few labels: the name, the codes of its signs and the number have none."""
    number = f"{who.document_number}({_hong_kong_digit(who.document_number)})"
    card = side(CARD, (234, 240, 232), (60, 100, 90), who.seed)
    card.text(330, 24, "HONG KONG PERMANENT IDENTITY CARD", 40, face="bold", ink=(60, 100, 90))
    card.text(470, 120, f"{who.surname.upper()}, {who.given_names}", 50, face="bold")
    card.text(470, 196, "1728   0932   7493", 42)
    face(card, who, (50, 190, 360, 480))
    pen = Pen(card, 29, 44, "sans", "sans")
    pen.above(470, 280, "Date of Birth", f"{who.date_of_birth:%d-%m-%Y}")
    pen.value(900, 318, who.sex)
    card.text(470, 400, "***AZ", 44)
    pen.label(470, 480, "Date of Issue")
    card.text(470, 520, f"({who.issued_on.month:02}-{who.issued_on.year % 100 - 8:02})", 42)
    pen.value(470, 580, f"{who.issued_on:%d-%m-%y}")
    card.text(860, 720, number, 54, face="bold")
    back = side(CARD, (238, 242, 236), (60, 100, 90), who.seed + 1)
    back.lines(60, 560, (
        "The holder of this card has the right of abode in the", "Hong Kong Special Administrative Region.",
    ), 32, 50)  # fmt: skip
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", document_number=number)
    return Drawn("national_id", "HKG", {"front": card, "back": back}, truth)


def rwandan_card(who: Person) -> Drawn:
    sexed = "8" if who.sex == "M" else "7"
    number = f"1 {who.date_of_birth.year} {sexed} {who.document_number}"
    card = side(CARD, (240, 242, 222), (30, 90, 150), who.seed)
    card.text(300, 22, "REPUBULIKA Y'U RWANDA - REPUBLIC OF RWANDA", 32, face="bold", ink=(30, 90, 150))
    card.text(300, 66, "INDANGAMUNTU - NATIONAL IDENTITY CARD", 32)
    face(card, who, (930, 130, 320, 420))
    pen = Pen(card, 30, 44, "sans", "bold")
    pen.above(50, 130, "Amazina / Names", f"{who.surname.upper()} {who.given_names}")
    pen.above(50, 246, "Itariki yavutseho / Date of Birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(50, 362, "Igitsina / Sex", {"M": "Gabo / M", "F": "Gore / F"}[who.sex])
    pen.above(50, 478, "Aho Yatangiwe / Place of Issue", f"{who.place_of_birth} / {who.place_of_birth}")
    pen.above(50, 594, "Umukono / Signature", "")
    signature(card, 60, 636, who.seed)
    pen.above(470, 680, "Indangamuntu / National ID No.", number)
    truth = told(who, "full_name", "date_of_birth", "sex", document_number=number)
    return Drawn("national_id", "RWA", {"front": card}, truth)


def panamanian_card(who: Person) -> Drawn:
    """Draw the card whose names have no label."""
    card = side(CARD, (236, 242, 248), (30, 50, 120), who.seed)
    card.text(420, 20, "REPÚBLICA DE PANAMÁ", 42, face="serifbold", ink=(30, 50, 120))
    card.text(420, 72, "TRIBUNAL ELECTORAL", 34, face="serif")
    face(card, who, (50, 130, 340, 440))
    card.text(440, 136, who.given_names, 50, face="bold")
    card.text(440, 200, who.surname, 50, face="bold")
    pen = Pen(card, 28, 42, "sans", "sans")
    pen.beside(440, 290, 270, "NOMBRE USUAL:", "")
    pen.beside(440, 350, 370, "FECHA DE NACIMIENTO:", short(who.date_of_birth, _SPANISH, glue="-"))
    pen.beside(440, 410, 370, "LUGAR DE NACIMIENTO:", f"{who.place_of_birth.upper()}")
    pen.beside(440, 470, 110, "SEXO:", who.sex)
    pen.beside(720, 470, 270, "TIPO DE SANGRE:", "O+")
    pen.beside(440, 530, 160, "EXPEDIDA:", short(who.issued_on, _SPANISH, glue="-"))
    pen.beside(868, 530, 118, "EXPIRA:", short(who.expires_on, _SPANISH, glue="-"))
    card.text(50, 620, who.document_number, 66, face="bold", ink=(150, 30, 40))
    card.text(50, 720, "DONADOR: NO", 32)
    signature(card, 800, 650, who.seed, wide=330, high=80)
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", "expires_on", "document_number")
    return Drawn("national_id", "PAN", {"front": card}, truth)


def _guatemalan_digit(body: str) -> str:
    return str(sum(int(digit) * weight for weight, digit in enumerate(body, 2)) % _ELEVEN % _TEN)


def _hong_kong_digit(number: str) -> str:
    values = (_BLANK, ord(number[0]) - ord("A") + _TEN, *map(int, number[1:]))
    rest = -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % _ELEVEN
    return "A" if rest == _TEN else str(rest)
