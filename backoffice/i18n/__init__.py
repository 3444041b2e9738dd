"""Languages of the screens: texts are written in English where they are used, and looked up here by themselves.

The functions are those of gettext, with values by name as flask-babel has them:

    gettext("Invited by {name}", name=member.name)
    ngettext("{count} document", "{count} documents", len(rows))     # fills in `count`, written as the language does
    pgettext("side", "Back")                                         # one of the meanings of a text
    N_("Sandbox")                                                     # a constant that is looked up later, by gettext

Texts of pages and components are not marked at all: `i18n.pages` finds them in what Reflex compiled. A sentence of
`errors` is written once, for the API, and `reworded` finds its template. A language is one file beside this one.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from babel import Locale
from babel.numbers import format_decimal

from backoffice.i18n.catalogue import CONTEXT, ENGLISH, Catalogue, catalogues

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    """Answer in which language this task speaks; English unless a person's screen or letter chose another."""
    return _language.get()


def locale() -> Locale:
    """Answer how this task writes numbers and days."""
    return _catalogue().locale


def speak(code: str) -> None:
    """Let this task speak a language from now on; English instead of one that we do not have."""
    _language.set(code if code in catalogues() else ENGLISH)


@contextmanager
def speaking(code: str) -> Generator[None]:
    """Let this task speak a language for a while."""
    before = language()
    speak(code)
    try:
        yield
    finally:
        _language.set(before)


def gettext(text: str, /, **values: object) -> str:
    """Say a text in the language of this task, English when it is not translated, with its `{values}` filled in."""
    found = _catalogue().texts.get(text) or text
    return found.format(**values) if values else found


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Say how many, in the language's own plural."""
    forms = _catalogue().plurals.get(one)
    found = forms[_catalogue().plural_of(count)] if forms else one if count == 1 else many
    return found.format(**{"count": number(count), **values})


def pgettext(context: str, text: str, /) -> str:
    """Say a text that means several things in another language: "Back" of a card is not the button."""
    return _catalogue().texts.get(f"{context}{CONTEXT}{text}") or gettext(text)


def N_(text: str, /) -> str:  # noqa: N802 the name that gettext's tools know
    """Mark a constant for the catalogue; what shows it calls gettext."""
    return text


def number(value: float) -> str:
    """Write a number as the language does: 1,234 or 1 234."""
    return f"{value:,}" if language() == ENGLISH else format_decimal(value, locale=locale())


def reworded(sentence: str) -> str:
    """Say a finished English sentence in the language of this task: by itself, or by the template that it fills."""
    return _catalogue().reworded(sentence)


def _catalogue() -> Catalogue:
    return catalogues()[language()]
