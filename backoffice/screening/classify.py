"""What kind of document this is, by its zone, its words and the form of its numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backoffice.screening import labels, titles
from backoffice.screening.fields import PageText

MODEL = "keywords@1"

_ZONE_CODES = {"P": "passport", "V": "other", "AR": "residence_permit", "IR": "residence_permit"}
_LEAST_BILL_WORDS = 2
_NUMBER_MARK = re.compile(r"^\s*(?:1|2|3|4[abcd]|5|8|9)\s*\.")
_LEAST_MARKS = 5


@dataclass(frozen=True, slots=True)
class Guess:
    """A document type of the API with its certainty from 0 to 1."""

    type: str | None
    certainty: float


def guess(pages: list[PageText], sides: list[str], coded: Iterable[str] = ()) -> Guess:
    """Weigh zone, words, number forms and the kinds that barcodes name; too little evidence gives no type."""
    votes = _votes(pages)
    for kind in set(coded):
        votes[kind] = votes.get(kind, 0) + 3.0
    if not votes:
        return Guess("selfie", 0.7) if sides == ["selfie"] else Guess(None, 0.0)
    ranked = sorted(votes.items(), key=lambda vote: vote[1], reverse=True)
    kind, weight = ranked[0]
    rival = ranked[1][1] if len(ranked) > 1 else 0.0
    return Guess(kind, round(min(0.99, weight / (weight + rival + 0.4)), 3))


def _votes(pages: list[PageText]) -> dict[str, float]:
    votes: dict[str, float] = {}
    for page in pages:
        if page.found:
            code = page.found.zone.code
            kind = _ZONE_CODES.get(code) or _ZONE_CODES.get(code[:1]) or "national_id"
            votes[kind] = votes.get(kind, 0) + (3.0 if page.found.zone.is_valid else 2.0)
    texts = [line.text for page in pages for line in page.page.lines]
    for kind, weight in _word_votes(texts).items():
        votes[kind] = votes.get(kind, 0) + weight
    if len({match.group().strip() for text in texts if (match := _NUMBER_MARK.match(text))}) >= _LEAST_MARKS:
        votes["driving_licence"] = votes.get("driving_licence", 0) + 1.5
    if votes.get("residence_permit", 0) >= 1 and "national_id" in votes:
        votes["residence_permit"] += votes["national_id"] * 0.6
        votes["national_id"] *= 0.4
    return votes


def _word_votes(texts: list[str]) -> dict[str, float]:
    """Count kinds by their names; a bill needs several of its words, because each alone is ordinary."""
    keys = [labels.key(text) for text in texts]
    votes: dict[str, float] = {}
    for kind, words in titles.WORDS.items():
        found = {word for word in words.split("|") if any(_says(key, labels.key(word)) for key in keys)}
        if kind == "proof_of_address":
            if len(found) >= _LEAST_BILL_WORDS:
                votes[kind] = 0.5 * len(found)
        elif found:
            votes[kind] = 1.0 + 0.5 * min(2, len(found) - 1)
    return votes


def _says(key: str, word: str) -> bool:
    if len(word) > 6:
        return word in key
    return key.startswith(word) or key.endswith(word)
