"""Numbers of payment cards: not ours to hold. Where one is found it is refused, so that none is ever stored.

Found is what a payment network would take: a known beginning, the length that goes with it and the Luhn check digit
(ISO/IEC 7812-1). One in ten of other numbers with such a beginning and length passes as well; documents' own numbers,
which are long in some countries, are therefore never asked.
"""

import re
from collections.abc import Iterator

from stdnum import luhn

from backoffice.errors import Invalid

RUN = re.compile(r"(?<![^\W\d_])(?<![\d][.])\d(?:[ \xa0-]?\d)+(?![^\W\d_])(?![.]\d)")
"""Digits with single gaps, not within a word and not behind a decimal point."""
MOST_GROUPS = 40
NETWORKS = re.compile(
    r"4\d{15}(?:\d{3})?"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    r"|6(?:011|5\d{2}|4[4-9]\d)\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14,17}"  # UnionPay
)
SENTENCE = "This looks like the number of a payment card. Such numbers are not kept here: leave it out or mask it."


def holds_card_number(text: str) -> bool:
    """Tell whether a payment card's number stands in a text, alone or among words, in groups or not."""
    return any(_is_card(number) for run in RUN.findall(text) for number in _numbers(run))


def _numbers(run: str) -> Iterator[str]:
    """Join the groups of a run in every way: a day or a check number beside a card is not part of it."""
    groups = re.split(r"\D", run)[:MOST_GROUPS]
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            yield "".join(groups[first : last + 1])


def _is_card(digits: str) -> bool:
    return NETWORKS.fullmatch(digits) is not None and luhn.is_valid(digits)


def refuse_card_number(text: str | None, pointer: str) -> None:
    """Raise Invalid with the code `card_number` for a text that holds one."""
    if text and holds_card_number(text):
        raise Invalid(SENTENCE, code="card_number", pointer=pointer)
