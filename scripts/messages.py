"""Keeps the files of the languages: `make messages` says what is missing, `messages.py merge fr texts.json` adds texts.

A new language is a new file: `messages.py new de`, then translate what it lists.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from backoffice.i18n import pages
from backoffice.i18n.catalogue import CONTEXT, FOLDER

ROOT = Path(__file__).parent.parent
KEYWORDS = {"gettext": 1, "said": 1, "pgettext": 2, "ngettext": 2, "N_": 1}
"""How many of its first arguments are texts."""
ERRORS = re.compile(
    r"^(BadRequest|NotSignedIn|NotAllowed|NotFound|Conflict|PreconditionFailed|TooLarge|TooMany|Invalid|Unavailable)$"
)
WORDS = re.compile(r"^[^{}<>=;\\]*[A-Za-z]{2}[^{}<>=;\\]*$")
CODE = re.compile(r"reflex___|_comp_|^[a-z0-9_:./#$?&\[\]*+,()-]+$|^[a-z]+[A-Z]|^https?:|\.js|^[A-Z]\w+[A-Z]\w*$")


def from_python() -> Iterator[str | tuple[str, str]]:
    """Find what gettext is called with, and the constants that are marked for it.

    Read as a tree: Babel's own extractor sees no call inside an f-string before Python 3.12.
    """
    for path in sorted((ROOT / "backoffice").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (found := _marked(node)):
                yield found


def _marked(call: ast.Call) -> str | tuple[str, str] | None:
    """Answer the text, the text with its context, or the pair of singular and plural of one marked call."""
    name = getattr(call.func, "id", "")
    taken = call.args[: KEYWORDS.get(name, 0)]
    texts = [part.value for part in taken if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if not texts or len(texts) != KEYWORDS[name]:
        return None
    if name == "ngettext":
        return texts[0], texts[1]
    return CONTEXT.join(texts)


def from_errors() -> Iterator[str]:
    """Find the sentences of errors, with a place for each value."""
    for path in sorted((ROOT / "backoffice").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if ERRORS.match(name) and node.args and (sentence := _template(node.args[0])):
                yield sentence


def _template(node: ast.expr) -> str:
    """Write a sentence as the catalogue has it: `{0}` for its first value; "" for what is no literal."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    places = iter(range(len(node.values)))
    return "".join(str(v.value) if isinstance(v, ast.Constant) else f"{{{next(places)}}}" for v in node.values)


def from_pages() -> Iterator[str]:
    """Find what looks like a text in the compiled pages of partners, and in our client modules."""
    if not (ROOT / ".web" / "app").exists():
        print("No compiled pages here: `make run` builds them. Texts of pages are left out.", file=sys.stderr)
        return
    found = pages.texts(ROOT / ".web", lambda name: not re.search(r"\[(review|ops)\]", name))
    yield from (text for text in found if WORDS.match(text) and not CODE.search(text))


def _read(code: str) -> Catalog:
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def _write(code: str, catalogue: Catalog) -> None:
    plain = Catalog(locale=code, project="Partner Backoffice", charset="utf-8", fuzzy=False)
    for one in sorted((one for one in catalogue if one.id), key=lambda one: (str(one.id), one.context or "")):
        plain.add(one.id, one.string, context=one.context)
    header = ("Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms")
    told = "".join(f'"{name}: {value}\\n"\n' for name, value in plain.mime_headers if name in header)
    with (FOLDER / f"{code}.po").open("wb") as file:
        file.write(f'msgid ""\nmsgstr ""\n{told}\n'.encode())
        write_po(file, plain, omit_header=True, width=0)


def merge(code: str, *files: str) -> None:
    """Add texts and their translations from JSON files: {english: text, or the list of its plurals}."""
    catalogue = _read(code)
    many = {text[0]: text for text in from_python() if isinstance(text, tuple)}
    for name in files:
        for text, said in json.loads(Path(name).read_text()).items():
            if (text in many) != isinstance(said, list):
                continue  # a plural has its forms, and only a plural
            context, _, own = text.rpartition(CONTEXT)
            catalogue.delete(many.get(own, own), context or None)
            catalogue.add(many.get(own, own), tuple(said) if isinstance(said, list) else said, context=context or None)
    _write(code, catalogue)


def _key(one: Message) -> str | tuple[str, ...]:
    plain = one.id if isinstance(one.id, str) else tuple(one.id)
    return f"{one.context}{CONTEXT}{plain}" if one.context else plain


def missing(code: str) -> list[str]:
    """List the texts that a language does not translate."""
    known = {_key(one) for one in _read(code) if one.id and one.string}
    wanted = dict.fromkeys([*from_python(), *from_errors(), *from_pages()])
    return [text if isinstance(text, str) else text[0] for text in wanted if text not in known]


def main(command: str = "missing", *rest: str) -> None:
    """Run one of the commands."""
    if command == "merge":
        merge(*rest)
    elif command == "new":
        _write(rest[0], Catalog(locale=rest[0]))
    for code in [*rest[:1]] or sorted(path.stem for path in FOLDER.glob("*.po")):
        print(json.dumps(dict.fromkeys(missing(code), ""), ensure_ascii=False, indent=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
