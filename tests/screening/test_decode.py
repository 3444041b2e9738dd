"""Decoding in the limited child: upright, clean, and survivable."""

import os
import signal
import threading
import time
from io import BytesIO

import pytest
from PIL import Image

from backoffice.screening import derivatives, frames
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.screening.process import Child, ChildLostError
from backoffice.screening.types import SourceFile
from tests.screening.conftest import encoded, pdf


def test_pages_come_upright_and_without_metadata(decoder: Decoder) -> None:
    image = Image.new("RGB", (640, 400), "red")
    exif = image.getexif()
    exif[0x0112], exif[0x0131] = 6, "Editor 9"
    data = encoded(image, "JPEG", exif=exif)
    (page,) = decoder.pages(data, "image/jpeg")
    assert (page.width, page.height) == (400, 640)
    view, thumbnail = derivatives.of(page, 0, 0, turned=0)
    assert max(thumbnail.width, thumbnail.height) == 320
    assert not Image.open(BytesIO(view.data)).getexif()
    assert b"Editor" not in view.data


def test_large_pictures_become_small_views(decoder: Decoder) -> None:
    (page,) = decoder.pages(encoded(Image.new("RGB", (5000, 2500)), "JPEG"), "image/jpeg")
    assert (page.width, page.height) == (2000, 1000)


def test_transparency_becomes_white(decoder: Decoder) -> None:
    (page,) = decoder.pages(encoded(Image.new("RGBA", (400, 300), (0, 0, 0, 0)), "PNG"), "image/png")
    assert page.rgb[:3] == b"\xff\xff\xff"


def test_every_page_of_a_pdf_and_a_tiff_is_drawn(decoder: Decoder) -> None:
    frames_of_tiff = [Image.new("RGB", (400, 300)) for _ in range(3)]
    tiff = encoded(frames_of_tiff[0], "TIFF", save_all=True, append_images=frames_of_tiff[1:])
    assert len(decoder.pages(tiff, "image/tiff")) == 3
    assert len(decoder.pages(pdf(4), "application/pdf")) == 4


def test_turned_derivatives_stand_upright(decoder: Decoder) -> None:
    (page,) = decoder.pages(encoded(Image.new("RGB", (600, 400)), "PNG"), "image/png")
    view, _ = derivatives.of(page, 0, 0, turned=90)
    assert (view.width, view.height) == (400, 600)


def test_a_hanging_decoder_is_killed_and_named() -> None:
    decoder = Decoder("tests.screening.children.hanging", seconds=1.0)
    started = time.monotonic()
    with pytest.raises(UndecodableError) as caught:
        decoder.pages(b"anything", "image/jpeg")
    assert caught.value.trouble == "late"
    assert time.monotonic() - started < 4
    assert decoder.pid is None


def test_a_decoder_killed_while_idle_is_replaced_unnoticed(decoder: Decoder, jpeg: bytes) -> None:
    decoder.warm()
    first = decoder.pid
    assert first
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert decoder.pages(jpeg, "image/jpeg")[0].width == 1600
    assert decoder.pid not in {None, first}


def test_a_decoder_killed_while_working_is_reported() -> None:
    decoder = Decoder("tests.screening.children.hanging")
    decoder.warm()
    first = decoder.pid
    assert first
    killer = threading.Timer(0.5, os.kill, (first, signal.SIGKILL))
    killer.start()
    with pytest.raises(UndecodableError) as caught:
        decoder.pages(b"anything", "image/jpeg")
    assert caught.value.trouble == "died"


def test_a_child_is_recycled_after_its_uses(jpeg: bytes) -> None:
    child = Child("backoffice.screening.child", uses=2, most_bytes=1 << 40)
    question = {"task": "inspect", "mime_type": "image/jpeg"}
    child.ask(question, [jpeg], timeout=10)
    first = child.pid
    child.ask(question, [jpeg], timeout=10)
    assert child.pid is None
    child.ask(question, [jpeg], timeout=10)
    assert child.pid not in {None, first}
    child.kill()


def test_a_child_ends_when_its_pipe_closes() -> None:
    child = Child("backoffice.screening.child", uses=9, most_bytes=1 << 40)
    child.warm()
    process = child._process
    assert process
    assert process.stdin
    process.stdin.close()
    assert process.wait(timeout=5) == 0
    child.kill()


def test_what_was_still_being_written_to_a_killed_child_never_reaches_the_next() -> None:
    """The next child's pipe gets the number of the last one's, and a writer may be in the middle of a large file."""
    for _ in range(12):
        child = Child("tests.screening.children.crashing", uses=99, most_bytes=1 << 40)
        child.warm()
        victim = child.pid
        os.kill(victim, signal.SIGSTOP)
        killer = threading.Timer(0.05, os.kill, (victim, signal.SIGKILL))
        killer.start()
        with pytest.raises(ChildLostError):
            child.ask({"task": "inspect"}, [b"\xff" * 4_000_000], timeout=10)
        answer, _ = child.ask({"task": "inspect"}, [b"\xff\xd8\xff"], timeout=10)
        assert answer["width"] == 640
        child.kill()


def test_nonsense_on_the_pipe_is_a_lost_child() -> None:
    with pytest.raises(ChildLostError):
        Child("tests.screening.children.missing", uses=1, most_bytes=1).ask({}, [], timeout=5)


def test_frames_refuse_nonsense() -> None:
    reading, writing = os.pipe()
    os.write(writing, (2).to_bytes(4, "big") + b"[]")
    with pytest.raises(frames.ClosedError):
        frames.receive(reading)
    os.close(reading)
    os.close(writing)


def test_pictures_without_reading_skip_what_does_not_open(decoder: Decoder, jpeg: bytes) -> None:
    files = [SourceFile("front", "image/jpeg", jpeg), SourceFile("back", "image/jpeg", b"\xff\xd8\xffbroken")]
    made = derivatives.without_reading(files, decoder)
    assert [(picture.file_index, picture.kind) for picture in made] == [(0, "view"), (0, "thumbnail")]
