"""Says of every field and parameter what it means, and of ids and addresses what they look like."""

from collections.abc import Iterator
from typing import Any

from backoffice.api.openapi.naming import REFERENCE, operations, walk
from backoffice.api.openapi.words import FIELDS
from backoffice.api.texts import COUNTRIES
from backoffice.models.base import Prefix

Json = dict[str, Any]
NULL = {"type": "null"}
CURSORS = frozenset({"cursor", "after"})
OPAQUE = frozenset({"EventList"})
"""Lists whose cursors are no ids."""
COUNTRY: Json = {
    "type": "string",
    "enum": sorted(COUNTRIES),
    "description": "A country by its three letters of ISO 3166-1 alpha-3.",
}
BY_NAME: dict[str, Prefix] = {
    "document_id": Prefix.DOCUMENT,
    "replaces": Prefix.DOCUMENT,
    "applicant_id": Prefix.APPLICANT,
    "verification_id": Prefix.VERIFICATION,
    "file_id": Prefix.FILE,
    "event_id": Prefix.EVENT,
    "endpoint_id": Prefix.WEBHOOK_ENDPOINT,
    "webhook_endpoint_id": Prefix.WEBHOOK_ENDPOINT,
    "delivery_id": Prefix.DELIVERY,
    "decision_id": Prefix.DECISION,
    "key_id": Prefix.API_KEY,
    "api_key_id": Prefix.API_KEY,
    "erasure_request_id": Prefix.ERASURE_REQUEST,
    "erasure_id": Prefix.ERASURE_REQUEST,
    "audit_entry_id": Prefix.AUDIT_ENTRY,
}
"""Which id a field or parameter of this name holds."""
BY_SHAPE: dict[str, Prefix] = {"File": Prefix.FILE, "Check": Prefix.CHECK, "Decision": Prefix.DECISION}
"""Which id the `id` of a shape is that does not say `object`."""


METADATA: Json = {
    "type": "object",
    "additionalProperties": True,
    "description": "Yours, as you sent it: any JSON object of at most 16 KB and eight levels, without control "
    "characters. No personal data, please.",
}


def id_pattern(prefix: Prefix) -> str:
    """Write what an id looks like: its prefix and 128 bits in Crockford's base32."""
    return f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"


def complete_shapes(schema: Json) -> None:
    """Complete every shape, form and parameter."""
    schema["components"]["schemas"] |= {"Country": COUNTRY, "Metadata": METADATA}
    _name_countries(schema)
    for name, shape in schema["components"]["schemas"].items():
        shape.pop("title", None)
        if name.endswith("List"):
            shape.setdefault("description", "One page of a list; go on with `next_cursor`.")
        own = _own_prefix(name, shape)
        for field, one, parent in _fields(shape):
            _complete(field, one, _prefix(field, parent, own))
    for _, _, operation in operations(schema):
        for parameter in operation.get("parameters", []):
            _complete_parameter(parameter)
            if parameter["name"] in CURSORS:
                _bind_cursor(schema, operation, parameter["schema"])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for field, one, parent in _fields(content["schema"]):
                _complete(field, one, _prefix(field, parent, None))


def _name_countries(node: Json) -> None:
    """Put the list of countries in the place of every field that takes one."""
    for one in walk(node):
        if one.get("format") == "country":
            for name in ("type", "format"):
                del one[name]
            one["$ref"] = f"{REFERENCE}Country"


def _own_prefix(name: str, shape: Json) -> Prefix | None:
    """Say which id the `id` of a shape is, by what it calls itself."""
    what = str(shape.get("properties", {}).get("object", {}).get("const", "")).upper()
    return Prefix[what] if what in Prefix.__members__ else BY_SHAPE.get(name)


def _fields(shape: Json, parent: str = "") -> Iterator[tuple[str, Json, str]]:
    """Walk the fields of a shape and of the objects inside of it, each with the field that it stands in."""
    for field, one in shape.get("properties", {}).items():
        yield field, one, parent
        for inner in (one, one.get("items", {}), *one.get("anyOf", ())):
            yield from _fields(inner, field)


def _prefix(field: str, parent: str, own: Prefix | None) -> Prefix | None:
    """Say which id a field holds: the shape's own, or that of the object that it stands in."""
    if field != "id":
        return BY_NAME.get(field)
    return BY_NAME.get(f"{parent}_id") if parent else own


def _complete(field: str, one: Json, prefix: Prefix | None) -> None:
    one.pop("title", None)
    if field == "metadata" and one.pop("type", None):
        one.pop("additionalProperties", None)
        one["$ref"] = f"{REFERENCE}Metadata"
    named = any("$ref" in part for part in one.get("anyOf", [one]))
    if "description" not in one and field in FIELDS and not named:
        one["description"] = FIELDS[field]
    if prefix:
        for part in one.get("anyOf", [one]):
            if part.get("type") == "string":
                _bind(part, prefix)


def _bind(text: Json, prefix: Prefix) -> None:
    for name in ("minLength", "maxLength"):
        text.pop(name, None)
    text["pattern"] = id_pattern(prefix)


def _bind_cursor(schema: Json, operation: Json, shape: Json) -> None:
    """Most cursors are the id of the last item; what another looks like is nobody's business."""
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    name = str(answer.get("schema", {}).get("$ref", "")).removeprefix(REFERENCE)
    item = name.removesuffix("List")
    prefix = _own_prefix(item, schema["components"]["schemas"].get(item, {}))
    if name in OPAQUE or prefix is None:
        shape["format"] = "cursor"
    else:
        _bind(shape, prefix)


def _complete_parameter(parameter: Json) -> None:
    """Complete one parameter, which is there or not, but never null."""
    name, shape = parameter["name"], parameter["schema"]
    kinds = [one for one in shape.get("anyOf", []) if one != NULL]
    if len(kinds) == 1:
        del shape["anyOf"]
        shape.update(kinds[0])
    _complete(name, shape, BY_NAME.get(name))
    words = shape.pop("description", None) or FIELDS.get(name)
    if words and "description" not in parameter:
        parameter["description"] = words
