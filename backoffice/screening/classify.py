"""What kind of document this is, by its zone, its words and the form of its numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from backoffice.screening import labels, titles, wordlists
from backoffice.screening.page_texts import PageText

MODEL = "keywords@1"

_ZONE_CODES = {"P": "passport", "V": "other", "AR": "residence_permit", "IR": "residence_permit"}
_LEAST_BILL_WORDS, _MOST_BILL_WEIGHT = 2, 2.5
_MONEY = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[.,' ]\d{3})*|\d+)[.,]\d{2}(?![\d.,])")
_ROUND_MONEY = re.compile(r"^[-−]?\d{1,3}(?:[ .]\d{3})+(?: ?(?:[A-Z][a-z]|[A-Z]{3}|kr\.?|Kč|zł|€))?$")
"""Forints and crowns have no hundredths on bills; such a sum stands alone."""
_LEAST_SUMS = 3
_SHORT, _TINY = 6, 3
_ABOUT_DOCUMENTS = {"document_number", "expires_on", "issued_on", "other"}
_WORD_ENDS = re.compile(r"[^\w]+")
_NUMBER_MARK = re.compile(r"^\s*(?:1|2|3|4[abcd]|5|8|9)\s*\.")
_LEAST_MARKS = 5
_HINT = 0.6
"""A label that one kind of document has is less than its title."""


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
    keys = [labels.key(text) for text in texts]
    for kind, weight in _word_votes(texts).items():
        votes[kind] = votes.get(kind, 0) + weight
    for kind, words in wordlists.load("hints").items():
        if any(_inside(labels.key(word), keys) for word in words):
            votes[kind] = votes.get(kind, 0) + _HINT
    if len({match.group().strip() for text in texts if (match := _NUMBER_MARK.match(text))}) >= _LEAST_MARKS:
        votes["driving_licence"] = votes.get("driving_licence", 0) + 1.5
    if votes.get("residence_permit", 0) >= 1 and "national_id" in votes:
        votes["residence_permit"] += votes["national_id"] * 0.6
        votes["national_id"] *= 0.4
    return votes


def _word_votes(texts: list[str]) -> dict[str, float]:
    """Count kinds by their names; a bill needs several of its words, because each alone is ordinary."""
    keys = [labels.key(text) for text in texts]
    lines = list(zip(texts, keys, strict=True))
    headings = [(text, key) for text, key in lines if not _is_of_another(text, key)]
    votes: dict[str, float] = {}
    for kind, words in titles.words().items():
        if kind == "proof_of_address":
            if weight := _bill_weight(texts, keys, words):
                votes[kind] = weight
            continue
        shown = headings if kind == "passport" else lines
        found = {word for word in words if any(_says(text, key, labels.key(word)) for text, key in shown)}
        if found:
            votes[kind] = 1.0 + 0.5 * min(2, len(found) - 1)
    return votes


def _is_of_another(text: str, key: str) -> bool:
    """Say whether a line labels a number or a day of some document, or names an office: permits show both, too."""
    label = labels.match(text)
    is_offices = "passports" in key
    return is_offices or (label is not None and label.name in _ABOUT_DOCUMENTS and key not in _title_keys())


@lru_cache(maxsize=1)
def _title_keys() -> frozenset[str]:
    return frozenset(labels.key(word) for words in titles.words().values() for word in words)


def _bill_weight(texts: list[str], keys: list[str], words: Iterable[str]) -> float:
    """Weigh a page by the words of bills, of which one alone is ordinary, and by sums of money."""
    alone = {labels.key(word) for text in texts for word in text.split()}
    found = {word for word in map(labels.key, words) if word in alone or (len(word) > _SHORT and _inside(word, keys))}
    sums = sum(len(_MONEY.findall(text)) or bool(_ROUND_MONEY.match(text.strip())) for text in texts)
    has_sums = sums >= _LEAST_SUMS
    if len(found) + has_sums < _LEAST_BILL_WORDS:
        return 0.0
    return min(_MOST_BILL_WEIGHT, 0.5 * len(found) + 0.5 * has_sums)


def _inside(word: str, keys: list[str]) -> bool:
    return any(word in key for key in keys)


def _says(text: str, key: str, word: str) -> bool:
    if len(word) > _SHORT:
        return word in key
    said = [labels.key(part) for part in _WORD_ENDS.split(text)]
    return word in {said[0], said[-1]} or (len(word) > _TINY and (key.startswith(word) or key.endswith(word)))
