"""Reads the OpenAPI document into the documentation's own words: whatever route is added appears."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from backoffice.api.examples.common import ID
from backoffice.api.openapi.naming import operations
from backoffice.api.openapi.shapes import BY_NAME
from backoffice.api.portal import fields as described
from backoffice.api.portal.guides import guides
from backoffice.api.portal.model import (
    Answer,
    Body,
    Code,
    ErrorCode,
    Field,
    Group,
    Operation,
    Portal,
    Refusal,
    Shape,
    Webhook,
)
from backoffice.api.portal.snippets import Call, curl, snippets
from backoffice.api.problems import MEDIA_TYPE, TITLES
from backoffice.api.remedies import REMEDIES
from backoffice.settings import settings

Json = Mapping[str, Any]
ONCE = "Idempotency-Key"
FIRST = "limit"


def portal(schema: Json) -> Portal:
    """Read everything."""
    url = settings().url + schema["servers"][0]["url"]
    return Portal(
        title=schema["info"]["title"],
        version=schema["info"]["version"],
        words=schema["info"]["description"],
        url=url,
        first_call=Code("bash", "curl", curl(Call("GET", f"{url}/documents", query={FIRST: "1"}))),
        guides=guides(),
        groups=tuple(_groups(schema, url)),
        webhooks=tuple(_webhooks(schema)),
        errors=tuple(_errors()),
    )


def _errors() -> Iterator[ErrorCode]:
    for code, (status, title) in TITLES.items():
        remedy = REMEDIES.get(code)
        yield ErrorCode(
            code, f"error-{code}", status, title, remedy.cause if remedy else "", remedy.remedy if remedy else ""
        )


def slug(text: str) -> str:
    """Make an anchor of a name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def kebab(name: str) -> str:
    """Make an anchor of a camelCase name."""
    return slug(re.sub(r"(?<!^)([A-Z])", r"-\1", name))


def _groups(schema: Json, url: str) -> Iterator[Group]:
    explained: set[str] = set()
    shown: set[str] = set()
    for tag in schema["tags"]:
        own = [
            _operation(schema, url, one, shown)
            for one in operations(dict(schema))
            if tag["name"] in one[2].get("tags", ())
        ]
        names = [name for name in _objects(schema, tag["name"]) if name not in explained]
        explained.update(names)
        shapes = tuple(_shape(schema, name) for name in names)
        yield Group(tag["name"], f"group-{slug(tag['name'])}", tag["description"], tuple(own), shapes)


def _objects(schema: Json, tag: str) -> list[str]:
    """Name the objects that a group's answers hold, each once."""
    found: dict[str, None] = {}
    for _, _, operation in operations(dict(schema)):
        if tag in operation.get("tags", ()):
            names = [_returned(answer) for status, answer in operation["responses"].items() if status.startswith("2")]
            found.update(dict.fromkeys(name.removesuffix("List") for name in names if name))
    return [name for name in found if name in schema["components"]["schemas"]]


def _returned(answer: Json) -> str:
    return described.name_of(answer.get("content", {}).get("application/json", {}).get("schema", {}))


def _shape(schema: Json, name: str) -> Shape:
    shape = schema["components"]["schemas"][name]
    example = next(_examples_of(schema, name), None)
    code = Code("json", f"The {name} object", _written(example)) if example else None
    return Shape(name, f"object-{kebab(name)}", shape.get("description", ""), described.fields_of(schema, shape), code)


def _examples_of(schema: Json, name: str) -> Iterator[Any]:
    """Find what answers show of an object: itself, or the first of a list; reads show more than writes."""
    found = [
        (method != "get", returned, answer["content"]["application/json"].get("example"))
        for method, _, operation in operations(dict(schema))
        for answer in operation["responses"].values()
        if (returned := _returned(answer)) in {name, f"{name}List"}
    ]
    for _, returned, example in sorted(found, key=lambda one: one[:2]):
        if example:
            yield example if returned == name else example["data"][0]


def _written(example: Any) -> str:  # noqa: ANN401 any JSON value
    return json.dumps(example, indent=2, ensure_ascii=False)


