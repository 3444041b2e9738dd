"""What a panel shows when it has nothing to show: empty, filtered, loading, failed, denied, gone."""

import reflex as rx

from backoffice.components.button import button
from backoffice.components.icon import icon as draw
from backoffice.components.looks import Content


def _state(
    picture: str,
    title: Content,
    words: Content,
    actions: tuple[rx.Component, ...],
    *,
    test_id: str,
    tone: str = "",
    is_page: bool = False,
) -> rx.Component:
    heading = rx.el.h1 if is_page else rx.el.h2
    return rx.el.div(
        rx.el.span(draw(picture, 20), class_name="state-mark"),
        heading(title),
        rx.el.p(words),
        *([rx.el.div(*actions, class_name="actions")] if actions else []),
        class_name="state",
        data_testid=test_id,
        data_tone=tone,
    )


def empty(
    title: Content,
    words: Content,
    *actions: rx.Component,
    icon: str = "inbox",
    is_page: bool = False,
    test_id: str = "empty-state",
) -> rx.Component:
    """Say what will be here, why it is empty and what to do first; `is_page` when nothing else is on the page."""
    return _state(icon, title, words, actions, test_id=test_id, is_page=is_page)


def filter_empty(words: Content, on_clear: rx.event.EventType[()]) -> rx.Component:
    """Say that the filters leave nothing, and clear them with one click."""
    clear = button("Clear filters", icon="x", on_click=on_clear, test_id="clear-filters")
    return _state("search", "Nothing matches", words, (clear,), test_id="empty-state")


def error(
    words: Content, *, request_id: str | rx.Var[str] = "", on_retry: rx.event.EventType[()] | None = None
) -> rx.Component:
    """Say what failed, what was not lost, and how to try again."""
    retry = (button("Try again", icon="refresh-cw", on_click=on_retry, test_id="retry"),) if on_retry else ()
    reference = rx.cond(request_id, rx.el.span(" Request ", rx.el.code(request_id)), "")
    said = rx.fragment(words, reference)
    return _state("circle-alert", "That did not work", said, retry, test_id="error-state", tone="red")


def denied(permission: Content, who: Content = "", *actions: rx.Component, is_page: bool = False) -> rx.Component:
    """Name the missing permission and who can grant it."""
    words = rx.fragment("You need ", rx.el.b(permission), ". ", who)
    return _state(
        "lock", "Not open to your role", words, actions, test_id="denied-state", tone="amber", is_page=is_page
    )


def not_found(title: Content, words: Content, *actions: rx.Component) -> rx.Component:
    """Stand for a whole page: tell a thing that never was from a thing that was erased."""
    return _state("file-x", title, words, actions, test_id="not-found-state", is_page=True)


def skeleton(width: str = "100%", height: str = "16px") -> rx.Component:
    """Stand in for one thing that is loading."""
    return rx.el.div(class_name="skeleton", style={"width": width, "height": height}, aria_hidden="true")


def loading_rows(rows: int = 8, label: str = "Loading") -> rx.Component:
    """Stand in for the rows of a table."""
    widths = ("92%", "78%", "86%", "70%")
    lines = [rx.el.div(skeleton(widths[index % 4], "14px"), style={"padding": "11px 16px"}) for index in range(rows)]
    return rx.el.div(rx.el.span(label, class_name="visually-hidden"), *lines, role="status", data_testid="loading")


def loading_cards(cards: int = 6) -> rx.Component:
    """Stand in for key figures."""
    return rx.el.div(
        rx.el.span("Loading", class_name="visually-hidden"),
        *[rx.el.div(skeleton("60%", "12px"), skeleton("40%", "26px"), class_name="kpi stack") for _ in range(cards)],
        class_name="grid kpis",
        role="status",
        data_testid="loading",
    )
