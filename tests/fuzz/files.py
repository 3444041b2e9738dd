"""Small honest files, and what time, networks and enemies make of them."""

import struct
from collections.abc import Callable
from functools import lru_cache

from hypothesis import strategies as st
from PIL import Image

from tests.screening.conftest import encoded
from tests.screening.hostile import pdfs, pictures

SIZE = (320, 200)
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF)


@lru_cache(1)
def honest() -> tuple[bytes, ...]:
    small = pictures.photo().resize(SIZE)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0131] = 6, "Maker", "Editor"
    pictures.heic()
    return (
        encoded(small, "JPEG", exif=exif),
        encoded(small, "JPEG", progressive=True),
        encoded(small, "PNG", exif=exif),
        encoded(small.quantize(16), "PNG", transparency=1),
        encoded(small, "WEBP"),
        encoded(small, "WEBP", lossless=True),
        encoded(small.convert("L"), "TIFF", compression="tiff_lzw"),
        encoded(small, "TIFF", compression="jpeg"),
        encoded(small, "HEIF"),
        pdfs.made(pages=2),
        pdfs.incremental(),
        pdfs.picture(*SIZE),
        pdfs.made(pdfs.annotated(S=pdfs.Name.URI, URI=pdfs.String("https://example.com"))),
    )


def _overwrite(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at + len(piece) :]


def _insert(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at:]


def _cut(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + data[at + len(piece) :]


def _repeat(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + data[at : at + len(piece)] * 3 + data[at + len(piece) :]


def _end(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece


HARMS: tuple[Callable[[bytes, int, bytes], bytes], ...] = (_overwrite, _insert, _cut, _repeat, _end)
_edges = st.sampled_from([struct.pack(form, edge) for form in (">I", "<I") for edge in _EDGES])


@st.composite
def harmed(draw: st.DrawFn) -> bytes:
    """Take an honest file and do up to eight wrongs to it; early bytes, where the structure is, more often."""
    data = draw(st.sampled_from(honest()))
    for _ in range(draw(st.integers(1, 8))):
        within = draw(st.sampled_from((64, 1_024, len(data))))
        at = draw(st.integers(0, max(0, min(within, len(data)) - 1)))
        data = draw(st.sampled_from(HARMS))(data, at, draw(st.binary(min_size=1, max_size=12) | _edges))
    return data
