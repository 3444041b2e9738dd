"""Proofs of address of the heard set: A4 at 5.67 px to a millimetre, large print of 22 to 28 px."""

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
_SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_HOME = ("full_name", "address", "issued_on")
_DUE = timedelta(days=20)


def togolese_bank_statement(who: Person) -> Drawn:
    page = Sheet(A4, (254, 254, 252), accent=(80, 90, 80))
    page.text(80, 56, "Banque du Golfe Togo", 44, face="serifbold", ink=(20, 110, 70))
    page.lines(80, 116, ("S.A. au capital de 10 000 000 000 F CFA", "13, avenue Sylvanus Olympio, Lomé"), 21, 32)
    title = {"M": "M.", "F": "Mme"}[who.sex]
    page.lines(640, 250, (f"{title} {who.full_name.upper()}", *who.address.split(", ")), 27, 40)
    page.text(80, 430, "RELEVÉ DE COMPTE", 38, face="serifbold")
    page.text(640, 440, f"Lomé, le {long(who.issued_on, _FRENCH)}", 25)
    pen = Pen(page, 22, 26, "serif", "bold")
    last = who.issued_on.replace(day=1) - timedelta(days=1)
    pen.above(80, 510, "Agence", "01008 Lomé Kodjoviakopé")
    pen.above(480, 510, "N° de compte", who.document_number)
    pen.above(820, 510, "Devise", "XOF")
    pen.above(80, 590, "Période", f"du {last.replace(day=1):%d/%m/%Y} au {last:%d/%m/%Y}")
    pen.above(820, 590, "Page", "1/1")
    month = f"{last:%m/%Y}"
    rows = (
        ("Date", "Libellé", "Valeur", "Débit", "Crédit"),
        (f"01/{month}", "Solde précédent", "", "", "412 350"),
        (f"04/{month}", "Retrait GAB Assigamé", f"04/{month}", "60 000", ""),
        (f"11/{month}", "Prélèvement CEET", f"12/{month}", "18 425", ""),
        (f"19/{month}", "Frais de tenue de compte", f"19/{month}", "2 950", ""),
        (f"26/{month}", "Virement salaire", f"26/{month}", "", "285 000"),
    )
    table(page, 700, rows, (80, 250, 660, 850, 1000))
    page.text(80, 1010, f"Solde au {last:%d/%m/%Y}", 28, face="bold")
    page.text(1000, 1010, "615 975", 28, face="bold")
    notice = (
        "Toute réclamation doit parvenir à votre agence dans un délai d'un mois.",
        "Service clients : 00 00 00 00",
    )
    page.lines(80, 1500, notice, 22, 34)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "TGO", {"page": page}, truth)


def puerto_rican_electricity_bill(who: Person) -> Drawn:
    page = Sheet(A4, (255, 255, 255), accent=(70, 80, 100))
    street, town = who.address.split(", ", 1)
    page.bar(0, 0, A4[0], 20, (90, 170, 60))
    page.text(80, 52, "Energía Boricua", 46, face="bold", ink=(50, 130, 40))
    page.lines(80, 112, ("PO Box 363508", "San Juan, PR 00936-3508"), 21, 30)
    page.text(600, 60, "Factura de servicio eléctrico", 34, face="bold")
    pen = Pen(page, 23, 26, "sans", "bold")
    pen.beside(600, 126, 250, "Número de cuenta", who.document_number)
    pen.beside(600, 172, 250, "Fecha de factura", long(who.issued_on, _SPANISH).replace(" ", " de "))
    pen.beside(600, 218, 250, "Fecha de vencimiento", long(who.issued_on + _DUE, _SPANISH).replace(" ", " de "))
    pen.beside(600, 264, 250, "Número de contador", filled("&&&&&&&", dice_of(who)))
    page.lines(100, 300, (who.full_name.upper(), street.upper(), town.upper()), 27, 40)
    page.text(80, 470, f"Dirección de servicio: {street}, {town}", 25)
    page.text(80, 510, "Tarifa: GRS Residencial General   Tipo de lectura: Real", 25)
    rows = (
        ("Detalle de cargos", "kWh", "Precio", "Cantidad"),
        ("Balance anterior", "", "", "$118.40"),
        ("Pago recibido - gracias", "", "", "-$118.40"),
        ("Cargo fijo por cuenta", "", "", "$4.00"),
        ("Cargo por energía", "412", "0.049440", "$20.37"),
        ("Compra de combustible y energía", "412", "0.152018", "$62.63"),
        ("Aportación en lugar de impuestos", "412", "0.007112", "$2.93"),
        ("Cláusula de subsidios", "412", "0.015880", "$6.54"),
    )
    table(page, 600, rows, (80, 600, 760, 980))
    page.text(80, 1010, "Cantidad a pagar", 34, face="bold")
    page.text(980, 1010, "$96.47", 34, face="bold")
    page.text(80, 1090, "Consumo diario promedio: 13.7 kWh. Días facturados: 30.", 24)
    page.lines(80, 1480, (
        "Para averías o servicio al cliente llame al 1-800-000-0000.",
        "Usted puede objetar esta factura dentro de los 30 días de su emisión.",
    ), 22, 34)  # fmt: skip
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "PRI", {"page": page}, truth)


