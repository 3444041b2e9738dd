"""The compiled pages in every language: texts are found in what Reflex compiled, and replaced in what Vite built.

Between the two a text travels as a mark, which no minifier, quoting or escaping can change. English pages get their
texts back in place; each other language gets its own copies, so that no page carries a catalogue, waits for one, or is
painted twice. What is the same in all languages (styles, fonts, pictures) is shared.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path

from backoffice.i18n.catalogue import ENGLISH, Catalogue, catalogues

TEXT_PROPS = frozenset(
    {
        "across",
        "after",
        "also",
        "alt",
        "aria-label",
        "before",
        "caption",
        "confirm",
        "data-label",
        "done",
        "failed",
        "label",
    }
    | {"placeholder", "shown", "text", "title", "words"}
)
"""Properties of components that people read; every other one is a name, an address or a choice."""
COMPILED = ("app/routes", "app_components", "app/root.jsx")
OWN = "public/external/backoffice/components"
"""The client modules that are written by hand."""
LITERAL = re.compile(
    r"""
    (?P<prop>(?:(?<=[{,(])\s*(?:"[\w$-]+"|[\w$-]+)\s*:|(?<=\s)[\w$-]+=)\s*)?
    (?P<key>\["[^"]+"\]\s*:\s*)?
    (?P<code>[!=]==?\s*|(?:\?\.|[\w)\]])\[)?
    (?P<call>\w+\()?
    (?P<text>"(?:[^"\\\n]|\\.)*")
    (?P<after>\s*\]?\s*:|\?\.)?
    """,
    re.VERBOSE,
)
"""A string with what stands around it: its property or key; what makes it no text (compared, an index, called with)."""
BETWEEN = re.compile(r"(?<=[>}])(?P<text>[^<>{}`\"]*[A-Za-z][^<>{}`\"]*)(?=[<{])")
"""Words between the tags of a module that is written by hand."""
MARK = re.compile(r"@@t:([0-9a-f]+)@@")
SCRIPT = re.compile(r"(?<![\w/])(/?)assets/([\w.-]+\.js)\b")
LANGUAGE = re.compile(r'(<html[^>]*? lang="|\blang:\s*["\'`])en(?=["\'`])')


def mark(web: Path) -> None:
    """Put marks where compiled pages and our client modules hold texts that some language translates."""
    known = {text for one in catalogues().values() for text in one.texts}
    for path in _sources(web):
        before = path.read_text(encoding="utf-8")
        if (after := _marked(path, _plain(before), known)) != before:
            path.write_text(after, encoding="utf-8")


def texts(web: Path, pages: Callable[[str], bool]) -> Iterator[str]:
    """Find what may be a text in the compiled pages (marked or not) whose file's name is wanted, and in our modules."""
    for path in _sources(web):
        source = _plain(path.read_text(encoding="utf-8"))
        if OWN in path.as_posix():
            yield from (found["text"] for found in BETWEEN.finditer(source))
        if OWN in path.as_posix() or pages(path.name):
            yield from (json.loads(found["text"]) for found in LITERAL.finditer(source) if _is_shown(found))


def translate(built: Path) -> None:
    """Write the pages of every language from the marks, the English ones in place."""
    marked = {path: path.read_text(encoding="utf-8") for path in _pages(built)}
    for one in reversed(catalogues().values()):
        for path, source in marked.items():
            target = _place(built, path, one)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_spoken(source, one, is_html=path.suffix == ".html"), encoding="utf-8")


def _plain(source: str) -> str:
    """Take the marks of an earlier build away: a file that did not change since is not compiled or copied again."""
    return MARK.sub(lambda found: json.dumps(_text(found), ensure_ascii=False)[1:-1], source)


def _place(built: Path, path: Path, language: Catalogue) -> Path:
    """Say where a copy goes: pages below the language's code, modules below a name that changes with its texts."""
    if language.code == ENGLISH:
        return path
    if path.suffix == ".js":
        return built / "assets" / language.folder / path.name
    return built / language.code / path.relative_to(built)


def _sources(web: Path) -> Iterator[Path]:
    for name in (*COMPILED, OWN):
        place = web / name
        yield from sorted(place.rglob("*.jsx")) if place.is_dir() else [place]


def _pages(built: Path) -> Iterable[Path]:
    """List what may hold texts; languages of an earlier build are gone with its folder."""
    return [*sorted(built.rglob("*.html")), *sorted((built / "assets").glob("*.js"))]


def _marked(path: Path, source: str, known: set[str]) -> str:
    is_own = OWN in path.as_posix()

    def literal(found: re.Match[str]) -> str:
        text = json.loads(found["text"])
        is_shown = _is_said(found) if is_own else _is_shown(found)
        return _instead(found, f'"{_mark_of(text)}"') if text in known and is_shown else found[0]

    def between(found: re.Match[str]) -> str:
        return _mark_of(found[0]) if found[0] in known else found[0]

    marked = LITERAL.sub(literal, source)
    return BETWEEN.sub(between, marked) if is_own else marked


def _mark_of(text: str) -> str:
    return f"@@t:{text.encode().hex()}@@"


def _instead(found: re.Match[str], text: str) -> str:
    """Replace the text of a match and nothing around it."""
    begin, end = found.start("text") - found.start(), found.end("text") - found.start()
    return found[0][:begin] + text + found[0][end:]


def _is_shown(found: re.Match[str]) -> bool:
    """Answer whether a literal stands where people read: as a child, in one of their properties, or under a key."""
    name, key = ((found[group] or "").strip(' :="[]\n\t') for group in ("prop", "key"))
    if found["code"] or found["call"] or _is_named(found) or (name and name not in TEXT_PROPS):
        return False
    return not key or key in TEXT_PROPS or bool(re.match('"[A-Z]', found["text"]) or " " in found["text"])


def _is_named(found: re.Match[str]) -> bool:
    """Answer whether something follows that makes a literal a name: a method of it, or its value (not another case)."""
    begin = found.start("text")
    is_case = found.string[max(0, begin - 2) : begin].rstrip().endswith("?")
    return found["after"] is not None and not (is_case and found["after"].strip() == ":")


def _is_said(found: re.Match[str]) -> bool:
    """Answer whether a literal of our client modules is a text: one word in small letters is one inside `tr` only."""
    if found["code"] or _is_named(found):
        return False
    return found["call"] == "tr(" or bool(re.match('"[A-Z]', found["text"]) or " " in found["text"])


def _text(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1]).decode()


def _spoken(source: str, language: Catalogue, *, is_html: bool) -> str:
    def say(found: re.Match[str]) -> str:
        text = _text(found)
        return quote(language.texts.get(text, text))

    quote = escape if is_html else _in_script
    said = MARK.sub(say, source)
    if language.code == ENGLISH:
        return said
    said = LANGUAGE.sub(rf"\g<1>{language.code}", said)
    return SCRIPT.sub(rf"\1assets/{language.folder}/\2", said)


def _in_script(text: str) -> str:
    r"""Escape a text for any kind of string of JavaScript: `\"` is a quote in all of them."""
    return re.sub(r"[\"'`$\\]", r"\\\g<0>", text).replace("\n", r"\n").replace("</", r"<\/")
