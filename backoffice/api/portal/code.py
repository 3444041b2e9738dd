"""Boxes of code: a tab per language, colours without inline styles, a place for the key."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType] a vendor without types
from pygments.token import Comment, Keyword, Name, Number, String
from pygments.util import ClassNotFound

from backoffice.api.portal.model import Code
from backoffice.api.portal.snippets import KEY

COLOURS = (
    (Comment, "c"),
    (Keyword, "k"),
    (String, "s"),
    (Number, "n"),
    (Name.Builtin, "f"),
    (Name.Function, "f"),
    (Name.Class, "f"),
)
PLACE = f'<span class="docs-key">{KEY}</span>'


def code_box(name: str, codes: Sequence[Code]) -> str:
    """Write one box; `name` is unique on the page. The tabs are radio buttons, so that they need no script."""
    tabs = "".join(_tab(name, index, one) for index, one in enumerate(codes))
    label = f'<span class="docs-code-label">{escape(codes[0].label)}</span>' if len(codes) == 1 else ""
    group = f'<div class="docs-tabs" role="group" aria-label="Language">{tabs}</div>' if len(codes) > 1 else label
    panes = "".join(_pane(one) for one in codes)
    copy = '<button type="button" class="docs-copy" data-testid="docs-copy" hidden>Copy</button>'
    head = f'<div class="docs-code-head">{group}{copy}</div>'
    return f'<div class="docs-code" data-testid="docs-snippet">{head}{panes}</div>'


def folded_code(words: str, one: Code, *, is_open: bool) -> str:
    """Write a box that folds away under its heading, which is HTML."""
    opened = " open" if is_open else ""
    copy = '<button type="button" class="docs-copy" data-testid="docs-copy" hidden>Copy</button>'
    head = f'<summary class="docs-code-head"><span class="docs-code-label">{words}</span></summary>'
    return (
        f'<details class="docs-code docs-folded" data-testid="docs-snippet"{opened}>{head}{copy}{_pane(one)}</details>'
    )


def _tab(name: str, index: int, one: Code) -> str:
    checked = " checked" if index == 0 else ""
    return (
        f'<label><input type="radio" name="{escape(name)}" value="{escape(one.language)}"{checked}>'
        f"<span>{escape(one.label)}</span></label>"
    )


def _pane(one: Code) -> str:
    words = f"{escape(one.label)} code"
    return (
        f'<pre tabindex="0" role="group" aria-label="{words}" data-language="{escape(one.language)}">'
        f"<code>{highlighted(one)}</code></pre>"
    )


def highlighted(one: Code) -> str:
    """Colour code by what its parts are."""
    lexer = _lexer(one.language)
    if lexer is None:
        return _escaped(one.text)
    return "".join(_coloured(lexer, one.text)).rstrip("\n")


def _coloured(lexer: Lexer, text: str) -> Iterator[str]:
    """Colour runs of one kind at once: a long page has thousands of tokens."""
    coloured = ((_colour_of(kind), part) for kind, part in lexer.get_tokens(text))
    for colour, run in groupby(coloured, lambda one: one[0]):
        part = _escaped("".join(text for _, text in run))
        yield f'<span class="{colour}">{part}</span>' if colour else part


def _colour_of(kind: Any) -> str:  # noqa: ANN401 a vendor's private class
    return next((name for known, name in COLOURS if kind in known), "")


def _escaped(text: str) -> str:
    return escape(text).replace(KEY, PLACE)


@lru_cache(32)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
