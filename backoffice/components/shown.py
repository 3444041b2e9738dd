"""Tells when a task is painted: what nobody waits for is done after that, not beside it."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props


class Shown(rx.Component):
    """Looks at the viewer of the page and touches nothing."""

    library = client("shown")
    tag = "Shown"

    task: rx.Var[str]

    on_shown: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def when_shown(task: str | rx.Var[str], **props: Props) -> rx.Component:
    """Call `on_shown` with the task, once it and its picture are on the screen."""
    return Shown.create(task=task, **props)