def bahraini_telephone_invoice(who: Person) -> Drawn:
    page = Sheet(A4, (254, 254, 255), accent=(90, 40, 50))
    parts = who.address.split(", ")
    page.text(760, 52, "Dilmun Telecom", 44, face="bold", ink=(180, 30, 50))
    page.lines(760, 110, ("P.O. Box 14, Manama", "Kingdom of Bahrain", "VAT No. 200004117300002"), 21, 30)
    page.text(80, 60, "TAX INVOICE", 38, face="bold")
    title = {"M": "Mr.", "F": "Ms."}[who.sex]
    page.lines(80, 150, (f"{title} {who.full_name}", ", ".join(parts[:-2]), ", ".join(parts[-2:])), 27, 40)
    pen = Pen(page, 23, 26, "sans", "bold")
    pen.above(80, 330, "Account number", who.document_number)
    pen.above(380, 330, "Invoice number", filled("B&&&&&&&&&", dice_of(who)))
    pen.above(680, 330, "Bill date", short(who.issued_on, _SHORT))
    pen.above(940, 330, "Due date", short(who.issued_on + _DUE, _SHORT))
    first = who.issued_on.replace(day=1)
    pen.above(80, 410, "Bill period", f"{short(first - timedelta(days=28), _SHORT)} - {short(first, _SHORT)}")
    pen.above(680, 410, "Fixed line", "1700 0412")
    page.text(80, 520, "Summary of charges", 30, face="bold")
    rows = (
        ("Description", "VAT", "Amount (BD)"),
        ("Previous balance", "", "24.200"),
        ("Payments received", "", "-24.200"),
        ("Fibre Home 500 monthly rental", "10%", "20.000"),
        ("Calls to mobiles", "10%", "1.435"),
        ("International calls", "10%", "0.860"),
        ("VAT", "", "2.230"),
    )
    table(page, 580, rows, (80, 700, 900))
    page.text(80, 930, "Total amount due", 32, face="bold")
    page.text(900, 930, "BD 24.525", 32, face="bold")
    page.lines(80, 1030, (
        "Pay online, at any of our shops or through a payment machine.",
        "Please quote your account number with every payment.",
    ), 24, 38)  # fmt: skip
    page.text(80, 1560, "This is a computer generated invoice and needs no signature or stamp.", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "BHR", {"page": page}, truth)


