"""Proofs of address of the shown set: A4 at 5.67 px to a millimetre, large print of 22 to 28 px."""

from datetime import timedelta

from stdnum import iban

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, told, worded
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import A4, Pen, long

_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_HOME = ("full_name", "address", "issued_on")
_DUE = timedelta(days=18)
_Rows = tuple[tuple[str, ...], ...]


def liechtenstein_bank_statement(who: Person) -> Drawn:
    """Draw a letter with the window on the right and the sender's own line over it."""
    bank = f"08808{who.document_number}"
    account = f"LI{iban.calc_check_digits(f'LI00{bank}')}{bank}"
    grouped = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    page = Sheet(A4, (254, 254, 253), accent=(70, 70, 80))
    page.text(80, 60, "Rheintalbank AG", 48, face="serifbold", ink=(20, 60, 100))
    page.lines(80, 126, ("Städtle 41, 9490 Vaduz", "Telefon +423 000 00 00", "MWST-Nr. 50 418"), 22, 32)
    page.text(640, 226, "Rheintalbank AG, Städtle 41, 9490 Vaduz", 18)
    page.lines(640, 262, ({"M": "Herrn", "F": "Frau"}[who.sex], who.full_name, *who.address.split(", ")), 27, 38)
    issued = f"{who.issued_on.day}. {long(who.issued_on, _GERMAN).split(' ', 1)[1]}"
    page.text(640, 470, f"Vaduz, {issued}", 25)
    page.text(80, 540, "Kontoauszug", 40, face="bold")
    pen = Pen(page, 24, 25, "sans", "bold")
    last = who.issued_on.replace(day=1) - timedelta(days=1)
    pen.beside(80, 610, 240, "Kontoart", "Privatkonto CHF")
    pen.beside(80, 654, 240, "IBAN", grouped)
    pen.beside(80, 698, 240, "Kundenstamm", "0512.774")
    pen.beside(80, 742, 240, "Periode", f"{last.replace(day=1):%d.%m.%Y} - {last:%d.%m.%Y}")
    month = f"{last:%m}"
    rows = (
        ("Datum", "Text", "Belastung", "Gutschrift", "Saldo"),
        (f"03.{month}.", "Miete Liegenschaft", "1'450.00", "", "4'102.20"),
        (f"11.{month}.", "Krankenkasse", "318.45", "", "3'783.75"),
        (f"19.{month}.", "Bargeldbezug", "200.00", "", "3'583.75"),
        (f"25.{month}.", "Gehalt Presta Werk", "", "2'630.60", "6'214.35"),
    )
    _table(page, 840, rows, (80, 220, 620, 800, 980))
    page.text(80, 1130, "Saldo zu Ihren Gunsten", 26, face="bold")
    page.text(980, 1130, "6'214.35", 26, face="bold")
    notice = ("Bitte prüfen Sie den Auszug. Ohne Ihren Einspruch innert", "30 Tagen gilt er als genehmigt.")
    page.lines(80, 1500, notice, 22, 32)
    return Drawn("proof_of_address", "LIE", {"page": page}, told(who, *_HOME, account_number=account))


