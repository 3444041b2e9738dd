"""Proofs of address of the seen set: A4 at 5.67 px to a millimetre, large print of 24 to 28 px."""

from stdnum import iban

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import A4, Pen, long

_ENGLISH = "January February March April May June July August September October November December"
_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_HOME = ("full_name", "address", "issued_on")


def scottish_council_bill(who: Person) -> Drawn:
    page = Sheet(A4, (253, 253, 254), accent=(70, 60, 110))
    town = who.address.split(", ")[1]
    page.text(640, 60, f"{town.split(' ')[0]} and Glens Council", 44, face="bold", ink=(70, 40, 120))
    page.text(80, 60, "Council Tax Bill", 44, face="bold")
    page.text(80, 118, f"for the year 1 April {who.issued_on.year} to 31 March {who.issued_on.year + 1}", 26)
    page.lines(80, 230, (who.full_name, *who.address.split(", ")), 28)
    pen = Pen(page, 24, 26, "bold", "sans")
    pen.beside(640, 230, 260, "Bill date:", long(who.issued_on, _ENGLISH))
    pen.beside(640, 280, 260, "Account number:", who.document_number)
    pen.beside(640, 330, 260, "Council Tax band:", "D")
    pen.beside(640, 380, 260, "Reason for bill:", "Annual billing")
    pen.label(80, 470, "Address of property to which this bill relates:")
    page.text(80, 510, who.address, 26)
    rows = (("Council Tax charge", "£1,418.27"), ("Water charge (Scottish Water)", "£227.43"),
            ("Waste water charge", "£264.06"), ("Single person discount", "-£354.57"))  # fmt: skip
    for i, (words, amount) in enumerate(rows):
        page.text(80, 620 + 50 * i, words, 26)
        page.text(930, 620 + 50 * i, amount, 26)
    page.text(80, 850, "Amount to pay", 32, face="bold")
    page.text(930, 850, "£1,555.19", 32, face="bold")
    page.lines(80, 960, ("Please quote your account number when you contact us.", "Ways to pay are overleaf."), 26, 46)
    return Drawn("proof_of_address", "GBR", {"page": page},
                 told(who, *_HOME, account_number=who.document_number))  # fmt: skip


def quebec_electricity_bill(who: Person) -> Drawn:
    page = Sheet(A4, (254, 254, 253), accent=(80, 80, 80))
    page.text(80, 60, "Boréale Électricité", 48, face="bold", ink=(20, 90, 150))
    page.text(820, 70, "Facture", 40, face="bold")
    pen = Pen(page, 24, 27, "sans", "bold")
    pen.above(80, 160, "Date de facturation", long(who.issued_on, _FRENCH))
    pen.above(460, 160, "Numéro de client", "101 442 877")
    pen.above(820, 160, "Numéro de compte", who.document_number)
    street, town = who.address.split(", ")
    page.lines(120, 300, (who.full_name.upper(), street.upper(), town.upper()), 28)
    page.text(80, 500, "Lieu de consommation", 24, ink=(80, 80, 80))
    page.text(80, 534, who.address, 26)
    page.text(80, 630, "Sommaire de votre facture", 32, face="bold")
    rows = (("Solde précédent", "164,20 $"), ("Paiement reçu - Merci!", "-164,20 $"), ("Tarif D, 61 jours", "187,45 $"),
            ("TPS", "9,37 $"), ("TVQ", "18,70 $"))  # fmt: skip
    for i, (words, amount) in enumerate(rows):
        page.text(80, 700 + 50 * i, words, 26)
        page.text(960, 700 + 50 * i, amount, 26)
    page.text(80, 980, "Montant à payer", 34, face="bold")
    page.text(940, 980, "215,52 $", 34, face="bold")
    page.text(80, 1540, "Pour nous joindre : 1 888 000-0000", 24)
    return Drawn("proof_of_address", "CAN", {"page": page},
                 told(who, *_HOME, account_number=who.document_number))  # fmt: skip


def slovak_bank_statement(who: Person) -> Drawn:
    bank = f"8990000000{who.document_number}"
    account = f"SK{iban.calc_check_digits(f'SK00{bank}')}{bank}"
    grouped = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    page = Sheet(A4, (253, 254, 253), accent=(60, 80, 70), face="serif", strong="serifbold")
    page.text(80, 60, "Dunajská sporitelna, a.s.", 46, face="serifbold", ink=(10, 90, 70))
    page.text(80, 140, "VÝPIS Z ÚCTU", 38, face="serifbold")
    page.text(420, 148, f"c. {who.issued_on.month}/{who.issued_on.year}", 28)
    pen = Pen(page, 24, 27, "serif", "serifbold")
    pen.beside(80, 240, 300, "Majitel úctu:", who.full_name)
    pen.beside(80, 290, 300, "Adresa:", who.address)
    pen.beside(80, 340, 300, "IBAN:", grouped)
    pen.beside(80, 390, 300, "BIC (SWIFT):", "DUSPSKBX")
    pen.beside(80, 440, 300, "Mena:", "EUR")
    issued = who.issued_on
    pen.beside(80, 490, 300, "Dátum vyhotovenia:", f"{issued.day}. {issued.month}. {issued.year}")
    page.lines(80, 600, ("Pociatocný zostatok", "Prevod - nájomné", "Platba kartou", "Mzda"), 26, 50)
    page.lines(940, 600, ("1 204,18", "-540,00", "-36,72", "1 318,00"), 26, 50)
    page.text(80, 830, "Konecný zostatok", 32, face="serifbold")
    page.text(940, 830, "1 945,46", 32, face="serifbold")
    page.text(80, 1560, "Vklad je chránený v zmysle zákona o ochrane vkladov.", 24)
    return Drawn("proof_of_address", "SVK", {"page": page}, told(who, *_HOME, account_number=account))


def trinidadian_internet_invoice(who: Person) -> Drawn:
    page = Sheet(A4, (254, 253, 252), accent=(120, 40, 40))
    page.bar(0, 0, A4[0], 16, (170, 30, 40))
    page.text(80, 70, "Scarlet Ibis Broadband Ltd.", 44, face="bold", ink=(170, 30, 40))
    page.text(80, 130, "Independence Square, Port of Spain", 24)
    page.text(880, 70, "INVOICE", 46, face="bold")
    street, town = who.address.split(", ")
    page.text(80, 240, "BILL TO", 24, face="bold", ink=(120, 40, 40))
    page.lines(80, 280, (f"{'Mr.' if who.sex == 'M' else 'Ms.'} {who.full_name}", street, town), 28)
    pen = Pen(page, 24, 27, "sans", "sans")
    pen.above(640, 240, "Account No.", who.document_number)
    pen.above(930, 240, "Invoice No.", "INV-0066128")
    pen.above(640, 330, "Invoice Date", f"{who.issued_on:%d-%b-%Y}")
    pen.above(930, 330, "Amount Due", "TT$ 449.45")
    page.text(80, 500, "Charges this month", 32, face="bold")
    rows = (("Fibre 150 Mbps", "349.00"), ("Static modem rental", "50.51"), ("VAT 12.5 %", "49.94"))
    for i, (words, amount) in enumerate(rows):
        page.text(80, 570 + 50 * i, words, 26)
        page.text(960, 570 + 50 * i, amount, 26)
    page.text(80, 800, "Service is suspended when payment is late by thirty days.", 26)
    return Drawn("proof_of_address", "TTO", {"page": page},
                 told(who, *_HOME, account_number=who.document_number))  # fmt: skip