def manx_council_bill(who: Person) -> Drawn:
    """Draw the demand for a year's rates, which is sent to the property that it is for."""
    page = Sheet(A4, (254, 254, 252), accent=(60, 60, 80))
    year = who.issued_on.year
    page.text(80, 52, "BOROUGH OF DOUGLAS", 40, face="serifbold", ink=(30, 40, 100))
    page.lines(
        80, 106, ("City Hall, Ridgeway Street", "Douglas, Isle of Man  IM99 1AD", "Telephone 01624 000000"), 22, 32
    )
    page.text(680, 60, f"RATE DEMAND {year}/{(year + 1) % 100:02}", 34, face="serifbold")
    pen = Pen(page, 23, 26, "serif", "bold")
    pen.beside(680, 130, 240, "Account number", who.document_number)
    pen.beside(680, 176, 240, "Property reference", filled("&&&&&/&", dice_of(who)))
    pen.beside(680, 222, 240, "Date of issue", long(who.issued_on, _ENGLISH))
    title = {"M": "Mr", "F": "Mrs"}[who.sex]
    page.lines(110, 290, (f"{title} {who.full_name}", *who.address.split(", ")), 27, 40)
    page.text(80, 520, f"Property: {who.address}", 25)
    page.text(80, 560, "Description: Dwelling house   Rateable value: £112.00", 25)
    rows = (
        ("Charge", "Rate in £", "Amount"),
        ("General rate", "4.68", "£524.16"),
        ("Refuse collection", "", "£221.00"),
        ("Water rate, Manx Utilities", "1.86", "£208.32"),
        ("Sewerage rate, Manx Utilities", "", "£299.00"),
        ("Less discount for early payment", "", "-£26.21"),
    )
    table(page, 650, rows, (80, 640, 900))
    page.text(80, 970, "Total payable", 32, face="serifbold")
    page.text(900, 970, "£1,226.27", 32, face="serifbold")
    page.text(80, 1030, f"Payable in full by {long(who.issued_on + _DUE, _ENGLISH)}", 26)
    page.lines(80, 1130, (
        "Payment may be made by direct debit, online, by telephone or at City Hall.",
        "Rates not paid on time may be recovered through the High Bailiff.",
    ), 24, 38)  # fmt: skip
    page.text(80, 1540, "Rates are levied under the Rating and Valuation Acts 1953 to 1991.", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "IMN", {"page": page}, truth)


def new_caledonian_water_bill(who: Person) -> Drawn:
    page = Sheet(A4, (253, 254, 255), accent=(50, 90, 120))
    street, town = who.address.rsplit(", ", 1)
    page.text(80, 52, "Eaux du Lagon", 48, face="bold", ink=(20, 110, 170))
    page.lines(80, 116, ("13, rue Edmond Harbulot, PK6", "98800 Nouméa", "RIDET 0 041 173.001"), 21, 30)
    page.text(760, 60, "FACTURE D'EAU", 36, face="bold")
    page.bar(80, 230, 540, 500, (228, 240, 248))
    pen = Pen(page, 22, 26, "sans", "bold")
    pen.above(100, 246, "Référence client", who.document_number)
    pen.above(100, 328, "Facture n°", filled("E&&&&&&&", dice_of(who)))
    pen.above(330, 328, "Compteur n°", filled("D&&@@&&&&&&", dice_of(who)))
    pen.above(100, 410, "Date de facture", f"{who.issued_on:%d/%m/%Y}")
    pen.above(330, 410, "Échéance", f"{who.issued_on + _DUE:%d/%m/%Y}")
    title = {"M": "M.", "F": "Mme"}[who.sex]
    page.lines(640, 290, (f"{title} {who.surname.upper()} {who.given_names}", street, town), 27, 40)
    page.text(80, 540, f"Lieu desservi : {street}, {town}", 25)
    rows = (
        ("Désignation", "Quantité m3", "Prix unitaire", "Montant F CFP"),
        ("Abonnement trimestriel", "", "", "2 460"),
        ("Consommation, tranche 1", "40", "98,50", "3 940"),
        ("Consommation, tranche 2", "13", "131,20", "1 706"),
        ("Redevance assainissement", "53", "61,00", "3 233"),
        ("Taxe communale", "53", "12,00", "636"),
        ("TGC 3 %", "", "", "359"),
    )
    table(page, 640, rows, (80, 480, 680, 900))
    page.text(80, 1000, "Net à payer", 34, face="bold")
    page.text(900, 1000, "12 334 F", 34, face="bold")
    page.lines(80, 1090, (
        "Ancien index : 1 204    Nouvel index : 1 257    Relevé réel",
        "Règlement par chèque, virement, carte ou à nos guichets.",
    ), 24, 38)  # fmt: skip
    page.text(80, 1540, "Urgence fuite 24 h/24 : 00.00.00", 22)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "NCL", {"page": page}, truth)
