"""European and Indian cards of the spent set; an ID-1 card at 15.2 px to a millimetre, the ID-2 one at 14.3.

Labels are 27 to 33 px (5 to 6.5 pt), values 42 to 54 px (8 to 10 pt), as `spent_printing` says.
"""

from PIL import Image
from stdnum import verhoeff

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, face, secure_code, told, two_line_zone
from bench.accuracy.spent_people import fiscal_code
from bench.accuracy.spent_printing import CARD, Pen, side

_PROVINCES = {"Ravenna": "RA", "Pavia": "PV", "Lecce": "LE"}
_NAMES = ("surname", "given_names", "full_name")
_WHOLE = (*_NAMES, "date_of_birth", "sex", "nationality", "expires_on", "document_number")


def german_card(who: Person) -> Drawn:
    card = side(CARD, (226, 240, 236), (40, 90, 80), who.seed)
    card.text(50, 24, "BUNDESREPUBLIK DEUTSCHLAND", 38, face="bold", ink=(40, 90, 80))
    card.text(50, 72, "PERSONALAUSWEIS / IDENTITY CARD", 28)
    card.text(970, 40, who.document_number, 46, face="monobold")
    face(card, who, (50, 150, 370, 480))
    pen = Pen(card, 27, 46, "sans", "sans")
    pen.above(460, 130, "[a] Name/Surname/Nom", who.surname.upper())
    pen.above(460, 232, "[b] Vornamen/Given names/Prénoms", who.given_names.upper())
    pen.above(460, 334, "Geburtstag/Date of birth", f"{who.date_of_birth:%d.%m.%Y}")
    pen.above(860, 334, "Staatsangehörigkeit/Nationality", "DEUTSCH")
    pen.above(460, 435, "Geburtsort/Place of birth", who.place_of_birth.upper())
    pen.above(460, 537, "Gültig bis/Date of expiry", f"{who.expires_on:%d.%m.%Y}")
    pen.above(860, 537, "Zugangsnummer/CAN", "938568")
    pen.label(460, 671, "Unterschrift der Inhaberin/des Inhabers")
    back = side(CARD, (230, 240, 236), (40, 90, 80), who.seed + 1)
    pen = Pen(back, 27, 42, "sans", "sans")
    street, town = who.address.split(", ")
    pen.above(50, 30, "Anschrift/Address/Adresse", town, street)
    pen.above(50, 190, "Augenfarbe/Colour of eyes", "BRAUN")
    pen.above(460, 190, "Größe/Height", "176 cm")
    pen.above(50, 290, "Datum/Date", f"{who.issued_on:%d.%m.%y}")
    pen.above(460, 290, "Behörde/Authority/Autorité", f"STADT {town.split(' ')[1].upper()}")
    back.zone(zone := card_zone(who, "ID"), 545)
    truth = told(who, *_WHOLE, "issued_on", address=f"{town}, {street}")
    return Drawn("national_id", "DEU", {"front": card, "back": back}, truth, zone)


