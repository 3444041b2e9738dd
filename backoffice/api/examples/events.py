"""Examples of events, and what their operations refuse."""

import json
from typing import Any

from backoffice.api.examples.common import COMMON, QUERY
from backoffice.services.event_types import BY_NAME

CURSOR = "AAAAAAABX5AAAAAHAZq-HA8rdEiVT7L3wq0xVcwXf3A"
EVENT = BY_NAME["document.approved"].example()
PAGE: dict[str, Any] = {"data": [EVENT], "next_cursor": CURSOR, "has_more": False}
STREAM: dict[str, Any] = {
    "description": "Server-sent events; the connection stays open.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": f": open\nretry: 1000\n\nid: {CURSOR}\nevent: document.approved\n"
            f"data: {json.dumps(EVENT, separators=(',', ':'))}\n\n: \n\n",
        }
    },
}
_WALK = (*COMMON, *QUERY, "invalid_cursor", "unknown_event_type")

CODES: dict[str, tuple[str, ...]] = {
    "events.list": (*_WALK, "out_of_range"),
    "events.stream": _WALK,
    "events.read": (*COMMON, "not_found", "unknown_field"),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/events", "get"): ("200", PAGE),
    ("/events/{event_id}", "get"): ("200", EVENT),
}
