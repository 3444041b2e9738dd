"""Cards and licences of the set that was reported first; it may be tuned on now."""

from stdnum import verhoeff

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, card_zone, face, licence_code, secure_code, told, two_line_zone, worded
from bench.accuracy.sheets import Sheet, sheet

_CARD = (1300, 820)
_WHOLE = ("surname", "given_names", "full_name", "date_of_birth", "sex", "expires_on", "document_number")


def estonian_card(who: Person) -> Drawn:
    card = sheet(_CARD, (226, 238, 248), who.seed, accent=(30, 70, 140))
    card.text(60, 36, "EESTI VABARIIK   REPUBLIC OF ESTONIA", 34, face="bold")
    card.text(60, 86, "ISIKUTUNNISTUS / IDENTITY CARD", 28)
    face(card, who, (60, 170, 310, 410))
    card.under(430, 150, "PEREKONNANIMI / SURNAME", who.surname.upper(), 36)
    card.under(430, 240, "EESNIMED / GIVEN NAMES", who.given_names.upper(), 36)
    card.under(430, 330, "SUGU / SEX", {"M": "M/M", "F": "N/F"}[who.sex], 32)
    card.under(660, 330, "KODAKONDSUS / CITIZENSHIP", "EST", 32)
    card.under(430, 420, "SÜNNIAEG / DATE OF BIRTH", f"{who.date_of_birth:%d.%m.%Y}", 32)
    card.under(830, 420, "ISIKUKOOD / PERSONAL CODE", who.personal_number, 32)
    card.under(430, 510, "DOKUMENDI NUMBER / DOCUMENT NUMBER", who.document_number, 34)
    card.under(430, 600, "KEHTIV KUNI / DATE OF EXPIRY", f"{who.expires_on:%d.%m.%Y}", 34)
    back = sheet(_CARD, (230, 238, 244), who.seed + 1, accent=(30, 70, 140))
    back.under(60, 60, "SÜNNIKOHT / PLACE OF BIRTH", who.place_of_birth, 30)
    back.under(60, 150, "VÄLJASTAMISE KUUPÄEV / DATE OF ISSUE", f"{who.issued_on:%d.%m.%Y}", 30)
    back.under(60, 240, "VÄLJA ANDNUD / AUTHORITY", "PPA", 30)
    back.zone(zone := card_zone(who, "I"), 550)
    truth = told(who, *_WHOLE, "nationality", "issued_on", "personal_number")
    return Drawn("national_id", "EST", {"front": card, "back": back}, truth, zone)


def portuguese_card(who: Person) -> Drawn:
    card = sheet(_CARD, (238, 244, 230), who.seed, accent=(20, 110, 70), face="oblique")
    card.text(60, 32, "REPÚBLICA PORTUGUESA", 34, face="bold")
    card.text(60, 80, "CARTÃO DE CIDADÃO   CITIZEN CARD", 28, face="sans")
    face(card, who, (930, 150, 300, 400))
    card.under(60, 150, "APELIDO(S) / SURNAME", who.surname.upper(), 36)
    card.under(60, 245, "NOME(S) / GIVEN NAME(S)", who.given_names.upper(), 36)
    card.under(60, 340, "SEXO / SEX", who.sex, 32)
    card.under(240, 340, "ALTURA / HEIGHT", "1,71", 32)
    card.under(480, 340, "NACIONALIDADE / NATIONALITY", "PRT", 32)
    card.under(60, 435, "DATA DE NASCIMENTO / DATE OF BIRTH", f"{who.date_of_birth:%d %m %Y}", 32)
    card.under(60, 530, "N.º DOCUMENTO / DOCUMENT No.", who.document_number, 34)
    card.under(60, 625, "DATA DE VALIDADE / EXPIRY DATE", f"{who.expires_on:%d %m %Y}", 34)
    back = sheet(_CARD, (240, 244, 236), who.seed + 1, accent=(20, 110, 70))
    back.under(60, 60, "N.º SNS / HEALTH No.", who.personal_number[:9], 30)
    back.zone(zone := card_zone(who, "I"), 550, face="mono")
    return Drawn("national_id", "PRT", {"front": card, "back": back}, told(who, *_WHOLE, "nationality"), zone)


