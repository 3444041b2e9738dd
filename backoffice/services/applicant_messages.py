"""Messages to applicants: what each reason says, in the language that the applicant reads."""

from functools import cache
from pathlib import Path

import yaml

from backoffice.models.reasons import Reason

FALLBACK = "en"
MESSAGES = Path(__file__).parent / "messages"
NAMES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French", "pt": "Portuguese", "ar": "Arabic"}
"""What people call each language that we have."""
RIGHT_TO_LEFT = frozenset({"ar"})


@cache
def _known(language: str) -> dict[str, str]:
    return yaml.safe_load((MESSAGES / f"{language}.yaml").read_text("utf-8"))


def spoken(language: str | None) -> str:
    """Find the language to write in for somebody who reads `pt-BR`; English where theirs is not known."""
    wanted = (language or FALLBACK).partition("-")[0].lower()
    return wanted if wanted in NAMES else FALLBACK


def message(reason: Reason, language: str | None) -> str:
    """Write what the applicant reads of one reason."""
    wanted = spoken(language)
    if wanted == FALLBACK:
        return reason.applicant_message
    return _known(wanted).get(reason.code, reason.applicant_message)
