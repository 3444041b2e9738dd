"""One way to write a JSON value (RFC 8785), so that two who have the same value hash the same bytes.

Only what came out of JSON is written. A number is a double, as the RFC has it; whole ones beyond 2^53, which JSON and
PostgreSQL both write in full, are rounded to one first, so that 1e22 and its twenty-three digits are the same number.
"""

import json
import re
from typing import Any, cast

import orjson

EXACT = 1 << 53
FIXED_BELOW = 21
"""ECMAScript writes numbers below 10^21 in full."""
FIXED_FROM = -6
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: object) -> bytes:
    """Write a value that JSON can hold.

    Raises TypeError for one that it cannot, ValueError for infinities.
    """
    return plain(value) if is_plain(value) else _written(value).encode()


def plain(value: object) -> bytes:
    """Write a value that is known to be plain; ids in it are written as text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def is_plain(value: object) -> bool:
    """Tell whether a common encoder writes a value as the RFC does: no fractions, short numbers, ASCII keys."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -EXACT < value < EXACT
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return all(type(name) is str and name.isascii() and is_plain(one) for name, one in named.items())
    return isinstance(value, list) and all(map(is_plain, cast("list[object]", value)))


def _written(value: Any) -> str:  # noqa: ANN401 anything of JSON
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return _encode(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        return f"[{','.join(map(_written, cast('list[object]', value)))}]"
    if isinstance(value, dict):
        named = sorted(cast("dict[str, object]", value).items(), key=lambda one: one[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_encode(name)}:{_written(one)}" for name, one in named) + "}"
    message = f"{type(value).__name__} is no JSON"
    raise TypeError(message)


def _number(value: float) -> str:
    """Write a number as ECMAScript does (ECMA-262 §6.1.6.1.20): the shortest digits that name this double."""
    try:
        number = float(value)
    except OverflowError:
        return str(value)
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 only NaN differs from itself
        message = "JSON has no infinite numbers"
        raise ValueError(message)
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    whole, fraction, exponent = _parts(repr(abs(number)))
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + exponent - (len(whole + fraction) - len(digits))
    return sign + _placed(digits.rstrip("0"), point)


def _parts(text: str) -> tuple[str, str, int]:
    found = re.fullmatch(r"(\d+)(?:\.(\d+))?(?:e([+-]\d+))?", text)
    whole, fraction, exponent = found.groups("") if found else (text, "", "")
    return whole, fraction, int(exponent or 0)


def _placed(digits: str, point: int) -> str:
    """Write digits whose decimal point stands after so many of them."""
    if len(digits) <= point <= FIXED_BELOW:
        return digits.ljust(point, "0")
    if 0 < point <= FIXED_BELOW:
        return f"{digits[:point]}.{digits[point:]}"
    if FIXED_FROM < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{point - 1:+d}"
