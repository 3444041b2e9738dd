"""The varied split: issuers made up from their names, to tune on wordings and layouts that nobody listed by hand.

Any name of the same form draws, so that `card_977` is one more issuer; `TEMPLATES` are those that are measured.
"""

from collections.abc import Callable

from backoffice.specimens.people import Person
from bench.accuracy import varied_cards, varied_letters
from bench.accuracy.printing import Drawn
from bench.accuracy.varied_issuers import issuer
from bench.accuracy.varied_people import holder

_COUNTS = {"card": 20, "letter": 11, "passport": 10, "permit": 7, "licence": 10, "tax": 3}
_ENDINGS = ("_bill", "_statement", "_invoice")
_MOST = max(_COUNTS.values())


def _name(family: str, number: int) -> str:
    return f"{family}_{number:02}{_ENDINGS[number % len(_ENDINGS)] if family == 'letter' else ''}"


TEMPLATES = tuple(
    _name(family, number) for number in range(1, _MOST + 1) for family, count in _COUNTS.items() if number <= count
)


def draw(template: str, seed: int, change: Callable[[Person], Person] = lambda who: who) -> tuple[Person, Drawn]:
    """Draw one document of a template for a holder of its own; `change` alters what is printed."""
    by = issuer(template)
    home = by.people.code if by.family == "permit" else ""
    who = change(holder(by.holders, seed, by.pattern, name=template, home=home))
    return who, (varied_letters if by.family == "letter" else varied_cards).drawn(by, who)
