"""Comparing names across scripts of writing: transliteration, particles, order, initials, missing middle names."""

import re
import unicodedata

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

_ICAO = str.maketrans(
    {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "ẞ": "SS", "Æ": "AE", "Œ": "OE", "Ø": "OE", "Å": "AA", "Þ": "TH",
     "Ð": "D", "Đ": "D", "Ł": "L", "Ñ": "N"}
)  # fmt: skip
_PARTICLE_WORDS = "de da do dos das del della di du la le los las van von der den ten ter af av zu el al bin binti e y"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_TITLE_WORDS = "mr mrs ms miss dr prof herr frau mme mlle m sr sra shri smt ing mgr dipl"
_TITLES = frozenset(_TITLE_WORDS.split())
_SAME_TOKEN = 0.88
_PARTICLE_WEIGHT = 0.5
_LONE_TOKEN_CAP = 0.75
_SHORT_SHARE = 0.8
_CUT_OFF = 20
"""A shorter name of a zone was not cut off: print that goes on has another name beside it."""


def letters(name: str) -> str:
    """Reduce a name to its ASCII letters without spaces, accents dropped."""
    return re.sub(r"[^A-Z]", "", anyascii(name).upper())


def signs(number: str) -> str:
    """Reduce a number to its letters and digits."""
    return re.sub(r"[^A-Z0-9]", "", number.upper())


def icao_letters(name: str) -> str:
    """Reduce a name to letters as machine readable zones write them (ICAO 9303-3 §6)."""
    swapped = unicodedata.normalize("NFC", name).upper().translate(_ICAO)
    return re.sub(r"[^A-Z]", "", anyascii(swapped).upper())


def same_as_zone(printed: str, zone: str) -> bool:
    """Say whether a printed name is the zone's name, which has no accents and may be cut off."""
    machine = re.sub(r"[^A-Z]", "", zone.upper())
    readings = {letters(printed), icao_letters(printed)}
    return machine in readings or (
        len(machine) >= _CUT_OFF and any(reading.startswith(machine) for reading in readings)
    )


def without_digraphs(zone: str) -> str:
    """Write a zone's AE, OE, UE, AA and TH as readers see what is printed: PÄIVI without its dots, Þ as a P."""
    return re.sub(r"([AOU])E|(A)A", r"\1\2", re.sub(r"^TH", "P", zone))


def spaced_like_zone(printed: str, zone: str) -> str:
    """Give a printed name back the spaces that the reader lost, where the zone shows them."""
    words = zone.split()
    if len(words) < 2 or re.search(r"[\s\-'’]", printed) or sum(map(len, words)) != len(printed):
        return printed
    parts: list[str] = []
    at = 0
    for word in words:
        parts.append(printed[at : at + len(word)])
        at += len(word)
    return " ".join(parts)


def is_particle(name: str) -> bool:
    """Say whether a name is `van der` alone: the rest of it was lost."""
    return all(word in _PARTICLES for word in name.lower().split())


def similarity(one: str, other: str) -> float:
    """Score two full names from 0 to 1, whatever the order of their parts."""
    readings = ((_plain(one), _plain(other)), (_plain(one), _icao(other)), (_icao(one), _plain(other)))
    return max(_score(left, right) for left, right in readings)


def _plain(name: str) -> list[str]:
    return _tokens(anyascii(unicodedata.normalize("NFC", name)))


def _icao(name: str) -> list[str]:
    return _tokens(anyascii(unicodedata.normalize("NFC", name).upper().translate(_ICAO)))


def _tokens(name: str) -> list[str]:
    words = [word for word in re.split(r"[^a-z]+", re.sub(r"['’`]", "", name.lower())) if word]
    return [word for word in words if word not in _TITLES] or words


def _score(one: list[str], other: list[str]) -> float:
    if not one or not other:
        return 0.0
    if "".join(sorted(one)) == "".join(sorted(other)) or "".join(one) == "".join(other):
        return 1.0
    shorter, longer = sorted((one, other), key=lambda words: sum(map(_weight, words)))
    matched, rest = 0.0, list(longer)
    used = 0.0
    for word in sorted(shorter, key=len, reverse=True):
        best = max(rest, key=lambda candidate: _alike(word, candidate), default="")
        alike = _alike(word, best)
        if alike >= _SAME_TOKEN:
            rest.remove(best)
            matched += alike * _weight(word)
            used += alike * _weight(best)
    score = _SHORT_SHARE * matched / sum(map(_weight, shorter))
    score += (1 - _SHORT_SHARE) * used / sum(map(_weight, longer))
    is_lone = sum(word not in _PARTICLES for word in shorter) < 2 <= len(longer)
    return min(score, _LONE_TOKEN_CAP) if is_lone else score


def _weight(word: str) -> float:
    return _PARTICLE_WEIGHT if word in _PARTICLES else min(len(word), 8) ** 0.5


def _alike(one: str, other: str) -> float:
    if one and other and min(len(one), len(other)) == 1:
        return 0.9 if one[0] == other[0] else 0.0
    return JaroWinkler.similarity(one, other)
