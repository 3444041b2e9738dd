"""Putting a task aside: until a moment, until the partner has answered, or for a second person as well."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


class AsideDesk(rx.Component):
    """Listens for the Wait button of the decision bar and opens without a round trip."""

    library = client("aside_desk")
    tag = "AsideDesk"

    task: rx.Var[str]
    version: rx.Var[int]
    disabled: rx.Var[bool]

    on_aside: rx.EventHandler[rx.event.passthrough_event_spec(dict)]


def aside_desk(task: rx.Var[str], **props: Props) -> rx.Component:
    """Ask until when; `on_aside` gets {"how": "snooze", "ask" or "second", "task", "until" (ISO 8601) or "text"}."""
    return AsideDesk.create(task=task, **props)
