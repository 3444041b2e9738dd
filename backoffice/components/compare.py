"""Two pictures in one place: laid over each other, or shown in turn."""

import reflex as rx

from backoffice.components.client import client


class Comparison(rx.Component):
    """The stage of both."""

    library = client("compare")
    tag = "Comparison"

    mode: rx.Var[str]
    src: rx.Var[str]
    label: rx.Var[str]
    other: rx.Var[str]
    other_label: rx.Var[str]


def comparison(
    mode: str | rx.Var[str],
    first: tuple[str | rx.Var[str], str | rx.Var[str]],
    second: tuple[str | rx.Var[str], str | rx.Var[str]],
) -> rx.Component:
    """Compare two pictures, (address, name) each; `mode` is overlay or blink."""
    return Comparison.create(mode=mode, src=first[0], label=first[1], other=second[0], other_label=second[1])
