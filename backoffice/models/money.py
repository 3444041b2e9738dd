"""Amounts of money: whole minor units of a currency (ISO 4217), never a float."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_decimal

from backoffice.i18n import ENGLISH, gettext, language, locale

EXPONENTS = {
    "EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "NOK": 2, "DKK": 2, "PLN": 2, "CZK": 2, "CAD": 2, "AUD": 2,
    "INR": 2, "BRL": 2, "ZAR": 2, "NGN": 2, "KES": 2, "SGD": 2, "JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3,
}  # fmt: skip
"""How many digits stand after the point."""
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "INR": "₹", "JPY": "¥"}
DEFAULT_CURRENCY = "EUR"


def rounded(amount: Decimal) -> int:
    """Round to a whole minor unit, halves away from zero, as invoices do."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def to_minor(major: str, currency: str) -> Decimal:
    """Read an amount as people write it, `0.305`, in minor units; a part of one is kept.

    Raises ArithmeticError for what is no number.
    """
    return Decimal(major).scaleb(EXPONENTS[currency])


def written(minor: int | Decimal, currency: str) -> str:
    """Write an amount with its currency; parts of a minor unit are shown when there are any."""
    digits = EXPONENTS[currency]
    exact = abs(Decimal(minor)).scaleb(-digits).normalize()
    exponent = exact.as_tuple().exponent
    shown = _decimal(exact, max(digits, -exponent if isinstance(exponent, int) else 0))
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    symbol = SYMBOLS.get(currency)
    if symbol:
        return sign + gettext("{symbol}{amount}", symbol=symbol, amount=shown)
    return sign + gettext("{currency} {amount}", currency=currency, amount=shown)


def _decimal(amount: Decimal, digits: int) -> str:
    if language() == ENGLISH:
        return f"{amount:,.{digits}f}"
    return format_decimal(amount, "#,##0." + "0" * digits if digits else "#,##0", locale=locale())


def plain(minor: int | Decimal, currency: str) -> str:
    """Write an amount for programs and input fields: no currency, no thousands."""
    return f"{Decimal(minor).scaleb(-EXPONENTS[currency]):f}"
