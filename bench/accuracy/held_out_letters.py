"""Proofs of address of the held_out set: A4 at 5.67 px to a millimetre, large print of 22 to 28 px."""

from datetime import timedelta

from backoffice.specimens.people import Person
from bench.accuracy.peoples import table
from bench.accuracy.printing import Drawn, dice_of, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import A4, Pen, long, short

_ENGLISH = "January February March April May June July August September October November December"
_SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_HOME = ("full_name", "address", "issued_on")
_BANK, _BRANCH = 17499, 10
_WEIGHTS = (7, 3, 1)
_JULY = 7
_NEW_MONEY = 2025
"""The year in which Curaçao changed its guilder."""


def french_polynesian_bank_statement(who: Person) -> Drawn:
    page = Sheet(A4, (254, 254, 254), accent=(70, 80, 100))
    page.bar(0, 0, 40, A4[1], (20, 110, 140))
    page.text(90, 60, "Banque des Archipels", 46, face="serifbold", ink=(20, 110, 140))
    page.text(90, 118, "SA au capital de 1 380 000 000 XPF - RC Papeete 12 417 B", 21)
    page.text(90, 148, "BP 4081 - 98713 Papeete - Tahiti", 21)
    page.text(780, 66, "EXTRAIT DE COMPTE", 32, face="bold")
    page.text(780, 110, f"Édité le {who.issued_on:%d/%m/%Y}", 25)
    title = {"M": "M", "F": "MME"}[who.sex]
    page.lines(620, 270, (f"{title} {who.surname.upper()} {who.given_names.upper()}", *who.address.split(", ")), 27, 40)
    pen = Pen(page, 22, 26, "sans", "bold")
    for left, label, value in (
        (90, "Code banque", f"{_BANK}"), (280, "Code guichet", f"{_BRANCH:05}"),
        (480, "Numéro de compte", who.document_number), (760, "Clé RIB", _bank_key(who.document_number)),
        (900, "Devise", "XPF"),
    ):  # fmt: skip
        pen.above(left, 480, label, value)
    last = who.issued_on.replace(day=1) - timedelta(days=1)
    page.text(90, 580, f"Période du 1er au {long(last, _FRENCH)}", 25)
    page.text(900, 580, "Feuillet 1/1", 25)
    month = f"{last:%m.%y}"
    rows = (
        ("Date", "Nature de l'opération", "Débit", "Crédit"),
        ("", "Solde précédent", "", "186 420"),
        (f"03.{month}", "PRLV FENUA ELECTRICITE", "14 870", ""),
        (f"05.{month}", "VIR SALAIRE COMMUNE DE PUNAAUIA", "", "241 300"),
        (f"12.{month}", "CB HYPERMARCHE TARAVAO", "22 315", ""),
        (f"18.{month}", "RETRAIT DAB FAA'A AEROPORT", "30 000", ""),
        (f"27.{month}", "COTISATION CARTE", "650", ""),
        ("", "Total des mouvements", "67 835", "241 300"),
    )
    table(page, 660, rows, (90, 240, 800, 980))
    page.text(90, 1070, f"Nouveau solde au {last:%d/%m/%Y}", 28, face="bold")
    page.text(980, 1070, "359 885", 28, face="bold")
    page.lines(90, 1500, (
        "Sans observation de votre part sous trente jours, cet extrait est réputé approuvé.",
        "Établissement soumis au contrôle de l'ACPR.",
    ), 22, 34)  # fmt: skip
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "PYF", {"page": page}, truth)


