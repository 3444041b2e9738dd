"""A status is an icon, a word and a colour, always the three together."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.icon import icon as draw
from backoffice.components.looks import Props, classes


class StatusBadge(rx.Component):
    """The badge of a status code of a document, task, check, delivery, key or member."""

    library = client("badge")
    tag = "StatusBadge"

    status: rx.Var[str]
    note: rx.Var[str]
    size: rx.Var[str]
    plain: rx.Var[bool]
    test_id: rx.Var[str]


def status_badge(status: str | rx.Var[str], **props: Props) -> rx.Component:
    """Show a status; `note` adds words after it, `size="lg"` suits page heads, `test_id` names it for tests."""
    return StatusBadge.create(status=status, **props)


def badge(
    text: str | rx.Var[str], tone: str | rx.Var[str] = "gray", icon: str | rx.Var[str] | None = None, **props: Props
) -> rx.Component:
    """Show any other short fact; tones are indigo, blue, green, amber, red and gray."""
    picture = [draw(icon, 13)] if icon is not None else []
    return rx.el.span(*picture, text, data_tone=tone, **classes("badge", props))


def count(number: int | rx.Var[int] | rx.Var[str], tone: str = "gray") -> rx.Component:
    """Show a small count beside a name, a number or words such as 999+; zero hides it."""
    shown = rx.Var.create(number)
    is_zero = (shown.to(int) == 0) | (shown.to(str) == "0")
    return rx.el.span(number, class_name="count", data_tone=tone, data_zero=is_zero)
