"""Letters of the development split: what banks and suppliers send."""

from backoffice.specimens.people import Person
from bench.accuracy.printing import Drawn, told
from bench.accuracy.sheets import Sheet

_A4 = (1190, 1684)


def british_statement(who: Person) -> Drawn:
    page = Sheet(_A4, (253, 253, 252), face="serif", strong="serifbold")
    page.text(80, 60, "Wealden & District Savings Bank", 46, face="serifbold", ink=(20, 60, 90))
    page.lines(80, 240, (who.full_name, *who.address.split(", ")), 32)
    page.lines(760, 240, ("Statement of account", f"Statement date: {who.issued_on:%d %B %Y}", "Sort code: 20-45-77",
                          f"Account number: {who.document_number}"), 28)  # fmt: skip
    for i in range(9):
        page.text(80, 560 + 60 * i, f"{i + 3} {['Card payment', 'Direct debit', 'Transfer'][i % 3]}", 28)
        page.text(960, 560 + 60 * i, f"{17 * i + 12}.{i}0", 28)
    page.text(80, 1180, "Closing balance    1,204.18", 32, face="serifbold")
    page.text(80, 1560, "Customer service 0000 118 118. This page is a specimen.", 22)
    truth = told(who, "full_name", "address", "issued_on", account_number=who.document_number)
    return Drawn("proof_of_address", "GBR", {"page": page}, truth)


def malaysian_bill(who: Person) -> Drawn:
    page = Sheet(_A4, (250, 252, 253), accent=(90, 90, 90))
    page.text(80, 60, "Tenaga Rimba Elektrik", 50, face="bold", ink=(160, 40, 30))
    page.lines(80, 220, (who.full_name.upper(), *who.address.upper().split(", ")), 30)
    page.beside(680, 220, 230, (("Account No.", who.document_number), ("Bill Date", f"{who.issued_on:%d.%m.%Y}"),
                                ("Amount Due", "RM 120.45")), 28, 54)  # fmt: skip
    page.lines(
        80, 560, ("Electricity charges 312 kWh", "Meter reading 40118", "Service tax 6 %", "Balance 0.00"), 30, 70
    )
    truth = told(who, "full_name", "address", "issued_on", account_number=who.document_number)
    return Drawn("proof_of_address", "MYS", {"page": page}, truth)
