"""Writes the documentation's inside: navigation and sections, the same for the plain page and the partner's page."""

from collections.abc import Iterable, Sequence
from html import escape

from backoffice.api.portal.code import code_box
from backoffice.api.portal.guides import line, prose
from backoffice.api.portal.html_operations import method_badge, operation, shape
from backoffice.api.portal.model import ErrorCode, Group, Guide, Operation, Portal, Webhook

SLOT = '<div data-slot="first-call"></div>'
"""Where the partner's page puts what creates a key."""
LINK = '<p><a class="docs-button" href="/partner/developers/docs">Create a test key</a></p>'


def inside(portal: Portal, *, create_key: str) -> str:
    """Write everything below the page's own heading; `create_key` is how this page offers a key."""
    parts = [
        *(_guide(one) for one in portal.guides),
        *(_group(one) for one in portal.groups),
        _webhooks(portal.webhooks),
        _errors(portal.errors),
    ]
    return (
        f'<div class="docs" data-testid="docs-page">{_first_call(portal, create_key)}{_navigation(portal)}'
        f'<div class="docs-sections">{"".join(parts)}</div></div>'
    )


def _navigation(portal: Portal) -> str:
    places = [
        *(
            _places(
                one.title, [(one.anchor, "Overview"), *((each.anchor, escape(each.title)) for each in one.sections)]
            )
            for one in portal.guides
        ),
        *(_places(one.name, [(each.anchor, _short(each)) for each in one.operations]) for one in portal.groups),
        _places("Webhooks", [("webhook-events", "Event types")]) if portal.webhooks else "",
        _places("Errors", [("errors", "Every code")]),
    ]
    return (
        '<nav class="docs-nav" aria-label="Documentation"><div class="docs-find" hidden>'
        '<label class="visually-hidden" for="docs-search">Search the documentation</label>'
        '<input id="docs-search" type="search" autocomplete="off" spellcheck="false" '
        'placeholder="Search: field, code, path" aria-keyshortcuts="/" aria-controls="docs-results" '
        'data-command="search" data-testid="docs-search"><kbd aria-hidden="true">/</kbd></div>'
        '<p class="docs-found visually-hidden" role="status"></p>'
        '<ul class="docs-results" id="docs-results" hidden></ul>'
        f'<details class="docs-places" open><summary>On this page</summary>{"".join(places)}</details></nav>'
    )


def _short(one: Operation) -> str:
    return method_badge(one.method) + escape(one.summary)


def _places(title: str, links: Sequence[tuple[str, str]]) -> str:
    if not links:
        return ""
    items = "".join(f'<li><a href="#{anchor}">{words}</a></li>' for anchor, words in links)
    return f'<div class="docs-place">{escape(title)}</div><ul>{items}</ul>'


def _first_call(portal: Portal, create_key: str) -> str:
    return (
        '<section class="docs-first" id="first-call" aria-labelledby="first-call-title"><div>'
        '<h2 id="first-call-title">First call</h2>'
        "<p>A test key sees test data only: nothing here is billed or real.</p>"
        f"{create_key}</div>{code_box('first-call-code', [portal.first_call])}</section>"
    )


def _guide(guide: Guide) -> str:
    return (
        f'<section class="docs-guide" id="{guide.anchor}" data-find="{escape(guide.title)}" data-kind="Guide">'
        f"<h2>{escape(guide.title)}</h2>{guide.html}</section>"
    )


def _group(group: Group) -> str:
    return (
        f'<section class="docs-group" id="{group.anchor}"><header><h2>{escape(group.name)}</h2>'
        f"{prose(group.words)}</header>"
        f"{''.join(operation(one) for one in group.operations)}{''.join(shape(one) for one in group.shapes)}</section>"
    )


def _webhooks(webhooks: Sequence[Webhook]) -> str:
    if not webhooks:
        return ""
    return (
        '<section class="docs-group" id="webhook-events"><header><h2>Event types</h2>'
        "<p>Each is sent to the endpoints that want it, and stands in <code>GET /events</code>.</p></header>"
        f"{''.join(_webhook(one) for one in webhooks)}</section>"
    )


def _webhook(one: Webhook) -> str:
    example = code_box(f"{one.anchor}-code", [one.example]) if one.example else ""
    return (
        f'<article class="docs-event" id="{one.anchor}" data-find="{escape(one.type)}" data-kind="Event">'
        f"<details><summary><h3><code>{escape(one.type)}</code></h3> {line(one.words)}</summary>"
        f"{example}</details></article>"
    )


def _errors(errors: Iterable[ErrorCode]) -> str:
    rows = "".join(_error(one) for one in errors)
    return (
        '<section class="docs-group docs-errors" id="errors"><header><h2>Errors</h2>'
        "<p>Every refusal is <code>application/problem+json</code> (RFC 9457) with one of these codes; its "
        "<code>type</code> leads here.</p>"
        f"</header>{rows}</section>"
    )


def _error(one: ErrorCode) -> str:
    status = f'<span class="docs-status" data-class="{one.status // 100}">{one.status}</span>'
    cause = f"<p><strong>{escape(one.title)}.</strong> {line(one.cause)}</p>"
    return (
        f'<article class="docs-error" id="{one.anchor}" data-find="{escape(one.code)}" data-kind="{one.status}">'
        f"<h3>{status} <code>{escape(one.code)}</code></h3>"
        f'<div>{cause}<p><span class="docs-what">What to do</span> {line(one.remedy)}</p></div></article>'
    )
