"""Passwords that attackers try first, and what is made of them; the lists are shipped, nobody is asked.

The words are those of Django's validator (Royce Williams, BSD-3-Clause) and of zxcvbn (MIT), in lower case.
"""

import gzip
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from backoffice.services.breached_passwords import is_shipped

LIST = Path(__file__).with_name("words") / "common_passwords.txt.gz"
PRODUCT_WORDS = ("backoffice", "partner backoffice")
LEAST_WORD = 4
DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")
REPEATED = re.compile(r"(.+?)\1+", re.DOTALL)


@lru_cache(1)
def _common() -> frozenset[str]:
    with gzip.open(LIST, "rt", encoding="utf-8") as lines:
        return frozenset(line.rstrip("\n") for line in lines)


def is_common(password: str) -> bool:
    """Answer whether a password is on one of the lists: as it is, said twice, or with digits and signs around it."""
    text = password.lower()
    bare = DECORATION.sub("", text)
    return any(one in _common() or is_shipped(one) for one in {text, bare, _once(text), _once(bare)})


def _once(text: str) -> str:
    """Answer what a text repeats; a text that repeats nothing is its own."""
    found = REPEATED.fullmatch(text)
    return found[1] if found else text


def is_made_of(password: str, words: Collection[str], least: int) -> bool:
    """Answer whether too little is left of a password without what everybody knows of its person and company."""
    left = _letters(password)
    known = {_letters(word) for word in (*PRODUCT_WORDS, *words)}
    fitting = sorted((word for word in known if len(word) >= LEAST_WORD and word in left), key=len, reverse=True)
    for word in fitting:
        left = left.replace(word, "")
    return bool(fitting) and len(left) < least


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
