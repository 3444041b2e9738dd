"""Codes on pictures: read where they are, looked for harder where they should be, believed where they agree."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from backoffice import specimens
from backoffice.screening import barcodes, comparing, fields, mrz_lines, pipeline
from backoffice.screening.barcodes import Code
from backoffice.screening.comparing import Evidence
from backoffice.screening.decode import Decoder
from backoffice.screening.ocr import Line, Page, Pixels
from backoffice.screening.page_texts import PageText
from backoffice.screening.pipeline import screen
from backoffice.screening.records import Record
from backoffice.screening.types import Declared, Extracted, Finding, Screening, SourceFile
from backoffice.specimens import american
from tests.screening.conftest import encoded, files_of
from tests.screening.test_aadhaar import TEXTS, digits, secure
from tests.screening.test_mrz import ICAO, page_of

HOLDER = specimens.person(31, nationality="USA")
LICENCE = Declared(type="driving_licence", issuing_country="USA")


def opened(data: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def bare(pixels: Pixels) -> PageText:
    return PageText(0, 0, Page((), pixels, 0), None)


def back(condition: str = "photo") -> Pixels:
    return opened(specimens.render("american_licence", HOLDER, condition=condition)[1].data)


def turned(pixels: Pixels, degrees: float) -> Pixels:
    high, wide = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 0.85)
    return np.asarray(cv2.warpAffine(pixels, matrix, (wide, high), borderValue=(90, 110, 130)), np.uint8)


def none_finer(_page: PageText) -> Pixels | None:
    return None


def never_finer(_page: PageText) -> Pixels | None:
    raise AssertionError


def found(pixels: Pixels, *, is_likely: bool = False, finer: barcodes.Finer = never_finer) -> list[Code]:
    return barcodes.read([bare(pixels)], is_likely=is_likely, finer=finer)


def qr(content: bytes | str, size: int = 4) -> Pixels:
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
    image = np.array(zxingcpp.write_barcode_to_image(code, scale=size))
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)


@pytest.mark.parametrize("condition", ["clean", "photo", "rotated", "expired"])
def test_a_licences_back_is_read_in_every_ordinary_light(condition: str) -> None:
    codes = found(back(condition))
    assert [code.symbology for code in codes] == ["PDF417 code"]
    record = codes[0].record
    assert record
    assert record.missing == ()
    assert record.values["surname"] == HOLDER.surname.upper()


@pytest.mark.parametrize("condition", ["dark", "low_res"])
def test_a_poor_picture_is_looked_at_again_where_a_code_is_likely(condition: str) -> None:
    codes = found(back(condition), is_likely=True, finer=none_finer)
    assert codes[0].record


@pytest.mark.parametrize("degrees", [7, -7, 11])
def test_a_skewed_code_is_straightened_where_one_is_likely(degrees: float) -> None:
    pixels = turned(back("clean"), degrees)
    assert found(pixels) == []
    codes = found(pixels, is_likely=True, finer=none_finer)
    assert codes[0].record
    left, top, wide, high = codes[0].box
    row, column = np.nonzero(pixels.max(axis=2) < 40)
    inside = (column > left * pixels.shape[1]) & (column < (left + wide) * pixels.shape[1])
    inside &= (row > top * pixels.shape[0]) & (row < (top + high) * pixels.shape[0])
    assert inside.mean() > 0.9


def test_all_pixels_of_the_file_are_asked_before_anything_else() -> None:
    whole = back("clean")
    small = np.asarray(cv2.resize(whole, None, fx=0.17, fy=0.17, interpolation=cv2.INTER_AREA), np.uint8)
    assert found(small, is_likely=True, finer=none_finer) == []
    codes = found(small, is_likely=True, finer=lambda _page: whole)
    assert codes[0].record
    assert codes[0].box == pytest.approx(found(whole)[0].box, abs=0.01)


@pytest.mark.parametrize("kind", [kind for kind in specimens.KINDS if kind != "american_licence"])
def test_nothing_is_seen_where_there_is_no_code(kind: str) -> None:
    for file in specimens.render(kind, specimens.person(77), condition="photo"):
        assert found(opened(file.data), is_likely=True, finer=none_finer) == []


@pytest.mark.parametrize(
    "content",
    ["https://example.com/a?b=c", "\x00\x01\x1b[2J" * 20, bytes(range(256)), "7" * 3000,
     digits(gzip.compress(b"V2\xff" + bytes(2_500_000), mtime=0)).decode(), "@\n\x1e\rANSI 636026100102DL"],
    ids=["address", "control", "binary", "number", "bomb", "licence-in-a-qr"],
)  # fmt: skip
def test_codes_without_data_of_a_document_say_nothing(content: bytes | str) -> None:
    codes = found(qr(content))
    assert [code.record for code in codes] == [None]
    assert codes[0].fields() == []
    finding = barcodes.finding(codes, is_due=False, is_back_missing=False)
    assert (finding.status, finding.reasons, finding.box) == ("not_applicable", (), codes[0].box)
    due = barcodes.finding(codes, is_due=True, is_back_missing=False)
    assert (due.status, due.reasons) == ("warning", ("barcode_unreadable",))


def test_no_more_codes_are_read_than_a_document_could_have() -> None:
    one = qr("x", 3)
    assert 1 <= len(found(np.tile(one, (5, 5, 1)))) <= 8


def test_a_secure_qr_is_read_from_a_picture() -> None:
    codes = found(qr(secure(TEXTS).decode()))
    assert {field.name: field.value for field in codes[0].fields()}["document_number"] == "XXXXXXXX2346"
    assert all(field.source == "barcode" for field in codes[0].fields())


def test_a_document_with_two_codes_that_differ_fails() -> None:
    other = replace(HOLDER, document_number="B99999999")
    pages = [american.pdf417(american.payload(person), module=3) for person in (HOLDER, other)]
    codes = [code for page in pages for code in found(np.asarray(page, np.uint8))]
    assert len(codes) == 2
    finding = barcodes.finding(codes, is_due=True, is_back_missing=False)
    assert (finding.status, finding.score, finding.reasons) == ("failed", 0.0, ("data_inconsistent",))
    assert "document number" in finding.summary
    assert barcodes.finding([codes[0], codes[0]], is_due=True, is_back_missing=False).status == "passed"


def a_code(record: Record) -> Code:
    return Code("PDF417 code", record, 1, 0, (0.1, 0.5, 0.8, 0.3))


def test_the_finding_says_what_was_read_and_where() -> None:
    record = Record("AAMVA 10", "driving_licence", "USA", {"surname": "DOE"}, ("document_number", "surname"))
    finding = barcodes.finding([a_code(record)], is_due=True, is_back_missing=False)
    assert (finding.status, finding.score, finding.threshold) == ("warning", 0.5, 1.0)
    assert (finding.model, finding.box, finding.file_index) == ("zxing-cpp@3.1.1", (0.1, 0.5, 0.8, 0.3), 1)
    assert finding.summary == "The PDF417 code (AAMVA 10) gives surname. It lacks document number."
    assert "DOE" not in finding.summary


def test_a_code_that_contradicts_itself_fails() -> None:
    wrong = Record("AAMVA 10", None, None, {"surname": "DOE"}, ("surname",), ("ended before it was issued",))
    finding = barcodes.finding([a_code(wrong)], is_due=False, is_back_missing=False)
    assert (finding.status, finding.reasons) == ("failed", ("data_inconsistent",))
    assert finding.summary == "The PDF417 code contradicts itself: it ended before it was issued."


def test_the_missing_side_is_what_is_asked_for() -> None:
    finding = barcodes.finding([], is_due=True, is_back_missing=True)
    assert (finding.status, finding.reasons) == ("warning", ("side_missing",))


def words(*texts: str) -> list[PageText]:
    lines = tuple(Line(text, 0.9, ((0, 0), (9, 0), (9, 9), (0, 9))) for text in texts)
    return [PageText(0, 0, Page(lines, np.zeros((9, 9, 3), np.uint8), 0), None)]


def test_a_code_is_due_on_north_american_licences_only() -> None:
    due: Callable[..., bool] = barcodes.is_american_licence
    assert due({"driving_licence"}, {"USA"}, [])
    assert due({"driving_licence", None}, {None, "CAN"}, [])
    assert due({"driving_licence"}, {None}, words("NEW JERSEY", "AUTO DRIVER LICENSE"))
    assert not due({"driving_licence"}, {None}, words("REPUBLIQUE"))
    assert not due({"driving_licence"}, {"FRA"}, words("VIRGINIA"))
    assert not due({"passport"}, {"USA"}, words("CALIFORNIA"))
    assert barcodes.is_likely({None}, {None}, words("Unique Identification Authority of India"))
    assert not barcodes.is_likely({"passport"}, {"FRA"}, words("PASSEPORT"))


def test_the_zone_goes_before_the_code_and_the_code_before_the_print() -> None:
    page = page_of(["Surname", "ERIKSSON", "Date of issue", "16 APR 2002", *ICAO[0][1]])
    coded = [
        Extracted(name, value, 0.98, "barcode", (0.1, 0.1, 0.1, 0.1), 1)
        for name, value in {"document_number": "OTHER1234", "issued_on": "2002-04-17", "address": "1 A ST, B"}.items()
    ]
    pages = [PageText(0, 0, page, mrz_lines.find(page))]
    readout = fields.read(pages, today=date(2026, 11, 23), coded=coded)
    read = {field.name: field for field in readout.extracted}
    assert (read["document_number"].value, read["document_number"].source) == ("L898902C3", "mrz")
    assert (read["issued_on"].value, read["issued_on"].source) == ("2002-04-17", "barcode")
    assert read["address"].source == "barcode"
    assert len(readout.coded) == 3


def test_a_code_that_differs_from_the_zone_is_inconsistent() -> None:
    page = page_of(ICAO[0][1])
    coded = [Extracted("date_of_birth", "1975-08-12", 0.98, "barcode", (0.1, 0.2, 0.3, 0.1), 1)]
    pages = [PageText(0, 0, page, mrz_lines.find(page))]
    today = date(2026, 11, 23)
    readout = fields.read(pages, today=today, coded=coded)
    finding = comparing.data_consistency(Evidence(pages, readout, Declared(), today, "passport"))
    assert (finding.status, finding.reasons, finding.box) == ("failed", ("data_inconsistent",), (0.1, 0.2, 0.3, 0.1))
    assert finding.summary == "The barcode's date of birth differs from the machine readable zone."


def test_a_code_with_nothing_printed_to_compare_is_a_warning() -> None:
    readout = fields.read([], today=date(2026, 11, 23), coded=[Extracted("sex", "F", 0.98, "barcode")])
    finding = comparing.data_consistency(Evidence([], readout, Declared(), date(2026, 11, 23), None))
    assert (finding.status, finding.reasons) == ("warning", ("data_not_readable",))
    assert "barcode" in finding.summary


def checks(files: list[SourceFile], declared: Declared, today: date, decoder: Decoder) -> tuple[Screening, Finding]:
    screening = screen(files, declared, today=today, decoder=decoder)
    finding = screening.finding("barcode")
    assert finding
    return screening, finding


def test_a_good_licence_passes_with_its_printed_data_confirmed(decoder: Decoder, today: date) -> None:
    holder = specimens.person(31, nationality="USA", year=today.year)
    declared = replace(LICENCE, surname=holder.surname, given_names=holder.given_names)
    screening, finding = checks(files_of("american_licence", holder), declared, today, decoder)
    assert (finding.status, finding.score, finding.file_index, finding.page) == ("passed", 1.0, 1, 0)
    for name in ("classification", "data_consistency", "applicant_match"):
        other = screening.finding(name)
        assert other
        assert (name, other.status) == (name, "passed")
    assert (screening.type_guess, screening.country_guess) == ("driving_licence", "USA")
    number = next(field for field in screening.extracted if field.name == "document_number")
    assert (number.source, number.confidence) == ("barcode", 0.99)
    assert number.value == specimens.document_number("american_licence", holder)


def test_a_back_of_another_card_fails_the_comparison(decoder: Decoder, today: date) -> None:
    other = replace(HOLDER, surname="Brooks", document_number="B99999999")
    files = [files_of("american_licence", HOLDER)[0], files_of("american_licence", other)[1]]
    screening, finding = checks(files, LICENCE, today, decoder)
    assert finding.status == "passed"
    apart = screening.finding("data_consistency")
    assert apart
    assert (apart.status, apart.reasons, apart.file_index) == ("failed", ("data_inconsistent",), 0)
    assert apart.summary == "The printed document number and surname differ from the barcode."
    assert apart.box


def test_an_unreadable_back_is_a_warning_and_a_missing_one_too(decoder: Decoder, today: date) -> None:
    front = files_of("american_licence", HOLDER)[0]
    paper = SourceFile("back", "image/jpeg", encoded(Image.new("RGB", (900, 600), (200, 204, 208)), "JPEG"))
    _, finding = checks([front, paper], LICENCE, today, decoder)
    assert (finding.status, finding.reasons, finding.score) == ("warning", ("barcode_unreadable",), 0.0)
    screening, finding = checks([front], Declared(), today, decoder)
    assert (finding.status, finding.reasons) == ("warning", ("side_missing",))
    assert screening.value("document_number") == specimens.document_number("american_licence", HOLDER)


def test_a_page_without_a_code_costs_little(decoder: Decoder, today: date) -> None:
    holder = specimens.person(21, nationality="FRA")
    screening, finding = checks(files_of("passport", holder), Declared(type="passport"), today, decoder)
    text = screening.finding("text")
    assert text
    assert finding.status == "not_applicable"
    assert finding.duration_ms < 0.4 * text.duration_ms


def test_a_big_photo_is_read_with_all_its_pixels(decoder: Decoder, today: date) -> None:
    code = american.pdf417(american.payload(HOLDER), module=2)
    sheet = Image.new("RGB", (4000, 3000), (228, 230, 232))
    sheet.paste(code, (1700, 1400))
    buffer = BytesIO()
    sheet.save(buffer, "JPEG", quality=92)
    _, finding = checks([SourceFile("back", "image/jpeg", buffer.getvalue())], LICENCE, today, decoder)
    assert finding.status == "passed"
    assert finding.box == pytest.approx((0.425, 0.4667, code.width / 4000, code.height / 3000), abs=0.01)


def test_a_large_picture_is_decoded_again_with_all_of_its_pixels(decoder: Decoder, today: date) -> None:
    sheet = Image.new("RGB", (3900, 2900), (228, 230, 232))
    work = pipeline._Work([SourceFile("back", "image/jpeg", encoded(sheet, "JPEG"))], LICENCE, today)
    pipeline._open(work, decoder)
    pipeline._read(work)
    finer = pipeline._finer(work, work.pages[0], decoder)
    assert finer is not None
    assert finer.shape == (2900, 3900, 3)
