"""Passports of the held_out set, each as its issuer prints it; sizes are those of `spent_printing`."""

from backoffice.specimens.people import Person
from bench.accuracy.held_out_people import other, parent
from bench.accuracy.printing import Drawn, dice_of, face, passport_zone, told, worded
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import PAGE, Pen, short, side

_WHOLE = ("surname", "given_names", "full_name", "nationality", "date_of_birth", "sex", "issued_on", "expires_on",
          "document_number")  # fmt: skip
_PORTUGUESE = "JAN/JAN FEV/FEB MAR/MAR ABR/APR MAI/MAY JUN/JUN JUL/JUL AGO/AUG SET/SEP OUT/OCT NOV/NOV DEZ/DEC"
_FRENCH = "JAN/JANV FEB/FÉV MAR/MARS APR/AVR MAY/MAI JUN/JUIN JUL/JUIL AUG/AOÛT SEP/SEPT OCT/OCT NOV/NOV DEC/DÉC"


def algerian_passport(who: Person) -> Drawn:
    """Draw the French and English lines; the national number has 18 digits, too many for the zone."""
    page = side(PAGE, (226, 240, 228), (10, 90, 60), who.seed)
    page.text(300, 20, "RÉPUBLIQUE ALGÉRIENNE DÉMOCRATIQUE ET POPULAIRE", 31, face="bold", ink=(10, 90, 60))
    page.text(60, 70, "PASSEPORT", 30, face="bold")
    page.text(60, 106, "PASSPORT", 26)
    face(page, who, (60, 160, 360, 460))
    pen = Pen(page, 22, 38, "sans", "bold")
    pen.above(480, 74, "Type / Type", "P")
    pen.above(660, 74, "Code du pays / Country code", "DZA")
    pen.above(1040, 74, "N° du passeport / Passport N°", who.document_number)
    pen.above(480, 164, "Nom / Surname", who.surname.upper())
    pen.above(480, 254, "Prénom(s) / Given name(s)", who.given_names.upper())
    pen.above(480, 344, "Nationalité / Nationality", {"M": "ALGÉRIEN", "F": "ALGÉRIENNE"}[who.sex])
    pen.above(920, 344, "Sexe / Sex", who.sex)
    pen.above(480, 434, "N° d'identification national / National ID N°", who.personal_number)
    pen.above(480, 524, "Date de naissance / Date of birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(920, 524, "Lieu de naissance / Place of birth", who.place_of_birth.upper())
    pen.above(480, 614, "Date de délivrance / Date of issue", f"{who.issued_on:%d/%m/%Y}")
    pen.above(920, 614, "Autorité / Authority", f"DAÏRA {_of(who.place_of_birth.upper())}")
    pen.above(480, 704, "Date d'expiration / Date of expiry", f"{who.expires_on:%d/%m/%Y}")
    pen.label(60, 760, "Signature du titulaire / Holder's signature")
    signature(page, 90, 660, who.seed)
    page.zone(zone := passport_zone(who), 852)
    return Drawn("passport", "DZA", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def equatoguinean_passport(who: Person) -> Drawn:
    page = side(PAGE, (232, 238, 248), (30, 60, 130), who.seed)
    page.text(60, 20, "C.E.M.A.C.", 30, face="serifbold")
    page.text(330, 18, "REPÚBLICA DE GUINEA ECUATORIAL", 38, face="serifbold", ink=(30, 60, 130))
    page.text(60, 66, "PASAPORTE ORDINARIO / PASSEPORT ORDINAIRE / ORDINARY PASSPORT", 24, face="serif")
    face(page, who, (1020, 170, 320, 410))
    pen = Pen(page, 22, 37, "serif", "sans")
    pen.above(60, 110, "Tipo / Type / Type", "P")
    pen.above(280, 110, "Código del país / Code du pays / Country code", "GNQ")
    pen.above(800, 110, "N° / No.", who.document_number)
    pen.above(60, 200, "Apellidos / Noms / Surname", who.surname.upper())
    pen.above(60, 290, "Nombres / Prénoms / Given names", who.given_names.upper())
    pen.above(
        60, 380, "Nacionalidad / Nationalité / Nationality", {"M": "ECUATOGUINEANO", "F": "ECUATOGUINEANA"}[who.sex]
    )
    pen.above(640, 380, "Sexo / Sexe / Sex", who.sex)
    pen.above(60, 470, "Fecha de nacimiento / Date de naissance / Date of birth", worded(who.date_of_birth))
    pen.above(60, 560, "Lugar de nacimiento / Lieu de naissance / Place of birth", who.place_of_birth.upper())
    pen.above(640, 560, "Profesión / Profession", {"M": "EMPLEADO", "F": "COMERCIANTE"}[who.sex])
    pen.above(60, 650, "Fecha de expedición / Date de délivrance / Date of issue", worded(who.issued_on))
    pen.above(640, 650, "Autoridad / Autorité / Authority", "D.G. DE SEGURIDAD NACIONAL")
    pen.above(60, 740, "Fecha de caducidad / Date d'expiration / Date of expiry", worded(who.expires_on))
    pen.label(640, 770, "Firma del titular / Signature")
    signature(page, 950, 740, who.seed)
    page.zone(zone := passport_zone(who), 858)
    return Drawn("passport", "GNQ", {"front": page}, told(who, *_WHOLE), zone)


def east_timorese_passport(who: Person) -> Drawn:
    page = side(PAGE, (246, 236, 222), (150, 40, 30), who.seed)
    page.text(470, 18, "REPÚBLICA DEMOCRÁTICA DE TIMOR-LESTE", 35, face="bold", ink=(150, 40, 30))
    page.text(60, 24, "PASSAPORTE", 36, face="bold")
    page.text(60, 66, "PASSPORT", 26)
    face(page, who, (60, 116, 380, 490))
    pen = Pen(page, 23, 39, "sans", "sans")
    pen.above(500, 74, "Tipo/Type", "PN")
    pen.above(680, 74, "Código do país/Country code", "TLS")
    pen.above(1060, 74, "Passaporte N.º/Passport No.", who.document_number)
    pen.above(500, 164, "Apelido/Surname", who.surname.upper())
    pen.above(500, 254, "Nomes próprios/Given names", who.given_names.upper())
    pen.above(500, 344, "Nacionalidade/Nationality", "TIMORENSE")
    pen.above(1060, 344, "Altura/Height", f"1,{52 + who.seed % 30} m")
    pen.above(500, 434, "Data de nascimento/Date of birth", short(who.date_of_birth, _PORTUGUESE))
    pen.above(1060, 434, "Sexo/Sex", who.sex)
    pen.above(500, 524, "Local de nascimento/Place of birth", f"{who.place_of_birth.upper()}, TIMOR-LESTE")
    pen.above(500, 614, "Data de emissão/Date of issue", short(who.issued_on, _PORTUGUESE))
    pen.above(1060, 614, "Autoridade/Authority", "DNRN - DÍLI")
    pen.above(500, 704, "Válido até/Date of expiry", short(who.expires_on, _PORTUGUESE))
    pen.label(60, 730, "Assinatura do titular/Holder's signature")
    signature(page, 90, 630, who.seed)
    page.zone(zone := passport_zone(who), 852)
    return Drawn("passport", "TLS", {"front": page}, told(who, *_WHOLE), zone)


def seychellois_passport(who: Person) -> Drawn:
    page = side(PAGE, (228, 242, 246), (20, 70, 140), who.seed)
    page.text(60, 22, "REPUBLIC OF SEYCHELLES", 36, face="serifbold", ink=(20, 70, 140))
    page.text(60, 68, "RÉPUBLIQUE DES SEYCHELLES", 26, face="serif")
    page.text(860, 24, "PASSPORT / PASSEPORT", 32, face="serifbold")
    face(page, who, (60, 130, 340, 440))
    pen = Pen(page, 22, 38, "oblique", "bold")
    pen.above(460, 116, "Type / Type", "P")
    pen.above(640, 116, "Country Code / Code du pays", "SYC")
    pen.above(1020, 116, "Passport No. / N° du passeport", who.document_number)
    pen.above(460, 206, "Surname / Nom", who.surname.upper())
    pen.above(460, 296, "Given Names / Prénoms", who.given_names.upper())
    pen.above(460, 386, "Nationality / Nationalité", "SEYCHELLOIS")
    pen.above(860, 386, "National Identity No. / N° d'identité nationale", who.personal_number)
    pen.above(460, 476, "Date of Birth / Date de naissance", short(who.date_of_birth, _FRENCH))
    pen.above(860, 476, "Sex / Sexe", who.sex)
    pen.above(1020, 476, "Place of Birth / Lieu de naissance", who.place_of_birth.upper())
    pen.above(460, 566, "Date of Issue / Date de délivrance", short(who.issued_on, _FRENCH))
    pen.above(860, 566, "Authority / Autorité", "IMMIGRATION DIVISION")
    pen.above(460, 656, "Date of Expiry / Date d'expiration", short(who.expires_on, _FRENCH))
    pen.above(860, 656, "Place of Issue / Lieu de délivrance", "VICTORIA")
    pen.label(60, 700, "Signature of Holder / du titulaire")
    signature(page, 80, 600, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number.replace("-", "")), 848)
    return Drawn("passport", "SYC", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def kazakh_passport(who: Person) -> Drawn:
    """Draw the English half of the lines."""
    page = side(PAGE, (224, 242, 248), (0, 100, 140), who.seed)
    page.text(60, 24, "PASSPORT", 38, face="bold", ink=(0, 100, 140))
    page.text(700, 24, "REPUBLIC OF KAZAKHSTAN", 40, face="bold", ink=(0, 100, 140))
    face(page, who, (60, 100, 390, 500))
    pen = Pen(page, 24, 38, "sans", "sans")
    pen.beside(520, 106, 190, "Type", "P")
    pen.beside(900, 106, 200, "Code of state", "KAZ")
    pen.beside(520, 174, 190, "Passport No.", who.document_number)
    pen.beside(520, 242, 190, "Surname", who.surname.upper())
    pen.beside(520, 310, 190, "Given names", who.given_names.upper())
    pen.beside(520, 378, 190, "Nationality", "KAZAKHSTAN")
    pen.beside(520, 446, 190, "Date of birth", f"{who.date_of_birth:%d.%m.%Y}")
    pen.beside(1000, 446, 100, "IIN", who.personal_number)
    pen.beside(520, 514, 190, "Sex", who.sex)
    pen.beside(800, 514, 170, "Place of birth", f"{who.place_of_birth.upper()}")
    pen.beside(520, 582, 190, "Date of issue", f"{who.issued_on:%d.%m.%Y}")
    pen.beside(520, 650, 190, "Date of expiry", f"{who.expires_on:%d.%m.%Y}")
    pen.beside(520, 718, 190, "Authority", "MINISTRY OF INTERNAL AFFAIRS")
    pen.label(60, 740, "Holder's signature")
    signature(page, 110, 640, who.seed)
    page.zone(zone := passport_zone(who, optional=who.personal_number), 850)
    return Drawn("passport", "KAZ", {"front": page}, told(who, *_WHOLE, "personal_number"), zone)


def lebanese_passport(who: Person) -> Drawn:
    """Draw the lines in English and French; the parents and the register of the family are among them."""
    father, mother = parent(who, "M")[0], " ".join(other(who, "F"))
    page = side(PAGE, (238, 236, 244), (110, 30, 40), who.seed)
    page.text(60, 20, "REPUBLIC OF LEBANON", 34, face="bold", ink=(110, 30, 40))
    page.text(540, 22, "RÉPUBLIQUE LIBANAISE", 32, face="bold", ink=(110, 30, 40))
    page.text(1120, 26, "PASSPORT", 28, face="bold")
    face(page, who, (60, 84, 350, 450))
    pen = Pen(page, 22, 36, "sans", "bold")
    pen.above(460, 74, "Type / Type", "P")
    pen.above(620, 74, "Country Code / Code du pays", "LBN")
    pen.above(1000, 74, "Passport No / N° du passeport", who.document_number)
    pen.above(460, 160, "Name / Prénom", who.given_names.upper())
    pen.above(860, 160, "Surname / Nom", who.surname.upper())
    pen.above(460, 246, "Father's Name / Nom du père", father.upper())
    pen.above(860, 246, "Mother's Name / Nom de la mère", mother.upper())
    pen.above(460, 332, "Date of Birth / Date de naissance", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(860, 332, "Place of Birth / Lieu de naissance", who.place_of_birth.upper())
    pen.above(460, 418, "Nationality / Nationalité", "LEBANESE")
    pen.above(860, 418, "Sex / Sexe", who.sex)
    pen.above(460, 504, "Registry Place and No / Lieu et N° du registre", filled("MAZRAA &&&", dice_of(who)))
    pen.above(460, 590, "Date of Issue / Date de délivrance", f"{who.issued_on:%d/%m/%Y}")
    pen.above(860, 590, "Date of Expiry / Date d'expiration", f"{who.expires_on:%d/%m/%Y}")
    pen.above(460, 676, "Issuing Authority / Autorité", "GENERAL SECURITY")
    pen.above(860, 676, "Place of Issue / Lieu de délivrance", "BEYROUTH")
    pen.label(60, 670, "Holder's Signature")
    signature(page, 80, 560, who.seed)
    page.zone(zone := passport_zone(who), 852)
    return Drawn("passport", "LBN", {"front": page}, told(who, *_WHOLE, father_name=father), zone)


def _of(town: str) -> str:
    return f"D'{town}" if town[0] in "AEIOU" else f"DE {town}"
