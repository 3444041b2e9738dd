"""Proofs of address of the met set: A4 at 5.67 px to a millimetre, large print of 22 to 28 px."""

from datetime import timedelta

from stdnum import iban

from backoffice.specimens.people import Person
from bench.accuracy.peoples import table
from bench.accuracy.printing import Drawn, dice_of, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_people import filled
from bench.accuracy.spent_printing import A4, Pen, long

_DANISH = "januar februar marts april maj juni juli august september oktober november december"
_CATALAN = [
    "de gener",
    "de febrer",
    "de març",
    "d'abril",
    "de maig",
    "de juny",
    "de juliol",
    "d'agost",
    "de setembre",
    "d'octubre",
    "de novembre",
    "de desembre",
]
_ENGLISH = "January February March April May June July August September October November December"
_HOME = ("full_name", "address", "issued_on")
_DUE = timedelta(days=21)


def andorran_bank_statement(who: Person) -> Drawn:
    bank = f"00012030{who.document_number}"
    account = f"AD{iban.calc_check_digits(f'AD00{bank}')}{bank}"
    grouped = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    page = Sheet(A4, (254, 254, 254), accent=(80, 80, 90))
    page.text(80, 60, "Banca Pirinenca d'Andorra", 42, face="bold", ink=(150, 40, 50))
    page.lines(80, 116, ("Avinguda Meritxell 96, AD500 Andorra la Vella", "NRT A-700158-F   Swift BPIRADAD"), 21, 32)
    title = {"M": "Sr.", "F": "Sra."}[who.sex]
    page.lines(620, 240, (f"{title} {who.full_name}", *who.address.split(", ")), 27, 38)
    page.text(80, 420, "Extracte de compte", 40, face="bold")
    day = f"{who.issued_on.day} {_CATALAN[who.issued_on.month - 1]} de {who.issued_on.year}"
    page.text(620, 430, f"Andorra la Vella, {day}", 24)
    pen = Pen(page, 22, 25, "sans", "bold")
    last = who.issued_on.replace(day=1) - timedelta(days=1)
    pen.above(80, 520, "Titular", who.full_name.upper())
    pen.above(620, 520, "Codi de client", "0448217")
    pen.above(80, 600, "Número de compte (IBAN)", grouped)
    pen.above(620, 600, "Divisa", "EUR")
    pen.above(80, 680, "Període", f"del {last.replace(day=1):%d/%m/%Y} al {last:%d/%m/%Y}")
    pen.above(620, 680, "Pàgina", "1 de 1")
    month = f"{last:%m}"
    rows = (
        ("Data", "Data valor", "Concepte", "Import", "Saldo"),
        (f"02/{month}", f"02/{month}", "Saldo anterior", "", "2.318,77"),
        (f"05/{month}", f"05/{month}", "Rebut lloguer", "-780,00", "1.538,77"),
        (f"14/{month}", f"15/{month}", "Rebut FEDA electricitat", "-61,14", "1.477,63"),
        (f"22/{month}", f"22/{month}", "Compra targeta supermercat", "-94,05", "1.383,58"),
        (f"28/{month}", f"28/{month}", "Nòmina", "2.145,00", "3.528,58"),
    )
    table(page, 790, rows, (80, 220, 380, 800, 980))
    page.text(80, 1110, "Saldo final", 28, face="bold")
    page.text(980, 1110, "3.528,58", 28, face="bold")
    notice = ("Si no rebem cap reclamació en el termini de 30 dies", "entendrem que hi esteu conforme. Tel. 000 000")
    page.lines(80, 1480, notice, 22, 34)
    return Drawn("proof_of_address", "AND", {"page": page}, told(who, *_HOME, account_number=account))


