"""Proofs of address of the spent set: A4 at 5.67 px to a millimetre, large print of 24 to 28 px."""

from stdnum import iban

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, told
from bench.accuracy.sheets import Sheet
from bench.accuracy.spent_printing import A4, Pen, long

_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
_DUTCH = "januari februari maart april mei juni juli augustus september oktober november december"
_ENGLISH = "January February March April May June July August September October November December"
_HOME = ("full_name", "address", "issued_on")


def hungarian_bill(who: Person) -> Drawn:
    page = Sheet(A4, (252, 252, 250), accent=(80, 80, 90))
    page.bar(0, 0, A4[0], 130, (30, 110, 90))
    page.text(70, 40, "Alföldi Földgáz Zrt.", 48, face="bold", ink=(250, 250, 250))
    page.text(70, 170, "SZÁMLA", 44, face="bold")
    pen = Pen(page, 24, 26, "sans", "bold")
    pen.beside(70, 260, 330, "Felhasználó neve:", f"{who.surname} {who.given_names}")
    pen.beside(70, 306, 330, "Felhasználási hely címe:", who.address)
    pen.beside(70, 352, 330, "Ügyfélszám:", who.document_number)
    pen.beside(70, 398, 330, "Számla sorszáma:", "EG-2210/884301")
    pen.beside(70, 444, 330, "Számla kelte:", f"{who.issued_on:%Y.%m.%d}.")
    page.text(70, 540, "Elszámolás részletezése", 30, face="bold")
    rows = (("Földgáz alapdíj", "1 hó", "1 086 Ft"), ("Földgáz mennyiségi díj", "84 m3", "9 240 Ft"),
            ("Rendszerhasználati díj", "84 m3", "2 113 Ft"), ("ÁFA 27%", "", "3 358 Ft"))  # fmt: skip
    for i, row in enumerate(rows):
        for left, words in zip((70, 620, 900), row, strict=True):
            page.text(left, 610 + 48 * i, words, 26)
    page.text(70, 840, "Számla összege: 15 797 Ft", 34, face="bold")
    page.text(70, 1500, "Ügyfélszolgálat: 06 80 000 000", 24)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "HUN", {"page": page}, truth)


def dutch_statement(who: Person) -> Drawn:
    bank = f"TULP{who.document_number}"
    account = f"NL{iban.calc_check_digits(f'NL00{bank}')}{bank}"
    grouped = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    page = Sheet(A4, (254, 254, 254), accent=(90, 90, 90))
    page.text(820, 60, "Tulpbank", 54, face="bold", ink=(210, 90, 20))
    page.lines(80, 220, (who.full_name, *who.address.split(", ")), 28)
    page.text(80, 430, "Rekeningafschrift", 42, face="bold")
    pen = Pen(page, 24, 27, "sans", "sans")
    pen.above(80, 510, "Rekening", grouped)
    pen.above(560, 510, "Datum", long(who.issued_on, _DUTCH))
    pen.above(900, 510, "Blad", "1 van 1")
    pen.above(80, 600, "Vorig saldo", "€ 1.874,20 +")
    pen.above(560, 600, "Nieuw saldo", "€ 1.302,75 +")
    page.lines(80, 720, ("Omschrijving", "Supermarkt Hoorn", "Waterbedrijf", "Huur", "Zorgpremie"), 26, 50)
    page.lines(960, 720, ("Bedrag", "41,35 -", "18,90 -", "820,00 -", "131,20 -"), 26, 50)
    page.text(80, 1560, "Uw saldo valt onder het depositogarantiestelsel.", 24)
    return Drawn("proof_of_address", "NLD", {"page": page}, told(who, *_HOME, account_number=account))