def italian_card(who: Person) -> Drawn:
    card = side(CARD, (238, 232, 222), (60, 80, 130), who.seed)
    card.text(50, 22, "REPUBBLICA ITALIANA", 38, face="serifbold")
    card.text(50, 68, "MINISTERO DELL'INTERNO", 27, face="serif")
    card.text(50, 104, "CARTA DI IDENTITÀ / IDENTITY CARD", 30, face="bold", ink=(60, 80, 130))
    card.text(970, 40, who.document_number, 50, face="monobold")
    face(card, who, (50, 170, 330, 420))
    pen = Pen(card, 27, 43, "sans", "serifbold")
    pen.above(420, 150, "COMUNE DI / MUNICIPALITY", who.place_of_birth.upper())
    pen.above(420, 247, "COGNOME / SURNAME", who.surname.upper())
    pen.above(420, 344, "NOME / NAME", who.given_names.upper())
    pen.above(
        420, 440, "LUOGO E DATA DI NASCITA / PLACE AND DATE OF BIRTH", f"TORINO (TO) {who.date_of_birth:%d.%m.%Y}"
    )
    pen.above(420, 537, "SESSO / SEX", who.sex)
    pen.above(680, 537, "STATURA / HEIGHT", "172")
    pen.above(960, 537, "CITTADINANZA / NAT.", "ITA")
    pen.above(420, 634, "EMISSIONE / ISSUING", f"{who.issued_on:%d.%m.%Y}")
    pen.above(860, 634, "SCADENZA / EXPIRY", f"{who.expires_on:%d.%m.%Y}")
    pen.label(420, 744, "FIRMA DEL TITOLARE / HOLDER'S SIGNATURE")
    back = side(CARD, (240, 236, 228), (60, 80, 130), who.seed + 1)
    pen = Pen(back, 27, 43, "sans", "serifbold")
    code = fiscal_code(who, "L219")
    pen.above(50, 40, "CODICE FISCALE / FISCAL CODE", code)
    pen.above(50, 150, "INDIRIZZO DI RESIDENZA / RESIDENCE", who.address.upper())
    pen.above(50, 260, "ESTREMI ATTO DI NASCITA", "0418 P1 SA02")
    back.zone(zone := card_zone(who, "C", country="ITA"), 545)
    truth = told(who, *_WHOLE, "issued_on", "address", personal_number=code)
    return Drawn("national_id", "ITA", {"front": card, "back": back}, truth, zone)


def slovenian_card(who: Person) -> Drawn:
    card = side(CARD, (228, 232, 246), (30, 50, 120), who.seed)
    card.text(50, 28, "REPUBLIKA SLOVENIJA", 40, face="bold")
    card.text(560, 36, "REPUBLIC OF SLOVENIA", 28)
    card.text(50, 80, "OSEBNA IZKAZNICA / IDENTITY CARD", 28, ink=(30, 50, 120))
    face(card, who, (920, 130, 330, 430))
    pen = Pen(card, 28, 45, "oblique", "bold")
    pen.above(50, 136, "Priimek / Surname", who.surname.upper())
    pen.above(50, 240, "Ime / Given names", who.given_names.upper())
    pen.above(50, 344, "Spol / Sex", {"M": "M/M", "F": "Ž/F"}[who.sex])
    pen.above(330, 344, "Državljanstvo / Nationality", "SVN")
    pen.above(50, 448, "Datum rojstva / Date of birth", f"{who.date_of_birth:%d. %m. %Y}")
    pen.above(50, 552, "Številka / Card number", who.document_number)
    pen.above(480, 552, "Velja do / Date of expiry", f"{who.expires_on:%d. %m. %Y}")
    pen.label(50, 690, "Podpis imetnika / Holder's signature")
    back = side(CARD, (232, 236, 246), (30, 50, 120), who.seed + 1)
    pen = Pen(back, 28, 42, "oblique", "bold")
    street, town = who.address.split(", ")
    pen.above(50, 30, "Naslov / Address", street.upper(), town.upper())
    pen.above(50, 190, "EMŠO / Personal No.", who.personal_number)
    pen.above(50, 300, "Datum izdaje / Date of issue", f"{who.issued_on:%d. %m. %Y}")
    pen.above(640, 300, "Organ / Authority", f"UE {town.split(' ')[1].upper()}")
    back.zone(zone := card_zone(who, "I", optional=who.personal_number), 545, face="mono")
    truth = told(who, *_WHOLE, "issued_on", "address", "personal_number")
    return Drawn("national_id", "SVN", {"front": card, "back": back}, truth, zone)


