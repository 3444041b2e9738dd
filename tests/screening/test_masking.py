"""Masking: on drawn cards, as cameras take them, nothing shows the first eight digits, and nothing else is covered."""

import random
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from io import BytesIO

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from stdnum import iban, luhn, verhoeff

from backoffice import specimens
from backoffice.screening import aadhaar, barcodes, masking, masking_places, masking_rules, ocr
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.screening.masking_places import Context
from backoffice.screening.masking_rules import AADHAAR
from backoffice.screening.ocr import Line
from backoffice.screening.page_texts import PageText
from backoffice.screening.pipeline import screen
from backoffice.screening.types import Declared, Screening, SourceFile
from bench.accuracy import cases, spent
from tests.screening.conftest import encoded, files_of
from tests.screening.foreign import draw

NUMBER, VID = "234123412346", "912345678901234" + verhoeff.calc_check_digit("912345678901234")
LARGE = 1000
CARD = Context(AADHAAR, is_card=True, is_named=True)
FOREIGN = Context(AADHAAR, is_free=False)


def card(condition: str) -> tuple[list[SourceFile], str, Declared]:
    """Take a plastic card, both sides, as a camera would; answers its number as well."""
    case = cases.make("spent", "indian_plastic_card", condition)
    who, _ = spent.draw("indian_plastic_card", cases._seed("spent", "indian_plastic_card", condition))
    return list(case.files), who.document_number + verhoeff.calc_check_digit(who.document_number), case.declared


@lru_cache(8)
def screened(condition: str, decoder: Decoder) -> Screening:
    files, _, declared = card(condition)
    return screen(files, declared, today=cases.TODAY, decoder=decoder)


def pictures(screening: Screening, decoder: Decoder) -> Iterable[np.ndarray]:
    """Open everything that would be stored: views, thumbnails, heat-maps, and every page of the masked files."""
    for made in screening.derivatives:
        yield cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
    for file in screening.masked:
        for raster in decoder.pages(file.data, file.mime_type):
            yield np.ascontiguousarray(masking.pixels_of(raster))


def shown(pixels: np.ndarray) -> str:
    """Read all digits that a page shows, upright, in every size that the reader has."""
    upright = ocr.read(np.asarray(pixels, np.uint8)).pixels
    return " ".join(
        "".join(sign for line in lines for sign in f"{line.text}|" if sign.isdigit() or sign == "|")
        for lines in masking.readings(np.ascontiguousarray(upright))
    )


def codes(pixels: np.ndarray) -> list[barcodes.Code]:
    page = PageText(0, 0, ocr.Page((), np.asarray(pixels, np.uint8), 0), None)
    return barcodes.read([page], is_likely=max(pixels.shape) > LARGE, finer=lambda _: None)


@pytest.mark.parametrize("condition", ["photo", "rot270", "skew+7", "blur"])
def test_the_first_eight_digits_and_the_code_are_nowhere(condition: str, decoder: Decoder) -> None:
    _, number, _ = card(condition)
    screening = screened(condition, decoder)
    assert screening.masking == ("aadhaar", "aadhaar")
    assert [made.kind for made in screening.derivatives].count("view") == 2
    for pixels in pictures(screening, decoder):
        text = shown(pixels)
        assert number[:4] not in text
        assert number[4:8] not in text
        assert codes(pixels) == []
    views = [made for made in screening.derivatives if made.kind == "view"]
    assert any(number[-4:] in shown(cv2.imdecode(np.frombuffer(view.data, np.uint8), 1)) for view in views)
    assert screening.hidden_number == number
    assert number not in repr(screening)
    assert number[:8] not in " ".join([*(one.value for one in screening.extracted),
                                       *(one.summary for one in screening.findings)])  # fmt: skip


def test_it_says_so_and_what_was_read_stays(decoder: Decoder) -> None:
    _, number, _ = card("photo")
    screening = screened("photo", decoder)
    assert screening.value("document_number") == f"XXXXXXXX{number[-4:]}"
    assert {"full_name", "date_of_birth", "address"} <= {one.name for one in screening.extracted}
    safety = screening.finding("file_safety")
    assert safety
    assert safety.status == "passed"
    assert AADHAAR.why in safety.summary


