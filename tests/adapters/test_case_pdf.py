"""Writing case files: the same words give the same bytes, and no text and no length breaks the page."""

from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image

from backoffice.adapters.case_pdf import Picture, Section, Sheet, Table, write

AT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)


def sheet(*parts) -> Sheet:
    return Sheet("Case file", "Passport NGA", [("Document", "doc_1")], [Section("Part", parts)], "made by Kim", AT)


def table(*rows) -> Table:
    return Table(("One", "Two"), (1, 2), rows)


def jpeg(width: int, height: int):
    buffer = BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "JPEG")
    return width, height, buffer.getvalue()


def pages_of(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as pdf:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def test_the_same_case_gives_the_same_bytes():
    case = sheet("Words.", table(("a", "محمد")), Picture("Front", jpeg(300, 200), [(1, (0.1, 0.1, 0.2, 0.2))]))
    assert write(case) == write(case)


@pytest.mark.parametrize(
    "word",
    ["محمد بن سلمان", "דוד בן־גוריון", "Łódź Ñandú", "Владимир", "Αθήνα", "Điện Biên"],
    ids=["arabic", "hebrew", "latin", "cyrillic", "greek", "vietnamese"],
)
def test_a_name_can_be_copied_out_of_the_file(word):
    text = " ".join(pages_of(write(sheet(table(("Name", word))))))
    assert [part for part in word.split() if part not in text] == []


def test_a_sign_that_no_font_has_is_shown_as_lost_and_said_so():
    text = pages_of(write(sheet(table(("Name", "王 Wang")))))[0]
    assert "\ufffd Wang" in text
    assert "\ufffd stands for a sign" in text
    assert "\ufffd" not in pages_of(write(sheet(table(("Name", "Wang")))))[0]


def test_nothing_hides_or_turns_what_follows():
    text = pages_of(write(sheet(table(("Name", "abc\u202e\u2066def\x00\x1b\u200b!")))))[0]
    assert "abcdef!" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "x" * 5_000,
        "مح" * 2_000,
        "{nb} **no** __mark__down",
        "a\u0301\u200d" * 50,
        "\ufdfd" * 20,
        "W" * 3_000,
    ],
)
def test_no_text_breaks_the_page(text):
    assert pages_of(write(sheet(text, table((text, text)), "End.")))[-1].count("made by Kim") == 1


def test_many_rows_repeat_their_heads_and_number_their_pages():
    pages = pages_of(write(sheet(table(*((str(number), "words") for number in range(200))))))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Two" in page


@pytest.mark.parametrize("size", [(1, 1_600), (1_600, 1), (3, 3)])
def test_a_picture_of_any_shape_stays_on_one_page(size):
    edges = [(1, (0.0, 0.0, 1.0, 1.0)), (50, (0.998, 0.998, 0.002, 0.002))]
    assert len(pages_of(write(sheet(Picture("Front", jpeg(*size), edges), "End.")))) <= 2