def monegasque_electricity_bill(who: Person) -> Drawn:
    page = Sheet(A4, (254, 253, 252), accent=(90, 80, 80))
    page.text(80, 56, "Énergie du Rocher", 46, face="bold", ink=(190, 40, 30))
    page.text(80, 112, "Société anonyme monégasque au capital de 8 000 000 euros", 20)
    pen = Pen(page, 22, 25, "sans", "bold")
    pen.above(80, 180, "Référence client", who.document_number)
    pen.above(80, 256, "N° de facture", f"{who.issued_on:%y} 0117 88352")
    pen.above(80, 332, "Point de livraison", "98 114 207 336 051")
    pen.above(80, 408, "Compteur n°", "061 774")
    title = {"M": "M.", "F": "MME"}[who.sex]
    page.lines(620, 250, (f"{title} {who.full_name.upper()}", *who.address.upper().split(", ")), 27, 40)
    page.text(80, 520, f"Votre facture d'électricité du {long(who.issued_on, _FRENCH)}", 34, face="bold")
    page.bar(80, 590, 1110, 690, (246, 232, 226))
    page.text(100, 608, "Montant à régler", 26)
    page.text(100, 644, f"avant le {long(who.issued_on + _DUE, _FRENCH)}", 26)
    page.text(890, 618, "104,62 €", 38, face="bold")
    page.text(80, 730, f"Lieu de consommation : {who.address}", 24)
    rows = (
        ("Relevés", "Ancien", "Nouveau", "kWh", "Montant HT"),
        ("Heures pleines", "24 118", "24 410", "292", "52,77 €"),
        ("Heures creuses", "11 907", "12 088", "181", "24,41 €"),
        ("Abonnement 6 kVA", "", "", "", "10,00 €"),
        ("TVA 20 %", "", "", "", "17,44 €"),
    )
    _table(page, 810, rows, (80, 420, 580, 760, 920))
    page.text(80, 1080, f"Prochain relevé vers le {long(who.issued_on + 3 * _DUE, _FRENCH)}", 24)
    page.lines(
        80, 1460, ("Dépannage 24 h/24 : +377 00 00 00 00", "Paiement par prélèvement, chèque ou TIP SEPA."), 22, 34
    )
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "MCO", {"page": page}, truth)


def croatian_telephone_invoice(who: Person) -> Drawn:
    page = Sheet(A4, (253, 254, 255), accent=(100, 60, 110))
    page.text(760, 60, "Jadran Mobil d.o.o.", 38, face="bold", ink=(120, 30, 110))
    page.lines(760, 114, ("Radnicka cesta 80, 10000 Zagreb", "OIB: 47100362180", "IBAN: HR1210010051863000160"), 21, 32)
    page.lines(100, 270, (who.full_name, *who.address.split(", ")), 28, 42)
    page.text(80, 480, f"Racun broj 4471-2-1193/{who.issued_on:%y}", 36, face="bold")
    pen = Pen(page, 24, 25, "sans", "bold")
    pen.beside(80, 560, 300, "Korisnicki broj:", who.document_number)
    pen.beside(80, 606, 300, "Datum izdavanja racuna:", f"{who.issued_on:%d.%m.%Y}.")
    pen.beside(80, 652, 300, "Datum dospijeca:", f"{who.issued_on + _DUE:%d.%m.%Y}.")
    pen.beside(640, 560, 260, "Broj telefona:", "021 000 117")
    pen.beside(640, 606, 260, "Model i poziv na broj:", "HR01 4471-1193")
    pen.beside(640, 652, 260, "Razdoblje:", f"{who.issued_on.replace(day=1) - timedelta(days=1):%m/%Y}")
    rows = (
        ("Opis usluge", "Kolicina", "Iznos (EUR)"),
        ("Mjesecna naknada - Internet 200", "1", "26,41"),
        ("Pozivi prema mobilnim mrežama", "47 min", "3,18"),
        ("Najam opreme", "1", "2,00"),
        ("PDV 25 %", "", "7,90"),
    )
    _table(page, 760, rows, (80, 680, 920))
    page.text(80, 1040, "Ukupno za platiti", 32, face="bold")
    page.text(920, 1040, "39,49 EUR", 32, face="bold")
    page.lines(80, 1480, ("Prigovor se podnosi u roku od 30 dana.", "Korisnicka služba: 0800 0000"), 22, 34)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "HRV", {"page": page}, truth)


