"""How the sentences of findings call the values, in the order in which people name them."""

from collections.abc import Sequence

VALUES = {
    "document_number": "document number",
    "date_of_birth": "date of birth",
    "expires_on": "expiry date",
    "issued_on": "date of issue",
    "full_name": "name",
    "surname": "surname",
    "given_names": "given names",
    "sex": "sex",
    "nationality": "nationality",
    "address": "address",
}


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: one, two and three."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