def cape_verdean_electricity_bill(who: Person) -> Drawn:
    page = Sheet(A4, (254, 254, 250), accent=(70, 80, 70))
    page.text(80, 50, "LUZ DO ARQUIPÉLAGO, S.A.", 40, face="bold", ink=(20, 110, 60))
    page.lines(80, 104, ("Avenida Baltasar Lopes da Silva, 10 - Mindelo", "NIF 200411832 - Capital 600.000 contos"),
               21, 32)  # fmt: skip
    page.text(760, 60, "FATURA/RECIBO", 34, face="bold")
    pen = Pen(page, 22, 26, "sans", "bold")
    pen.beside(760, 116, 190, "Fatura n.º", f"FT 04/{filled('&&&&&&', dice_of(who))}")
    pen.beside(760, 160, 190, "Emitida em", f"{who.issued_on:%d-%m-%Y}")
    page.bar(80, 220, 560, 452, (234, 242, 234))
    pen.above(100, 236, "Cliente n.º", who.document_number)
    pen.above(340, 236, "Contador n.º", "20410773")
    pen.above(100, 310, "Contrato / CIL", "118 004 217")
    pen.above(340, 310, "Tarifa", "BT Doméstica")
    pen.above(100, 384, "Potência", "3,3 kVA")
    title = {"M": "Exmo. Sr.", "F": "Exma. Sra."}[who.sex]
    page.lines(640, 260, (title, who.full_name.upper(), *who.address.split(", ")), 26, 38)
    page.text(80, 490, f"Local de consumo: {who.address}", 24)
    start = who.issued_on - timedelta(days=34)
    page.text(80, 530, f"Período de faturação: {start:%d-%m-%Y} a {start + timedelta(days=29):%d-%m-%Y}", 24)
    rows = (
        ("Descrição", "Leitura ant.", "Leitura atual", "kWh", "Valor (CVE)"),
        ("Energia ativa 1.º escalão", "08114", "08174", "60", "1.551,00"),
        ("Energia ativa 2.º escalão", "08174", "08231", "57", "1.886,13"),
        ("Taxa de aluguer do contador", "", "", "", "75,00"),
        ("Contribuição audiovisual", "", "", "", "100,00"),
        ("IVA 15 %", "", "", "", "526,82"),
    )
    table(page, 620, rows, (80, 480, 660, 840, 940))
    page.text(80, 930, "TOTAL A PAGAR", 34, face="bold")
    page.text(900, 930, "4.138,95", 34, face="bold")
    page.text(80, 990, f"Data limite de pagamento: {who.issued_on + _DUE:%d-%m-%Y}", 26)
    page.lines(80, 1090, ("Pague na rede Vinti4:", "Entidade 002   Referência 118 442 019   Montante 4.138,95"), 24, 38)
    page.lines(80, 1500, ("Avarias: 800 00 00 (chamada grátis)", "Documento processado por computador."), 22, 34)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "CPV", {"page": page}, truth)


def aruban_telephone_invoice(who: Person) -> Drawn:
    page = Sheet(A4, (253, 254, 255), accent=(60, 80, 110))
    page.bar(0, 0, A4[0], 24, (240, 190, 30))
    page.text(80, 60, "Isla Telecom N.V.", 46, face="bold", ink=(20, 90, 170))
    page.lines(80, 122, ("Seroe Blanco z/n, Oranjestad, Aruba", "Persoonsnummer 8117704  Tel. (+297) 000 0000"), 21, 32)
    page.text(880, 66, "FACTUUR", 42, face="bold")
    title = {"M": "Dhr.", "F": "Mevr."}[who.sex]
    page.lines(100, 280, (f"{title} {who.full_name}", *who.address.split(", ")),
               27, 40)  # fmt: skip
    pen = Pen(page, 23, 25, "bold", "sans")
    pen.beside(660, 250, 240, "Klantnummer", who.document_number)
    pen.beside(660, 296, 240, "Factuurnummer", f"F{who.issued_on:%y}-{filled('&&&&&&', dice_of(who))}")
    pen.beside(660, 342, 240, "Factuurdatum", f"{who.issued_on:%d-%m-%Y}")
    pen.beside(660, 388, 240, "Vervaldatum", f"{who.issued_on + _DUE:%d-%m-%Y}")
    pen.beside(660, 434, 240, "Telefoonnummer", "588 0117")
    page.text(80, 540, f"Uw kosten over {who.issued_on:%m-%Y}", 30, face="bold")
    rows = (
        ("Omschrijving", "Aantal", "Bedrag Afl."),
        ("Abonnement Internet Thuis 100", "1", "109,00"),
        ("Abonnement vaste lijn", "1", "22,50"),
        ("Gesprekken internationaal", "00:41:12", "18,37"),
        ("Huur modem", "1", "7,50"),
        ("BBO/BAVP/BAZV 7 %", "", "11,02"),
    )
    table(page, 610, rows, (80, 700, 940))
    page.text(80, 910, "Totaal te betalen", 32, face="bold")
    page.text(940, 910, "168,39", 32, face="bold")
    page.lines(80, 1000, (
        "Gelieve het bedrag voor de vervaldatum over te maken op rekening",
        "11 40 02 817 bij Banco di Boneiro onder vermelding van uw klantnummer.",
    ), 24, 38)  # fmt: skip
    page.text(80, 1540, "Bij betaling na de vervaldatum rekenen wij Afl. 10,00 administratiekosten.", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "ABW", {"page": page}, truth)


