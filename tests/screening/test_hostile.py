"""Every file of the hostile corpus gets its documented code, costs bounded memory, and hurts no process."""

import ctypes
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageStat

from backoffice.errors import BackofficeError
from backoffice.screening.admission import SENTENCES, Admission
from backoffice.screening.decode import Decoder, UndecodableError
from backoffice.screening.process import Child
from backoffice.screening.sniff import sniff
from tests.screening.conftest import encoded
from tests.screening.hostile import Hostile, pdfs, pictures

CORPUS = (
    *pictures.BOMBS, *pictures.BROKEN, *pictures.ODD, *pictures.POLYGLOTS, *pictures.OTHERS,
    *pdfs.ACTIVE, *pdfs.LOCKS, *pdfs.LOOPS, *pdfs.BOMBS, *pdfs.BROKEN,
)  # fmt: skip
ADMITTED = tuple(file for file in CORPUS if file.code is None)
MOST_MEGABYTES = 900
"""Far below what the limits allow: 79 transparent megapixels are 317 MB, twice while they shrink."""
OFTEN = 10_000


@pytest_asyncio.fixture(scope="module")
async def gate() -> AsyncIterator[Admission]:
    """One child for the whole corpus, never recycled, so that a lost one is noticed."""
    gate = Admission(children=1)
    gate._decoders[0]._child._uses = OFTEN
    gate.warm()
    yield gate
    gate.close()


@pytest.fixture(scope="module")
def opener() -> Decoder:
    decoder = Decoder()
    decoder._child._uses, decoder._child._most_bytes = OFTEN, 1 << 40
    decoder.warm()
    yield decoder
    decoder.close()


