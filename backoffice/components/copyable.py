"""Ids and secrets that copy themselves."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


class Copyable(rx.Component):
    """A value in mono type; a press copies it, and selects it where the clipboard is refused."""

    library = client("copyable")
    tag = "Copyable"

    value: rx.Var[str]
    shown: rx.Var[str]
    label: rx.Var[str]
    visible: rx.Var[bool]
    command: rx.Var[str]
    test_id: rx.Var[str]


def short_id(value: str | rx.Var[str]) -> rx.vars.StringVar:
    """Shorten an id to its prefix and its end, the part that differs: `doc_…7neaby`; show the whole as a title."""
    text = rx.Var.create(value).to(str)
    return text[:4] + "…" + text[-6:]


def copyable(value: str | rx.Var[str], **props: Props) -> rx.Component:
    """Show a value that can be copied; `shown` is a shorter text for it, `visible=True` keeps the icon in sight."""
    return Copyable.create(value=value, **props)
