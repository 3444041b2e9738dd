"""The `webhooks` section of the OpenAPI document: every event type with its exact envelope and an example."""

from typing import Any

from backoffice.services.event_shapes import SHAPES
from backoffice.services.event_types import CATALOGUE, EventType

HEADERS = (
    ("webhook-id", "The event's id; the same on every try, so drop repeats by it.", "evt_01k9x3h7c2f4v8m6n0p1q5r7s9"),
    ("webhook-timestamp", "Seconds since 1970, of this try. Refuse what is older than five minutes.", "1795687451"),
    (
        "webhook-signature",
        "`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; several while a rotation overlaps, one must fit.",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
)
ANSWERS: dict[str, Any] = {
    "2XX": {"description": "You have it: answer within 15 seconds, body included, and do the work afterwards."},
    "410": {"description": "The endpoint is switched off."},
    "429": {"description": "You are overloaded: the whole endpoint is left alone for a while. `Retry-After` counts."},
    "default": {"description": "It is tried again, redirects too: ten times within 75 hours."},
}


def add_webhooks(schema: dict[str, Any]) -> None:
    """Describe what we send."""
    schema["components"]["schemas"].update({shape.name: shape.schema() for shape in SHAPES})
    schema["components"].setdefault("parameters", {}).update(
        {
            name: {
                "name": name,
                "in": "header",
                "required": True,
                "description": words,
                "schema": {"type": "string"},
                "example": example,
            }
            for name, words, example in HEADERS
        }
    )
    schema["webhooks"] = {one.name: {"post": _sent(one)} for one in CATALOGUE}


def _sent(one: EventType) -> dict[str, Any]:
    return {
        "operationId": f"webhook_{one.name.replace('.', '_')}",
        "tags": ["Events"],
        "summary": one.name,
        "description": one.sentence,
        "security": [],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name, _, _ in HEADERS],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": one.schema(), "example": one.example()}},
        },
        "responses": ANSWERS,
    }
