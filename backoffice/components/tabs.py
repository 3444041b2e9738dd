"""Tabs that are links, filter chips and other choices that live in the URL."""

from typing import Any

import reflex as rx

from backoffice.components.badge import count
from backoffice.components.dialog import menu
from backoffice.components.icon import icon
from backoffice.components.looks import Content, Props


def tabs(*items: Content, label: str) -> rx.Component:
    """Hold tab links: the URL is the state, so a tab is a place to go."""
    return rx.el.nav(*items, class_name="tabs", aria_label=label)


def tab(
    label: str | rx.Var[str],
    *,
    current: bool | rx.Var[bool],
    href: str | rx.Var[str] | None = None,
    on_click: rx.event.EventType[()] | None = None,
    amount: int | rx.Var[int] | rx.Var[str] | None = None,
    keys: str | None = None,
    **props: Props,
) -> rx.Component:
    """Make one tab; give href, or on_click where the view is not in the URL."""
    parts = [label, *([count(amount)] if amount is not None else [])]
    here = rx.cond(current, "page", "false")
    extra: dict[str, Props] = {"data_command": f"tab-{keys}", "aria_keyshortcuts": keys} if keys else {}
    extra |= {"class_name": "tab", "aria_current": here}
    if href is not None:
        return rx.el.a(*parts, href=href, **(extra | props))
    return rx.el.button(*parts, type="button", on_click=on_click, **(extra | props))


def filter_bar(*parts: Content) -> rx.Component:
    """Line up the search box, chips and filter menus above a list."""
    return rx.el.div(*parts, class_name="filter-bar", role="search")


def chip(name: str | rx.Var[str], value: str | rx.Var[str], on_remove: rx.event.EventType[()]) -> rx.Component:
    """Show one filter that is on; its cross takes it off."""
    cross = rx.el.button(icon("x", 13), type="button", aria_label=f"Remove filter {name}: {value}", on_click=on_remove)
    return rx.el.span(rx.el.span(name, ": ", rx.el.b(value)), cross, class_name="chip")


def filter_menu(words: str | rx.Var[str], choices: Any, *, by: str = "") -> rx.Component:  # noqa: ANN401 a Var of choices
    """Offer what a list can be narrowed by, each a link; `by` where the words say too little."""
    said = by or (words.lower() if isinstance(words, str) else words)
    return menu(rx.foreach(choices, filter_choice), label=f"Filter by {said}", text=words, caret=True, side="left")


def filter_choice(one: Any) -> rx.Component:  # noqa: ANN401 a Var with label, href and is_current
    """Show one of the choices; the one in force is marked."""
    return rx.el.a(one.label, href=one.href, aria_current=rx.cond(one.is_current, "true", "false"))


def new_pill(amount: int | rx.Var[int], on_show: rx.event.EventType[()]) -> rx.Component:
    """Tell of rows that arrived since; the list never moves by itself."""
    number = rx.Var.create(amount).to(int)
    pill = rx.el.button(
        icon("arrow-up", 14), number, " new · Show", type="button", class_name="new-pill", on_click=on_show,
        data_testid="new-rows", data_command="show-new",
    )  # fmt: skip
    return rx.cond(number > 0, pill)


def segment(*options: tuple[str, bool | rx.Var[bool], rx.event.EventType[()]], label: str) -> rx.Component:
    """Choose one of a few: (words, chosen, event) each."""
    buttons = [
        rx.el.button(words, type="button", aria_pressed=rx.cond(chosen, "true", "false"), on_click=event)
        for words, chosen, event in options
    ]
    return rx.el.div(*buttons, class_name="segment", role="group", aria_label=label)