def test_a_masked_file_that_is_read_again_raises_no_alarm(decoder: Decoder) -> None:
    files, number, declared = card("photo")
    first = screened("photo", decoder)
    stored = [SourceFile(file.side, made.mime_type, made.data, is_masked=True)
              for file, made in zip(files, first.masked, strict=True)]  # fmt: skip
    again = screen(stored, declared, today=cases.TODAY, decoder=decoder)
    assert {finding.name: finding.status for finding in again.findings if finding.status in {"failed", "error"}} == {}
    barcode = again.finding("barcode")
    assert barcode
    assert barcode.status == "not_applicable"
    assert again.value("date_of_birth") == first.value("date_of_birth")
    views = [made for made in again.derivatives if made.kind == "view"]
    assert any(number[-4:] in shown(cv2.imdecode(np.frombuffer(view.data, np.uint8), 1)) for view in views)


def test_a_pdf_becomes_pictures_without_its_words(decoder: Decoder) -> None:
    _, drawn = spent.draw("indian_plastic_card", 3)
    pages = [side.image() for side in drawn.sides.values()]
    buffer = BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    files = [SourceFile("page", "application/pdf", buffer.getvalue())]
    screening = screen(files, Declared(), today=cases.TODAY, decoder=decoder)
    assert [made.mime_type for made in screening.masked] == ["application/pdf"]
    opened = decoder.open(screening.masked[0].data, "application/pdf")
    assert len(opened.pages) == 2
    assert opened.texts == [(), ()] or not any(opened.texts)
    for pixels in pictures(screening, decoder):
        assert screening.hidden_number[:4] not in shown(pixels)
        assert codes(pixels) == []


