"""Cards of the seen set without a zone; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from stdnum.do import cedula

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, face, told
from bench.accuracy.seen_people import parent
from bench.accuracy.spent_printing import CARD, Pen, long, side

_SPANISH = "ENERO FEBRERO MARZO ABRIL MAYO JUNIO JULIO AGOSTO SEPTIEMBRE OCTUBRE NOVIEMBRE DICIEMBRE"
_NAMES = ("surname", "given_names", "full_name")


def pakistani_card(who: Person) -> Drawn:
    card = side(CARD, (230, 242, 232), (20, 90, 50), who.seed)
    card.text(50, 24, "PAKISTAN", 46, face="bold", ink=(20, 90, 50))
    card.text(330, 34, "National Identity Card", 36)
    card.text(50, 82, "ISLAMIC REPUBLIC OF PAKISTAN", 26)
    face(card, who, (910, 150, 340, 440))
    pen = Pen(card, 28, 43, "sans", "bold")
    given, surname = parent(who, "M")
    pen.above(50, 136, "Name", who.full_name)
    pen.above(50, 244, "Father Name", f"{given} {surname}")
    pen.above(50, 352, "Gender", who.sex)
    pen.above(330, 352, "Country of Stay", "Pakistan")
    pen.above(50, 460, "Identity Number", who.document_number)
    pen.above(500, 460, "Date of Birth", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(50, 568, "Date of Issue", f"{who.issued_on:%d.%m.%Y}")
    pen.above(500, 568, "Date of Expiry", f"{who.expires_on:%d.%m.%Y}")
    pen.label(910, 640, "Holder's Signature")
    truth = told(
        who, "full_name", "sex", "document_number", "date_of_birth", "issued_on", "expires_on",
        father_name=f"{given} {surname}",
    )  # fmt: skip
    return Drawn("national_id", "PAK", {"front": card}, truth)


def dominican_card(who: Person) -> Drawn:
    """Draw the card whose number and names have no label."""
    number = cedula.format(who.personal_number)
    card = side(CARD, (234, 238, 246), (30, 50, 120), who.seed)
    card.text(50, 18, "REPÚBLICA DOMINICANA", 38, face="bold", ink=(30, 50, 120))
    card.text(50, 64, "JUNTA CENTRAL ELECTORAL", 28)
    card.text(50, 102, "CÉDULA DE IDENTIDAD Y ELECTORAL", 32, face="bold", ink=(150, 30, 40))
    face(card, who, (920, 40, 330, 420))
    card.text(50, 152, number, 52, face="bold")
    pen = Pen(card, 27, 40, "sans", "bold")
    pen.above(50, 226, "LUGAR DE NACIMIENTO:", f"{who.place_of_birth.upper()}, R.D.")
    pen.beside(50, 328, 330, "FECHA DE NACIMIENTO:", long(who.date_of_birth, _SPANISH))
    pen.beside(50, 394, 230, "NACIONALIDAD:", "REPÚBLICA DOMINICANA")
    pen.beside(50, 460, 100, "SEXO:", who.sex)
    pen.beside(230, 460, 140, "SANGRE:", "A+")
    pen.beside(500, 460, 210, "ESTADO CIVIL:", {"M": "CASADO", "F": "CASADA"}[who.sex])
    pen.beside(50, 526, 200, "OCUPACIÓN:", "COMERCIANTE")
    pen.beside(50, 592, 330, "FECHA DE EXPIRACIÓN:", long(who.expires_on, _SPANISH))
    card.text(50, 672, who.given_names.upper(), 48, face="bold")
    card.text(50, 738, who.surname.upper(), 48, face="bold")
    truth = told(who, *_NAMES, "date_of_birth", "sex", "nationality", "expires_on", document_number=number)
    return Drawn("national_id", "DOM", {"front": card}, truth)


def costa_rican_card(who: Person) -> Drawn:
    card = side(CARD, (240, 242, 236), (20, 60, 130), who.seed)
    card.text(330, 22, "REPÚBLICA DE COSTA RICA", 42, face="serifbold", ink=(20, 60, 130))
    card.text(330, 74, "TRIBUNAL SUPREMO DE ELECCIONES", 30, face="serif")
    card.text(330, 114, "CÉDULA DE IDENTIDAD", 34, face="serifbold")
    face(card, who, (50, 180, 340, 440))
    pen = Pen(card, 30, 48, "serif", "bold")
    first, second = who.surname.upper().split(" ")
    card.text(450, 190, who.document_number, 64, face="bold", ink=(150, 30, 40))
    pen.beside(450, 330, 210, "Nombre:", who.given_names.upper())
    pen.beside(450, 420, 210, "1° Apellido:", first)
    pen.beside(450, 510, 210, "2° Apellido:", second)
    pen.label(450, 610, "C.C.:")
    pen.label(50, 700, "Firma del portador")
    given, surname = parent(who, "M")
    mothers_given, mothers_surname = parent(who, "F")
    back = side(CARD, (242, 242, 238), (20, 60, 130), who.seed + 1)
    pen = Pen(back, 29, 40, "serif", "bold")
    pen.beside(50, 60, 330, "Número de cédula:", who.document_number)
    pen.beside(50, 150, 330, "Fecha de Nacimiento:", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(50, 240, 330, "Lugar de Nacimiento:", f"CENTRAL {who.place_of_birth.upper()}")
    pen.beside(50, 330, 330, "Nombre del Padre:", f"{given} {surname}".upper())
    pen.beside(50, 420, 330, "Nombre de la Madre:", f"{mothers_given} {mothers_surname}".upper())
    pen.beside(50, 510, 330, "Vencimiento:", f"{who.expires_on:%d/%m/%Y}")
    truth = told(
        who, *_NAMES, "document_number", "date_of_birth", "expires_on", father_name=f"{given} {surname}"
    )  # fmt: skip
    return Drawn("national_id", "CRI", {"front": card, "back": back}, truth)


def tanzanian_card(who: Person) -> Drawn:
    number = f"{who.date_of_birth:%Y%m%d}-{who.document_number}"
    card = side(CARD, (232, 242, 238), (20, 90, 110), who.seed)
    card.text(50, 20, "JAMHURI YA MUUNGANO WA TANZANIA", 36, face="bold")
    card.text(50, 64, "THE UNITED REPUBLIC OF TANZANIA", 26)
    card.text(50, 102, "KITAMBULISHO CHA TAIFA / CITIZEN IDENTITY CARD", 28, face="bold", ink=(20, 90, 110))
    card.text(50, 152, number, 50, face="bold")
    face(card, who, (50, 240, 330, 420))
    pen = Pen(card, 27, 43, "sans", "sans")
    first, middle = who.given_names.upper().split(" ", 1)
    pen.above(430, 224, "Jina la Kwanza / First Name", first)
    pen.above(430, 322, "Majina ya Kati / Middle Names", middle)
    pen.above(430, 420, "Jina la Mwisho / Last Name", who.surname.upper())
    pen.above(430, 518, "Tarehe ya Kuzaliwa / Date of Birth", f"{who.date_of_birth:%d-%m-%Y}")
    pen.above(960, 518, "Jinsi / Sex", who.sex)
    pen.above(430, 616, "Mwisho wa Matumizi / Expiry Date", f"{who.expires_on:%d-%m-%Y}")
    pen.label(430, 730, "Saini ya mwenye kadi / Signature")
    truth = told(who, *_NAMES, "date_of_birth", "sex", "expires_on", document_number=number)
    return Drawn("national_id", "TZA", {"front": card}, truth)
