"""National cards of the heard set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from dataclasses import replace

from backoffice.specimens.people import Person
from bench.accuracy.heard_people import parent
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, side

_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")


def maltese_card(who: Person) -> Drawn:
    """Draw the card of 2020; the number that the holder keeps for life stands on both sides."""
    card = side(CARD, (244, 234, 236), (140, 30, 50), who.seed)
    card.bar(40, 24, 170, 112, (20, 50, 140))
    card.text(66, 50, "MT", 50, face="bold", ink=(250, 220, 60))
    card.text(220, 22, "MALTA", 46, face="bold", ink=(140, 30, 50))
    card.text(220, 78, "KARTA TAL-IDENTITÀ / IDENTITY CARD", 30)
    face(card, who, (50, 150, 350, 450))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(450, 128, "Kunjom / Surname", who.surname.upper())
    pen.above(450, 230, "Isem / Name", who.given_names.upper())
    pen.above(450, 332, "Sess / Sex", who.sex)
    pen.above(680, 332, "Nazzjonalità / Nationality", "MLT")
    pen.above(450, 434, "Data tat-twelid / Date of birth", f"{who.date_of_birth:%d %m %Y}")
    pen.above(450, 536, "Numru tal-karta / Card number", who.document_number)
    pen.above(930, 536, "Numru tal-ID / ID number", who.personal_number)
    pen.above(450, 638, "Data ta' skadenza / Date of expiry", f"{who.expires_on:%d %m %Y}")
    pen.label(50, 740, "Firma / Signature")
    signature(card, 70, 640, who.seed)
    back = side(CARD, (246, 240, 240), (140, 30, 50), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 40, "Post tat-twelid / Place of birth", who.place_of_birth.split()[0].upper())
    pen.above(640, 40, "Data tal-hrug / Date of issue", f"{who.issued_on:%d %m %Y}")
    pen.above(50, 150, "Awtorità / Authority", "Identità")
    pen.above(640, 150, "CAN", filled("&&&&&&", dice_of(who)))
    back.text(50, 290, "If found, please return to Identità, Valley Road, Msida, Malta", 28)
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    return Drawn(
        "national_id", "MLT", {"front": card, "back": back}, told(who, *_WHOLE, "issued_on", "personal_number"), zone
    )


def macanese_card(who: Person) -> Drawn:
    """Draw the Portuguese half of the lines; the signs of a name have numbers of the telegraph."""
    shown = f"{who.document_number[:7]}({who.document_number[7]})"
    dice = dice_of(who)
    card = side(CARD, (234, 244, 236), (20, 100, 60), who.seed)
    card.text(380, 20, "REGIÃO ADMINISTRATIVA ESPECIAL DE MACAU", 34, face="bold", ink=(20, 100, 60))
    card.text(380, 64, "BILHETE DE IDENTIDADE DE RESIDENTE PERMANENTE", 29, face="bold")
    face(card, who, (50, 140, 350, 460))
    pen = Pen(card, 28, 43, "sans", "sans")
    pen.beside(450, 124, 200, "Apelido", who.surname.upper())
    pen.beside(450, 194, 200, "Nome", who.given_names.upper())
    card.text(
        650, 262, "  ".join(filled("&&&&", dice) for _ in range(1 + len(who.given_names.split()))), 32, face="mono"
    )
    pen.above(450, 330, "Data de nascimento", f"{who.date_of_birth:%d-%m-%Y}")
    pen.above(820, 330, "Altura", f"{dice.randint(154, 182) / 100:.2f} M")
    pen.above(1050, 330, "Sexo", who.sex)
    pen.above(450, 434, "Data desta emissão", f"{who.issued_on:%d-%m-%Y}")
    pen.above(820, 434, "Válido até", f"{who.expires_on:%d-%m-%Y}")
    pen.above(450, 538, "Código de local de nascimento", "A")
    card.text(820, 640, shown, 50, face="bold", ink=(150, 30, 40))
    pen.label(450, 640, "N.º do bilhete de identidade")
    pen.label(50, 740, "Assinatura do titular")
    signature(card, 70, 640, who.seed)
    back = side(CARD, (238, 244, 238), (20, 100, 60), who.seed + 1)
    pen = Pen(back, 28, 40, "sans", "sans")
    pen.above(50, 40, "Data da 1.ª emissão", f"{who.issued_on.replace(year=who.issued_on.year - 10):%d-%m-%Y}")
    pen.above(640, 40, "Entidade emissora", "D.S.I.")
    back.text(50, 200, "O titular deste bilhete tem direito de residência na", 29)
    back.text(50, 244, "Região Administrativa Especial de Macau.", 29)
    back.zone(zone := card_zone(replace(who, nationality="CHN"), "ID", country="MAC"), 545)
    truth = told(who, *_WHOLE, "issued_on", nationality="CHN", document_number=shown)
    return Drawn("national_id", "MAC", {"front": card, "back": back}, truth, zone)


def cuban_card(who: Person) -> Drawn:
    father, mother = parent(who, "M")[0], parent(who, "F")[0]
    street, town = who.address.upper().split(", ")
    home = f"{street} NO. {who.seed % 90 + 10} E/ {who.seed % 7 + 2} Y {who.seed % 7 + 4}, {town}"
    card = side(CARD, (232, 240, 250), (20, 60, 150), who.seed)
    card.text(450, 20, "REPÚBLICA DE CUBA", 42, face="bold", ink=(20, 60, 150))
    card.text(450, 72, "CARNÉ DE IDENTIDAD", 36, face="bold", ink=(160, 30, 40))
    face(card, who, (50, 140, 340, 450))
    pen = Pen(card, 28, 44, "sans", "bold")
    pen.above(450, 150, "NOMBRE(S)", who.given_names.upper())
    pen.above(450, 262, "APELLIDOS", who.surname.upper())
    pen.above(450, 374, "NÚMERO DE IDENTIDAD", who.personal_number)
    pen.above(450, 486, "FECHA DE EMISIÓN", f"{who.issued_on:%d/%m/%Y}")
    pen.above(860, 486, "FECHA DE VENCIMIENTO", f"{who.expires_on:%d/%m/%Y}")
    pen.above(450, 598, "NÚMERO DE SERIE", who.document_number)
    pen.label(50, 740, "FIRMA")
    signature(card, 70, 640, who.seed)
    back = side(CARD, (238, 244, 250), (20, 60, 150), who.seed + 1)
    pen = Pen(back, 27, 38, "sans", "bold")
    pen.beside(50, 30, 330, "LUGAR DE NACIMIENTO", f"{who.place_of_birth.upper()}, CUBA")
    pen.beside(50, 98, 330, "FECHA DE NACIMIENTO", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(830, 98, 110, "SEXO", who.sex)
    pen.beside(50, 166, 330, "NOMBRE DEL PADRE", father.upper())
    pen.beside(50, 234, 330, "NOMBRE DE LA MADRE", mother.upper())
    pen.beside(50, 302, 330, "DIRECCIÓN", home)
    pen.beside(50, 370, 330, "ORGANISMO EMISOR", "MININT")
    back.zone(zone := card_zone(who, "I", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number", father_name=father, address=home)
    return Drawn("national_id", "CUB", {"front": card, "back": back}, truth, zone)


def ivorian_card(who: Person) -> Drawn:
    """Draw the card whose number is longer than nine signs, so that its zone carries the rest on."""
    card = side(CARD, (250, 240, 226), (200, 100, 20), who.seed)
    card.text(50, 20, "RÉPUBLIQUE DE CÔTE D'IVOIRE", 38, face="bold", ink=(20, 110, 60))
    card.text(50, 68, "CARTE NATIONALE D'IDENTITÉ", 36, face="bold", ink=(200, 100, 20))
    card.text(880, 30, who.document_number, 44, face="bold", ink=(150, 30, 40))
    face(card, who, (50, 140, 340, 440))
    pen = Pen(card, 28, 43, "sans", "bold")
    pen.above(440, 124, "Nom", who.surname.upper())
    pen.above(440, 226, "Prénom(s)", who.given_names.upper())
    pen.above(440, 328, "Date de Naissance", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(440, 430, "Sexe", who.sex)
    pen.above(700, 430, "Taille (m)", f"1,{55 + who.seed % 35}")
    pen.above(440, 532, "Nationalité", {"M": "IVOIRIEN", "F": "IVOIRIENNE"}[who.sex])
    pen.above(440, 634, "Lieu de Naissance", f"{who.place_of_birth.upper()} (CIV)")
    pen.above(900, 634, "Date d'expiration", f"{who.expires_on:%d/%m/%Y}")
    pen.label(50, 740, "Signature")
    signature(card, 70, 640, who.seed)
    back = side(CARD, (250, 244, 234), (200, 100, 20), who.seed + 1)
    pen = Pen(back, 28, 40, "sans", "bold")
    pen.above(50, 40, "NNI", who.personal_number)
    pen.above(640, 40, "Profession", {"M": "MÉCANICIEN", "F": "COUTURIÈRE"}[who.sex])
    pen.above(50, 150, "Date d'émission", f"{who.issued_on:%d/%m/%Y}")
    pen.above(640, 150, "Lieu d'émission", "ABIDJAN")
    pen.above(50, 260, "Autorité", "ONECI")
    back.zone(zone := card_zone(who, "ID"), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number")
    return Drawn("national_id", "CIV", {"front": card, "back": back}, truth, zone)


def zimbabwean_card(who: Person) -> Drawn:
    """Draw the card of plastic: its number has the district of registration first and that of origin last."""
    card = side(CARD, (232, 242, 232), (20, 90, 50), who.seed)
    card.text(300, 20, "REPUBLIC OF ZIMBABWE", 40, face="bold", ink=(20, 90, 50))
    card.text(300, 68, "NATIONAL REGISTRATION", 34, face="bold")
    card.text(50, 128, "I.D. NUMBER", 30)
    card.text(270, 120, f"{who.document_number} CIT {who.sex}", 46, face="monobold", ink=(150, 30, 40))
    face(card, who, (950, 130, 300, 400))
    pen = Pen(card, 29, 43, "sans", "mono")
    pen.beside(50, 214, 320, "SURNAME", who.surname.upper())
    pen.beside(50, 290, 320, "FIRST NAME", who.given_names.upper())
    pen.beside(50, 366, 320, "DATE OF BIRTH", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(50, 442, 320, "VILLAGE OF ORIGIN", ("CHIMBWANDA", "MUSANHI", "GWATIDZO")[who.seed % 3])
    pen.beside(50, 518, 320, "PLACE OF BIRTH", who.place_of_birth.upper())
    pen.beside(50, 594, 320, "DATE OF ISSUE", f"{who.issued_on:%d/%m/%Y}")
    pen.label(50, 740, "SIGNATURE OF HOLDER")
    signature(card, 420, 690, who.seed)
    pen.label(870, 740, "REGISTRAR GENERAL")
    signature(card, 900, 640, who.seed + 4)
    back = side(CARD, (238, 244, 238), (20, 90, 50), who.seed + 1)
    back.lines(60, 120, (
        "This card is the property of the Government of Zimbabwe.",
        "If found please hand it to any Registry office or Police station.",
        "It is an offence to alter, deface or lend this document.",
    ), 30, 50)  # fmt: skip
    back.text(60, 700, f"ZW {filled('&&&&&&&&', dice_of(who))}", 34, face="mono")
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", "document_number")
    return Drawn("national_id", "ZWE", {"front": card, "back": back}, truth)


def burkinabe_card(who: Person) -> Drawn:
    card = side(CARD, (244, 240, 222), (130, 40, 30), who.seed)
    card.text(50, 18, "BURKINA FASO", 42, face="serifbold", ink=(20, 100, 50))
    card.text(50, 68, "La Patrie ou la Mort, nous Vaincrons", 27, face="serif")
    card.text(560, 22, "CARTE NATIONALE D'IDENTITÉ", 40, face="serifbold", ink=(130, 40, 30))
    card.text(960, 78, who.document_number, 44, face="bold", ink=(150, 30, 40))
    face(card, who, (50, 140, 330, 430))
    pen = Pen(card, 30, 43, "serif", "bold")
    pen.beside(430, 144, 170, "Nom :", who.surname.upper())
    pen.beside(430, 218, 170, "Prénoms :", who.given_names)
    pen.beside(430, 292, 170, "Né(e) le :", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(870, 292, 60, "à :", who.place_of_birth.upper())
    pen.beside(430, 366, 170, "Sexe :", who.sex)
    pen.beside(690, 366, 130, "Taille :", f"{155 + who.seed % 30} cm")
    pen.beside(430, 440, 170, "Profession :", {"M": "Cultivateur", "F": "Ménagère"}[who.sex])
    pen.beside(430, 514, 170, "Délivrée le :", f"{who.issued_on:%d/%m/%Y}")
    pen.beside(430, 588, 170, "Expire le :", f"{who.expires_on:%d/%m/%Y}")
    pen.beside(430, 662, 170, "NIP :", who.personal_number)
    pen.label(50, 740, "Signature du titulaire")
    signature(card, 70, 620, who.seed)
    back = side(CARD, (246, 242, 228), (130, 40, 30), who.seed + 1)
    pen = Pen(back, 30, 40, "serif", "bold")
    guide = " ".join(reversed(parent(who, "F" if who.sex == "M" else "M")))
    pen.beside(60, 60, 520, "Personne à prévenir en cas de besoin :", guide)
    pen.beside(60, 150, 520, "Téléphone :", filled("70 && && &&", dice_of(who)))
    pen.beside(60, 240, 520, "Signes particuliers :", "NÉANT")
    back.text(60, 380, "OFFICE NATIONAL D'IDENTIFICATION", 34, face="serifbold")
    pen.label(60, 470, "Le Directeur Général")
    signature(back, 80, 540, who.seed + 5)
    truth = told(who, *_NAMES, "date_of_birth", "sex", "issued_on", "expires_on", "document_number", "personal_number")
    return Drawn("national_id", "BFA", {"front": card, "back": back}, truth)