def curacaoan_water_bill(who: Person) -> Drawn:
    """Draw the bill in Dutch and Papiamentu."""
    dice = dice_of(who)
    page = Sheet(A4, (253, 254, 255), accent=(40, 80, 120))
    page.text(80, 56, "Kompania di Awa Kòrsou", 40, face="bold", ink=(10, 90, 160))
    page.lines(80, 112, ("Rector Zwijsenstraat 1, Willemstad, Curaçao", "Crib nr. 102 417 330   KvK 14871"), 21, 30)
    page.text(800, 60, "FACTUUR / FAKTURA", 30, face="bold")
    page.lines(80, 260, (who.full_name, *who.address.split(", ")), 27, 40)
    pen = Pen(page, 22, 26, "sans", "bold")
    pen.beside(620, 190, 330, "Klantnr. / Number di kliente", who.document_number)
    pen.beside(620, 236, 330, "Factuurnr. / Number di faktura", filled("2&&&&&&&&", dice))
    pen.beside(620, 282, 330, "Factuurdatum / Fecha", f"{who.issued_on:%d-%m-%Y}")
    pen.beside(620, 328, 330, "Vervaldatum / Vensementu", f"{who.issued_on + timedelta(days=18):%d-%m-%Y}")
    pen.beside(620, 374, 330, "Meternr. / Number di meter", filled("W&&&&&&", dice))
    first = who.issued_on.replace(day=1)
    page.text(80, 470, f"Aansluitadres / Adrès di konekshon: {who.address}", 24)
    start = (first - timedelta(days=1)).replace(day=1)
    money = "Cg" if start.year >= _NEW_MONEY else "NAf"
    page.text(80, 510, f"Verbruiksperiode / Periodo: {start:%d-%m-%Y} t/m {first - timedelta(days=1):%d-%m-%Y}", 24)
    rows = (
        ("Omschrijving / Deskripshon", "m3", "Tarief", f"Bedrag {money}"),
        ("Vorige stand / Lesamentu anterior", "1.284", "", ""),
        ("Huidige stand / Lesamentu aktual", "1.301", "", ""),
        ("Water blok 1 / Awa blòki 1", "9", "8,1500", "73,35"),
        ("Water blok 2 / Awa blòki 2", "8", "12,4200", "99,36"),
        ("Brandstofclausule / Klousula di kombustibel", "17", "1,1040", "18,77"),
        ("Vastrecht / Tarifa fiho", "", "", "12,50"),
    )
    table(page, 600, rows, (80, 660, 800, 980))
    page.bar(80, 950, 1110, 1010, (222, 234, 246))
    page.text(100, 964, "Totaal te betalen / Total pa paga", 29, face="bold")
    page.text(980, 964, "203,98", 29, face="bold")
    page.lines(80, 1080, (
        "Betaal vóór de vervaldatum om afsluiting te voorkomen.",
        "Paga promé ku e fecha di vensementu pa evitá kòrtamentu.",
    ), 24, 38)  # fmt: skip
    page.text(80, 1560, "Storingen / Interupshon: 9 000 0000", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "CUW", {"page": page}, truth)