def _operation(schema: Json, url: str, one: tuple[str, str, Json], shown: set[str]) -> Operation:
    method, path, operation = one
    return Operation(
        anchor=kebab(operation["operationId"]),
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        words=operation.get("description", ""),
        scopes=tuple(operation.get("x-required-scopes", ())),
        parameters=tuple(_parameters(schema, operation)),
        bodies=tuple(_bodies(schema, operation)),
        snippets=snippets(_call(schema, url, method, path, operation)),
        answers=tuple(_answers(operation, shown)),
        refusals=tuple(_refusals(schema, operation)),
    )


def _parameters(schema: Json, operation: Json) -> Iterator[Field]:
    for one in operation.get("parameters", ()):
        yield described.field(
            schema,
            one["name"],
            one["schema"],
            is_required=one.get("required", False),
            place=one["in"],
            words=one.get("description", ""),
        )


def _bodies(schema: Json, operation: Json) -> Iterator[Body]:
    body = operation.get("requestBody", {})
    for media_type, content in body.get("content", {}).items():
        fields = described.fields_of(schema, content["schema"])
        yield Body(media_type, bool(body.get("required")), fields)


def _answers(operation: Json, shown: set[str]) -> Iterator[Answer]:
    for status, answer in operation["responses"].items():
        if status < "400":
            name = _returned(answer)
            item = name.removesuffix("List")
            example = answer.get("content", {}).get("application/json", {}).get("example")
            text = _written(example) if example is not None else ""
            yield Answer(
                status=status,
                words=answer.get("description", ""),
                returns=name,
                anchor=f"object-{kebab(item)}" if item else "",
                example=Code("json", f"{status}", text) if text else None,
                is_first=item not in shown,
            )
            shown.add(item)


def _refusals(schema: Json, operation: Json) -> Iterator[Refusal]:
    known = schema["components"].get("examples", {})
    for status, answer in sorted(operation["responses"].items()):
        for code in answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", ()):
            yield Refusal(status, code, known[code]["summary"])


def _call(schema: Json, url: str, method: str, path: str, operation: Json) -> Call:
    """Make the example call of an operation from its own examples."""
    contents = operation.get("requestBody", {}).get("content", {})
    parameters = operation.get("parameters", ())
    successes: list[Json] = [one for status, one in operation["responses"].items() if status.startswith("2")]
    return Call(
        method=method.upper(),
        url=url + re.sub(r"\{(\w+)\}", lambda found: _example_id(found[1]), path),
        query=dict(_query(schema, parameters)),
        headers=dict(_required(schema, parameters, "header")),
        is_keyed=bool(operation.get("security")),
        is_once=any(one["name"] == ONCE for one in parameters),
        json=contents.get("application/json", {}).get("example"),
        form=contents.get("multipart/form-data", {}).get("example"),
        accepts=next(iter(successes[0].get("content", ())), "application/json") if successes else "application/json",
    )


def _example_id(parameter: str) -> str:
    return f"{BY_NAME[parameter]}_{ID}" if parameter in BY_NAME else "…"


def _query(schema: Json, parameters: list[Json]) -> Iterator[tuple[str, str]]:
    yield from _required(schema, parameters, "query")
    if any(one["name"] == FIRST for one in parameters):
        yield FIRST, "10"


def _required(schema: Json, parameters: list[Json], place: str) -> Iterator[tuple[str, str]]:
    for one in parameters:
        shape = described.resolved(schema, one["schema"])
        example = one.get("example", shape.get("example", next(iter(shape.get("examples", shape.get("enum", ()))), "")))
        if one["in"] == place and one.get("required") and one["name"] != ONCE:
            yield one["name"], str(example)


def _webhooks(schema: Json) -> Iterator[Webhook]:
    for type_, methods in schema.get("webhooks", {}).items():
        operation = methods.get("post", {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = content.get("examples", {})
        example = content.get("example", next((one.get("value") for one in examples.values()), None))
        text = _written(example) if example else ""
        yield Webhook(
            type=type_,
            anchor=f"event-{slug(type_)}",
            words=operation.get("description") or operation.get("summary", ""),
            fields=described.fields_of(schema, content.get("schema", {})),
            example=Code("json", type_, text) if text else None,
        )
