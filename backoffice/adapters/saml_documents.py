"""XML of a stranger: read within bounds, and nothing in it but elements with their text.

Comments, processing instructions, CDATA sections, document types and entities are refused before a parser sees them:
no provider needs them, and each is an attack of its own (a comment inside a name ends it for some readers).
"""

import re
from importlib import import_module
from typing import Any, TypeAlias

etree: Any = import_module("lxml.etree")
Element: TypeAlias = Any
"""Of a library without types."""

MAX_BYTES = 80 * 1024
MAX_DEPTH, MAX_ELEMENTS = 32, 4_000
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
IDS = ("ID", "Id", "id", XML_ID)
DECLARATION = re.compile(r"^\s*<\?xml\s[^<>]*\?>")
ENCODING = re.compile(r"""encoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)


class Unreadable(ValueError):
    """The document is not one that we read; its word says why."""


def parsed(data: bytes, *, most: int = MAX_BYTES, takes_comments: bool = False) -> Element:
    """Read a document and answer its root. Raises Unreadable."""
    root = _root(plain(data, most=most, takes_comments=takes_comments))
    _check_form(root)
    return root


def plain(data: bytes, *, most: int = MAX_BYTES, takes_comments: bool = False) -> bytes:
    """Answer a document without its XML declaration, in UTF-8. Raises Unreadable for markup that is no element."""
    if len(data) > most:
        raise Unreadable("too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("no_xml") from None
    head = DECLARATION.match(text)
    if head and ENCODING.search(head.group()):
        raise Unreadable("no_xml")
    body = text[head.end() :] if head else text
    if takes_comments:
        body = re.sub(r"<!--(?:(?!-->).)*-->", "", body, flags=re.DOTALL)
    if "<!" in body or "<?" in body or "\0" in body:
        raise Unreadable("wrong_markup")
    return body.strip().encode()


def _root(data: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable("no_xml") from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable("wrong_markup")
    return root


def _check_form(root: Element) -> None:
    depth = count = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in {"comment", "pi"} or not isinstance(node.tag, str):
            raise Unreadable("wrong_markup")
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise Unreadable("too_large")


def ids_of(root: Element) -> list[str]:
    """List whatever could name an element for a signature."""
    return [value for node in root.iter() for name in IDS if (value := node.get(name)) is not None]


def text_of(node: Element | None) -> str:
    """Answer the text of an element that holds nothing else; "" without it. Raises Unreadable for one that does."""
    if node is None:
        return ""
    if len(node):
        raise Unreadable("wrong_form")
    return (node.text or "").strip()


def children(node: Element, tag: str) -> list[Element]:
    """List the children of an element with one name."""
    return list(node.iterchildren(tag))


def only(node: Element, tag: str) -> Element:
    """Answer the one child with this name. Raises Unreadable where there is none, or more."""
    found = children(node, tag)
    if len(found) != 1:
        raise Unreadable("wrong_form")
    return found[0]
