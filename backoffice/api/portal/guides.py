"""The guides of docs/ for partners, written once as Markdown and shown here too."""

import re
from collections.abc import Iterator, Sequence
from itertools import count, groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from backoffice.api.portal.code import code_box
from backoffice.api.portal.model import Code, Guide, Section
from backoffice.settings import ROOT

FOLDER = ROOT / "docs"
NAMES = ("api", "limits", "uploads", "sandbox", "events", "webhooks", "duplicates", "erasure", "single-sign-on")
"""The texts that partners read, in this order; docs/ has others for operators."""
LABELS = {
    "bash": "curl",
    "sh": "Shell",
    "python": "Python",
    "javascript": "JavaScript",
    "js": "JavaScript",
    "typescript": "TypeScript",
    "ts": "TypeScript",
    "php": "PHP",
    "ruby": "Ruby",
    "go": "Go",
    "java": "Java",
    "csharp": "C#",
    "rust": "Rust",
    "json": "JSON",
    "http": "HTTP",
}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def guides() -> tuple[Guide, ...]:
    """Read every guide that is there."""
    return tuple(
        guide(name, (FOLDER / f"{name}.md").read_text()) for name in NAMES if (FOLDER / f"{name}.md").is_file()
    )


def guide(name: str, text: str) -> Guide:
    """Write one guide: its title stands over it, its headings get anchors, blocks of code become snippets."""
    anchor = f"guide-{name}"
    tokens = _markdown.parse(text)
    title = _titles(tokens, "h1")
    sections: list[Section] = []
    for place, heading in _headings(tokens):
        section = Section(heading, f"{anchor}-{_slug(heading)}")
        tokens[place].attrSet("id", section.anchor)
        tokens[place].attrSet("data-find", heading)
        if tokens[place].tag == "h2":
            sections.append(section)
    _point_inside(anchor, tokens)
    html = "".join(_pieces(anchor, _lowered(_without_title(tokens))))
    return Guide(title or name.capitalize(), anchor, html, tuple(sections))


def prose(text: str) -> str:
    """Write a description, which may hold several paragraphs."""
    return _markdown.render(text)


def line(text: str) -> str:
    """Write one line of words."""
    return _markdown.renderInline(text)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _titles(tokens: Sequence[Token], tag: str) -> str:
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == tag:
            return tokens[index + 1].content
    return ""


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag != "h1":
            yield index, re.sub(r"[`*_]", "", tokens[index + 1].content)


def _without_title(tokens: list[Token]) -> list[Token]:
    is_title = bool(tokens) and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    return tokens[3:] if is_title else tokens


def _lowered(tokens: list[Token]) -> list[Token]:
    """Make room for the page's own headings: a guide's h2 is an h3 here."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    return tokens


def _point_inside(anchor: str, tokens: Sequence[Token]) -> None:
    """Let a link to another guide, or to a heading of this one, lead to its place on this page."""
    for token in tokens:
        for child in token.children or ():
            href = str(child.attrGet("href") or "")
            found = re.fullmatch(r"(?:\.?/?docs/)?([\w-]+)\.md(?:#([\w-]+))?", href)
            if found:
                child.attrSet("href", f"#guide-{found[1]}" + (f"-{found[2]}" if found[2] else ""))
            elif href.startswith("#"):
                child.attrSet("href", f"#{anchor}-{href[1:]}")


def _pieces(anchor: str, tokens: list[Token]) -> Iterator[str]:
    """Write the tokens; blocks of code that follow each other become the tabs of one box."""
    numbers = count(1)
    for is_code, part in groupby(tokens, lambda token: token.type == "fence"):
        if is_code:
            yield code_box(f"{anchor}-code-{next(numbers)}", [_code(token) for token in part])
        else:
            yield _tables(_markdown.renderer.render(list(part), _markdown.options, {}))


def _tables(html: str) -> str:
    """Let wide tables scroll by keys too; a column without a name has a plain cell there, for a header must speak."""
    opened = '<div class="docs-table" tabindex="0" role="group" aria-label="Table"><table>'
    return html.replace("<th></th>", "<td></td>").replace("<table>", opened).replace("</table>", "</table></div>")


def _code(token: Token) -> Code:
    language = token.info.strip().partition(" ")[0]
    return Code(language, LABELS.get(language, language or "Text"), token.content.rstrip())
