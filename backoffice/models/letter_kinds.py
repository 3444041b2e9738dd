"""Kinds of letters that people may do without; whatever else we write is about their own login."""

from enum import StrEnum


class LetterKind(StrEnum):
    """What an optional letter tells."""

    WEBHOOKS = "webhooks"
    EXPORTS = "exports"
    ALERTS = "alerts"