def luxembourg_card(who: Person) -> Drawn:
    page = sheet((1340, 940), (236, 232, 244), who.seed, accent=(90, 50, 120), face="serif", strong="serifbold")
    page.text(60, 40, "GRAND-DUCHÉ DE LUXEMBOURG", 38, face="serifbold")
    page.text(60, 94, "Carte d'identité · Personalausweis · Identity card", 28)
    face(page, who, (60, 170, 310, 410))
    page.beside(430, 170, 380, (("Nom / Name", who.surname), ("Prénom(s) / Vorname(n)", who.given_names),
                                ("Né(e) le / Geboren am", worded(who.date_of_birth)), ("Sexe / Geschlecht", who.sex),
                                ("Nationalité", "luxembourgeoise"), ("Carte n° / Karte Nr.", who.document_number),
                                ("Délivrée le / Ausgestellt am", worded(who.issued_on)),
                                ("Valable jusqu'au / Gültig bis", worded(who.expires_on))), 34, 66)  # fmt: skip
    page.zone(zone := two_line_zone(who, "I", 36, issuer="LUX"), 770)
    return Drawn("national_id", "LUX", {"front": page}, told(who, *_WHOLE, "nationality", "issued_on"), zone)


def philippine_card(who: Person) -> Drawn:
    card = sheet(_CARD, (248, 240, 226), who.seed, accent=(30, 60, 150))
    card.text(300, 30, "REPUBLIKA NG PILIPINAS", 34, face="bold")
    card.text(300, 74, "Republic of the Philippines", 24)
    card.text(300, 108, "PAMBANSANG PAGKAKAKILANLAN   National Identification Card", 24)
    face(card, who, (60, 200, 290, 380))
    number = "-".join(who.document_number[at : at + 4] for at in range(0, 16, 4))
    card.text(410, 180, number, 38, face="bold")
    card.under(410, 250, "Apelyido/Last Name", who.surname.upper(), 36)
    card.under(410, 345, "Mga Pangalan/Given Names", who.given_names.upper(), 36)
    card.under(410, 440, "Petsa ng Kapanganakan/Date of Birth", f"{who.date_of_birth:%B %d, %Y}".upper(), 34)
    card.under(410, 535, "Tirahan/Address", who.address.upper(), 26)
    names = ("surname", "given_names", "full_name", "date_of_birth", "document_number", "address")
    return Drawn("national_id", "PHL", {"front": card}, told(who, *names))


def indonesian_card(who: Person) -> Drawn:
    card = sheet(_CARD, (206, 226, 244), who.seed, accent=(30, 36, 44))
    card.text(420, 28, "PROVINSI JAWA BARAT", 34, face="bold")
    card.text(460, 70, "KABUPATEN SOLVIK", 32, face="bold")
    card.text(60, 140, f"NIK : {who.document_number}", 46, face="bold")
    face(card, who, (960, 160, 280, 370))
    rows = (
        ("Nama", who.full_name.upper()),
        ("Tempat/Tgl Lahir", f"{who.place_of_birth.upper()}, {who.date_of_birth:%d-%m-%Y}"),
        ("Jenis Kelamin", {"M": "LAKI-LAKI", "F": "PEREMPUAN"}[who.sex]),
        ("Alamat", who.address.split(", ")[0].upper()),
        ("Agama", "ISLAM"),
        ("Pekerjaan", "WIRASWASTA"),
        ("Kewarganegaraan", "WNI"),
        ("Berlaku Hingga", f"{who.expires_on:%d-%m-%Y}"),
    )
    for i, (label, value) in enumerate(rows):
        card.text(60, 220 + 62 * i, label, 30)
        card.text(340, 220 + 62 * i, f": {value}", 30)
    truth = told(
        who,
        "full_name",
        "date_of_birth",
        "sex",
        "document_number",
        "expires_on",
        "nationality",
        address=who.address.split(", ")[0],
    )
    return Drawn("national_id", "IDN", {"front": card}, truth)


