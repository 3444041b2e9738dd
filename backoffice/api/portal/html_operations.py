"""Writes one operation: words and fields at the left, code at the right."""

from collections.abc import Sequence
from html import escape

from backoffice.api.portal.code import code_box, folded_code
from backoffice.api.portal.guides import line, prose
from backoffice.api.portal.model import Answer, Body, Code, Field, Operation, Refusal, Shape

PLACES = {"path": "Path", "query": "Query", "header": "Headers"}


def method_badge(method: str) -> str:
    """Write the method in its colour."""
    return f'<span class="docs-method" data-method="{escape(method)}">{escape(method)}</span>'


def operation(one: Operation) -> str:
    """Write one operation."""
    parameters = "".join(
        _fields(words, [each for each in one.parameters if each.place == place]) for place, words in PLACES.items()
    )
    words = (
        f'<div class="docs-words"><h3><a class="docs-anchor" href="#{one.anchor}">{escape(one.summary)}</a></h3>'
        f'<p class="docs-path">{method_badge(one.method)}<code>{escape(one.path)}</code></p>{prose(one.words)}'
        f"{_scopes(one.scopes)}{parameters}{''.join(_body(each) for each in one.bodies)}{_returns(one.answers)}"
        f"{_refusals(one.refusals)}</div>"
    )
    examples = "".join(_example(each, each.example) for each in one.answers if each.example is not None)
    side = f'<div class="docs-side">{code_box(one.anchor, one.snippets)}{examples}</div>'
    return (
        f'<article class="docs-operation" id="{one.anchor}" data-testid="docs-operation" '
        f'data-find="{escape(one.summary)}" data-kind="{escape(one.method)}" '
        f'data-path="{escape(one.path)}">{words}{side}</article>'
    )


def _example(answer: Answer, example: Code) -> str:
    status = f'<span class="docs-status" data-class="{answer.status[0]}">{escape(answer.status)}</span>'
    item = answer.returns.removesuffix("List")
    words = f"List of {escape(item)}" if item != answer.returns else escape(item) or "Answer"
    return folded_code(f"{status} {words}", example, is_open=answer.is_first)


def shape(one: Shape) -> str:
    """Write one object with all its fields."""
    side = code_box(f"{one.anchor}-code", [one.example]) if one.example else ""
    return (
        f'<article class="docs-shape" id="{one.anchor}" data-find="The {escape(one.name)} object" data-kind="Object">'
        f'<div class="docs-words"><h3><a class="docs-anchor" href="#{one.anchor}">The {escape(one.name)} object</a>'
        f"</h3>{prose(one.words)}{_list(one.fields, is_sent=False)}</div>"
        f'<div class="docs-side">{side}</div></article>'
    )


def _scopes(scopes: Sequence[str]) -> str:
    if not scopes:
        return '<p class="docs-scopes"><span class="docs-what">Key</span> not needed</p>'
    named = " ".join(f"<code>{escape(one)}</code>" for one in scopes)
    return f'<p class="docs-scopes"><span class="docs-what">Scope</span> {named}</p>'


def _fields(title: str, fields: Sequence[Field]) -> str:
    return f"<h4>{escape(title)}</h4>{_list(fields)}" if fields else ""


def _body(body: Body) -> str:
    kind = f" <small>{escape(body.media_type)}</small>"
    return f"<h4>Body{kind}</h4>{_list(body.fields)}" if body.fields else f"<h4>Body{kind}</h4><p>No fields.</p>"


def _list(fields: Sequence[Field], *, is_sent: bool = True) -> str:
    """List fields; what we answer is always there, so only what is sent says that it is required."""
    rows = "".join(_field(one, is_sent=is_sent) for one in fields)
    return f'<ul class="docs-fields">{rows}</ul>' if rows else ""


def _field(one: Field, *, is_sent: bool) -> str:
    required = ' <span class="docs-required">required</span>' if is_sent and one.is_required else ""
    facts = (one.kind, "may be null" if one.is_nullable else "", one.limits)
    kind = f'<span class="docs-kind">{escape(", ".join(fact for fact in facts if fact))}</span>'
    values = " ".join(f"<code>{escape(value)}</code>" for value in one.values)
    listed = f'<p class="docs-values">{values}</p>' if values else ""
    words = f"<p>{line(one.words)}</p>" if one.words else ""
    name = f'<code class="docs-name">{escape(one.name)}</code>'
    return f"<li>{name} {kind}{required}{words}{listed}{_inner(one, is_sent=is_sent)}</li>"


def _inner(one: Field, *, is_sent: bool) -> str:
    if not one.fields:
        return ""
    words = f"{len(one.fields)} fields inside <code>{escape(one.name)}</code>"
    return f"<details><summary>{words}</summary>{_list(one.fields, is_sent=is_sent)}</details>"


def _returns(answers: Sequence[Answer]) -> str:
    rows = "".join(
        f'<li><span class="docs-status" data-class="{one.status[0]}">{escape(one.status)}</span> {_returned(one)}</li>'
        for one in answers
    )
    return f'<h4>Answer</h4><ul class="docs-answers">{rows}</ul>'


def _returned(one: Answer) -> str:
    words = line(one.words) if one.words and one.words != "Successful Response" else ""
    if not one.returns:
        return words
    item = one.returns.removesuffix("List")
    link = f'<a href="#{one.anchor}">{escape(item)}</a>'
    return (f"A list of {link}. " if item != one.returns else f"{link}. ") + words


def _refusals(refusals: Sequence[Refusal]) -> str:
    if not refusals:
        return ""
    rows = "".join(
        f'<li><span class="docs-status" data-class="{one.status[0]}">{escape(one.status)}</span> '
        f'<a href="#error-{escape(one.code)}"><code>{escape(one.code)}</code></a> {escape(one.title)}</li>'
        for one in refusals
    )
    return f'<details class="docs-refusals"><summary>{len(refusals)} refusals</summary><ul>{rows}</ul></details>'
