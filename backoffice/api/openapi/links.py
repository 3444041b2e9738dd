"""Links from each answer to the operations that its ids open, so that a person and a tool can walk the API."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from backoffice.api.openapi.naming import REFERENCE, operations
from backoffice.api.openapi.shapes import BY_NAME

Json = dict[str, Any]
PARAMETER = re.compile(r"\{(\w+)\}")
FIRST = "/data/0"
OBJECTS: Mapping[str, tuple[str, ...]] = {
    name: (str(prefix.name).lower(), name.removesuffix("_id")) for name, prefix in BY_NAME.items()
}
"""The `object` whose own id a parameter of this name takes."""


def add_links(schema: Json) -> None:
    """Link every success to what takes one of its ids in the path."""
    for method, path, operation in operations(schema):
        for status, answer in operation["responses"].items():
            shape = _shape(schema, answer) if status.startswith("2") else {}
            links = dict(_links(schema, method, path, shape))
            if links:
                answer["links"] = links


def _shape(schema: Json, holder: Json) -> Json:
    described = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return _resolved(schema, described)


def _resolved(schema: Json, shape: Json) -> Json:
    name = str(shape.get("$ref", "")).removeprefix(REFERENCE)
    return schema["components"]["schemas"].get(name, {}) if name else shape


def _links(schema: Json, method: str, path: str, shape: Json) -> Iterator[tuple[str, Json]]:
    """Find the operations of which this answer or this request knows every id."""
    fields, place = _fields(schema, shape)
    given = PARAMETER.findall(path)
    for other, target, operation in operations(schema):
        names = PARAMETER.findall(target)
        if not names or (other, target) == (method, path) or not shape:
            continue
        places = [f"$request.path.{name}" if name in given else _place(schema, name, fields, place) for name in names]
        known = {name: found for name, found in zip(names, places, strict=True) if found}
        if len(known) == len(names):
            yield operation["operationId"], {"operationId": operation["operationId"], "parameters": known}


def _fields(schema: Json, shape: Json) -> tuple[Mapping[str, Json], str]:
    """Answer the fields of the object, or of a list's first item."""
    fields = shape.get("properties", {})
    items = fields.get("data", {}).get("items")
    return (_resolved(schema, items).get("properties", {}), FIRST) if items else (fields, "")


def _place(schema: Json, parameter: str, fields: Mapping[str, Json], place: str) -> str:
    """Say where the answer holds an id: in a field of that name, as its own, or in a list of such things."""
    if parameter in fields:
        return f"$response.body#{place}/{parameter}"
    if fields.get("object", {}).get("const") in OBJECTS.get(parameter, ()):
        return f"$response.body#{place}/id"
    listed = f"{parameter.removesuffix('_id')}s"
    items = _resolved(schema, fields.get(listed, {}).get("items", {}))
    return f"$response.body#{place}/{listed}/0/id" if "id" in items.get("properties", {}) else ""
