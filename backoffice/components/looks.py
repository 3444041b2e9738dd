"""How a component's own class and a caller's class meet, and what passes through untyped."""

from typing import Any, TypeAlias

Props: TypeAlias = Any
"""A prop of an HTML element; Reflex checks it when the component is created."""

Content: TypeAlias = Any
"""A child: text, a number, a Var or a component."""


def classes(own: str, props: dict[str, Props]) -> dict[str, Props]:
    """Answer the props with the component's class before the caller's; a caller adds, never replaces."""
    added = props.pop("class_name", "")
    return {**props, "class_name": f"{own} {added}".strip()}
