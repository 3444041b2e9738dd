"""Writes docs/openapi.json, the API's description as far as it says what goes in and out; a test compares the two.

Whoever lets a new field into an answer writes it anew and looks at what differs: `make openapi`. Left out are examples
and the headers and refusals that every operation has: they have tests of their own, and would hide what differs.
"""

import json
from pathlib import Path
from typing import Any

from backoffice.api.app import partner_api

PAGE = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
LEFT_OUT = frozenset({"example", "examples", "x-codeSamples"})
REFUSED = "400"
NAMES = frozenset({"properties", "schemas", "parameters", "$defs"})
"""Below these a key is a name that we gave, whatever it is."""


def _plain(value: Any, *, are_names: bool = False) -> Any:  # noqa: ANN401 JSON
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if are_names or key not in LEFT_OUT}
        if isinstance(answers := kept.get("responses"), dict) and not are_names:
            kept["responses"] = {status: _content(one) for status, one in answers.items() if status < REFUSED}
        return {key: _plain(one, are_names=not are_names and key in NAMES) for key, one in kept.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _content(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in answer.items() if name != "headers"}


def written() -> str:
    """Write it in one way alone: sorted, a line for each thing."""
    return json.dumps(_plain(partner_api.openapi()), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