def peak(pid: int) -> int:
    """Read the most memory that a process ever held, in megabytes."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) // 1024


@pytest.mark.parametrize("file", CORPUS, ids=str)
async def test_each_file_gets_its_code_and_the_child_lives(gate: Admission, file: Hostile) -> None:
    child = gate._decoders[0].pid
    if file.code is None:
        assert (await gate.admit(file.make())).pages
    else:
        with pytest.raises(BackofficeError) as refused:
            await gate.admit(file.make())
        assert refused.value.code == file.code
        assert str(refused.value) in SENTENCES.values()
    assert gate._decoders[0].pid == child
    assert peak(child) < MOST_MEGABYTES


@pytest.mark.parametrize("file", ADMITTED, ids=str)
def test_what_is_admitted_can_be_seen(opener: Decoder, file: Hostile) -> None:
    child, data = opener.pid, file.make()
    shown = opener.pages(data, sniff(data))
    assert 1 <= len(shown) <= 10
    assert max(max(page.width, page.height) for page in shown) <= 2000
    assert opener.pid == child
    assert peak(child) < MOST_MEGABYTES


def seen(opener: Decoder, data: bytes) -> Image.Image:
    (page,) = opener.pages(data, sniff(data))
    return Image.frombytes("RGB", (page.width, page.height), page.rgb)


def differs(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_tones(opener: Decoder, form: str) -> None:
    wanted = Image.linear_gradient("L").resize(pictures.SIZE).convert("RGB")
    assert differs(seen(opener, pictures.sixteen_bits(form)), wanted) < 2


@pytest.mark.parametrize(("form", "mode", "most"), [("JPEG", "CMYK", 4), ("TIFF", "CMYK", 1), ("PNG", "LA", 1)])
def test_other_colours_look_like_the_picture(opener: Decoder, form: str, mode: str, most: float) -> None:
    wanted = pictures.photo().convert("L" if mode == "LA" else "RGB").convert("RGB")
    assert differs(seen(opener, pictures.of(form, mode)), wanted) < most


def test_numbers_without_a_range_are_spread_over_all_tones(opener: Decoder) -> None:
    """A TIFF of floats may hold 0 to 1 or 0 to 65,535; nobody says which."""
    levels = Image.linear_gradient("L").resize(pictures.SIZE)
    data = encoded(levels.convert("F").point(lambda level: level / 255), "TIFF")
    assert differs(seen(opener, data), levels.convert("RGB")) < 2


def test_films_show_their_first_frame(opener: Decoder) -> None:
    for form in ("PNG", "WEBP"):
        assert differs(seen(opener, pictures.animated(form, lossless=True)), Image.new("RGB", pictures.SIZE, "red")) < 1


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_all_eight_orientations_stand_upright(gate: Admission, opener: Decoder, orientation: int) -> None:
    data = pictures.upright(orientation)
    admitted = await gate.admit(data)
    assert (admitted.width, admitted.height) == (640, 400)
    view = seen(opener, data)
    assert view.size == (640, 400)
    red, blue, white = (view.getpixel(at) for at in ((60, 60), (580, 60), (60, 340)))
    assert (red[0] > 200, red[2] < 60) == (True, True)
    assert (blue[2] > 200, blue[0] < 60) == (True, True)
    assert min(white) > 240


def test_later_versions_of_a_pdf_are_noticed(opener: Decoder) -> None:
    assert opener.open(pdfs.incremental(), "application/pdf").traces.revisions == 2


def test_forms_that_draw_each_other_for_ever_are_stopped_and_the_next_file_is_read() -> None:
    decoder = Decoder(seconds=4.0)
    with pytest.raises(UndecodableError) as caught:
        decoder.inspect(pdfs.laughing_forms(), "application/pdf")
    assert caught.value.trouble in {"late", "died"}, "by the clock, or by its share of the processor"
    assert decoder.inspect(pdfs.made(), "application/pdf").pages == 1
    decoder.close()


def test_a_bomb_warning_is_an_error_in_the_child() -> None:
    """Pillow only warns between one and two times its limit."""
    program = (
        "import warnings; from io import BytesIO; from PIL import Image; from backoffice.screening import child;"
        "child._prepare(); Image.MAX_IMAGE_PIXELS = 200_000; data = BytesIO();"
        "Image.new('1', (640, 400)).save(data, 'PNG');"
        "print(child._answer({'mime_type': 'image/png', 'task': 'inspect'}, data.getvalue())[0])"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'refused': 'file_too_large'}"


def test_heic_is_decoded_nowhere_but_in_the_limited_child() -> None:
    program = (
        "import sys; import backoffice.worker, backoffice.screening.screening_child, backoffice.screening.admission;"
        "from PIL import Image; Image.init();"
        "print('pillow_heif' in sys.modules, 'HEIF' in Image.OPEN)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_decoder_that_was_taken_over_reaches_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = Child("tests.screening.children.curious", uses=2, most_bytes=1 << 40)
        (tmp_path / "kek.json").write_text("secret")
        question = {"path": str(tmp_path / "loot"), "secret": str(tmp_path / "kek.json"),
                    "port": server.getsockname()[1]}  # fmt: skip
        answer, _ = child.ask(question, [], timeout=20)
        process = child._process
        assert process
        assert process.wait(timeout=20) == -signal.SIGXCPU, "spinning for ever must be ended by the kernel"
        child.kill()
    is_cut_off = not answer.pop("connect")
    assert {answer.pop("read"), answer.pop("read_system")} == {not _knows_landlock()}
    assert answer == {"allocate": False, "write": False, "open_many": False}
    assert not (tmp_path / "loot").exists() or (tmp_path / "loot").stat().st_size == 0
    assert is_cut_off == _can_cut_off()


def _knows_landlock() -> bool:
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) > 0


def _can_cut_off() -> bool:
    """Some containers forbid namespaces of one's own; then the other limits must do."""
    return subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode == 0


def test_views_of_hostile_pictures_carry_no_metadata(opener: Decoder) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "Anna", "Eriksson"
    buffer = BytesIO()
    pictures.photo().save(buffer, "JPEG", exif=exif, comment=b"Anna Eriksson")
    ((_, _, view),) = opener.jpegs(buffer.getvalue(), "image/jpeg", long_side=2000)
    assert b"Eriksson" not in view
    assert not Image.open(BytesIO(view)).getexif()