def swedish_tax_statement(who: Person) -> Drawn:
    page = Sheet(A4, (253, 253, 250), accent=(60, 60, 60), face="serif", strong="serifbold")
    page.text(80, 60, "Skatteverket", 48, face="serifbold", ink=(30, 50, 110))
    page.text(640, 66, "Beslut om slutlig skatt", 34, face="serifbold")
    pen = Pen(page, 22, 27, "sans", "serif")
    pen.above(640, 130, "Datum", f"{who.issued_on:%Y-%m-%d}")
    pen.above(880, 130, "Personnummer", who.personal_number)
    page.lines(640, 260, (who.full_name, *who.address.split(", ")), 28)
    page.text(80, 460, f"Inkomståret {who.issued_on.year - 1}", 32, face="serifbold")
    rows = (("Kommunal inkomstskatt", "98 412"), ("Begravningsavgift", "812"), ("Jobbskatteavdrag", "-31 204"),
            ("Slutlig skatt", "68 020"), ("Avdragen skatt", "71 544"))  # fmt: skip
    for i, (words, amount) in enumerate(rows):
        page.text(80, 530 + 50 * i, words, 26)
        page.text(900, 530 + 50 * i, amount, 26)
    page.text(80, 830, "Du får tillbaka 3 524 kr", 34, face="serifbold")
    page.text(80, 920, "Pengarna betalas ut till ditt anmälda konto.", 26)
    return Drawn("proof_of_address", "SWE", {"page": page}, told(who, *_HOME, "personal_number"))


def german_insurance_invoice(who: Person) -> Drawn:
    page = Sheet(A4, (254, 253, 252), accent=(70, 70, 70))
    page.text(80, 60, "Nordhanse Versicherung AG", 44, face="bold", ink=(20, 70, 130))
    street, town = who.address.split(", ")
    greeting = {"M": "Herr", "F": "Frau"}[who.sex]
    page.text(80, 200, "Nordhanse Versicherung AG · Postfach 10 · 20001 Hamburg", 20)
    page.lines(80, 240, (greeting, who.full_name, street, town), 28)
    pen = Pen(page, 24, 25, "sans", "bold")
    pen.above(780, 240, "Kundennummer", who.document_number)
    pen.above(780, 310, "Versicherungsschein-Nr.", "HR 55-0184-2")
    pen.above(780, 380, "Datum", f"{who.issued_on.day}. {long(who.issued_on, _GERMAN).split(' ', 1)[1]}")
    page.text(80, 520, "Beitragsrechnung zu Ihrer Hausratversicherung", 34, face="bold")
    salutation = {"M": "Sehr geehrter Herr", "F": "Sehr geehrte Frau"}[who.sex]
    page.lines(80, 600, (f"{salutation} {who.surname},", "für das neue Versicherungsjahr berechnen wir Ihnen:"), 26, 46)
    for i, (words, amount) in enumerate(
        (("Jahresbeitrag", "118,40 EUR"), ("Versicherungsteuer 19 %", "22,50 EUR"), ("Gesamtbetrag", "140,90 EUR"))
    ):
        page.text(80, 730 + 52 * i, words, 26)
        page.text(860, 730 + 52 * i, amount, 26)
    page.lines(80, 950, ("Der Betrag wird von Ihrem Konto abgebucht.", "Mit freundlichen Grüßen"), 26, 60)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "DEU", {"page": page}, truth)


def new_zealand_rent_statement(who: Person) -> Drawn:
    page = Sheet(A4, (253, 254, 252), accent=(60, 90, 70), face="mono", strong="monobold")
    page.text(80, 60, "Southerly Property Management Ltd", 38, face="monobold", ink=(30, 90, 70))
    page.text(80, 130, "TENANCY RENT STATEMENT", 32)
    pen = Pen(page, 24, 26, "mono", "monobold")
    pen.beside(80, 230, 340, "Tenant name", who.full_name)
    pen.beside(80, 282, 340, "Premises", who.address)
    pen.beside(80, 334, 340, "Tenant account no.", who.document_number)
    pen.beside(80, 386, 340, "Date of statement", long(who.issued_on, _ENGLISH))
    pen.beside(80, 438, 340, "Bond lodged", "$2,080.00")
    page.lines(80, 580, ("Rent due, two weeks", "Rent received", "Water rates", "Arrears"), 26, 56)
    page.lines(860, 580, ("$1,040.00", "$1,040.00", "$36.15", "$0.00"), 26, 56)
    page.text(80, 880, "Rent is paid to the date shown above.", 26)
    truth = told(who, *_HOME, account_number=who.document_number)
    return Drawn("proof_of_address", "NZL", {"page": page}, truth)
