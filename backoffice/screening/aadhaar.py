"""The QR codes of India's Aadhaar letters and cards: the secure one (UIDAI, version 2), unverified, and the old XML."""

import re
import zlib
from collections.abc import Mapping
from datetime import date

from backoffice.screening.records import Record, decoded, printable

_DIGITS = re.compile(rb"\d{300,7100}")
_PRINTED = b"<PrintLetterBarcodeData"
_HEAD = 200
_ATTRIBUTE = re.compile(r"""([a-z]{2,8})\s*=\s*(?:"([^"<]{0,200})"|'([^'<]{0,200})')""", re.IGNORECASE)
_PRINTED_ADDRESS = ("house", "street", "lm", "loc", "vtc", "dist")
_DATE = re.compile(r"(\d{2})[-/](\d{2})[-/](\d{4})", re.ASCII)
_NUMBER = re.compile(r"[2-9]\d{11}", re.ASCII)
_CHUNK = 4000
_MOST_BYTES = 64 * 1024
"""A small code can unfold to gigabytes; a real one holds text and a thumbnail of a few hundred bytes."""
_LONGEST = 160
_TEXTS = ("reference", "name", "born", "sex", "care_of", "district", "landmark", "house", "location", "pin",
          "post_office", "state", "street", "subdistrict", "town")  # fmt: skip
_ADDRESS = ("house", "street", "landmark", "location", "town", "district")
_WANTED = ("document_number", "full_name", "date_of_birth")


def parse(payload: bytes) -> Record | None:
    """Read the texts of a QR code; None when the code is something else. The number leaves here masked."""
    if _PRINTED in payload[:_HEAD]:
        return _printed(payload)
    if not _DIGITS.fullmatch(payload):
        return None
    parts = _unfolded(payload).split(b"\xff", len(_TEXTS) + 3)
    start = 2 if parts[0][:1] == b"V" else 1
    if parts[0] not in {b"V2", b"V3", b"V4", b"V5", b"0", b"1", b"2", b"3"} or len(parts) < start + len(_TEXTS):
        return None
    texts = {name: printable(decoded(part), _LONGEST) for name, part in zip(_TEXTS, parts[start:], strict=False)}
    born = _DATE.fullmatch(texts["born"])
    values = {
        "document_number": f"XXXXXXXX{texts['reference'][:4]}" if texts["reference"][:4].isdigit() else "",
        "full_name": texts["name"],
        "date_of_birth": _day(born) if born else "",
        "sex": {"M": "M", "F": "F", "T": "X"}.get(texts["sex"], ""),
        "father_name": _father(texts["care_of"]),
        "address": _address(texts),
        "postal_code": texts["pin"] if re.fullmatch(r"\d{6}", texts["pin"], re.ASCII) else "",
        "issuing_country": "IND",
    }
    wrong = ("gives a date of birth that is in no calendar",) if born and not values["date_of_birth"] else ()
    found = {name: value for name, value in values.items() if value}
    return Record("Aadhaar secure QR", "national_id", "IND", found, _WANTED, wrong)


def _printed(payload: bytes) -> Record:
    """Read the code of letters from before 2018, which holds the whole number; attributes alone, never as XML."""
    said = {
        name.lower(): printable(one or other, _LONGEST) for name, one, other in _ATTRIBUTE.findall(decoded(payload))
    }
    number = said.get("uid", "")
    day = _DATE.fullmatch(said.get("dob", ""))
    lines = [said[name] for name in _PRINTED_ADDRESS if said.get(name)]
    place = f"{said.get('state', '')} {said.get('pc', '')}".strip()
    values = {
        "document_number": f"XXXXXXXX{number[-4:]}" if _NUMBER.fullmatch(number) else "",
        "full_name": said.get("name", ""),
        "date_of_birth": _day(day) if day else "",
        "sex": {"M": "M", "F": "F", "T": "X", "MALE": "M", "FEMALE": "F"}.get(said.get("gender", "").upper(), ""),
        "father_name": _father(said.get("co", "")),
        "address": ", ".join(filter(None, [*dict.fromkeys(lines), place])),
        "postal_code": said["pc"] if re.fullmatch(r"\d{6}", said.get("pc", ""), re.ASCII) else "",
        "issuing_country": "IND",
    }
    found = {name: value for name, value in values.items() if value}
    hidden = number if _NUMBER.fullmatch(number) else ""
    return Record("Aadhaar QR", "national_id", "IND", found, ("document_number", "full_name"), hidden=hidden)


def _unfolded(digits: bytes) -> bytes:
    """Turn the decimal number into bytes and unpack the first of them; empty when they are no gzip stream."""
    number = 0
    for start in range(0, len(digits), _CHUNK):
        chunk = digits[start : start + _CHUNK]
        number = number * 10 ** len(chunk) + int(chunk)
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(packed, _MOST_BYTES)
    except zlib.error:
        return b""


def _day(match: re.Match[str]) -> str:
    try:
        return date(int(match[3]), int(match[2]), int(match[1])).isoformat()
    except ValueError:
        return ""


def _father(text: str) -> str:
    match = re.match(r"[SD]/O[ :]+(.+)", text)
    return match[1].strip() if match else ""


def _address(texts: Mapping[str, str]) -> str:
    lines = [texts[name] for name in _ADDRESS]
    return ", ".join(filter(None, [*dict.fromkeys(lines), f"{texts['state']} {texts['pin']}".strip()]))
