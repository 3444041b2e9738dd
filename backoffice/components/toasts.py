"""Short messages driven by state: the server's own toasts need eval, which our content policy refuses."""

from dataclasses import dataclass

import reflex as rx

from backoffice.components.client import client


@dataclass(frozen=True)
class Toast:
    """One message; a new `seq` shows it. Kinds: success, error, warning, info."""

    seq: int = 0
    kind: str = "info"
    text: str = ""


class Toasts(rx.Component):
    """The corner where messages appear."""

    library = client("toasts")
    tag = "Toasts"

    item: rx.Var[Toast]
    test_id: rx.Var[str]


def toasts(item: Toast | rx.Var[Toast]) -> rx.Component:
    """Show each new message of a state var of type Toast."""
    return Toasts.create(item=item)
