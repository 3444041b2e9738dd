"""National cards of the held_out set; ID-1 at 15.2 px a millimetre, as `spent_printing` says."""

from backoffice.specimens.people import Person
from bench.accuracy.held_out_people import other, parent
from bench.accuracy.printing import Drawn, card_zone, dice_of, face, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.shown_printing import signature
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import CARD, Pen, short, side

_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")
_ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def mauritanian_card(who: Person) -> Drawn:
    """Draw the French lines; the father's first name stands between the holder's own and the family's."""
    father = parent(who, "M")[0]
    card = side(CARD, (236, 244, 228), (20, 100, 50), who.seed)
    card.text(50, 20, "RÉPUBLIQUE ISLAMIQUE DE MAURITANIE", 36, face="bold", ink=(20, 100, 50))
    card.text(50, 66, "Honneur - Fraternité - Justice", 26, face="oblique")
    card.text(50, 104, "CARTE NATIONALE D'IDENTITÉ", 34, face="bold", ink=(150, 110, 0))
    face(card, who, (940, 120, 310, 400))
    pen = Pen(card, 27, 43, "sans", "bold")
    pen.above(50, 166, "Numéro National d'Identification", who.personal_number)
    pen.above(50, 268, "Prénom", who.given_names)
    pen.above(50, 370, "Prénom du père", father)
    pen.above(50, 472, "Nom de famille", who.surname)
    pen.above(50, 574, "Date de naissance", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(440, 574, "Lieu de naissance", who.place_of_birth)
    pen.above(50, 676, "Sexe", who.sex)
    pen.above(440, 676, "Nationalité", "MRT")
    pen.label(940, 700, "Signature du titulaire")
    signature(card, 960, 590, who.seed)
    back = side(CARD, (240, 246, 234), (20, 100, 50), who.seed + 1)
    pen = Pen(back, 27, 40, "sans", "bold")
    pen.above(50, 40, "Date de délivrance", f"{who.issued_on:%d.%m.%Y}")
    pen.above(480, 40, "Date d'expiration", f"{who.expires_on:%d.%m.%Y}")
    pen.above(910, 40, "N° de la carte", who.document_number)
    pen.above(50, 150, "Autorité de délivrance", "ANRPTS")
    pen.above(480, 150, "Groupe sanguin", ("A+", "B+", "O+", "AB+")[who.seed % 4])
    back.text(50, 300, "Cette carte est la propriété de l'État. En cas de perte, avertir", 28)
    back.text(50, 342, "le centre d'accueil des citoyens le plus proche.", 28)
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number", father_name=father)
    return Drawn("national_id", "MRT", {"front": card, "back": back}, truth, zone)


def kuwaiti_card(who: Person) -> Drawn:
    """Draw the English lines: the civil number is on the front, the card's own one on the back and in the zone."""
    dice = dice_of(who)
    card = side(CARD, (240, 240, 226), (20, 80, 110), who.seed)
    card.text(60, 24, "STATE OF KUWAIT", 42, face="bold", ink=(20, 80, 110))
    card.text(760, 28, "CIVIL ID CARD", 40, face="bold", ink=(150, 30, 40))
    pen = Pen(card, 30, 46, "sans", "bold")
    pen.beside(440, 120, 220, "Civil ID No", who.personal_number)
    face(card, who, (60, 120, 330, 430))
    pen.label(440, 218, "Name")
    pen.value(440, 258, who.full_name.upper())
    pen.beside(440, 370, 220, "Nationality", "KWT")
    pen.beside(440, 450, 220, "Sex", who.sex)
    pen.beside(440, 530, 220, "Birth Date", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(440, 610, 220, "Expiry Date", f"{who.expires_on:%d/%m/%Y}")
    pen.label(60, 740, "Holder's Signature")
    signature(card, 90, 630, who.seed)
    back = side(CARD, (244, 244, 234), (20, 80, 110), who.seed + 1)
    pen = Pen(back, 28, 40, "sans", "bold")
    pen.beside(60, 50, 200, "Serial No", who.document_number)
    pen.beside(700, 50, 200, "Blood Type", ("A+", "O+", "B-")[who.seed % 3])
    pen.beside(60, 130, 200, "PACI No", filled("1&&&&&&&", dice))
    pen.beside(700, 130, 200, "Sponsor", "-")
    back.text(60, 260, "The Public Authority for Civil Information", 30, face="bold")
    back.text(60, 310, "Report a change of address within thirty days.", 28)
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    return Drawn("national_id", "KWT", {"front": card, "back": back}, told(who, *_WHOLE, "personal_number"), zone)


def sierra_leonean_card(who: Person) -> Drawn:
    """Draw the card of the West African states, whose labels have three languages."""
    card = side(CARD, (232, 242, 240), (10, 100, 70), who.seed)
    card.text(50, 16, "REPUBLIC OF SIERRA LEONE", 40, face="bold", ink=(10, 100, 70))
    card.text(50, 64, "ECOWAS IDENTITY CARD / CARTE D'IDENTITÉ CEDEAO / BILHETE DE IDENTIDADE CEDEAO", 25)
    face(card, who, (50, 120, 340, 440))
    pen = Pen(card, 26, 42, "sans", "bold")
    pen.above(440, 108, "Surname / Nom / Apelido", who.surname.upper())
    pen.above(440, 206, "Given names / Prénoms / Nomes próprios", who.given_names.upper())
    pen.above(440, 304, "Sex / Sexe / Sexo", who.sex)
    pen.above(740, 304, "Height / Taille / Altura", f"{153 + who.seed % 34} CM")
    pen.above(440, 402, "Date of birth / Date de naissance / Data de nascimento", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(
        440, 500, "Place of birth / Lieu de naissance / Local de nascimento", f"{who.place_of_birth.upper()}, SLE"
    )
    pen.above(440, 598, "Card No. / N° de la carte / N.º do bilhete", who.document_number)
    pen.above(440, 696, "Issued / Délivrée / Emissão", f"{who.issued_on:%d/%m/%Y}")
    pen.above(860, 696, "Expires / Expire / Validade", f"{who.expires_on:%d/%m/%Y}")
    pen.label(50, 740, "Signature / Assinatura")
    signature(card, 80, 630, who.seed)
    back = side(CARD, (236, 244, 242), (10, 100, 70), who.seed + 1)
    pen = Pen(back, 26, 40, "sans", "bold")
    pen.above(50, 36, "National Identification Number (NIN)", who.personal_number)
    pen.above(800, 36, "Nationality / Nationalité", "SLE")
    pen.above(50, 140, "Address / Adresse / Endereço", who.address.upper())
    pen.above(50, 244, "Authority / Autorité / Autoridade", "NCRA FREETOWN")
    pen.above(800, 244, "Voter's card / Carte d'électeur", filled("&&&&&&&", dice_of(who)))
    back.text(50, 370, "If found, please return to the National Civil Registration Authority, Freetown.", 27)
    back.zone(zone := card_zone(who, "I", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number", "address")
    return Drawn("national_id", "SLE", {"front": card, "back": back}, truth, zone)


def basotho_card(who: Person) -> Drawn:
    card = side(CARD, (230, 240, 250), (20, 50, 130), who.seed)
    card.bar(0, 0, CARD[0], 96, (206, 226, 244))
    card.text(270, 12, "'MUSO OA LESOTHO / KINGDOM OF LESOTHO", 34, face="bold", ink=(20, 50, 130))
    card.text(400, 54, "KARETE EA BOITSEBISO / IDENTITY CARD", 28)
    face(card, who, (50, 130, 360, 470))
    pen = Pen(card, 28, 43, "oblique", "sans")
    pen.above(470, 116, "Fane / Surname", who.surname.upper())
    pen.above(470, 220, "Mabitso / Forenames", who.given_names.upper())
    pen.above(470, 324, "Nomoro ea boitsebiso / Identity number", who.personal_number)
    pen.above(470, 428, "Letsatsi la tsoalo / Date of birth", short(who.date_of_birth, _ENGLISH))
    pen.above(1020, 428, "Boleng / Sex", who.sex)
    pen.above(470, 532, "Bochaba / Nationality", "LSO")
    pen.above(470, 636, "E fela ka / Date of expiry", short(who.expires_on, _ENGLISH))
    pen.label(50, 740, "Tšaeno / Signature")
    signature(card, 90, 640, who.seed)
    back = side(CARD, (236, 242, 250), (20, 50, 130), who.seed + 1)
    pen = Pen(back, 28, 40, "oblique", "sans")
    pen.above(50, 40, "Sebaka sa tsoalo / Place of birth", who.place_of_birth.upper())
    pen.above(700, 40, "Letsatsi la khatiso / Date of issue", short(who.issued_on, _ENGLISH))
    pen.above(50, 150, "Nomoro ea karete / Card number", who.document_number)
    pen.above(700, 150, "Morena / Chief", ("MATSIENG", "THABA-BOSIU", "QUTHING")[who.seed % 3])
    back.text(50, 310, "National Identity and Civil Registry, Ministry of Local Government,", 28)
    back.text(50, 352, "Chieftainship, Home Affairs and Police, Maseru 100", 28)
    back.zone(zone := card_zone(who, "ID", optional=who.personal_number), 545)
    truth = told(who, *_WHOLE, "issued_on", "personal_number")
    return Drawn("national_id", "LSO", {"front": card, "back": back}, truth, zone)


def burundian_card(who: Person) -> Drawn:
    """Draw the card of paper that a commune writes out by machine."""
    father, mother = (" ".join(reversed(other(who, sex))).upper() for sex in "MF")
    card = Sheet(CARD, (250, 246, 226), accent=(60, 60, 60))
    card.text(50, 20, "REPUBLIKA Y'U BURUNDI", 34, face="serifbold")
    card.text(50, 60, "RÉPUBLIQUE DU BURUNDI", 28, face="serif")
    card.text(620, 22, "IKARATA KARANGAMUNTU", 38, face="serifbold", ink=(150, 30, 40))
    card.text(620, 68, "CARTE NATIONALE D'IDENTITÉ", 30, face="serif")
    pen = Pen(card, 28, 40, "serif", "mono")
    pen.beside(50, 130, 330, "Izina / Nom", who.surname.upper())
    pen.beside(50, 196, 330, "Amatazirano / Prénoms", who.given_names)
    pen.beside(50, 262, 330, "Se / Père", father)
    pen.beside(50, 328, 330, "Nyina / Mère", mother)
    pen.beside(50, 394, 330, "Provensi / Province", who.place_of_birth.upper())
    pen.beside(50, 460, 330, "Komine / Commune", ("MUTAHO", "GIHETA", "BUGENDANA")[who.seed % 3])
    pen.beside(50, 526, 330, "Yavutse / Né(e) le", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(50, 592, 330, "Arubatse / État civil", {"M": "MARIÉ", "F": "CÉLIBATAIRE"}[who.sex])
    pen.beside(50, 658, 330, "Akazi / Profession", {"M": "Cultivateur", "F": "Enseignante"}[who.sex])
    card.text(50, 740, "Umukono / Signature", 28, face="serif")
    signature(card, 400, 722, who.seed)
    back = Sheet(CARD, (250, 246, 230), accent=(60, 60, 60))
    face(back, who, (60, 60, 330, 430))
    pen = Pen(back, 28, 40, "serif", "mono")
    pen.beside(450, 70, 300, "N° MIFPDI", who.document_number)
    pen.beside(450, 150, 300, "Itangiwe i / Délivrée à", ("MUTAHO", "GIHETA", "BUGENDANA")[who.seed % 3])
    pen.beside(450, 230, 300, "Itariki / Le", f"{who.issued_on:%d/%m/%Y}")
    back.text(450, 340, "Uwuyitanze / L'Administrateur communal", 28, face="serif")
    signature(back, 480, 400, who.seed + 4)
    pen.label(60, 540, "Igikumu / Empreinte digitale")
    pen.label(60, 700, "Timbre fiscal 3.000 FBu")
    truth = told(who, *_NAMES, "date_of_birth", "issued_on", "document_number", father_name=father)
    return Drawn("national_id", "BDI", {"front": card, "back": back}, truth)


def maldivian_card(who: Person) -> Drawn:
    card = side(CARD, (244, 234, 240), (140, 30, 60), who.seed)
    card.text(390, 20, "REPUBLIC OF MALDIVES", 42, face="bold", ink=(140, 30, 60))
    card.text(430, 72, "NATIONAL IDENTITY CARD", 34)
    face(card, who, (50, 130, 340, 430))
    shown = f"A{who.document_number}"
    card.text(960, 136, shown, 54, face="bold", ink=(140, 30, 60))
    pen = Pen(card, 28, 44, "sans", "bold")
    pen.label(800, 152, "Number")
    pen.above(450, 216, "Name", who.full_name)
    pen.above(450, 326, "Sex", {"M": "Male", "F": "Female"}[who.sex])
    pen.above(800, 326, "Date of Birth", f"{who.date_of_birth:%d/%m/%Y}")
    pen.above(450, 436, "Permanent Address", who.address)
    pen.above(450, 546, "Date of Issue", f"{who.issued_on:%d/%m/%Y}")
    pen.above(800, 546, "Date of Expiry", f"{who.expires_on:%d/%m/%Y}")
    pen.above(450, 656, "Blood Group", ("O+", "A+", "B+", "AB-")[who.seed % 4])
    pen.label(50, 740, "Signature of Holder")
    signature(card, 80, 620, who.seed)
    back = side(CARD, (246, 238, 242), (140, 30, 60), who.seed + 1)
    back.lines(60, 80, (
        "This card is the property of the Department of National Registration.",
        "It is to be produced when an officer of the State asks for it.",
        "If found, please return to DNR, Ameenee Magu, Male' or any police station.",
    ), 30, 54)  # fmt: skip
    back.text(60, 330, f"Card serial: {filled('DNR-&&&&&&&-&&', dice_of(who))}", 30)
    pen = Pen(back, 28, 40, "sans", "bold")
    pen.label(60, 740, "Registrar")
    signature(back, 80, 640, who.seed + 5)
    truth = told(who, "full_name", "date_of_birth", "sex", "issued_on", "expires_on", "address", document_number=shown)
    return Drawn("national_id", "MDV", {"front": card, "back": back}, truth)
