"""Writes docs/events.md from the catalogue in `services/event_types.py`; a test compares the two."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backoffice.models.plans import PLANS
from backoffice.services.event_shapes import SHAPES, Shape
from backoffice.services.event_types import CATALOGUE, FAMILIES, EventType

PAGE = Path(__file__).resolve().parent.parent / "docs" / "events.md"
HEAD = """\
# Events

Written by `scripts/write_event_docs.py` from `backoffice/services/event_types.py`; change it there.

An event is a fact, written in the transaction of the change that it tells of. It reaches you by
[webhook](webhooks.md), by `GET /events` and by `GET /events/stream`, always in the same form:

```json
EXAMPLE
```

- `id` is the same everywhere and on every try; drop repeats by it.
- `sequence` counts per subject from 1 without gaps.
- `data.object` is a thin snapshot of the subject as it was then: ids, codes and numbers, never personal data. New
  fields may be added; ignore what you do not know.
- `data.previous` holds what changed, as it was before, where a type says so.

## Walking the list

`GET /events` answers the oldest first. Go on with `after=<next_cursor>`, also after the last page: an empty page hands
your cursor back, so a poller only loops. `after` also takes the id of an event, and `now` for what comes from now on.
`type` narrows the list, may repeat, and takes `document.*`. There is no gap and no repeat, whatever the order in which
things are committed: [why](decisions/0008-events-are-walked-below-a-horizon.md).

`GET /events/stream` is the same list kept open, as server-sent events: `id:` is the cursor, `event:` the type, `data:`
the event. Come back with `Last-Event-ID` and you go on where you were. It sends comments as heartbeats and ends after
an hour, when the key is revoked and when the server restarts. A key may have as many open as its plan says: STREAMS.

```python
import httpx

cursor = load()  # what you stored last, or None
while True:
    answer = httpx.get(f"{URL}/api/v1/events", headers=AUTH, params={"after": cursor} if cursor else {})
    page = answer.raise_for_status().json()
    for event in page["data"]:
        handle(event)
    cursor = page["next_cursor"]
    store(cursor)
    if not page["has_more"]:
        time.sleep(5)
```

## Looking back

*Events* in the workspace (`/partner/developers/events`, `G E`) shows the same events newest first, for people: narrowed
by type, subject, mode and period, all of it in the address. Each opens with its payload exactly as `GET /events/{id}`
answers it, the events of the same subject before and after it, and **who was told**: every endpoint with state,
attempts and the delivery's log, every endpoint that was not told and why, and *Resend*. New ones wait behind a pill;
what one looks at never moves. A type is looked for in 20,000 events at a time; *Look further back* goes on. Who was
told wants the permission `webhooks:read`. What events tell of endpoints, keys and invoices is shortened to id and kind
for people who may not read these (`webhooks:read`, `keys:read`, `billing:read`), and the page says so. An id that is
pasted opens its event, live or test.

## Types
"""


def render() -> str:
    """Write the page."""
    first = next(one for one in CATALOGUE if one.name == "document.rejected")
    streams = ", ".join(f"{limits.streams} ({plan})" for plan, limits in PLANS.items())
    head = HEAD.replace("EXAMPLE", json.dumps(first.example(), indent=2)).replace("STREAMS", streams)
    return "\n".join([head, *_families(), *_shapes()])


def _families() -> Iterator[str]:
    for family in FAMILIES:
        yield f"### `{family}.*`\n"
        yield "| type | when | `data.object` | `data.previous` |\n|---|---|---|---|"
        yield "\n".join(_row(one) for one in CATALOGUE if one.family == family) + "\n"


def _row(one: EventType) -> str:
    anchor = one.shape.name.lower()
    before = "`status`, unless it is new" if one.is_sometimes_new else "`status`" if one.was else ""
    return f"| `{one.name}` | {one.sentence} | [{one.shape.name}](#{anchor}) | {before} |"


def _shapes() -> Iterator[str]:
    yield "## Snapshots\n"
    for shape in SHAPES:
        yield f"### {shape.name}\n\n{shape.sentence}\n\n| field | type | example |\n|---|---|---|"
        yield "\n".join(_field(shape, name, schema) for name, schema in shape.fields.items()) + "\n"


def _field(shape: Shape, name: str, schema: dict[str, Any]) -> str:
    example = json.dumps(shape.example[name])
    missing = ", may be missing" if name in shape.optional else ""
    return f"| `{name}` | {_kind(schema)}{missing} | `{example}` |"


def _kind(schema: dict[str, Any]) -> str:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "enum" in schema:
        words = " · ".join(f"`{value}`" for value in schema["enum"] if value is not None)
        return f"{words} or null" if None in schema["enum"] or "null" in kinds else words
    if "properties" in schema:
        return f"{' or '.join(kinds)}: " + ", ".join(f"`{name}`" for name in schema["properties"])
    if schema["type"] == "array":
        return f"list of {schema['items']['type']}s"
    return " or ".join(kinds)


if __name__ == "__main__":
    PAGE.write_text(render())
