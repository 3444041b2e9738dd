"""Places labels and values by their measured width, so that none runs into another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from bench.accuracy.sheets import Sheet
from bench.accuracy.varied_fields import Field
from bench.accuracy.varied_issuers import Issuer

_HELVETICA = (
    ("!|,./:;I[\\]ft ", 278), ("'", 191), ("ijl", 222), ("|", 260), ('"', 355), ("()-`r", 333), ("*", 389), ("{}", 334),
    ("^", 469), ("Jckvxyz", 500), ("s", 500), ("#$0123456789?_abdeghnopqu", 556), ("+<=>~", 584),
    ("FTZ", 611), ("&ABEKPSVXY", 667), ("CDHNRUw", 722), ("GOQ", 778), ("m", 833), ("M", 833), ("%", 889),
    ("W", 944), ("@", 1015), ("L", 556),
)  # fmt: skip
_WIDTHS = {sign: wide for signs, wide in _HELVETICA for sign in signs}
"""In thousandths of the size."""
_BOLD, _PITCH, _OTHER = 1.09, 0.6, 700
_LINE, _ASCENT = 1.2, 0.78
_SPACE, _SMALLEST, _MARK = 26, 16, 6
Box = tuple[int, int, int, int]


def width(text: str, size: int, face: str) -> int:
    """Estimate how wide a line is: Helvetica's widths, which Times does not reach."""
    if face.startswith("mono"):
        return round(len(text) * size * _PITCH)
    parts = (_WIDTHS.get(normalize("NFKD", sign)[0], _OTHER) for sign in text)
    return round(sum(parts) * size / 1000 * (_BOLD if "bold" in face else 1))


def fitted(text: str, size: int, face: str, wide: int) -> int:
    """Shrink a heading until it fits."""
    while width(text, size, face) > wide and size > _SMALLEST:
        size -= 1
    return size


def wrapped(text: str, size: int, face: str, wide: int) -> list[str]:
    """Break a line between words where it is too wide."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, face) <= wide or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True)
class Mark:
    """One line of text with its place."""

    left: int
    top: int
    words: str
    size: int
    face: str
    is_label: bool


@dataclass(frozen=True)
class Block:
    """One field as it will stand: its marks from the corner, and the room it takes."""

    field: Field
    marks: tuple[Mark, ...]
    wide: int
    high: int


def arrange(by: Issuer, fields: Sequence[Field], box: Box) -> tuple[list[Mark], list[Field], list[Field]]:
    """Fill a box with fields; say what was placed and what found no room."""
    left, top, right, bottom = box
    style = _style(by, fields, right - left)
    columns = 1 if style in {"beside", "colon"} else by.columns
    step = (right - left) // columns
    gap = by.dice("gap").randint(10, 22)
    names = max((_label_width(by, one) for one in fields), default=0) + _SPACE
    marks: list[Mark] = []
    placed: list[Field] = []
    column, high = 0, 0
    for at, one in enumerate(fields):
        block = _BLOCKS[style](by, one, right - left, names)
        span = min(columns, -(-(block.wide + _SPACE) // step))
        if column + span > columns:
            top, column, high = top + high + gap, 0, 0
        if top + block.high > bottom:
            return marks, placed, list(fields[at:])
        x = left + column * step
        marks += [replace(mark, left=x + mark.left, top=top + mark.top) for mark in block.marks]
        placed.append(one)
        column, high = column + span, max(high, block.high)
    return marks, placed, []


def write(page: Sheet, marks: Sequence[Mark]) -> None:
    for mark in marks:
        if mark.is_label:
            page.text(mark.left, mark.top, mark.words, mark.size, face=mark.face, ink=page.accent)
        else:
            page.text(mark.left, mark.top, mark.words, mark.size, face=mark.face)


def _style(by: Issuer, fields: Sequence[Field], wide: int) -> str:
    """Take another style where labels are too long for a column of their own, or have two rows."""
    longest = max((_label_width(by, one) for one in fields), default=0)
    is_low = any(len(one.label) > 1 for one in fields)
    if by.style in {"beside", "colon"} and (longest > wide * 0.42 or is_low):
        return "above"
    return "above" if by.style in {"inline", "below"} and is_low else by.style


def _label_width(by: Issuer, one: Field) -> int:
    return max(width(f"{words}:", by.sizes[0], by.faces[0]) for words in one.label)


def _labels(by: Issuer, one: Field, wide: int) -> list[str]:
    return [line for words in one.label for line in wrapped(words, by.sizes[0], by.faces[0], wide)]


def _values(by: Issuer, one: Field, wide: int) -> list[str]:
    return [line for value in one.values for line in wrapped(value, by.sizes[1], by.faces[1], wide)]


def _stacked(by: Issuer, labels: Sequence[str], values: Sequence[str], *, is_below: bool = False) -> tuple[Mark, ...]:
    (small, large), (label_face, value_face) = by.sizes, by.faces
    label_high = round(small * _LINE) * len(labels)
    apart = round(0.16 * large)
    value_top = 0 if is_below else label_high + apart - small // 6
    label_top = round(large * _LINE) * len(values) if is_below else 0
    return (
        *(Mark(0, label_top + round(small * _LINE) * at, words, small, label_face, True)
          for at, words in enumerate(labels)),
        *(Mark(0, value_top + round(large * _LINE) * at, words, large, value_face, False)
          for at, words in enumerate(values)),
    )  # fmt: skip


def _block(one: Field, marks: tuple[Mark, ...]) -> Block:
    wide = max(mark.left + width(mark.words, mark.size, mark.face) for mark in marks)
    return Block(one, marks, wide, max(mark.top + mark.size for mark in marks))


def _above(by: Issuer, one: Field, wide: int, _names: int) -> Block:
    return _block(one, _stacked(by, _labels(by, one, wide), _values(by, one, wide)))


def _below(by: Issuer, one: Field, wide: int, _names: int) -> Block:
    return _block(one, _stacked(by, _labels(by, one, wide), _values(by, one, wide), is_below=True))


def _beside(by: Issuer, one: Field, wide: int, names: int) -> Block:
    (small, large), (label_face, value_face) = by.sizes, by.faces
    words = f"{one.label[0]}:" if by.style == "colon" else one.label[0]
    values = _values(by, one, wide - names)
    return _block(one, (
        Mark(0, round(_ASCENT * (large - small)), words, small, label_face, True),
        *(Mark(names, round(large * _LINE) * at, value, large, value_face, False) for at, value in enumerate(values)),
    ))  # fmt: skip


def _inline(by: Issuer, one: Field, wide: int, _names: int) -> Block:
    """Write Name: X in one line, with what follows under it."""
    (small, large), (label_face, value_face) = by.sizes, by.faces
    words = one.label[0] if one.label[0].endswith(".") and len(one.label[0]) < _MARK else f"{one.label[0]}:"
    start = width(words, small, label_face) + 14
    whole = max(width(value, large, value_face) for value in one.values)
    if start + whole > wide and start > wide // 2:
        return _above(by, one, wide, 0)
    values = _values(by, one, wide - start)
    return _block(one, (
        Mark(0, round(_ASCENT * (large - small)), words, small, label_face, True),
        *(Mark(start, round(large * _LINE) * at, value, large, value_face, False) for at, value in enumerate(values)),
    ))  # fmt: skip


_BLOCKS = {"above": _above, "below": _below, "beside": _beside, "colon": _beside, "inline": _inline}
