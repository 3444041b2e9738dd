"""Turns schemas into fields that a person reads: a type in a word or two, limits, values, and what is inside."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from backoffice.api.openapi.naming import REFERENCE
from backoffice.api.portal.model import Field

Json = Mapping[str, Any]
MAX_DEPTH = 5
MAX_VALUES = 24
WORDS = {"date-time": "time, RFC 3339", "date": "date, YYYY-MM-DD", "binary": "file", "uri": "URL"}
ID_PATTERN_END = "_[0-7]"


def resolved(schema: Json, shape: Json) -> Json:
    """Follow a reference; what stands beside it wins."""
    while "$ref" in shape:
        target = schema["components"]["schemas"][shape["$ref"].removeprefix(REFERENCE)]
        shape = {**target, **{name: value for name, value in shape.items() if name != "$ref"}}
    return shape


def name_of(shape: Json) -> str:
    """Say which named shape this is, or ""."""
    return str(shape.get("$ref", "")).removeprefix(REFERENCE)


def fields_of(schema: Json, shape: Json, depth: int = 0) -> tuple[Field, ...]:
    """List the fields of an object; a list's or a map's are those of its items."""
    inner = _inside(schema, shape)
    required = set(inner.get("required", ()))
    if depth >= MAX_DEPTH:
        return ()
    return tuple(
        field(schema, name, one, is_required=name in required, depth=depth)
        for name, one in inner.get("properties", {}).items()
    )


def field(  # noqa: PLR0913 a field has this much around it
    schema: Json, name: str, shape: Json, *, is_required: bool = False, place: str = "", words: str = "", depth: int = 0
) -> Field:
    """Describe one field."""
    kinds: list[Json] = [one for one in shape.get("anyOf", shape.get("oneOf", [shape])) if one.get("type") != "null"]
    first: Json = resolved(schema, kinds[0]) if kinds else {}
    return Field(
        name=name,
        kind=" or ".join(dict.fromkeys(kind(schema, one) for one in kinds)),
        words=words or shape.get("description", "") or first.get("description", ""),
        place=place,
        is_required=is_required,
        is_nullable=len(kinds) < len(shape.get("anyOf", shape.get("oneOf", kinds))),
        limits=", ".join(_limits({**first, **shape})),
        values=_values(schema, first),
        fields=fields_of(schema, kinds[0], depth + 1) if kinds else (),
    )


def kind(schema: Json, shape: Json) -> str:
    """Say a type in a word or two."""
    whole = resolved(schema, shape)
    if whole.get("type") == "array":
        return f"list of {kind(schema, whole.get('items', {}))}"
    if "const" in whole:
        return f'"{whole["const"]}"' if isinstance(whole["const"], str) else str(whole["const"]).lower()
    if "enum" in whole:
        return "country code" if name_of(shape) == "Country" else "enum"
    prefix, _, rest = str(whole.get("pattern", "")).removeprefix("^").partition(ID_PATTERN_END)
    if rest:
        return f"id, {prefix}_…"
    types = whole.get("type", "any")
    return WORDS.get(whole.get("format", ""), types if isinstance(types, str) else " or ".join(types))


def _inside(schema: Json, shape: Json) -> Json:
    whole = resolved(schema, shape)
    if whole.get("type") == "array":
        return _inside(schema, whole.get("items", {}))
    values = whole.get("additionalProperties")
    return _inside(schema, cast("Json", values)) if isinstance(values, dict) and values else whole


def _values(schema: Json, shape: Json) -> tuple[str, ...]:
    if shape.get("type") == "array":
        return _values(schema, resolved(schema, shape.get("items", {})))
    listed = tuple(str(one) for one in shape.get("enum", ()))
    return listed if len(listed) <= MAX_VALUES else ()


def _limits(shape: Json) -> Iterator[str]:
    low, high = shape.get("minimum"), shape.get("maximum")
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif low is not None or high is not None:
        yield f"at least {low}" if high is None else f"at most {high}"
    if "maxLength" in shape:
        yield f"at most {shape['maxLength']} characters"
    if "maxItems" in shape:
        yield f"at most {shape['maxItems']}"
    if shape.get("default") not in (None, [], {}):
        yield f"default {shape['default']}"