def argentine_card(who: Person) -> Drawn:
    card = sheet(_CARD, (224, 238, 246), who.seed, accent=(50, 90, 140))
    card.text(60, 30, "REPÚBLICA ARGENTINA - MERCOSUR", 32, face="bold")
    card.text(60, 74, "DOCUMENTO NACIONAL DE IDENTIDAD", 30)
    face(card, who, (60, 160, 300, 390))
    card.under(420, 140, "Apellido / Surname", who.surname.upper(), 34)
    card.under(420, 225, "Nombre / Name", who.given_names.upper(), 34)
    card.under(420, 310, "Sexo / Sex", who.sex, 32)
    card.under(620, 310, "Nacionalidad / Nationality", "ARGENTINA", 32)
    card.under(420, 395, "Fecha de nacimiento / Date of birth", worded(who.date_of_birth), 32)
    card.under(420, 480, "Fecha de emisión / Date of issue", worded(who.issued_on), 32)
    card.under(420, 565, "Fecha de vencimiento / Date of expiry", worded(who.expires_on), 32)
    number = f"{who.document_number[:2]}.{who.document_number[2:5]}.{who.document_number[5:]}"
    card.under(60, 650, "Documento / Document", number, 40)
    back = sheet(_CARD, (228, 238, 244), who.seed + 1, accent=(50, 90, 140))
    back.under(60, 60, "DOMICILIO", who.address.upper(), 28)
    back.zone(zone := card_zone(who, "ID"), 550)
    return Drawn(
        "national_id",
        "ARG",
        {"front": card, "back": back},
        told(who, *_WHOLE, "nationality", "issued_on", "address"),
        zone,
    )


def norwegian_licence(who: Person) -> Drawn:
    card = sheet(_CARD, (244, 224, 226), who.seed, accent=(60, 60, 70), face="serif", strong="serifbold")
    card.text(460, 34, "FØRERKORT   NORGE", 40, face="serifbold")
    face(card, who, (60, 170, 300, 390))
    rows = (
        f"1. {who.surname.upper()}",
        f"2. {who.given_names.upper()}",
        f"3. {who.date_of_birth:%d.%m.%Y} {who.place_of_birth}",
        f"4a. {who.issued_on:%d.%m.%Y}  4b. {who.expires_on:%d.%m.%Y}",
        "4c. Statens vegvesen",
        f"5. {who.document_number}",
    )
    card.lines(430, 140, rows, 36, 72)
    truth = told(
        who, "surname", "given_names", "full_name", "date_of_birth", "issued_on", "expires_on", "document_number"
    )
    return Drawn("driving_licence", "NOR", {"front": card}, truth)


