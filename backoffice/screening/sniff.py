"""The type of a file by its first bytes, because names and declared types are somebody else's claim."""

_IMAGES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

PREFIX_BYTES = 12
"""How many first bytes `sniff` needs."""


def sniff(data: bytes) -> str | None:
    """Name the accepted type whose signature stands at offset 0; None for everything else, polyglots included."""
    for signature, mime_type in _IMAGES:
        if data.startswith(signature):
            return mime_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "image/heic"
    return None
