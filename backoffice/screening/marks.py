"""The numbers that licences print for their fields: `1.` the surname, `4b.` the date of expiry."""

from backoffice.screening import labels
from backoffice.screening.labels import Label

NUMBERED = {
    "1": "surname", "2": "given_names", "3": "date_of_birth", "4a": "issued_on", "4b": "expires_on", "4c": "other",
    "4d": "personal_number", "5": "document_number", "5a": "document_number", "5b": "other",
    "6": "other", "7": "other", "8": "address", "9": "other",
    "10": "other", "11": "other", "12": "other", "15": "sex",
}  # fmt: skip
"""The field marks of European driving licences (Directive 2006/126/EC, annex I)."""
_LEAST_NUMBER = 6


def match(text: str) -> Label | None:
    """Read `4b.` or `4b. 01.02.2030` as the numbered field of a licence."""
    head, _, rest = text.partition(" ")
    dotted = head.partition(".")
    if (dotted[1] and dotted[0].lower() in NUMBERED and not dotted[2].replace(".", "").isdigit()) or (
        dotted[1] and (dotted[0].lower() in {"3", "4a", "4b"} or (dotted[0] == "5" and _has_number(dotted[2], rest)))
    ):
        head, rest = dotted[0], f"{dotted[2]} {rest}".strip()
    name = NUMBERED.get(head.strip(".:)").lower())
    if name is None:
        return None
    worded = labels.match(rest) if rest else None
    if worded:
        end = len(text) - len(rest) + worded.end
        return Label(worded.name, end, 0.95, worded.is_whole_line, worded.about)
    about = labels.LICENCE if name == "document_number" else ""
    return Label(name, len(text) - len(rest), 0.93, not rest, about)


def _has_number(start: str, rest: str) -> bool:
    """Tell the number of a licence from a sum of money."""
    return sum(sign.isdigit() for sign in start + rest) >= _LEAST_NUMBER
