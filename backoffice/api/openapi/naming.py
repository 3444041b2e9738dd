"""Names that a generated client can live with: `submitDocument`, `Document`, a described tag for each group."""

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from backoffice.api.auth import scopes_of
from backoffice.api.openapi.words import TAGS

Json = dict[str, Any]
METHODS = frozenset({"get", "put", "post", "patch", "delete"})
SILENT = frozenset({"a", "an", "the", "of", "for", "to", "its", "their", "your", "in", "one"})
REFERENCE = "#/components/schemas/"


def operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    """Walk every operation as (method, path, operation)."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield method, path, operation


def operation_id(summary: str) -> str:
    """Make a name of a summary: "Submit a document" is `submitDocument`."""
    first, *rest = [word for word in re.findall(r"[a-z0-9]+", summary.lower()) if word not in SILENT] or ["call"]
    return first + "".join(word.capitalize() for word in rest)


def name_operations(schema: Json, routes: Sequence[BaseRoute]) -> None:
    """Name each operation after its summary, and say which scopes its key needs."""
    known = {(method.lower(), one.path_format): one for one in _described(routes) for method in one.methods or ()}
    for method, path, operation in operations(schema):
        route = known[method, path]
        operation["operationId"] = route.operation_id or operation_id(operation["summary"])
        if operation.get("security"):
            operation["x-required-scopes"] = sorted({str(scope) for scope in _scopes(route)})
        else:
            operation["security"] = []


def _described(routes: Sequence[BaseRoute]) -> Iterator[RouteContext]:
    return (one for one in iter_route_contexts(routes) if one.include_in_schema)


def _scopes(route: RouteContext) -> Iterator[str]:
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        yield from scopes_of(dependant.call)


def describe_tags(schema: Json, routes: Sequence[BaseRoute]) -> None:
    """List the tags in the order of their first operation; one that nobody described gets its module's words."""
    by_module = {
        str(tag): (inspect.getdoc(inspect.getmodule(route.endpoint)) or str(tag)).partition("\n")[0]
        for route in _described(routes)
        for tag in route.tags
    }
    used = dict.fromkeys(tag for _, _, operation in operations(schema) for tag in operation.get("tags", []))
    described = {one["name"]: one for one in schema.get("tags", [])}
    schema["tags"] = [
        described.get(tag, {"name": tag, "description": TAGS.get(tag, by_module.get(tag, tag))}) for tag in used
    ]


def rename_shapes(schema: Json) -> None:
    """Call shapes what they are: `DocumentOut` is Document, `ListOut_DocumentOut_` is DocumentList."""
    shapes = schema["components"]["schemas"]
    names = {name: _shape_name(name) for name in shapes}
    if len(set(names.values())) < len(names):
        twice = sorted(name for name in names if list(names.values()).count(names[name]) > 1)
        raise ValueError(f"Two shapes would have one name: {', '.join(twice)}.")
    schema["components"]["schemas"] = {names[name]: shape for name, shape in sorted(shapes.items())}
    _rename_references(schema, {REFERENCE + old: REFERENCE + new for old, new in names.items()})


def _shape_name(name: str) -> str:
    generic = re.fullmatch(r"(?:\w*List)?(?:ListOut|PageOut)_(\w+?)_*", name)
    if generic:
        return _shape_name(generic[1]) + "List"
    return name.removesuffix("Out") or name


def _rename_references(schema: Json, names: dict[str, str]) -> None:
    for one in walk(schema):
        if isinstance(one.get("$ref"), str):
            one["$ref"] = names.get(one["$ref"], one["$ref"])


def walk(node: Any) -> Iterator[Json]:  # noqa: ANN401 any JSON value
    """Walk every object of a document; each may be changed on the way."""
    inner: list[Any] = []
    if isinstance(node, dict):
        whole = cast("Json", node)
        yield whole
        inner = list(whole.values())
    elif isinstance(node, list):
        inner = cast("list[Any]", node)
    for value in inner:
        yield from walk(value)