def bruneian_telephone_bill(who: Person) -> Drawn:
    dice = dice_of(who)
    page = Sheet(A4, (255, 255, 254), accent=(90, 70, 20))
    page.bar(0, 0, A4[0], 130, (250, 226, 130))
    page.text(80, 40, "Telekom Kenari", 46, face="bold", ink=(60, 50, 20))
    page.text(820, 48, "BIL / BILL", 40, face="bold")
    page.text(80, 156, "Telekom Kenari Sdn Bhd, Kompleks Beribi, Bandar Seri Begawan BE1118", 21)
    parts = who.address.split(", ")
    page.lines(80, 240, (who.full_name.upper(), ", ".join(parts[:-1]), parts[-1]), 27, 40)
    pen = Pen(page, 22, 26, "sans", "sans")
    pen.below(700, 230, "No. Akaun / Account No.", who.document_number)
    pen.below(960, 230, "No. Bil / Bill No.", filled("&&&&&&&&", dice))
    pen.below(700, 310, "Tarikh Bil / Bill Date", long(who.issued_on, _ENGLISH))
    pen.below(700, 390, "Bayar Sebelum / Pay By", long(who.issued_on + timedelta(days=21), _ENGLISH))
    page.text(80, 490, "Ringkasan Akaun / Account Summary", 28, face="bold")
    rows = (
        ("Baki terdahulu / Previous balance", "B$ 51.20"),
        ("Bayaran diterima, terima kasih / Payment received", "B$ 51.20 CR"),
        ("Caj semasa / Current charges", "B$ 47.35"),
    )
    table(page, 546, rows, (80, 900))
    page.text(80, 720, "Caj Semasa / Current Charges", 28, face="bold")
    rows = (
        ("No. Perkhidmatan", "Keterangan / Description", "Jumlah (B$)"),
        (filled("2&&&&&&", dice), "Kenari Fibre 300 Mbps, langganan bulanan / monthly", "48.00"),
        ("", "Panggilan tempatan / Local calls", "3.15"),
        ("", "Panggilan antarabangsa / International calls", "1.20"),
        ("", "Rebat / Rebate", "5.00 CR"),
    )
    table(page, 776, rows, (80, 320, 980))
    page.text(80, 1040, "JUMLAH PERLU DIBAYAR / TOTAL AMOUNT DUE", 28, face="bold")
    page.text(980, 1040, "B$ 47.35", 28, face="bold")
    page.lines(80, 1140, (
        "Sila abaikan bil ini jika bayaran telah dibuat. Please ignore if payment has been made.",
        "Bil ini dijana oleh komputer. This is a computer-generated bill.",
    ), 23, 38)  # fmt: skip
    page.text(80, 1560, "Khidmat Pelanggan / Customer Care 000   www.kenari.example", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "BRN", {"page": page}, truth)


def bermudian_land_tax_bill(who: Person) -> Drawn:
    """Draw the demand for half a year, whose rate rises with the annual rental value."""
    dice = dice_of(who)
    page = Sheet(A4, (254, 253, 250), accent=(60, 60, 60))
    page.text(380, 50, "GOVERNMENT OF BERMUDA", 34, face="serifbold")
    page.text(420, 96, "Office of the Tax Commissioner", 26, face="serif")
    page.text(400, 140, "LAND TAX DEMAND NOTICE", 32, face="serifbold", ink=(140, 20, 40))
    title = {"M": "MR.", "F": "MS."}[who.sex]
    page.lines(
        120, 250, (f"{title} {who.full_name.upper()}", *(part.upper() for part in who.address.rsplit(", ", 1))), 26, 40
    )
    pen = Pen(page, 23, 26, "serif", "bold")
    ends = (
        who.issued_on.replace(month=6, day=30)
        if who.issued_on.month < _JULY
        else who.issued_on.replace(month=12, day=31)
    )
    pen.beside(680, 240, 230, "Account Number", who.document_number)
    pen.beside(680, 284, 230, "Assessment Number", filled("0&&&&&&&&", dice))
    pen.beside(680, 328, 230, "Notice Date", short(who.issued_on, _SHORT, glue="-"))
    pen.beside(680, 372, 230, "Due Date", short(who.issued_on + timedelta(days=30), _SHORT, glue="-"))
    pen.beside(680, 416, 230, "Tax Period Ending", short(ends, _SHORT, glue="-"))
    page.text(80, 510, f"Valuation unit: {who.address}", 25)
    page.text(80, 550, "Description: Residential - Apartment    Annual Rental Value (ARV): $28,800", 25)
    rows = (
        ("ARV band", "Rate per annum", "Annual tax", "Half-year tax"),
        ("First $11,000", "0.80%", "$88.00", "$44.00"),
        ("Next $11,000", "1.80%", "$198.00", "$99.00"),
        ("Balance $6,800", "3.50%", "$238.00", "$119.00"),
        ("Total land tax", "", "$524.00", "$262.00"),
        ("Arrears brought forward", "", "", "$0.00"),
    )
    table(page, 640, rows, (80, 440, 700, 940))
    page.text(80, 950, "AMOUNT NOW DUE", 30, face="serifbold")
    page.text(940, 950, "$262.00", 30, face="serifbold")
    page.lines(80, 1040, (
        "A penalty of 5% is added to tax that is unpaid on the due date.",
        "Objections to the valuation go to the Director of Land Valuation.",
    ), 24, 38)  # fmt: skip
    page.lines(80, 1480, (
        "F.B. Perry Building, 40 Church Street, Hamilton HM 12. P.O. Box HM 1537, Hamilton HM FX.",
        "Land Valuation and Tax Act 1967",
    ), 22, 34)  # fmt: skip
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "BMU", {"page": page}, truth)


