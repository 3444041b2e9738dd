"""What happened, in order, and who did it."""

import reflex as rx

from backoffice.components.icon import icon as draw
from backoffice.components.looks import Content, Props, classes
from backoffice.components.time import relative_time


def timeline(items: Content, label: str = "Timeline") -> rx.Component:
    """Hold timeline items, usually a foreach."""
    return rx.el.ol(items, class_name="timeline", aria_label=label)


def timeline_item(
    what: Content,
    at: str | rx.Var[str],
    *,
    icon: str | rx.Var[str] = "circle",
    tone: str | rx.Var[str] = "",
    detail: Content = None,
    **props: Props,
) -> rx.Component:
    """Tell one event: an icon for who or what acted, a sentence, when, and details beneath."""
    parts: list[rx.Component] = [
        rx.el.span(draw(icon, 14), class_name="dot", data_tone=tone),
        rx.el.span(what, class_name="what"),
        rx.el.span(relative_time(at), class_name="when"),
    ]
    if detail is not None:
        parts.append(rx.el.div(detail, class_name="detail"))
    return rx.el.li(*parts, **props)


def item_list(items: Content, **props: Props) -> rx.Component:
    """Hold list items without a table, such as alerts or the latest events."""
    return rx.el.ul(items, **classes("list", props))


def list_item(
    *content: Content, icon: str | rx.Var[str] | None = None, href: str | rx.Var[str] | None = None, **props: Props
) -> rx.Component:
    """Make one line of such a list, a link when it leads somewhere."""
    parts = [*([draw(icon)] if icon is not None else []), rx.el.div(*content, class_name="grow")]
    if href is None:
        return rx.el.li(rx.el.div(*parts, class_name="list-item"), **props)
    return rx.el.li(rx.el.a(*parts, href=href, class_name="list-item"), **props)