@pytest.mark.parametrize(("country", "masks"), [(None, True), ("FRA", False)])
def test_pages_that_no_check_reads_are_read_for_it(country: str | None, decoder: Decoder, *, masks: bool) -> None:
    _, drawn = spent.draw("indian_plastic_card", 3)
    card = drawn.sides["front"].image().convert("RGB")
    blank = Image.new("RGB", (420, 594), "white")
    ImageDraw.Draw(blank).text((40, 40), "Statement of account", fill="black", font_size=30)
    buffer = BytesIO()
    blank.save(buffer, "PDF", save_all=True, append_images=[blank] * 7 + [card], resolution=150)
    files = [SourceFile("page", "application/pdf", buffer.getvalue())]
    screening = screen(files, Declared(issuing_country=country), today=cases.TODAY, decoder=decoder)
    assert screening.masking == ("aadhaar" if masks else "none",)
    views = [one for one in screening.derivatives if one.kind == "view"]
    assert len(views) == 9
    if masks:
        assert screening.hidden_number
        assert screening.hidden_number[:4] not in shown(cv2.imdecode(np.frombuffer(views[8].data, np.uint8), 1))
        first = cv2.imdecode(np.frombuffer(views[0].data, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert first.mean() > 200  # the other pages stay


def test_a_letter_of_text_is_covered_too(decoder: Decoder) -> None:
    _, drawn = spent.draw("indian_plastic_card", 4)
    files = [SourceFile("front", "application/pdf", drawn.sides["front"].pdf())]
    screening = screen(files, Declared(), today=cases.TODAY, decoder=decoder)
    assert [made.mime_type for made in screening.masked] == ["image/jpeg"]
    for pixels in pictures(screening, decoder):
        text = shown(pixels)
        assert screening.hidden_number[:4] not in text
        assert screening.hidden_number[4:8] not in text


@pytest.mark.parametrize("kind", specimens.KINDS)
def test_documents_of_other_countries_are_left_as_they_are(kind: str, decoder: Decoder, today: date) -> None:
    files = files_of(kind, specimens.person(64))
    screening = screen(files, Declared(), today=today, decoder=decoder)
    assert screening.masking == ("none",) * len(files)
    assert screening.masked == ()
    assert screening.hidden_number == ""


def test_twelve_digits_on_another_countrys_card_are_not_covered(decoder: Decoder, today: date) -> None:
    page = draw([(80, 60, "JAPAN  Individual Number Card", 44, "bold"), (80, 200, "2341 2341 2346", 60, "bold"),
                 (80, 320, "Name TARO YAMADA", 40, "regular")])  # fmt: skip
    file = SourceFile("front", "image/jpeg", encoded(Image.fromarray(page.pixels[..., ::-1]), "JPEG"))
    screening = screen([file], Declared(issuing_country="JPN"), today=today, decoder=decoder)
    assert (screening.masking, screening.masked) == (("none",), ())


@pytest.mark.parametrize("said", ["S. Maadharan", "Aadharsh Nair", "Government of Indiana", "Government of Indonesia"])
def test_names_that_sound_alike_say_nothing(said: str) -> None:
    assert not masking_rules.is_said(AADHAAR.words, said)
    assert not AADHAAR.hint.search(said)


def test_sixteen_digits_in_fours_may_be_anybodys() -> None:
    grouped = " ".join(VID[at : at + 4] for at in range(0, 16, 4))
    assert covered([line(grouped)], Context(AADHAAR)) == []
    assert covered([line("2341 2341 2346")], Context(AADHAAR)) == ["2341 2341"]


@pytest.mark.parametrize(
    "said", ["Mera Aadhaar, Meri Pehchaan", "Unique ldentification Authority of India", "AADHAAR - ID"]
)
def test_words_are_heard_with_a_letter_wrong(said: str) -> None:
    assert masking_rules.is_said(AADHAAR.words, said)


def line(text: str, left: float = 100, top: float = 100, high: float = 40) -> Line:
    right = left + 0.55 * high * len(text)
    return Line(text, 0.95, ((left, top), (right, top), (right, top + high), (left, top + high)))


def covered(lines: list[Line], context: Context) -> list[str]:
    return [place.line.text[place.start : place.end] for place in masking_places.find(lines, context).places]


@pytest.mark.parametrize(
    ("lines", "hidden"),
    [
        ([line("2341 2341 2346")], ["2341 2341"]),
        ([line("Aadhaar No. : 2341 2341 2346")], ["2341 2341"]),
        ([line("234123412346")], ["23412341"]),
        ([line("2341"), line("2341", 210), line("2346", 320)], ["2341", "2341"]),
        ([line("2341 2341"), line("2346", 330)], ["2341 2341"]),
        ([line("2341 2341 2345")], ["2341 2341 2345"]),
        ([line("2341 2341 23")], ["2341 2341 23"]),
        ([line("Z34I 2341 2346")], ["Z34I 2341"]),
        ([line(f"VID : {VID[:4]} {VID[4:8]} {VID[8:12]} {VID[12:]}")], [f"{VID[:4]} {VID[4:8]} {VID[8:12]}"]),
        ([line("DOB: 17/11/1984"), line("Maharashtra 411002", top=200)], []),
    ],
)
def test_what_of_a_card_is_covered(lines: list[Line], hidden: list[str]) -> None:
    assert covered(lines, CARD) == hidden


@pytest.mark.parametrize("text", ["2341 2341 2346", "234123412346", "2341 2341 2345", "9876543210", "12/34/5678", VID])
def test_where_another_country_is_named_nothing_is_covered(text: str) -> None:
    assert covered([line(text)], FOREIGN) == []


def fours(plain: str) -> str:
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def test_account_and_card_numbers_in_fours_are_nobodys_aadhaar() -> None:
    luck = random.Random(7)
    forms = {"DE": "n" * 18, "FR": "n" * 23, "ES": "n" * 20, "AT": "n" * 16, "BE": "n" * 12, "NO": "n" * 11,
             "PL": "n" * 24, "NL": "a" * 4 + "n" * 10, "GB": "a" * 4 + "n" * 14, "RO": "a" * 8 + "n" * 12,
             "MT": "a" * 4 + "n" * 12 + "a" * 11, "KW": "a" * 4 + "n" * 22}  # fmt: skip
    texts = ["DE98 3704 0044 4396 4770 27"]
    for country, form in forms.items():
        for _ in range(400):
            bban = "".join(luck.choice("0123456789" if sign == "n" else "ABCDEFGHKLMNPQ") for sign in form)
            texts.append(fours(country + iban.calc_check_digits(f"{country}00{bban}") + bban))
    for digits in (15, 16, 16, 18, 19):
        for _ in range(400):
            plain = "4" + "".join(luck.choices("0123456789", k=digits - 2))
            texts.append(fours(plain + luhn.calc_check_digit(plain)))
    assert [text for text in texts if covered([line(text)], Context(AADHAAR))] == []
    split = [text for text in texts if covered([line(text[:10]), line(text[10:], 340)], Context(AADHAAR))]
    assert split == []


@pytest.mark.parametrize("text", ["X2341 2341 2346", "2341 2341 2346/12", "2341 2341 2346 of 12", "17 2341 2341 2346"])
def test_what_stands_among_other_digits_needs_words(text: str) -> None:
    assert covered([line(text)], Context(AADHAAR)) == []


@pytest.mark.parametrize("text", ["2341 2341 2346", "ID No. 2341 2341 2346", "2341-2341-2346 (Rohan)"])
def test_a_number_by_itself_in_fours_is_covered(text: str) -> None:
    assert len(covered([line(text), line("Invoice 2026", top=300)], Context(AADHAAR))) == 1


def test_four_known_digits_say_nothing_where_nothing_names_it() -> None:
    known = Context(AADHAAR, known=frozenset({"370482341566"}))
    assert covered([line("Invoice 370411 of 2026"), line("8234", top=300)], known) == []
    assert covered([line("3704 8234 15", top=500)], known) == ["3704 8234 15"]


def test_a_known_number_is_covered_wherever_a_part_of_it_stands() -> None:
    context = Context(AADHAAR, is_card=True, is_named=True, known=frozenset({"291823415672"}))
    assert covered([line("2918"), line("2341", top=300), line("5672", top=500)], context) == ["2918", "2341"]


def test_the_old_code_holds_the_number_and_gives_it_masked() -> None:
    payload = f'<?xml version="1.0"?><PrintLetterBarcodeData uid="{NUMBER}" name="Rohan Menon" gender="M" yob="1984" '
    record = aadhaar.parse(
        f'{payload} dob="17/11/1984" co="S/O: Suresh Menon" pc="411005" state="Maharashtra"/>'.encode()
    )
    assert record
    assert record.values["document_number"] == "XXXXXXXX2346"
    assert (record.values["full_name"], record.values["date_of_birth"]) == ("Rohan Menon", "1984-11-17")
    assert (record.hidden, NUMBER in repr(record)) == (NUMBER, False)


def test_a_lone_old_code_is_covered(decoder: Decoder, today: date) -> None:
    payload = f'<PrintLetterBarcodeData uid="{NUMBER}" name="Rohan Menon" yob="1984" pc="411005"/>'
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=6))).convert("RGB")
    page = Image.new("RGB", (1200, 800), (236, 240, 232))
    page.paste(picture, (300, 120))
    file = SourceFile("back", "image/png", encoded(page, "PNG"))
    assert codes(np.asarray(page)[..., ::-1])
    screening = screen([file], Declared(), today=today, decoder=decoder)
    assert screening.masking == ("aadhaar",)
    assert all(codes(pixels) == [] for pixels in pictures(screening, decoder))
    assert screening.hidden_number == NUMBER


