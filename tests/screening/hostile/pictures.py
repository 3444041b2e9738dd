"""Hostile pictures: bombs, liars, broken ends, odd depths and colours, several frames, foreign programs behind them."""

import re
import struct
import zlib
from functools import lru_cache
from io import BytesIO

import pillow_heif
from PIL import Image

from tests.screening.conftest import encoded
from tests.screening.hostile import Hostile

SIZE = (640, 400)
PNG = b"\x89PNG\r\n\x1a\n"
_FRAME_HEADER = re.compile(rb"\xff[\xc0\xc2]")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def repeated(block: bytes, times: int) -> bytes:
    """Deflate a block many times at the price of once: a full flush lets packed blocks stand behind each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    total = 1
    for _ in range(times):
        total = zlib.adler32(block, total)
    return b"\x78\xda" + packed * times + b"\x03\x00" + struct.pack(">I", total)


def zeros(size: int) -> bytes:
    """Deflate many zeros, rounded up to a megabyte."""
    return repeated(bytes(1 << 20), -(-size >> 20))


@lru_cache(1)
def photo() -> Image.Image:
    """Draw a picture with a gradient, so that it has something to lose."""
    return Image.merge("RGB", [Image.linear_gradient("L").resize(SIZE).rotate(turn) for turn in (0, 90, 180)])


def jpeg(**options: object) -> bytes:
    return encoded(photo(), "JPEG", **options)


def of(form: str, mode: str = "RGB", **options: object) -> bytes:
    return encoded(photo().convert(mode), form, **options)


def heic() -> bytes:
    pillow_heif.register_heif_opener()
    return encoded(photo(), "HEIF")


def resized_header(width: int, height: int) -> bytes:
    """Claim another size in the frame header of a JPEG."""
    data = bytearray(jpeg())
    at = next(found.start() for found in _FRAME_HEADER.finditer(data) if data[found.start() + 2] == 0)
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def grown_heic() -> bytes:
    data = heic()
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", 30_000, 30_000) + data[at + 8 :]


def whole_bomb() -> bytes:
    """Pack 169 million real pixels into 20 kB."""
    return png(13_000, 13_000, chunk(b"IDAT", zeros(13_000 * 1_626)), depth=1)


def endless_rows() -> bytes:
    """Unpack to half a gigabyte behind a small header."""
    return png(*SIZE, chunk(b"IDAT", zeros(512 << 20)))


def text_bomb() -> bytes:
    return png(*SIZE, chunk(b"zTXt", b"Comment\0\0" + zeros(64 << 20)), chunk(b"IDAT", zeros(641 * 400)))


def largest_transparent() -> bytes:
    """Stay just below the limit of pixels with four bytes in each."""
    return png(8_900, 8_900, chunk(b"IDAT", zeros(8_900 * (8_900 * 4 + 1))), colour=6)


def scan_bomb() -> bytes:
    """Repeat one refining scan of a progressive JPEG until decoding takes minutes."""
    large = encoded(Image.new("L", (6_000, 6_000), 90), "JPEG", progressive=True)
    last = large.rindex(b"\xff\xda")
    return large[:-2] + large[last:-2] * 3_000 + large[-2:]


def tiff_pages(count: int) -> bytes:
    pages = [Image.new("L", (400, 300)) for _ in range(count)]
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def looping_tiff() -> bytes:
    """Let the first directory name itself as the next one."""
    data = bytearray(of("TIFF"))
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    return bytes(data)


def many_directories() -> bytes:
    """Chain a hundred thousand directories without a picture."""
    data = bytearray(of("TIFF"))
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    body = bytes(data[first : first + 2 + 12 * entries])
    at = len(data)
    struct.pack_into("<I", data, first + 2 + 12 * entries, at)
    for number in range(50_000):
        data += body + struct.pack("<I", at + (number + 1) * (len(body) + 4))
    return bytes(data)


def large_second_page() -> bytes:
    pages = [Image.new("1", SIZE), Image.new("1", (12_000, 12_000))]
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="group4")


def animated(form: str, **options: object) -> bytes:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=40, **options)


def sixteen_bits(form: str) -> bytes:
    levels = Image.linear_gradient("L").resize(SIZE).convert("I")
    return encoded(levels.point(lambda level: level * 257).convert("I;16"), form)


def with_exif(block: bytes) -> bytes:
    data = jpeg()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]


def exif_loop() -> bytes:
    """Name a directory inside itself, with an orientation that does not exist."""
    entries = struct.pack(">HHII", 0x0112, 3, 1, 99 << 16) + struct.pack(">HHII", 0x8769, 4, 1, 8)
    return with_exif(b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + entries + struct.pack(">I", 8))


def exif_liar() -> bytes:
    """Claim four billion values at the end of the world."""
    entry = struct.pack(">HHII", 0x0112, 3, 0xFFFF_FFFF, 0xFFFF_FFF0)
    return with_exif(b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4))


def boxed(major: bytes, *, rest: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + major + bytes(4) + major + b"mif1" + rest


def padded(data: bytes, tail: bytes) -> bytes:
    return data + bytes(200_000) + tail


def commented(comment: bytes) -> bytes:
    data = jpeg()
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]


def broken(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def noisy(form: str, **options: object) -> bytes:
    return encoded(Image.effect_noise(SIZE, 90).convert("RGB"), form, **options)


ZIP = b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(18)
BOMBS = (
    Hostile("png of 169 megapixels", whole_bomb, "file_too_large"),
    Hostile("png that claims 900 megapixels", lambda: png(30_000, 30_000, chunk(b"IDAT", zeros(1 << 20))),
            "file_too_large"),
    Hostile("jpeg of 100 megapixels", lambda: resized_header(10_000, 10_000), "file_too_large"),
    Hostile("jpeg that claims the largest size", lambda: resized_header(65_500, 65_500), "file_too_large"),
    Hostile("heic that claims 900 megapixels", grown_heic, "file_too_large"),
    Hostile("tiff with a second page of 144 megapixels", large_second_page, "file_too_large"),
    Hostile("png with endless rows", endless_rows),
    Hostile("png of 79 transparent megapixels", largest_transparent),
    Hostile("png with a comment that unpacks to 64 MB", text_bomb, "file_corrupt"),
    Hostile("jpeg with 3000 scans", scan_bomb, "file_corrupt"),
    Hostile("tiff with 50000 directories", many_directories, "too_many_pages"),
    Hostile("tiff whose directory is its own next", looping_tiff),
    Hostile("webp of one pixel's height", lambda: encoded(Image.new("RGB", (16_000, 1)), "WEBP"), "image_too_small"),
)  # fmt: skip
BROKEN = (
    *(
        Hostile(f"{form} cut at {share:.0%}", lambda form=form, share=share: broken(noisy(form), share), "file_corrupt")
        for form in ("JPEG", "PNG", "WEBP", "TIFF")
        for share in (0.02, 0.5, 0.95)
    ),
    Hostile("heic cut in half", lambda: broken(heic(), 0.5), "file_corrupt"),
    Hostile("jpeg of its first bytes", lambda: b"\xff\xd8\xff", "file_corrupt"),
    Hostile("png of its signature", lambda: PNG, "file_corrupt"),
    Hostile("riff that is nothing", lambda: b"RIFF\xff\xff\xff\xffWEBP", "file_corrupt"),
    Hostile("mp4 that calls itself heic", lambda: boxed(b"heic", rest=struct.pack(">I", 999) + b"moov" + bytes(991)),
            "file_corrupt"),
)  # fmt: skip
ODD = (
    Hostile("animated png", lambda: animated("PNG")),
    Hostile("animated webp", lambda: animated("WEBP")),
    Hostile("tiff of three pages", lambda: tiff_pages(3)),
    Hostile("tiff of eleven pages", lambda: tiff_pages(11), "too_many_pages"),
    Hostile("cmyk jpeg", lambda: of("JPEG", "CMYK")),
    Hostile("cmyk tiff", lambda: of("TIFF", "CMYK")),
    Hostile("lab tiff", lambda: encoded(Image.new("LAB", SIZE), "TIFF")),
    Hostile("grey png of 16 bits", lambda: sixteen_bits("PNG")),
    Hostile("grey tiff of 16 bits", lambda: sixteen_bits("TIFF")),
    Hostile("tiff of floats", lambda: of("TIFF", "F")),
    Hostile("png of one bit", lambda: of("PNG", "1")),
    Hostile("png with a palette", lambda: encoded(photo().quantize(16), "PNG", transparency=0)),
    Hostile("png with grey and alpha", lambda: of("PNG", "LA")),
    Hostile("progressive jpeg", lambda: jpeg(progressive=True)),
    Hostile("exif that loops", exif_loop),
    Hostile("exif that lies about its length", exif_liar),
    Hostile("exif of noise", lambda: with_exif(b"Exif\0\0" + b"\xa5" * 300)),
    Hostile("exif of nothing", lambda: with_exif(b"Exif\0\0")),
    Hostile("jpeg with harmless bytes behind it", lambda: jpeg() + bytes(5_000)),
)  # fmt: skip
POLYGLOTS = (
    Hostile("jpeg and zip", lambda: jpeg() + ZIP, "active_content"),
    Hostile("jpeg and zip, far behind", lambda: padded(jpeg(), ZIP), "active_content"),
    Hostile("jpeg and zip, with an end behind it", lambda: jpeg() + ZIP + b"\xff\xd9", "active_content"),
    Hostile("jpeg and html", lambda: jpeg() + b"<HTML><body onload=x>", "active_content"),
    Hostile("jpeg and pdf", lambda: commented(b"%PDF-1.7 1 0 obj"), "active_content"),
    Hostile("jpeg and program", lambda: jpeg() + b"MZ\x90\0", "active_content"),
    Hostile("png and php", lambda: png(*SIZE, chunk(b"IDAT", zeros(641 * 400))) + b"<?php ?>", "active_content"),
    Hostile("png and zip, with an end behind it",
            lambda: png(*SIZE, chunk(b"IDAT", zeros(641 * 400))) + ZIP + b"IEND\xaeB`\x82", "active_content"),
    Hostile("webp and zip", lambda: of("WEBP") + ZIP, "active_content"),
    Hostile("heic and zip", lambda: heic() + ZIP, "active_content"),
    Hostile("tiff and zip", lambda: of("TIFF") + ZIP, "active_content"),
)  # fmt: skip
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OTHERS = (
    Hostile("animated gif", lambda: animated("GIF"), "unsupported_media_type"),
    *(
        Hostile(name, lambda data=data: data, "unsupported_media_type")
        for name, data in (
            ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
            ("html", b"<!doctype html><script>x()</script>"),
            ("eicar", EICAR),
            ("elf", b"\x7fELF\x02\x01\x01" + bytes(400)),
            ("exe", b"MZ\x90\0" + bytes(400)),
            ("zip", ZIP),
            ("mp4", boxed(b"mp42", rest=bytes(400))),
            ("avif", boxed(b"avif", rest=bytes(400))),
            ("gif", b"GIF89a" + bytes(400)),
            ("bmp", b"BM" + bytes(400)),
            ("postscript", b"%!PS-Adobe-3.0 EPSF"),
            ("pdf after junk", b"junk\n%PDF-1.7\n" + bytes(400)),
            ("text", "Anna Müller, 12.08.1974".encode()),
        )
    ),
)


def upright(orientation: int) -> bytes:
    """Lay a picture down as a camera with this orientation stores it: red is its upper left corner when it stands."""
    standing = Image.new("RGB", (640, 400), "white")
    standing.paste("red", (0, 0, 200, 150))
    standing.paste("blue", (440, 0, 640, 150))
    laid = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    image = standing if laid is None else standing.transpose(Image.Transpose(laid))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = BytesIO()
    image.save(buffer, "JPEG", exif=exif, quality=95)
    return buffer.getvalue()