def turkish_gas_bill(who: Person) -> Drawn:
    page = Sheet(A4, (255, 254, 250), accent=(60, 70, 90))
    page.bar(0, 0, A4[0], 110, (20, 90, 160))
    page.text(70, 32, "MAVIGAZ DOGALGAZ DAGITIM A.S.", 40, face="bold", ink=(252, 252, 252))
    page.text(70, 140, "Büyükdere Cad. No:201 Levent ISTANBUL - Vergi No: 6140088217", 21)
    page.text(70, 210, "DOGALGAZ FATURASI", 36, face="bold")
    page.text(70, 290, "Sayin", 24)
    page.text(70, 326, who.full_name.upper(), 28, face="bold")
    page.lines(70, 368, tuple(part.upper() for part in who.address.split(", ")), 25, 38)
    pen = Pen(page, 23, 25, "sans", "bold")
    pen.beside(680, 210, 250, "Sözlesme Hesap No", who.document_number)
    pen.beside(680, 256, 250, "Tesisat No", "40071852")
    pen.beside(680, 302, 250, "Fatura No", f"MGD{who.issued_on.year}000118")
    pen.beside(680, 348, 250, "Fatura Tarihi", f"{who.issued_on:%d/%m/%Y}")
    pen.beside(680, 394, 250, "Son Ödeme Tarihi", f"{who.issued_on + _DUE:%d/%m/%Y}")
    pen.beside(680, 440, 250, "Sayaç Seri No", "08814420")
    pen.beside(680, 486, 250, "Abone Grubu", "MESKEN")
    rows = (
        ("Ilk Endeks", "Son Endeks", "Tüketim (m3)", "Birim Fiyat", "Tutar (TL)"),
        ("3 118", "3 204", "86,00", "7,4182", "637,97"),
    )
    _table(page, 580, rows, (70, 290, 520, 760, 960))
    _table(page, 720, (("KDV (%20)", "127,59"), ("Yuvarlama", "0,04"), ("Gecikme bedeli", "0,00")), (70, 960))
    page.text(70, 920, "ÖDENECEK TUTAR", 34, face="bold")
    page.text(920, 920, "765,60 TL", 34, face="bold")
    page.lines(
        70, 1030, ("Faturanizi son ödeme tarihine kadar anlasmali bankalardan", "ödeyebilirsiniz. Acil: 187"), 24, 36
    )
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "TUR", {"page": page}, truth)


def barbadian_land_tax_bill(who: Person) -> Drawn:
    page = Sheet(A4, (252, 253, 254), accent=(60, 70, 100), face="serif", strong="serifbold")
    page.text(370, 50, "GOVERNMENT OF BARBADOS", 34, face="serifbold", ink=(20, 50, 120))
    page.text(460, 96, "Land Tax Department", 28)
    page.text(440, 134, "Treasury Building, Bridgetown", 24)
    page.text(330, 190, f"LAND TAX DEMAND NOTICE {who.issued_on.year}", 36, face="serifbold")
    title = {"M": "MR.", "F": "MS."}[who.sex]
    home = tuple(part.upper() for part in who.address.split(", "))
    page.lines(110, 290, (f"{title} {who.full_name.upper()}", *home), 26, 40)
    pen = Pen(page, 23, 26, "serif", "serifbold")
    pen.above(720, 270, "Land Tax Account Number", who.document_number)
    pen.above(720, 350, "Date of Notice", worded(who.issued_on, glue="-"))
    pen.above(720, 430, "Due Date", worded(who.issued_on + 3 * _DUE, glue="-"))
    pen.above(110, 540, "Property Description", f"LOT 41, {home[-1]}", "AREA 512.4 SQ. M.")
    pen.above(720, 540, "Map Reference", "20.03.04.117")
    rows = (
        ("Improved value", "$ 385,000.00"),
        ("Site value", "$ 142,000.00"),
        ("Tax assessed", "$ 1,212.50"),
        ("Less 10 % if paid within 30 days", "$ 121.25"),
        ("Arrears", "$ 0.00"),
    )
    _table(page, 700, rows, (110, 860))
    page.text(110, 980, "Total due", 32, face="serifbold")
    page.text(860, 980, "$ 1,212.50", 32, face="serifbold")
    page.lines(110, 1080, (
        "Please bring this notice when you pay at any district office.",
        "Telephone 246 000 0000. Cheques are payable to the Accountant General.",
    ), 24, 36)  # fmt: skip
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "BRB", {"page": page}, truth)


def _table(page: Sheet, top: int, rows: _Rows, columns: tuple[int, ...]) -> None:
    """Write rows under one another, each cell at the left edge of its column."""
    for i, row in enumerate(rows):
        for left, words in zip(columns, row, strict=True):
            page.text(left, top + 46 * i, words, 24)
