"""Reading a file's history inside the limited child: names of programs, never dates, places or people."""

import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

from backoffice.screening import images
from backoffice.screening.traces import MOST_TOOLS, TOOL_LENGTH

_SOFTWARE, _PROCESSING_SOFTWARE, _MAKER, _MODEL = 0x0131, 0x000B, 0x010F, 0x0110
_DETAILS, _COMMENT = 0x8769, 0x9286
_XMP_TAG = 700
_MOST_XMP = 256 * 1024
_XMP_TOOL = re.compile(rb"""(?:CreatorTool|softwareAgent)(?:\s*=\s*["']|\s*>)([^"'<>]{1,200})""")
_XMP_SCREENSHOT = re.compile(rb"UserComment.{0,200}?Screenshot", re.DOTALL)
_REVISION = re.compile(rb"startxref\s+([1-9]\d*)\s+%%EOF")
"""One for every time a PDF was written; 0 stands in the first part of a linearized one (ISO 32000-1 §F.3)."""
_SIGNED_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")


def of(data: bytes, mime_type: str) -> dict[str, Any] | None:
    """Answer the few facts; None when the file's metadata is too broken to read, which costs no page."""
    try:
        return _of_pdf(data) if mime_type == "application/pdf" else _of_picture(data, mime_type)
    except Exception:  # noqa: BLE001 - the vendor boundary: parsers of metadata raise anything on hostile bytes
        return None


def _of_picture(data: bytes, mime_type: str) -> dict[str, Any]:
    image = images.opened(data, mime_type)
    exif, xmp = _exif(image), _xmp(image)
    comment = exif.get_ifd(_DETAILS).get(_COMMENT)
    named = (exif.get(_SOFTWARE), exif.get(_PROCESSING_SOFTWARE), image.info.get("Software"))
    return {
        "tools": _tools((*named, *_XMP_TOOL.findall(xmp))),
        "has_camera": bool(exif.get(_MAKER) or exif.get(_MODEL)),
        "is_screenshot": "Screenshot" in _text(comment) or bool(_XMP_SCREENSHOT.search(xmp)),
        "width": image.width,
        "height": image.height,
    }


def _exif(image: Image.Image) -> Image.Exif:
    """Read EXIF from the header: asking the picture itself would decode a whole PNG once more."""
    if image.format == "TIFF":
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif") or b"")
    return exif


def _xmp(image: Image.Image) -> bytes:
    tags: Any = getattr(image, "tag_v2", {})
    found: Any = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or tags.get(_XMP_TAG) or b""
    return (found.encode() if isinstance(found, str) else bytes(found))[:_MOST_XMP]


def _of_pdf(data: bytes) -> dict[str, Any]:
    with pikepdf.open(BytesIO(data)) as document:
        named = [str(document.docinfo.get(name, "")) for name in ("/Producer", "/Creator")]
    at = max(0, data.find(b"<x:xmpmeta"))
    signed_to = max((int(start) + int(size) for _, _, start, size in _SIGNED_RANGE.findall(data)), default=0)
    later = data[signed_to:] if signed_to else b""
    return {
        "tools": _tools((*named, *_XMP_TOOL.findall(data[at : at + _MOST_XMP]))),
        "revisions": len(_REVISION.findall(data)),
        "is_signed": signed_to > 0,
        # a security store is how a signature is kept checkable for years (ETSI EN 319 142-1 §5.4), not a change
        "is_changed_after_signing": bool(_REVISION.search(later)) and b"/DSS" not in later,
    }


def _tools(named: Iterable[object]) -> list[str]:
    texts = (" ".join(_text(name).split())[:TOOL_LENGTH] for name in named)
    return list(dict.fromkeys(text for text in texts if text))[:MOST_TOOLS]


def _text(value: object) -> str:
    return value.decode("utf-8", "replace").replace("\0", "") if isinstance(value, bytes) else str(value or "")