class Refusing(Decoder):
    """A decoder that cannot make masked files."""

    def masked(self, *_: object) -> tuple[str, bytes, int, int]:
        raise UndecodableError("died", "check_unavailable")


@pytest.mark.parametrize("country", [None, "FRA"])
def test_what_cannot_be_covered_is_not_shown(country: str | None) -> None:
    decoder = Refusing()
    files, _, _ = card("photo")
    screening = screen(files, Declared(issuing_country=country), today=cases.TODAY, decoder=decoder)
    decoder.close()
    assert screening.derivatives == ()
    assert screening.masking == ("unknown", "unknown")


def test_a_card_whose_number_is_not_found_is_covered_wholly(decoder: Decoder, today: date) -> None:
    page = draw([(80, 60, "Government of India", 44, "bold"), (80, 700, "Mera Aadhaar, Meri Pehchaan", 44, "bold")])
    file = SourceFile("front", "image/jpeg", encoded(Image.fromarray(page.pixels[..., ::-1]), "JPEG"))
    screening = screen([file], Declared(), today=today, decoder=decoder)
    view = Image.open(BytesIO(screening.derivatives[0].data)).convert("L")
    assert view.getextrema()[1] < 40
    safety = screening.finding("file_safety")
    assert safety
    assert "better picture" in safety.summary