def namibian_council_bill(who: Person) -> Drawn:
    """Draw a municipal account, on which the property and the postal address are two."""
    page = Sheet(A4, (254, 253, 251), accent=(70, 60, 60))
    street, town = who.address.split(", ")
    page.text(80, 50, f"MUNICIPALITY OF {town.upper()}", 38, face="bold", ink=(120, 50, 20))
    page.lines(80, 104, ("Finance Department, P O Box 59", "VAT Reg No 0041277-01-5   Tel 061 000 0000"), 22, 32)
    page.text(80, 200, "TAX INVOICE / MUNICIPAL ACCOUNT", 28, face="bold")
    title = {"M": "MR", "F": "MRS"}[who.sex]
    page.lines(100, 290, (f"{title} {who.full_name.upper()}", street.upper(), town.upper()), 27, 40)
    pen = Pen(page, 23, 26, "sans", "bold")
    pen.beside(680, 200, 250, "Account Number", who.document_number)
    pen.beside(680, 248, 250, "Statement Date", long(who.issued_on, _ENGLISH))
    pen.beside(680, 296, 250, "Due Date", long(who.issued_on + _DUE, _ENGLISH))
    pen.beside(680, 344, 250, "Erf Number", f"ERF {filled('&&&&', dice_of(who))}")
    pen.beside(680, 392, 250, "Deposit Held", "N$ 950.00")
    page.text(80, 470, f"Property: {street}, {town}", 25)
    page.text(80, 510, "Valuation: Land N$ 210 000   Improvements N$ 745 000", 25)
    rows = (
        ("Details", "Previous", "Present", "Units", "Amount N$"),
        ("Balance brought forward", "", "", "", "1 204.55"),
        ("Payment received - thank you", "", "", "", "-1 204.55"),
        ("Water, meter 88120463", "1 407", "1 425", "18", "498.60"),
        ("Sewerage basic charge", "", "", "", "172.30"),
        ("Refuse removal", "", "", "", "148.90"),
        ("Assessment rates", "", "", "", "366.25"),
        ("VAT 15 %", "", "", "", "122.97"),
    )
    table(page, 600, rows, (80, 520, 660, 800, 940))
    page.text(80, 1000, "AMOUNT DUE", 32, face="bold")
    page.text(940, 1000, "1 309.02", 32, face="bold")
    page.lines(80, 1100, (
        "Bank: Standard Bank Namibia   Branch 082372   Account 0604 117 732",
        "Use your municipal account number as the payment reference.",
    ), 24, 38)  # fmt: skip
    page.lines(80, 1500, ("Services may be disconnected without further notice", "if the account is overdue."), 22, 34)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "NAM", {"page": page}, truth)


def greenlandic_water_bill(who: Person) -> Drawn:
    page = Sheet(A4, (252, 254, 255), accent=(60, 90, 110))
    page.text(700, 56, "Imeq & Kiak A/S", 44, face="serifbold", ink=(20, 90, 130))
    page.lines(700, 116, ("Issortarfimmut 3, Postboks 1080", "3905 Nuussuaq", "CVR-nr. 18 44 02 97"), 21, 32)
    page.lines(90, 230, (who.full_name, *who.address.split(", ")), 27, 40)
    page.text(80, 420, "Akiligassaq / Faktura", 38, face="serifbold")
    pen = Pen(page, 23, 25, "serif", "serifbold")
    pen.above(80, 500, "Kundenummer", who.document_number)
    pen.above(360, 500, "Fakturanr.", filled("4&&&&&&", dice_of(who)))
    pen.above(620, 500, "Fakturadato", long(who.issued_on, _DANISH).replace(" ", ". ", 1))
    pen.above(900, 500, "Målernr.", "610 442")
    pen.above(80, 580, "Forbrugssted", who.address)
    pen.above(620, 580, "Betales senest", f"{who.issued_on + _DUE:%d-%m-%Y}")
    pen.above(900, 580, "Aflæst af", "Forbruger")
    rows = (
        ("Specifikation", "Mængde", "Enhed", "Pris", "Kr."),
        ("Vand, aconto", "24", "m3", "20,47", "491,28"),
        ("Fjernvarme, aconto", "1.180", "kWh", "0,79", "932,20"),
        ("Fast afgift vand", "1", "kvartal", "118,00", "118,00"),
        ("Fast afgift varme", "1", "kvartal", "204,50", "204,50"),
    )
    table(page, 700, rows, (80, 500, 660, 820, 980))
    page.text(80, 960, "I alt at betale", 32, face="serifbold")
    page.text(980, 960, "1.745,98", 32, face="serifbold")
    page.lines(80, 1060, (
        "Der opkræves ikke moms i Grønland.",
        "Betaling: GrønlandsBanken reg.nr. 6471 konto 100 42 88",
        "Betales regningen for sent, tilskrives rente og rykkergebyr.",
    ), 24, 38)  # fmt: skip
    page.text(80, 1560, "Kundeservice: tlf. 00 00 00, hverdage kl. 9-15", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "GRL", {"page": page}, truth)
