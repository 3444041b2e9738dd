"""Reads thresholds as a person writes them: several numbers, parted by commas."""

from collections.abc import Iterator

from backoffice.errors import Invalid
from backoffice.models.money import to_minor

MOST_LETTERS = 120


def read_percents(text: str) -> list[int]:
    """Read percentages.

    Raises Invalid for what is no whole number.
    """
    try:
        return [int(part) for part in _parts(text)]
    except ValueError:
        raise Invalid("Write whole percentages, such as 50, 80.", code="invalid_value", pointer="/usage") from None


def read_amounts(text: str, currency: str) -> list[int]:
    """Read amounts of a currency in minor units; parts of a minor unit are no threshold.

    Raises Invalid for what is no amount.
    """
    wrong = Invalid("Write amounts such as 500, 1000.50.", code="invalid_value", pointer="/spend")
    try:
        amounts = [to_minor(part, currency) for part in _parts(text)]
        whole = [int(amount) for amount in amounts if amount == int(amount)]
    except (ArithmeticError, ValueError):
        raise wrong from None
    if len(whole) < len(amounts):
        raise wrong
    return whole


def _parts(text: str) -> Iterator[str]:
    return (part for part in (one.strip().removesuffix("%").strip() for one in text[:MOST_LETTERS].split(",")) if part)
