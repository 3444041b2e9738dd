"""Documents of other designers than our own: positions and labels that our specimens never use."""

from PIL import Image, ImageDraw

from backoffice.screening import ocr
from backoffice.specimens.fonts import Cut, font
from tests.screening.conftest import encoded, read_picture

Print = tuple[int, int, str, int, Cut]


def draw(prints: list[Print], size: tuple[int, int] = (1300, 820)) -> ocr.Page:
    image = Image.new("RGB", size, (236, 240, 232))
    pen = ImageDraw.Draw(image)
    for left, top, text, height, cut in prints:
        pen.text((left, top), text, font=font(cut, height), fill=(30, 34, 40))
    return read_picture(encoded(image, "JPEG", quality=85))


AMERICAN: list[Print] = [
    (60, 40, "STATE OF FREEDONIA  USA", 44, "serif"), (60, 100, "DRIVER LICENSE", 36, "bold"),
    (480, 170, "4d DL D1234567", 38, "bold"), (480, 230, "4b EXP 07/15/2031", 34, "regular"),
    (900, 230, "4a ISS 07/16/2023", 34, "regular"), (480, 300, "1 SAMPLETON", 38, "regular"),
    (480, 360, "2 JANE QUINN", 38, "regular"), (480, 430, "8 2570 24TH STREET", 32, "regular"),
    (480, 470, "ANYTOWN, CA 95818", 32, "regular"), (480, 540, "3 DOB 08/31/1987", 38, "bold"),
    (480, 610, "15 SEX F", 32, "regular"), (700, 610, "16 HGT 5-05", 32, "regular"),
    (900, 610, "9 CLASS C", 32, "regular"),
]  # fmt: skip

PAN: list[Print] = [
    (60, 40, "INCOME TAX DEPARTMENT", 44, "bold"), (880, 40, "GOVT. OF INDIA", 40, "bold"),
    (60, 130, "Permanent Account Number Card", 34, "regular"), (60, 190, "ABCPK1234L", 52, "bold"),
    (60, 320, "Name", 24, "regular"), (60, 352, "ROHAN KUMAR MENON", 38, "bold"),
    (60, 430, "Father's Name", 24, "regular"), (60, 462, "SURESH MENON", 38, "bold"),
    (60, 540, "Date of Birth", 24, "regular"), (60, 572, "17/11/1984", 38, "bold"),
]  # fmt: skip

CAPTIONS_UNDER: list[Print] = [
    (60, 40, "REPUBLIKA HRVATSKA", 44, "serif"), (60, 100, "OSOBNA ISKAZNICA / IDENTITY CARD", 34, "regular"),
    (420, 190, "HORVAT", 42, "bold"), (420, 240, "Prezime / Surname", 22, "regular"),
    (420, 310, "IVANA MARIJA", 42, "bold"), (420, 360, "Ime / Given names", 22, "regular"),
    (420, 430, "23.04.1991", 42, "bold"), (420, 480, "Datum rođenja / Date of birth", 22, "regular"),
    (860, 430, "F", 42, "bold"), (860, 480, "Spol / Sex", 22, "regular"),
    (420, 550, "109876543", 42, "bold"), (420, 600, "Broj dokumenta / Document number", 22, "regular"),
    (420, 670, "01.09.2031", 42, "bold"), (420, 720, "Vrijedi do / Date of expiry", 22, "regular"),
]  # fmt: skip

COLONS: list[Print] = [
    (80, 40, "FEDERAL REPUBLIC OF NIGERIA", 44, "serif"), (80, 110, "NATIONAL IDENTITY CARD", 38, "bold"),
    (80, 220, "Last Name: ADEYEMI", 38, "regular"), (80, 290, "First Name: NGOZI", 38, "regular"),
    (80, 360, "Date of Birth: 05 MAR 1993", 38, "regular"), (80, 430, "Gender: Female", 38, "regular"),
    (80, 500, "Card No.: A0192837465", 38, "regular"), (80, 570, "Expiry: 12 DEC 2030", 38, "regular"),
]  # fmt: skip

BILL: list[Print] = [
    (80, 50, "Stadtwerke Musterstadt", 52, "serif"), (80, 210, "Herr Jürgen Schönfeld", 34, "regular"),
    (80, 256, "Goethestraße 17", 34, "regular"), (80, 302, "34117 Kassel", 34, "regular"),
    (760, 210, "Kundennummer: 4711008155", 30, "regular"), (760, 256, "Rechnungsdatum: 14. März 2026", 30, "regular"),
    (80, 460, "Ihre Rechnung", 46, "bold"), (80, 540, "Strom 1.204 kWh", 32, "regular"),
    (900, 540, "361,20 EUR", 32, "regular"),
]  # fmt: skip
