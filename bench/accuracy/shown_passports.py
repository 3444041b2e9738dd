"""Passports of the shown set, each as its issuer prints it; sizes are those of `spent_printing`."""

from datetime import date

from backoffice.specimens.people import Person
from bench.accuracy.printing import MONTHS, Drawn, face, passport_zone, told, worded
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_printing import PAGE, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "nationality", "date_of_birth", "sex", "issued_on", "expires_on", "document_number")
_SPANISH = "Ene Feb Mar Abr May Jun Jul Ago Sep Oct Nov Dic"


def croatian_passport(who: Person) -> Drawn:
    page = side(PAGE, (232, 236, 246), (40, 50, 120), who.seed)
    page.text(60, 26, "REPUBLIKA HRVATSKA", 36, face="bold", ink=(40, 50, 120))
    page.text(520, 32, "REPUBLIC OF CROATIA  RÉPUBLIQUE DE CROATIE", 27)
    page.text(60, 84, "PUTOVNICA / PASSPORT", 24)
    face(page, who, (60, 160, 350, 450))
    pen = Pen(page, 21, 38, "sans", "mono")
    pen.above(460, 84, "Tip/Type/Type", "P")
    pen.above(640, 84, "Država/Code/Code", "HRV")
    pen.above(930, 84, "Broj putovnice/Passport No.", who.document_number)
    pen.above(460, 166, "Prezime/Surname/Nom (1)", who.surname.upper())
    pen.above(460, 248, "Ime/Given names/Prénoms (2)", who.given_names.upper())
    pen.above(460, 330, "Državljanstvo/Nationality/Nationalité (3)", "HRVATSKO")
    pen.above(930, 330, "OIB/Personal No./No. personnel (4)", who.personal_number)
    pen.above(460, 412, "Datum rodenja/Date of birth (5)", f"{who.date_of_birth:%d %m %Y}")
    pen.above(930, 412, "Spol/Sex/Sexe (6)", {"M": "M/M", "F": "Ž/F"}[who.sex])
    pen.above(460, 494, "Mjesto rodenja/Place of birth (7)", f"{who.place_of_birth.upper()}, HRV")
    pen.above(460, 576, "Datum izdavanja/Date of issue (8)", f"{who.issued_on:%d %m %Y}")
    pen.above(930, 576, "Tijelo/Authority/Autorité (10)", f"PU {who.place_of_birth.upper()}")
    pen.above(460, 658, "Vrijedi do/Date of expiry (9)", f"{who.expires_on:%d %m %Y}")
    pen.label(930, 762, "Potpis nositelja/Holder's signature")
    signature(page, 940, 690, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number), 848)
    return Drawn("passport", "HRV", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def sri_lankan_passport(who: Person) -> Drawn:
    page = side(PAGE, (246, 234, 222), (120, 40, 30), who.seed)
    page.text(60, 24, "DEMOCRATIC SOCIALIST REPUBLIC OF SRI LANKA", 34, face="serifbold", ink=(120, 40, 30))
    page.text(60, 74, "PASSPORT", 30, face="serif")
    face(page, who, (60, 150, 340, 440))
    pen = Pen(page, 23, 37, "serif", "sans")
    pen.above(450, 76, "Type", "PB")
    pen.above(590, 76, "Country Code", "LKA")
    pen.above(930, 76, "Passport No.", who.document_number)
    pen.above(450, 160, "Surname", who.surname.upper())
    pen.above(450, 244, "Other Names", who.given_names.upper())
    pen.above(450, 328, "National Status", "SRI LANKAN")
    pen.above(930, 328, "Profession", "TEACHER")
    pen.above(450, 412, "Date of Birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(930, 412, "ID. No.", who.personal_number)
    pen.above(450, 496, "Sex", who.sex)
    pen.above(590, 496, "Place of Birth", who.place_of_birth.upper())
    pen.above(450, 580, "Date of Issue", f"{who.issued_on:%d/%m/%Y}")
    pen.above(930, 580, "Authority", "AUTHORITY COLOMBO")
    pen.above(450, 664, "Date of Expiry", f"{who.expires_on:%d/%m/%Y}")
    pen.label(60, 720, "Signature of Holder")
    signature(page, 70, 640, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number), 850, face="mono")
    return Drawn("passport", "LKA", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def venezuelan_passport(who: Person) -> Drawn:
    page = side(PAGE, (228, 234, 246), (30, 50, 110), who.seed)
    page.text(60, 20, "REPÚBLICA BOLIVARIANA DE VENEZUELA", 34, face="bold", ink=(30, 50, 110))
    page.text(820, 26, "BOLIVARIAN REPUBLIC OF VENEZUELA", 24)
    face(page, who, (60, 130, 360, 470))
    pen = Pen(page, 22, 38, "oblique", "bold")
    pen.above(470, 76, "Tipo/Type", "P")
    pen.above(620, 76, "País Emisor/Issuing Country", "VEN")
    pen.above(1000, 76, "Pasaporte N°/Passport N°", who.document_number)
    pen.above(470, 164, "Apellidos/Surname", who.surname.upper())
    pen.above(470, 252, "Nombres/Given Names", who.given_names.upper())
    pen.above(470, 340, "Nacionalidad/Nationality", "VENEZOLANA")
    pen.above(1000, 340, "Sexo/Sex", who.sex)
    pen.above(470, 428, "Fecha de Nacimiento/Date of Birth", _two_months(who.date_of_birth))
    pen.above(1000, 428, "Cédula N°/Personal N°", who.personal_number)
    pen.above(470, 516, "Lugar de Nacimiento/Place of Birth", f"{who.place_of_birth.upper()} VEN")
    pen.above(470, 604, "Fecha de Emisión/Date of Issue", _two_months(who.issued_on))
    pen.above(1000, 604, "Autoridad/Authority", "SAIME")
    pen.above(470, 692, "Fecha de Vencimiento/Date of Expiry", _two_months(who.expires_on))
    pen.label(60, 734, "Firma/Signature")
    signature(page, 70, 650, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number), 850)
    return Drawn("passport", "VEN", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def senegalese_passport(who: Person) -> Drawn:
    page = side(PAGE, (228, 240, 230), (20, 90, 50), who.seed)
    page.text(60, 22, "RÉPUBLIQUE DU SÉNÉGAL", 36, face="serifbold", ink=(20, 90, 50))
    page.text(620, 28, "COMMUNAUTÉ DES ÉTATS DE L'AFRIQUE DE L'OUEST", 24, face="serif")
    page.text(60, 76, "Passeport / Passport", 28, face="serif")
    face(page, who, (980, 150, 360, 470))
    pen = Pen(page, 22, 38, "sans", "sans")
    pen.above(60, 124, "Type / Type", "P")
    pen.above(230, 124, "Code du pays / Country code", "SEN")
    pen.above(600, 124, "N° de passeport / Passport No.", who.document_number)
    pen.above(60, 210, "Nom / Surname", who.surname.upper())
    pen.above(60, 296, "Prénoms / Given names", who.given_names.upper())
    pen.above(60, 382, "Nationalité / Nationality", "SÉNÉGALAISE")
    pen.above(600, 382, "N° d'identification / Personal No.", who.personal_number)
    pen.above(60, 468, "Date de naissance / Date of birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(600, 468, "Lieu de naissance / Place of birth", who.place_of_birth.upper())
    pen.above(60, 554, "Sexe / Sex", who.sex)
    pen.above(250, 554, "Taille / Height", "1,79 m")
    pen.above(600, 554, "Profession / Occupation", "COMPTABLE")
    pen.above(60, 640, "Date de délivrance / Date of issue", f"{who.issued_on:%d/%m/%Y}")
    pen.above(600, 640, "Date d'expiration / Date of expiry", f"{who.expires_on:%d/%m/%Y}")
    pen.above(60, 726, "Autorité / Authority", "MINISTÈRE DE L'INTÉRIEUR DAKAR")
    pen.label(980, 770, "Signature du titulaire")
    signature(page, 1000, 680, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number), 856)
    return Drawn("passport", "SEN", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def taiwanese_passport(who: Person) -> Drawn:
    """Draw the labels that are not in Chinese letters; both names stand on one line."""
    page = side(PAGE, (232, 240, 236), (20, 80, 60), who.seed)
    page.text(60, 24, "REPUBLIC OF CHINA", 38, face="bold", ink=(20, 80, 60))
    page.text(60, 76, "TAIWAN  PASSPORT", 32, face="bold", ink=(20, 80, 60))
    face(page, who, (60, 170, 360, 470))
    pen = Pen(page, 24, 38, "sans", "sans")
    pen.above(490, 30, "Type", "P")
    pen.above(640, 30, "Code", "TWN")
    pen.above(960, 30, "Passport No.", who.document_number)
    pen.above(490, 130, "Name (Surname, Given names)", f"{who.surname}, {who.given_names}".upper())
    pen.above(490, 230, "Nationality", "REPUBLIC OF CHINA")
    pen.above(960, 230, "Personal Id. No.", who.personal_number)
    pen.above(490, 330, "Sex", who.sex)
    pen.above(690, 330, "Date of birth", worded(who.date_of_birth))
    pen.above(490, 430, "Place of birth", f"{who.place_of_birth.upper()} CITY")
    pen.above(490, 530, "Date of issue", worded(who.issued_on))
    pen.above(960, 530, "Date of expiry", worded(who.expires_on))
    pen.above(490, 630, "Authority", "MINISTRY OF FOREIGN AFFAIRS")
    pen.label(60, 756, "Bearer's signature")
    signature(page, 80, 676, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number), 850)
    return Drawn("passport", "TWN", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def mozambican_passport(who: Person) -> Drawn:
    page = side(PAGE, (240, 240, 226), (90, 60, 20), who.seed)
    page.text(460, 24, "REPÚBLICA DE MOÇAMBIQUE", 34, face="bold", ink=(90, 60, 20))
    page.text(1020, 32, "Republic of Mozambique", 24)
    face(page, who, (60, 60, 350, 450))
    pen = Pen(page, 23, 36, "serif", "monobold")
    pen.beside(460, 86, 300, "Passaporte N° / Passport No.", who.document_number)
    pen.beside(1080, 86, 80, "Tipo", "P MOZ")
    pen.above(460, 144, "Apelido / Surname", who.surname.upper())
    pen.above(460, 226, "Nomes / Given names", who.given_names.upper())
    pen.above(460, 308, "Nacionalidade / Nationality", "MOÇAMBICANA")
    pen.above(940, 308, "Estado civil / Marital status", {"M": "SOLTEIRO", "F": "SOLTEIRA"}[who.sex])
    pen.above(460, 390, "Data de nascimento / Date of birth", f"{who.date_of_birth:%d-%m-%Y}")
    pen.above(940, 390, "Local de nascimento / Place of birth", who.place_of_birth.upper())
    pen.above(460, 472, "Sexo / Sex", who.sex)
    pen.above(940, 472, "Altura / Height", "1,67")
    pen.above(460, 554, "Data de emissão / Date of issue", f"{who.issued_on:%d-%m-%Y}")
    pen.above(940, 554, "Válido até / Valid until", f"{who.expires_on:%d-%m-%Y}")
    pen.above(460, 636, "Autoridade emissora / Issuing authority", "DIRECÇÃO NACIONAL DE MIGRAÇÃO")
    pen.label(60, 640, "Assinatura do titular")
    signature(page, 70, 560, who.seed)
    page.text(60, 740, "Este passaporte contém 48 páginas", 24, face="serif")
    page.zone(zone := passport_zone(who), 846)
    return Drawn("passport", "MOZ", {"front": page}, told(who, *_WHOLE), zone)


def _two_months(day: date) -> str:
    """Write 05/Ene/Jan/1993."""
    return f"{day:%d}/{_SPANISH.split()[day.month - 1]}/{MONTHS[day.month - 1].title()}/{day.year}"
