"""Writes the documentation as one plain page from the OpenAPI document: readable and searchable without a script."""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from backoffice.api.problems import MEDIA_TYPE, TITLES

Json = Mapping[str, Any]


def page(schema: Json) -> str:
    """Write the whole page."""
    operations = list(_operations(schema))
    body = "".join(_operation(schema, *one) for one in operations)
    shapes = "".join(_shape(name, shape) for name, shape in sorted(schema["components"]["schemas"].items()))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(schema['info']['title'])}</title>"
        '<link rel="stylesheet" href="docs/docs.css"><script src="docs/docs.js" defer></script></head><body>'
        f'<a class="skip" href="#content">Skip to content</a>{_navigation(schema, operations)}'
        f'<main id="content"><h1>{escape(schema["info"]["title"])} <small>v1</small></h1>'
        f"{_prose(schema['info']['description'])}"
        f'<p><a href="openapi.json">OpenAPI 3.1 document</a></p>{body}'
        f'<section id="errors"><h2>Errors</h2>{_errors()}</section>'
        f'<section id="shapes"><h2>Shapes</h2>{shapes}</section></main></body></html>'
    )


def _operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _navigation(schema: Json, operations: list[tuple[str, str, Json]]) -> str:
    links = "".join(
        f'<li><a href="#{_anchor(method, path)}"><b class="{method}">{method.upper()}</b> '
        f"{escape(operation['summary'])}</a></li>"
        for method, path, operation in operations
    )
    return (
        '<nav aria-label="Operations"><label for="find">Search</label>'
        '<input id="find" type="search" autocomplete="off" placeholder="field, code, path">'
        f'<p id="found" role="status"></p><ul>{links}<li><a href="#errors">Errors</a></li>'
        f'<li><a href="#shapes">Shapes</a></li></ul>'
        f'<p class="quiet">Version {escape(schema["info"]["version"])}</p></nav>'
    )


def _anchor(method: str, path: str) -> str:
    return f"{method}-{re.sub(r'[^a-z]+', '-', path).strip('-')}"


def _operation(schema: Json, method: str, path: str, operation: Json) -> str:
    url = escape(schema["servers"][0]["url"] + path)
    return (
        f'<section id="{_anchor(method, path)}" class="find"><h2>{escape(operation["summary"])}</h2>'
        f'<p class="path"><b class="{method}">{method.upper()}</b> <code>{url}</code></p>'
        f"{_prose(operation.get('description', ''))}{_parameters(operation)}{_form(schema, operation)}"
        f"<h3>Try it</h3>{_code(_curl(schema, method, path, operation))}{_answers(operation)}</section>"
    )


def _parameters(operation: Json) -> str:
    rows = [
        (one["name"], one["in"], _kind(one["schema"]), one.get("description", ""))
        for one in operation.get("parameters", [])
    ]
    return _table("Parameters", ("Name", "In", "Type", ""), rows)


def _form(schema: Json, operation: Json) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    rows: list[tuple[str, ...]] = []
    for described in content.values():
        name = described["schema"].get("$ref", "").rpartition("/")[2]
        shape = schema["components"]["schemas"][name] if name else described["schema"]
        for name, one in shape.get("properties", {}).items():
            is_required = "required" if name in shape.get("required", []) else ""
            rows.append((name, is_required, _kind(one), one.get("description", "")))
    return _table(f"Fields ({', '.join(content)})", ("Name", "", "Type", ""), rows)


def _kind(shape: Json) -> str:
    """Say a type in a word or two."""
    if "$ref" in shape:
        return shape["$ref"].rpartition("/")[2]
    if "anyOf" in shape:
        return " or ".join(_kind(one) for one in shape["anyOf"])
    if "enum" in shape:
        return " · ".join(str(one) for one in shape["enum"])
    if shape.get("type") == "array":
        return f"list of {_kind(shape.get('items', {}))}"
    return str(shape.get("const", shape.get("format", shape.get("type", "any"))))


def _answers(operation: Json) -> str:
    parts: list[str] = []
    codes: list[tuple[str, ...]] = []
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        if MEDIA_TYPE in content:
            codes += [(status, code, one["summary"]) for code, one in content[MEDIA_TYPE]["examples"].items()]
        elif "example" in content.get("application/json", {}):
            example = json.dumps(content["application/json"]["example"], indent=2, ensure_ascii=False)
            parts.append(f"<h3>Answer {escape(status)}</h3>{_code(example)}")
    listed = "".join(
        f'<tr><td>{status}</td><td><a href="#error-{code}"><code>{code}</code></a></td><td>{escape(title)}</td></tr>'
        for status, code, title in sorted(codes)
    )
    table = f"<table><tbody>{listed}</tbody></table>"
    return "".join(parts) + f"<details><summary>{len(codes)} refusals</summary>{table}</details>"


def _curl(schema: Json, method: str, path: str, operation: Json) -> str:
    lines = [f'curl "$URL{schema["servers"][0]["url"]}{path}"']
    if operation.get("security"):
        lines.append('  -H "Authorization: Bearer $KEY"')
    content = operation.get("requestBody", {}).get("content", {})
    if method not in {"get", "post"} or (method == "post" and not content):
        lines.append(f"  -X {method.upper()}")
    if method == "post":
        lines.append('  -H "Idempotency-Key: $(uuidgen)"')
    if "application/json" in content:
        example = json.dumps(content["application/json"]["example"], ensure_ascii=False)
        lines += ["  -H 'Content-Type: application/json'", f"  -d '{example}'"]
    if "application/octet-stream" in content:
        lines += ["  -H 'Content-Type: application/octet-stream'", "  --data-binary @front.jpg"]
    if "multipart/form-data" in content:
        lines += [
            "  -F files=@passport.jpg",
            "  -F sides=front",
            "  -F type=passport",
            "  -F issuing_country=FRA",
            """  -F 'applicant={"given_names":"Camille","surname":"Specimen","date_of_birth":"1990-04-12"}'""",
            "  -F external_id=user-8841",
        ]
    return " \\\n".join(lines)


def _errors() -> str:
    rows = "".join(
        f'<tr id="error-{code}" class="find"><td>{status}</td><td><code>{code}</code></td><td>{escape(title)}</td></tr>'
        for code, (status, title) in TITLES.items()
    )
    return f"<table><thead><tr><th>Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>"


def _shape(name: str, shape: Json) -> str:
    rows = [(key, _kind(one), one.get("description", "")) for key, one in shape.get("properties", {}).items()]
    values = _prose(" · ".join(f"`{one}`" for one in shape.get("enum", [])))
    table = _table("", ("Field", "Type", ""), rows)
    prose = _prose(shape.get("description", "")) + values
    return f'<article id="shape-{escape(name)}" class="find"><h3>{escape(name)}</h3>{prose}{table}</article>'


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        f"<tr><td><code>{escape(row[0])}</code></td>" + "".join(f"<td>{_inline(one)}</td>" for one in row[1:]) + "</tr>"
        for row in rows
    )
    heading = f"<h3>{escape(title)}</h3>" if title else ""
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    """Understand `code` and **bold**, nothing else; everything is escaped first."""
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