def canadian_licence(who: Person) -> Drawn:
    card = sheet(_CARD, (232, 236, 248), who.seed, accent=(40, 50, 120))
    card.text(60, 30, "ONTARIO   CANADA", 42, face="bold")
    card.text(60, 84, "DRIVER'S LICENCE / PERMIS DE CONDUIRE", 28)
    face(card, who, (60, 160, 300, 390))
    card.text(420, 150, "1,2 NAME / NOM", 20, ink=card.accent)
    card.text(420, 178, f"{who.surname.upper()},", 34, face="bold")
    card.text(420, 222, who.given_names.upper(), 34, face="bold")
    card.lines(420, 290, ("118 BIRCHWOOD DR", "GUELPH, ON N1H 3A7"), 30, 42)
    card.under(420, 400, "4d NUMBER / NUMÉRO", who.document_number, 34)
    card.under(420, 490, "4a ISS / DÉL", f"{who.issued_on:%Y/%m/%d}", 32)
    card.under(800, 490, "4b EXP / EXP", f"{who.expires_on:%Y/%m/%d}", 32)
    card.under(420, 580, "3 DOB / DDN", f"{who.date_of_birth:%Y/%m/%d}", 32)
    card.under(800, 580, "15 SEX / SEXE", who.sex, 32)
    back = Sheet(_CARD, (250, 250, 248))
    back.text(60, 40, "CLASS / CATÉGORIE G", 28)
    code = licence_code(who, country="CAN", region="ON", town="GUELPH", street="118 BIRCHWOOD DR", code="N1H3A7")
    back.picture(code, (max(20, (_CARD[0] - code.width) // 2), 330))
    return Drawn("driving_licence", "CAN", {"front": card, "back": back}, told(who, *_WHOLE, "issued_on",
                 address="118 BIRCHWOOD DR, GUELPH, ON N1H 3A7"))  # fmt: skip


def american_licence(who: Person) -> Drawn:
    card = sheet(_CARD, (246, 242, 228), who.seed, accent=(20, 90, 120))
    card.text(60, 30, "ARIZONA", 60, face="serifbold", ink=(150, 60, 30))
    card.text(420, 46, "DRIVER LICENSE   USA", 34, face="bold")
    face(card, who, (60, 150, 310, 400))
    card.lines(430, 130, (f"9 CLASS D      4d DLN {who.document_number}",), 32)
    card.lines(
        430,
        190,
        (f"1 {who.surname.upper()}", f"2 {who.given_names.upper()}", "8 4410 E CACTUS WREN RD", "TUCSON, AZ 85711"),
        34,
        56,
    )
    card.lines(430, 440, (f"3 DOB {who.date_of_birth:%m/%d/%Y}",), 38)
    card.lines(430, 510, (f"4b EXP {who.expires_on:%m/%d/%Y}", f"4a ISS {who.issued_on:%m/%d/%Y}"), 34, 58)
    card.lines(430, 640, (f"15 SEX {who.sex}     16 HGT 5'-08\"     18 EYES BRO",), 30)
    back = Sheet(_CARD, (248, 248, 250))
    back.text(60, 60, "9a END NONE   12 RESTRICTIONS NONE", 28)
    code = licence_code(
        who, country="USA", region="AZ", town="TUCSON", street="4410 E CACTUS WREN RD", code="857110000"
    )
    back.picture(code, (max(20, (_CARD[0] - code.width) // 2), 330))
    return Drawn("driving_licence", "USA", {"front": card, "back": back}, told(who, *_WHOLE, "issued_on",
                 address="4410 E CACTUS WREN RD, TUCSON, AZ 85711"))  # fmt: skip


def australian_licence(who: Person) -> Drawn:
    card = sheet(_CARD, (250, 238, 216), who.seed, accent=(120, 70, 20))
    card.text(60, 30, "New South Wales, Australia", 34, face="bold")
    card.text(60, 78, "Driver Licence", 52, face="bold")
    card.text(60, 170, who.full_name.upper(), 38, face="bold")
    card.under(880, 150, "Card Number", "2 044 118 730", 28)
    card.lines(60, 240, tuple(part.upper() for part in who.address.split(", ")), 30, 42)
    card.under(60, 400, "Licence No.", who.document_number, 38)
    card.under(400, 400, "Licence Class", "C", 32)
    card.under(60, 530, "Date of Birth", worded(who.date_of_birth), 36)
    card.under(400, 530, "Expiry Date", worded(who.expires_on), 36)
    face(card, who, (960, 260, 280, 370))
    return Drawn(
        "driving_licence",
        "AUS",
        {"front": card},
        told(who, "full_name", "date_of_birth", "expires_on", "document_number", "address"),
    )


def indian_letter(who: Person) -> Drawn:
    number = who.document_number + verhoeff.calc_check_digit(who.document_number)
    card = sheet(_CARD, (252, 250, 246), who.seed, accent=(150, 90, 20), face="serif", strong="serifbold")
    card.text(60, 30, "Unique Identification Authority of India", 34)
    card.text(60, 80, "Government of India", 30)
    face(card, who, (60, 170, 240, 310))
    card.lines(330, 170, (f"Name: {who.full_name}", f"Date of Birth/DOB: {who.date_of_birth:%d/%m/%Y}",
                          f"Gender: {'Male' if who.sex == 'M' else 'Female'}"), 32, 64)  # fmt: skip
    card.picture(secure_code(who, number[-4:]), (820, 330))
    card.text(120, 620, f"{number[:4]} {number[4:8]} {number[8:]}", 58, face="serifbold")
    return Drawn("national_id", "IND", {"front": card},
                 told(who, "full_name", "date_of_birth", "sex", document_number=f"XXXXXXXX{number[-4:]}",
                      address=f"{who.address}, Maharashtra 411002"))  # fmt: skip


def indian_tax_card(who: Person) -> Drawn:
    card = sheet(_CARD, (214, 232, 240), who.seed, accent=(30, 50, 110))
    card.text(60, 30, "INCOME TAX DEPARTMENT", 38, face="bold")
    card.text(900, 30, "GOVT. OF INDIA", 36, face="bold")
    card.text(420, 130, "Permanent Account Number Card", 30)
    card.text(480, 180, who.document_number, 48, face="bold")
    face(card, who, (60, 160, 240, 310))
    card.under(60, 500, "Name", who.full_name.upper(), 36)
    card.under(60, 590, "Father's Name", "RAGHUNATH PRASAD", 36)
    card.under(60, 680, "Date of Birth", f"{who.date_of_birth:%d/%m/%Y}", 36)
    return Drawn(
        "tax_id",
        "IND",
        {"front": card},
        told(who, "full_name", "date_of_birth", "document_number", father_name="Raghunath Prasad"),
    )
