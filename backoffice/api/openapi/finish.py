"""The last hand on the OpenAPI document: everything that holds for all operations, in one place."""

from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute

from backoffice.api.openapi.links import add_links
from backoffice.api.openapi.naming import describe_tags, name_operations, operations, rename_shapes
from backoffice.api.openapi.shapes import complete_shapes
from backoffice.api.problems import MEDIA_TYPE
from backoffice.settings import settings

Json = dict[str, Any]
HEADERS: dict[str, Json] = {
    "Retry-After": {
        "description": "Seconds to wait before you ask again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "How to authenticate (RFC 9110).", "schema": {"type": "string"}},
    "Location": {"description": "The address of what was made.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` when this is the kept answer of an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    },
}
BY_STATUS = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}


def finish(schema: Json, routes: Sequence[BaseRoute]) -> None:
    """Complete the document; nothing may be added to it after."""
    schema["info"]["contact"] = {"name": "Partner Backoffice", "url": f"{settings().url}/partner/developers/docs"}
    schema["info"]["license"] = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
    name_operations(schema, routes)
    describe_tags(schema, routes)
    rename_shapes(schema)
    complete_shapes(schema)
    add_links(schema)
    _share_headers(schema)
    _share_examples(schema)


def _share_headers(schema: Json) -> None:
    """Write each header once, and name it where it stands."""
    known = schema["components"].setdefault("headers", {})
    for method, _, operation in operations(schema):
        for status, answer in operation["responses"].items():
            headers = answer.get("headers", {}) | _more_headers(method, status)
            for name, header in headers.items():
                known.setdefault(name, header)
            answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _more_headers(method: str, status: str) -> dict[str, Json]:
    names = [BY_STATUS[status]] if status in BY_STATUS else []
    if method == "post" and status.startswith("2"):
        names += ["Idempotent-Replayed", *(["Location"] if status == "201" else [])]
    return {name: HEADERS[name] for name in names}


def _share_examples(schema: Json) -> None:
    """Write the example of each refusal once: there are dozens, and most operations know most of them."""
    known = schema["components"].setdefault("examples", {})
    for _, _, operation in operations(schema):
        for answer in operation["responses"].values():
            examples = answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
            for code, example in examples.items():
                known.setdefault(code, example)
                examples[code] = {"$ref": f"#/components/examples/{code}"}
