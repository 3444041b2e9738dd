"""Reads the languages: one file of gettext's for each (`fr.po`), by its code (BCP 47)."""

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from gettext import c2py  # pyright: ignore[reportAttributeAccessIssue] as the standard library itself reads plurals
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
ENGLISH = "en"
CONTEXT = "\x04"
"""Between the context of a text and the text, as in the files that gettext compiles."""
VALUE = re.compile(r"\{(\d+)\}")
"""A value of a sentence that is finished when it is looked up."""


@dataclass(frozen=True)
class Catalogue:
    """What one language says for each English text."""

    code: str
    name: str
    """As its own speakers call it."""
    texts: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plural_of: Callable[[int], int] = lambda count: int(count != 1)
    """Which of a text's plurals a number takes."""
    folder: str = ""
    """Where its modules lie below /assets: another name for other texts, so that browsers may keep them."""

    @cached_property
    def locale(self) -> Locale:
        """How numbers and days are written."""
        return Locale.parse(self.code, sep="-")

    def reworded(self, sentence: str) -> str:
        """Say a finished English sentence; one that is not known stays as it is."""
        if not self.texts or not sentence:
            return sentence
        if found := self.texts.get(sentence):
            return found
        for template, text in self._templates:
            if match := template.fullmatch(sentence):
                return text.format(*match.groups())
        return sentence

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """Those with values, the most particular first."""
        filled = sorted((one for one in self.texts if VALUE.search(one)), key=_fixed, reverse=True)
        return [(_pattern(one), self.texts[one]) for one in filled if _fixed(one)]


def _fixed(template: str) -> int:
    """Count the letters that a template does not take from its values."""
    return sum(character.isalpha() for character in VALUE.sub("", template))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(re.escape(part) for part in VALUE.split(template)[::2]), re.DOTALL)


@lru_cache(1)
def catalogues() -> dict[str, Catalogue]:
    """Read every language once; English is first and needs no file."""
    read = [_read(path) for path in sorted(FOLDER.glob("*.po"))]
    return {one.code: one for one in (Catalogue(ENGLISH, "English"), *read)}


def _read(path: Path) -> Catalogue:
    locale, data = Locale.parse(path.stem, sep="-"), path.read_bytes()
    found = read_po(io.BytesIO(data), locale=locale)
    told = [one for one in found if one.id and not one.fuzzy]
    single = {_key(one): one.string for one in told if isinstance(one.id, str) and isinstance(one.string, str)}
    plurals = [plural for one in told if (plural := _plurals(one))]
    counted = {text: form for texts, forms in plurals for text, form in ((texts[0], forms[0]), (texts[1], forms[-1]))}
    return Catalogue(
        path.stem,
        (locale.display_name or path.stem).capitalize(),
        {text: form for text, form in (counted | single).items() if form},
        {texts[0]: forms for texts, forms in plurals},
        c2py(found.plural_expr),
        f"{path.stem}-{hashlib.sha256(data).hexdigest()[:8]}",
    )


def _key(message: Message) -> str:
    return f"{message.context}{CONTEXT}{message.id}" if message.context else str(message.id)


def _plurals(message: Message) -> tuple[tuple[str, str], tuple[str, ...]] | None:
    """Read the forms of a text that counts; None for every other, and for one without all of its forms."""
    forms = message.string
    if not isinstance(message.id, (list, tuple)) or not isinstance(forms, (list, tuple)) or not all(forms):
        return None
    return (str(message.id[0]), str(message.id[1])), tuple(str(form) for form in forms)
