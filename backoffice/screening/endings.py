"""Where a file truly ends by its own format, and what stands behind it: the places where two files become one."""

import re
import struct

_FOREIGN = (b"pk\x03\x04", b"<html", b"<!doctype", b"<script", b"<svg", b"<?php", b"\x7felf", b"%pdf-")
_ARCHIVE_END = b"PK\x05\x06"
_ARCHIVE_END_WITHIN = 65_557
"""A ZIP is found by the record at its end: 22 bytes and a comment of at most 65,535 (APPNOTE §4.3.16)."""
_PDF_WITHIN = 1_024
"""Readers accept a PDF that begins this late (ISO 32000-1 Annex H, note 13)."""
_LOOK_AT = 64 * 1024
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""Inside pixels, FF 00 is a byte and FF D0 to D7 only restarts (ITU-T T.81 §B.1.1)."""


def is_two_files(data: bytes, mime_type: str) -> bool:
    """Say whether the bytes are also a program, an archive, a PDF or markup; phones append data, but none of these."""
    if _ARCHIVE_END in data[-_ARCHIVE_END_WITHIN:]:
        return True
    if mime_type != "application/pdf" and b"%PDF-" in data[:_PDF_WITHIN]:
        return True
    end = _end(data, mime_type)
    tail = data[end : end + _LOOK_AT].lower()
    return tail.startswith(b"mz") or any(sign in tail for sign in _FOREIGN)


def scans(data: bytes) -> int:
    """Count the passes over a JPEG's pixels; a progressive one has about ten."""
    return _walk_jpeg(data)[1]


def _end(data: bytes, mime_type: str) -> int:
    match mime_type:
        case "image/jpeg":
            return _walk_jpeg(data)[0]
        case "image/png":
            return _end_of_png(data)
        case "image/webp":
            return 8 + int.from_bytes(data[4:8], "little")
        case "image/heic":
            return _end_of_boxes(data)
        case "application/pdf":
            return data.rfind(b"%%EOF") + 5
        case _:
            return len(data)


def _walk_jpeg(data: bytes) -> tuple[int, int]:
    """Follow the segments to the first end marker; answers where it ends, and how many scans came before."""
    at, count = 2, 0
    while found := _NEXT_MARKER.search(data, at):
        at, marker = found.end(), data[found.end() - 1]
        if marker == _END_OF_IMAGE:
            return at, count
        count += marker == _START_OF_SCAN
        at += int.from_bytes(data[at : at + 2], "big")
    return len(data), count


def _end_of_png(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if kind == b"IEND":
            break
    return at


def _end_of_boxes(data: bytes) -> int:
    """Follow the boxes as long as they look like some (ISO 14496-12 §4.2)."""
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length == 1 and at + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length < 8 or not kind.isalnum():
            break
        at += length
    return at