def alandic_electricity_invoice(who: Person) -> Drawn:
    dice = dice_of(who)
    page = Sheet(A4, (254, 254, 255), accent=(30, 70, 130))
    page.text(80, 56, "Skärgårdens Elandelslag", 38, face="bold", ink=(20, 70, 150))
    page.text(800, 60, "FAKTURA", 40, face="bold")
    pen = Pen(page, 21, 25, "sans", "sans")
    pen.above(800, 120, "Fakturanummer", filled("&&&&&&", dice))
    pen.above(990, 120, "Sida", "1 (1)")
    pen.above(800, 190, "Fakturadatum", f"{who.issued_on:%d.%m.%Y}")
    pen.above(990, 190, "Förfallodag", f"{who.issued_on + timedelta(days=14):%d.%m.%Y}")
    pen.above(800, 260, "Kundnummer", who.document_number)
    pen.above(990, 260, "Avtal", filled("E&&&&", dice))
    page.lines(80, 240, (who.full_name, *who.address.split(", "), "ÅLAND"), 27, 40)
    pen.above(80, 460, "Anläggningsadress", who.address.replace(", AX-", ", "))
    pen.above(800, 460, "Mätare", filled("&&&&&&&&", dice))
    last = who.issued_on.replace(day=1) - timedelta(days=1)
    page.text(80, 560, f"Period {last.replace(day=1):%d.%m.%Y} - {last:%d.%m.%Y}, avläst värde", 25)
    rows = (
        ("Specifikation", "Mängd", "à-pris", "Euro"),
        ("Elenergi, Kobba Fast", "412 kWh", "7,20 c", "29,66"),
        ("Elöverföring, huvudsäkring 3x25 A", "412 kWh", "4,85 c", "19,98"),
        ("Elskatt, klass 1", "412 kWh", "2,24 c", "9,23"),
        ("Grundavgift", "1 mån", "", "9,80"),
        ("Moms 25,5 %", "", "68,67", "17,51"),
    )
    table(page, 630, rows, (80, 580, 780, 980))
    page.text(80, 940, "Att betala EUR", 32, face="bold")
    page.text(980, 940, "86,18", 32, face="bold")
    page.text(80, 1020, "Din förbrukning samma period i fjol: 437 kWh", 24)
    page.bar(80, 1290, 1110, 1294, (30, 70, 130))
    pen.above(80, 1320, "Mottagarens kontonummer", "FI21 1234 5600 0007 85")
    pen.above(560, 1320, "BIC", "AABAFI22")
    pen.above(80, 1400, "Referensnummer", _reference(filled("10&&&&&&", dice)))
    pen.above(560, 1400, "Dröjsmålsränta", "9,5 %")
    page.text(80, 1580, "FO-nummer 0141702-7   Felanmälan dygnet runt 018-00 000   www.elandelslag.example", 21)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "ALA", {"page": page}, truth)


def _bank_key(account: str) -> str:
    """Compute the two digits that end a French account's identity."""
    return f"{97 - (89 * _BANK + 15 * _BRANCH + 3 * int(account)) % 97:02}"


def _reference(body: str) -> str:
    """Add the digit that ends a Finnish reference number."""
    weighed = sum(int(digit) * _WEIGHTS[i % 3] for i, digit in enumerate(reversed(body)))
    return f"{body}{-weighed % 10}"
