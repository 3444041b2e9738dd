"""How a component's own class and a caller's class meet."""

from typing import Any


def classes(own: str, props: dict[str, Any]) -> dict[str, Any]:
    """Answer the props with the component's class before the caller's; a caller adds, never replaces."""
    added = props.pop("class_name", "")
    return {**props, "class_name": f"{own} {added}".strip()}