def romanian_card(who: Person) -> Drawn:
    """Draw the large card of ID-2 size, 105 x 74 mm, 1500 px wide."""
    page = side((1500, 1060), (230, 240, 248), (40, 60, 110), who.seed)
    page.text(330, 24, "ROUMANIE      ROMANIA      ROMANIA", 36, face="bold", ink=(40, 60, 110))
    page.text(60, 76, "CARTE D'IDENTITE   CARTE DE IDENTITATE   IDENTITY CARD", 30, face="bold")
    pen = Pen(page, 26, 42, "sans", "mono")
    pen.beside(960, 122, 110, "SERIA", f"{who.document_number[:2]} NR {who.document_number[2:]}")
    pen.beside(420, 122, 80, "CNP", who.personal_number)
    face(page, who, (60, 150, 330, 430))
    pen.above(420, 186, "Nume/Nom/Last name", who.surname.upper())
    pen.above(420, 281, "Prenume/Prenom/First name", who.given_names.upper())
    pen.above(420, 375, "Cetatenie/Nationalite/Nationality", "Româna / ROU")
    pen.above(1180, 375, "Sex/Sexe/Sex", who.sex)
    pen.above(420, 470, "Loc nastere/Lieu de naissance/Place of birth", f"Mun. {who.place_of_birth}")
    street, town = who.address.split(", ")
    pen.above(420, 564, "Domiciliu/Adresse/Address", f"Mun. {town}", street)
    pen.above(60, 740, "Emisa de/Delivree par/Issued by", "SPCLEP")
    span = f"{who.issued_on:%d.%m.%y}-{who.expires_on:%d.%m.%Y}"
    pen.above(760, 740, "Valabilitate/Validite/Validity", span)
    page.zone(zone := two_line_zone(who, "ID", 36, issuer="ROU"), 880)
    truth = told(who, *_WHOLE, "issued_on", "personal_number", address=f"Mun. {town}, {street}")
    return Drawn("national_id", "ROU", {"front": page}, truth, zone)


def dutch_permit(who: Person) -> Drawn:
    card = side(CARD, (244, 228, 236), (130, 30, 70), who.seed)
    card.text(50, 28, "VERBLIJFSTITEL   RESIDENCE PERMIT", 34, face="bold")
    card.text(1150, 28, "NLD", 40, face="bold")
    face(card, who, (50, 150, 350, 460))
    pen = Pen(card, 27, 44, "sans", "bold")
    card.text(460, 84, who.document_number, 46, face="monobold", ink=(130, 30, 70))
    pen.above(460, 146, "Namen / Names", who.surname.upper(), who.given_names.upper())
    pen.above(460, 298, "Geslacht / Sex", {"M": "M/M", "F": "V/F"}[who.sex])
    pen.above(700, 298, "Nationaliteit / Nat.", who.nationality)
    pen.above(1000, 298, "Geboortedatum", f"{who.date_of_birth:%d %m %y}")
    pen.above(460, 401, "Soort titel / Type of permit", "REGULIER BEPAALDE TIJD")
    pen.above(460, 505, "Geldig tot / Card expiry", f"{who.expires_on:%d %m %Y}")
    pen.above(460, 608, "Opmerkingen / Remarks", "ARBEID VRIJ TOEGESTAAN")
    pen.label(460, 744, "Handtekening / Signature")
    back = side(CARD, (246, 234, 240), (130, 30, 70), who.seed + 1)
    pen = Pen(back, 27, 42, "sans", "bold")
    pen.above(50, 50, "Plaats en datum van afgifte / Place and date of issue", f"RIJSWIJK {who.issued_on:%d %m %Y}")
    pen.above(50, 160, "Geboorteplaats / Place of birth", who.place_of_birth.upper())
    pen.above(50, 270, "V-nummer", "2718430955")
    back.zone(zone := card_zone(who, "IR", country="NLD"), 545)
    truth = told(who, *_WHOLE, "issued_on")
    return Drawn("residence_permit", "NLD", {"front": card, "back": back}, truth, zone)


