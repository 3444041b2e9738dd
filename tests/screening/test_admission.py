"""The gate: what a 201 means, and every hostile file that must not get one."""

import struct
import time
import zlib
from collections.abc import AsyncIterator
from io import BytesIO

import pikepdf
import pillow_heif
import pytest
import pytest_asyncio
from PIL import Image

from backoffice.errors import BackofficeError, Invalid, TooLarge, Unsupported
from backoffice.screening.admission import SENTENCES, Admission
from tests.screening.conftest import encoded, pdf


@pytest_asyncio.fixture(scope="module")
async def gate() -> AsyncIterator[Admission]:
    gate = Admission(children=1)
    yield gate
    gate.close()


def bomb() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


async def refused(gate: Admission, data: bytes) -> BackofficeError:
    with pytest.raises(BackofficeError) as caught:
        await gate.admit(data)
    assert str(caught.value) in SENTENCES.values()
    return caught.value


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "PDF"])
async def test_every_accepted_format_is_measured(gate: Admission, form: str) -> None:
    pillow_heif.register_heif_opener()
    admitted = await gate.admit(encoded(Image.new("RGB", (640, 400), "white"), form))
    assert admitted.pages == 1
    assert admitted.width > admitted.height
    assert len(admitted.sha256) == 64
    expected = {"PDF": "application/pdf", "HEIF": "image/heic"}.get(form, f"image/{form.lower()}")
    assert admitted.mime_type == expected


async def test_the_size_is_the_upright_one(gate: Admission) -> None:
    image = Image.new("RGB", (640, 400))
    exif = image.getexif()
    exif[0x0112] = 6
    admitted = await gate.admit(encoded(image, "JPEG", exif=exif))
    assert (admitted.width, admitted.height) == (400, 640)


@pytest.mark.parametrize(
    "data",
    [b"<html><script>1</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ\x90\x00" + bytes(400),
     b"\x7fELF" + bytes(400), b"GIF89a" + bytes(400), b"%!PS-Adobe-3.0 EPSF", b" %PDF-1.7\n", b"PK\x03\x04" + bytes(99),
     b"\x00\x00\x00\x18ftypmp42" + bytes(100)],
)  # fmt: skip
async def test_other_content_is_unsupported_whatever_its_name(gate: Admission, data: bytes) -> None:
    error = await refused(gate, data)
    assert isinstance(error, Unsupported)
    assert error.code == "unsupported_media_type"


async def test_empty_and_large_files_never_reach_a_decoder() -> None:
    gate = Admission(children=1, module="tests.screening.children.missing")
    assert (await refused(gate, b"")).code == "file_corrupt"
    error = await refused(gate, b"\xff\xd8\xff" + bytes(15 * 1024 * 1024))
    assert isinstance(error, TooLarge)
    assert error.code == "file_too_large"
    gate.close()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_truncated_pictures_are_corrupt(gate: Admission, jpeg: bytes, share: float) -> None:
    assert (await refused(gate, jpeg[: int(len(jpeg) * share)])).code == "file_corrupt"


async def test_truncated_png_and_pdf_are_corrupt(gate: Admission) -> None:
    noise = encoded(Image.effect_noise((500, 400), 80), "PNG")
    assert (await refused(gate, noise[: len(noise) // 2])).code == "file_corrupt"
    assert (await refused(gate, b"%PDF-1.7\nnothing at all")).code == "file_corrupt"


async def test_a_decompression_bomb_is_refused_by_its_header(gate: Admission) -> None:
    started = time.monotonic()
    error = await refused(gate, bomb())
    assert error.code == "file_too_large"
    assert time.monotonic() - started < 3


async def test_tiny_pictures_are_refused(gate: Admission) -> None:
    assert (await refused(gate, encoded(Image.new("RGB", (120, 90)), "PNG"))).code == "image_too_small"


@pytest.mark.parametrize(
    ("data", "code"),
    [(pdf(password="secret"), "file_encrypted"), (pdf(11), "too_many_pages"), (pdf(script=True), "active_content")],
)
async def test_pdf_rules(gate: Admission, data: bytes, code: str) -> None:
    assert (await refused(gate, data)).code == code


async def test_pdf_attachments_are_active_content(gate: Admission) -> None:
    document = pikepdf.new()
    document.add_blank_page()
    document.attachments["run.exe"] = pikepdf.AttachedFileSpec(document, b"MZ")
    buffer = BytesIO()
    document.save(buffer)
    assert (await refused(gate, buffer.getvalue())).code == "active_content"


async def test_ten_pages_are_accepted(gate: Admission) -> None:
    assert (await gate.admit(pdf(10))).pages == 10


@pytest.mark.parametrize("tail", [b"PK\x03\x04zip", b"<html><script>", b"MZ\x90", b"<?php"])
async def test_polyglots_are_active_content(gate: Admission, jpeg: bytes, tail: bytes) -> None:
    assert (await refused(gate, jpeg + tail)).code == "active_content"


async def test_harmless_trailing_bytes_are_accepted(gate: Admission, jpeg: bytes) -> None:
    assert (await gate.admit(jpeg + bytes(64))).width == 1600


async def test_a_decoder_that_crashes_refuses_one_file_and_serves_the_next() -> None:
    gate = Admission(children=1, module="tests.screening.children.crashing")
    error = await refused(gate, b"\xff\xd8\xffcrash")
    assert isinstance(error, Invalid)
    assert error.code == "file_corrupt"
    assert (await gate.admit(b"\xff\xd8\xfffine")).width == 640
    gate.close()


async def test_a_typical_photo_is_admitted_fast(gate: Admission, jpeg: bytes) -> None:
    await gate.admit(jpeg)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        await gate.admit(jpeg)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.03
