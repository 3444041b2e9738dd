"""How much the streams of a PDF unpack to, measured in small pieces before a library unpacks them whole."""

import re
import zlib

from backoffice.screening.images import MOST_PIXELS, RefusalError

_MEGABYTE = 1024 * 1024
_MOST_STREAMS = 50_000
_MOST_UNPACKED = 32 * _MEGABYTE
"""Of one stream that is not a picture: content, fonts and tables of honest files stay far below."""
_MOST_OF_A_PICTURE = 4 * MOST_PIXELS
_MOST_TOGETHER = 400 * _MEGABYTE
_PIECE = _MEGABYTE
_DICTIONARY = 1_024
_STREAM = re.compile(rb"stream\r?\n")


def refuse_swollen(data: bytes) -> None:
    """Refuse a bomb by the raw bytes, because opening a PDF already unpacks its tables of objects."""
    together = 0
    for number, found in enumerate(_STREAM.finditer(data)):
        before = data[max(0, found.start() - _DICTIONARY) : found.start()]
        is_picture = b"/Image" in before[before.rfind(b" obj") + 1 :]
        most = min(_MOST_OF_A_PICTURE if is_picture else _MOST_UNPACKED, _MOST_TOGETHER - together)
        together += _unpacked(memoryview(data)[found.end() :], most)
        if number > _MOST_STREAMS:
            raise RefusalError("file_too_large")


def _unpacked(packed: memoryview, most: int) -> int:
    """Count the bytes that a deflated stream unpacks to, 0 where it is none; stops above `most`."""
    unpacker, size, at = zlib.decompressobj(), 0, 0
    try:
        while not unpacker.eof and (at < len(packed) or unpacker.unconsumed_tail):
            piece = unpacker.unconsumed_tail
            if not piece:
                piece = packed[at : at + _PIECE]
                at += len(piece)
            size += len(unpacker.decompress(piece, _PIECE))
            if size > most:
                raise RefusalError("file_too_large")
    except zlib.error:
        return size
    return size
