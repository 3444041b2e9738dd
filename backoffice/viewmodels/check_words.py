"""What screening found in words: it is kept in English, and said in the language of the screen."""

import re
from datetime import UTC, datetime

from backoffice.i18n import ENGLISH, gettext, language, reworded
from backoffice.i18n.dates import long_day
from backoffice.viewmodels.words import CHECKS, plain

SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = re.compile(rf"\b\d{{1,2}} (?:{MONTHS}) \d{{4}}\b")


def check_name(name: str) -> str:
    """Name a check."""
    return gettext(CHECKS.get(name, plain(name)))


def finding_words(words: str) -> str:
    """Say what a check found, sentence by sentence: they were joined when it was screened."""
    if language() == ENGLISH:
        return words
    said = " ".join(reworded(sentence) for sentence in SENTENCE_END.split(words))
    return DAY.sub(lambda found: _day(found[0]), said)


def _day(text: str) -> str:
    try:
        return long_day(datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC))
    except ValueError:
        return text