def italian_tax_card(who: Person) -> Drawn:
    card = side(CARD, (222, 240, 226), (20, 100, 60), who.seed)
    card.text(50, 30, "TESSERA SANITARIA", 50, face="bold", ink=(20, 60, 130))
    card.text(640, 46, "REGIONE EMILIA-ROMAGNA", 32)
    pen = Pen(card, 28, 48, "sans", "monobold")
    code = fiscal_code(who, f"F{who.document_number}")
    pen.beside(50, 150, 260, "Codice Fiscale", code)
    pen.beside(890, 150, 120, "Sesso", who.sex)
    pen.beside(50, 260, 260, "Cognome", who.surname.upper())
    pen.beside(50, 350, 260, "Nome", who.given_names.upper())
    pen.beside(50, 440, 260, "Luogo di nascita", who.place_of_birth.upper())
    pen.beside(50, 530, 260, "Provincia", _PROVINCES[who.place_of_birth])
    pen.beside(50, 620, 260, "Data di nascita", f"{who.date_of_birth:%d/%m/%Y}")
    pen.beside(50, 710, 260, "Data di scadenza", f"{who.expires_on:%d/%m/%Y}")
    truth = told(who, *_NAMES, "sex", "date_of_birth", "expires_on", document_number=code)
    return Drawn("tax_id", "ITA", {"front": card}, truth)


def indian_plastic_card(who: Person) -> Drawn:
    """Draw the identity card of plastic: data on the front, the address beside the code on the back."""
    number = who.document_number + verhoeff.calc_check_digit(who.document_number)
    grouped = f"{number[:4]} {number[4:8]} {number[8:]}"
    card = side(CARD, (252, 252, 250), (30, 110, 60), who.seed)
    card.bar(220, 30, 1080, 92, (240, 160, 70))
    card.text(430, 42, "Government of India", 42, face="bold")
    face(card, who, (60, 150, 300, 380))
    card.text(410, 160, who.full_name, 46)
    card.text(410, 240, f"Date of Birth / DOB : {who.date_of_birth:%d/%m/%Y}", 42)
    card.text(410, 320, {"M": "MALE", "F": "FEMALE"}[who.sex], 44)
    card.text(410, 400, "Mobile No.: XXXXXX4417", 38)
    card.text(410, 590, grouped, 62, face="bold")
    card.text(330, 720, "Mera Aadhaar, Meri Pehchaan", 42, face="bold", ink=(180, 30, 30))
    back = side(CARD, (252, 252, 250), (30, 110, 60), who.seed + 1)
    back.text(160, 36, "Unique Identification Authority of India", 44, face="bold")
    street, town = who.address.split(", ")
    back.text(50, 150, "Address:", 38, face="bold")
    back.lines(50, 206, (f"{street},", f"{town},", "Maharashtra 411002"), 40, 56)
    code = secure_code(who, number[-4:])
    back.picture(code.resize((2 * code.width, 2 * code.height), Image.Resampling.NEAREST), (760, 150))
    back.text(50, 640, grouped, 58, face="bold")
    back.text(50, 750, "help@uidai.example   1947", 32)
    truth = told(who, "full_name", "date_of_birth", "sex", document_number=f"XXXXXXXX{number[-4:]}",
                 address=f"{who.address}, Maharashtra 411002")  # fmt: skip
    return Drawn("national_id", "IND", {"front": card, "back": back}, truth)


def indian_bare_tax_card(who: Person) -> Drawn:
    """Draw the older tax card, on which only the number has a label."""
    number = who.document_number.replace("?", who.surname[0])
    card = side(CARD, (200, 226, 238), (30, 40, 90), who.seed)
    card.text(60, 34, "INCOME TAX DEPARTMENT", 44, face="serifbold")
    card.text(900, 34, "GOVT. OF INDIA", 44, face="serifbold")
    card.lines(60, 150, (who.full_name.upper(), "SADASHIV MORESHWAR", f"{who.date_of_birth:%d/%m/%Y}"), 46, 84)
    card.text(60, 430, "Permanent Account Number", 36)
    card.text(60, 482, number, 54, face="bold")
    card.text(60, 740, "Signature", 30)
    face(card, who, (960, 150, 280, 360))
    truth = told(who, "full_name", "date_of_birth", document_number=number, father_name="Sadashiv Moreshwar")
    return Drawn("tax_id", "IND", {"front": card}, truth)
