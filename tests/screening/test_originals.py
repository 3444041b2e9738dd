"""What files say of their own history: screenshots, editors, later changes; and hostile metadata that says nothing."""

import re
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from backoffice.screening import originals
from backoffice.screening.decode import Decoder
from backoffice.screening.pipeline import screen
from backoffice.screening.traces import Traces, believed
from backoffice.screening.types import Declared, Finding, SourceFile
from tests.screening.conftest import encoded, pdf

SOFTWARE, MAKER, DETAILS, COMMENT = 0x0131, 0x010F, 0x8769, 0x9286
FORMS = (("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("TIFF", "image/tiff"))
SCREEN = (1170, 2532)
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmp:CreatorTool="GIMP 2.10"/></x:xmpmeta>"""


def blank(size: tuple[int, int] = (640, 420)) -> Image.Image:
    return Image.new("RGB", size, (120, 160, 200))


def exif(image: Image.Image, **tags: str) -> Image.Exif:
    found = image.getexif()
    for name, value in tags.items():
        found[{"software": SOFTWARE, "maker": MAKER}[name]] = value
    return found


def tampering(decoder: Decoder, data: bytes, mime_type: str = "image/jpeg") -> Finding:
    return originals.tampering({0: decoder.open(data, mime_type).traces})


def originality(decoder: Decoder, data: bytes, mime_type: str = "image/png") -> Finding:
    return originals.originality({0: decoder.open(data, mime_type).traces})


@pytest.mark.parametrize(("form", "mime_type"), FORMS)
def test_an_editor_named_in_exif_warns(decoder: Decoder, form: str, mime_type: str) -> None:
    image = blank()
    data = encoded(image, form, exif=exif(image, software="Adobe Photoshop 25.1 (Windows)"))
    finding = tampering(decoder, data, mime_type)
    assert (finding.status, finding.reasons, finding.score) == ("warning", ("tampering_suspected",), None)
    assert finding.summary == "File 1 was saved by Photoshop."


@pytest.mark.parametrize(("form", "mime_type"), [("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_an_editor_named_in_xmp_warns(decoder: Decoder, form: str, mime_type: str) -> None:
    assert tampering(decoder, encoded(blank(), form, xmp=XMP), mime_type).summary == "File 1 was saved by GIMP."


def test_an_editor_named_in_a_pngs_text_warns(decoder: Decoder) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    notes.add_text("Software", "Snapseed 2.0")
    finding = tampering(decoder, encoded(blank(), "PNG", pnginfo=notes), "image/png")
    assert finding.summary == "File 1 was saved by GIMP and Snapseed."


@pytest.mark.parametrize(
    "software",
    ["17.1.2", "G991BXXU3AUE1", "Google", "Adobe Scan for Android", "CamScanner", "Ink Sketcher", "Gimpel OS 4", ""],
)
def test_phones_and_scanners_are_no_editors(decoder: Decoder, software: str) -> None:
    image = blank()
    assert tampering(decoder, encoded(image, "JPEG", exif=exif(image, software=software))).status == "passed"


def test_what_a_file_says_is_never_repeated(decoder: Decoder) -> None:
    image = blank()
    data = encoded(image, "JPEG", exif=exif(image, software="Photoshop of Camille Specimen, 12 Any Street"))
    assert tampering(decoder, data).summary == "File 1 was saved by Photoshop."


@pytest.mark.parametrize("size", [SCREEN, (1080, 2400), (1920, 1080)])
def test_a_png_of_exactly_a_screen_is_a_screenshot(decoder: Decoder, size: tuple[int, int]) -> None:
    finding = originality(decoder, encoded(blank(size), "PNG"))
    assert (finding.status, finding.reasons, finding.score) == ("warning", ("screenshot",), None)
    assert f"{size[0]} by {size[1]} pixels" in finding.summary


def test_another_size_another_form_or_a_camera_is_no_screenshot(decoder: Decoder) -> None:
    image = blank(SCREEN)
    assert originality(decoder, encoded(image, "JPEG"), "image/jpeg").status == "passed"
    assert originality(decoder, encoded(image, "PNG", exif=exif(image, maker="Canon"))).status == "passed"
    for size in ((1170, 2531), (2532, 1170), (1600, 1200), (1536, 2048), (1280, 800)):
        assert originality(decoder, encoded(blank(size), "PNG")).status == "passed"


@pytest.mark.parametrize("comment", [b"ASCII\0\0\0Screenshot", b"UNICODE\0" + "Screenshot".encode("utf-16-le")])
def test_a_file_that_calls_itself_a_screenshot_is_one(decoder: Decoder, comment: bytes) -> None:
    image = blank()
    tags = image.getexif()
    tags.get_ifd(DETAILS)[COMMENT] = comment
    finding = originality(decoder, encoded(image, "JPEG", exif=tags), "image/jpeg")
    assert (finding.status, finding.summary) == ("warning", "File 1 calls itself a screenshot.")


def test_a_pdf_is_no_photograph(decoder: Decoder) -> None:
    assert originality(decoder, pdf(), "application/pdf").status == "not_applicable"


def appended(data: bytes, more: bytes = b"") -> bytes:
    """Save a PDF once more by appending, as editors do (ISO 32000-1 §7.5.6)."""
    with pikepdf.open(BytesIO(data)) as document:
        root, size = document.Root.objgen[0], len(document.objects) + 1
    previous = re.findall(rb"startxref\s+(\d+)", data)[-1].decode()
    at = len(data) + len(more) + 1
    trailer = f"xref\n0 0\ntrailer\n<< /Size {size} /Root {root} 0 R /Prev {previous} >>\nstartxref\n{at}\n%%EOF\n"
    return data + more + b"\n" + trailer.encode()


def signed(data: bytes) -> bytes:
    """Append a signature's range that reaches to the end of the file; its bytes are not looked at."""
    blank_range = b"%% /ByteRange [0 100 200 %010d]"
    length = len(appended(data, blank_range % 0))
    return appended(data, blank_range % (length - 200))


def test_a_pdf_as_it_was_made_passes(decoder: Decoder) -> None:
    assert tampering(decoder, pdf(2), "application/pdf").status == "passed"
    document, buffer = pikepdf.open(BytesIO(pdf(3))), BytesIO()
    document.save(buffer, linearize=True)
    assert buffer.getvalue().count(b"%%EOF") == 2
    assert tampering(decoder, buffer.getvalue(), "application/pdf").status == "passed"


def test_a_pdf_that_was_changed_later_warns(decoder: Decoder) -> None:
    once = appended(pdf())
    finding = tampering(decoder, once, "application/pdf")
    assert (finding.status, finding.reasons) == ("warning", ("tampering_suspected",))
    assert finding.summary == "File 1 was changed after it was made: it holds 1 later version."
    assert "2 later versions" in tampering(decoder, appended(once), "application/pdf").summary


def test_signing_is_no_change_and_a_change_after_it_is(decoder: Decoder) -> None:
    data = signed(pdf())
    assert tampering(decoder, data, "application/pdf").status == "passed"
    assert tampering(decoder, appended(data, b"%% /DSS"), "application/pdf").status == "passed"
    finding = tampering(decoder, appended(data), "application/pdf")
    assert (finding.status, finding.summary) == ("warning", "File 1 was changed after it was signed.")


@pytest.mark.parametrize("name", ["/Producer", "/Creator"])
def test_a_pdfs_editor_warns(decoder: Decoder, name: str) -> None:
    document, buffer = pikepdf.open(BytesIO(pdf())), BytesIO()
    document.docinfo[name] = "PDFescape Online - https://www.pdfescape.com"
    document.save(buffer)
    finding = tampering(decoder, buffer.getvalue(), "application/pdf")
    assert (finding.status, finding.summary) == ("warning", "File 1 was saved by PDFescape.")


def test_a_child_is_believed_in_form_only() -> None:
    for nonsense in (None, [], "tools", 7):
        assert not believed(nonsense, "image/png").is_readable
    wild = {"tools": ["x" * 1000] * 100, "width": True, "height": -4, "revisions": 10**9, "has_camera": "yes", "a": 1}
    found = believed(wild, "image/png")
    assert (len(found.tools), {len(tool) for tool in found.tools}) == (8, {64})
    assert (found.width, found.height, found.revisions, found.has_camera) == (0, 0, 1000, False)
    assert believed({"tools": 7, "revisions": "2"}, "image/png") == Traces("image/png")


def test_metadata_is_bounded_and_broken_metadata_costs_no_page(decoder: Decoder) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<x CreatorTool='" + "y" * 900_000)
    opened = decoder.open(encoded(blank(), "PNG", pnginfo=notes), "image/png")
    assert (len(opened.pages), opened.traces.tools) == (1, ("y" * 64,))
    broken = encoded(blank(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 60)
    assert len(decoder.open(broken, "image/jpeg").pages) == 1


def test_a_history_that_nobody_could_read_is_an_error() -> None:
    unread = {0: Traces("image/png"), 1: Traces("image/png", is_readable=False)}
    for check in (originals.originality, originals.tampering):
        with pytest.raises(ValueError, match="could not be read"):
            check(unread)


def test_the_pipeline_points_at_the_file(decoder: Decoder, today: date) -> None:
    image = blank(SCREEN)
    data = encoded(image, "PNG", exif=exif(image, software="Lightroom 8.3"))
    clean = encoded(blank(), "JPEG")
    files = [SourceFile("front", "image/jpeg", clean), SourceFile("back", "image/png", data)]
    screening = screen(files, Declared(), today=today, decoder=decoder)
    for name, words in (("originality", "File 2 is a PNG"), ("tampering", "File 2 was saved by Lightroom.")):
        finding = screening.finding(name)
        assert finding
        assert (finding.status, finding.file_index) == ("warning", 1)
        assert words in finding.summary
    assert screening.finding("duplicate") is None
