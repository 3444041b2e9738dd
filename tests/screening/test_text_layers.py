"""PDFs with their own text: taken without reading the picture, and only as long as the picture agrees."""

from datetime import date
from io import BytesIO

import pikepdf

from backoffice.screening import pdf_words
from backoffice.screening.decode import Decoder
from backoffice.screening.pipeline import screen
from backoffice.screening.types import Declared, Screening, SourceFile

SIZE = (595, 842)
LINES = [
    (60, 790, 22, "Wealden Savings Bank"), (60, 700, 12, "Nerys Llewellyn"), (60, 684, 12, "7 Station Road"),
    (60, 668, 12, "Ashvale 2093"), (360, 700, 12, "Statement date: 10 March 2026"),
    (360, 684, 12, "Account number: {account}"), (60, 560, 11, "Direct debit electricity and water, paid in full"),
    (60, 540, 11, "Transfer between accounts of the same customer, no charge"),
    (60, 520, 11, "Closing balance 1,204.18"),
]  # fmt: skip


def letter(drawn: str, *, hidden: str = "", lines: int = len(LINES)) -> SourceFile:
    """Draw a statement; `hidden` is an account number of invisible text in place of the drawn one's."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=SIZE)
    marks: list[str] = []
    for left, top, size, text in LINES[:lines]:
        if hidden and "{account}" in text:
            marks.append(_line(left, top, size, "Account number:", mode=0))
            marks.append(_line(left + 95, top, size, hidden, mode=3))
            marks += [_line(left + 95 + 12 * i, top - 200, size, sign, mode=0) for i, sign in enumerate(drawn)]
            continue
        marks.append(_line(left, top, size, text.format(account=drawn), mode=0))
    page.Contents = document.make_stream("\n".join(marks).encode())
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    buffer = BytesIO()
    document.save(buffer)
    return SourceFile("page", "application/pdf", buffer.getvalue())


def _line(left: int, top: int, size: int, text: str, *, mode: int) -> str:
    return f"BT {mode} Tr /F {size} Tf {left} {top} Td ({text}) Tj ET"


def model_of(screening: Screening) -> str:
    finding = screening.finding("text")
    assert finding
    return finding.model


def test_a_letter_is_read_from_its_own_text(decoder: Decoder, today: date) -> None:
    screening = screen([letter("59078623")], Declared(type="proof_of_address"), today=today, decoder=decoder)
    assert model_of(screening) == "pdf-text@1"
    assert screening.value("account_number") == "59078623"
    assert screening.value("full_name") == "Nerys Llewellyn"
    assert screening.value("address") == "7 Station Road, Ashvale 2093"
    assert all(0 <= part <= 1 for field in screening.extracted if field.box for part in field.box)


def test_text_that_the_page_does_not_show_is_not_believed(decoder: Decoder, today: date) -> None:
    lying = letter("59078623", hidden="11111111")
    screening = screen([lying], Declared(type="proof_of_address"), today=today, decoder=decoder)
    assert model_of(screening).startswith("ppocr")
    assert screening.value("account_number") != "11111111"


def test_a_page_with_little_text_is_read_as_a_picture(decoder: Decoder) -> None:
    assert decoder.open(letter("59078623", lines=4).data, "application/pdf").texts == [()]
    assert len(decoder.open(letter("59078623").data, "application/pdf").texts[0]) == len(LINES)


def test_a_child_is_believed_in_form_only() -> None:
    good = ["Ann", 0.1, 0.1, 0.3, 0.2]
    for nonsense in (
        None,
        "x",
        [7],
        [[7]],
        [[["Ann", 0.1, 0.1, 0.3]]],
        [[["Ann", 0.1, 0.1, 9, 0.2]]],
        [[[7, 0, 0, 1, 1]]],
    ):
        assert pdf_words.believed(nonsense, 1) == [()]
    assert pdf_words.believed([[good, ["", *good[1:]], ["back", 0.3, 0.1, 0.1, 0.2]]], 2)[0][0].text == "Ann"
    assert [len(page) for page in pdf_words.believed([[good] * 5000, [good]], 1)] == [pdf_words.MOST_LINES]
