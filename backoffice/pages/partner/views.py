"""The tabs of the list of documents, the menu that keeps, renames and orders one's own, and how the list looks."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, row, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog, menu
from backoffice.components.form import checkbox, field, form, text_input
from backoffice.components.icon import icon
from backoffice.components.tabs import segment, tab, tabs
from backoffice.models.saved_views import LONGEST_NAME
from backoffice.state.partner.looks import LooksState
from backoffice.state.partner.views import ViewsState
from backoffice.viewmodels.saved_views import ViewTab

current: Any = ViewsState.current
COLUMN_WORDS = {
    "reference": "Reference",
    "id": "Id",
    "tags": "Tags",
    "attempt": "Attempt",
    "received": "Received",
    "due": "Due",
}


def view_tabs() -> rx.Component:
    """Lead to every view, with how many documents it holds."""
    listed = tabs(rx.foreach(ViewsState.tabs, _tab), label="Saved views")
    return rx.el.div(listed, _menu(), class_name="view-bar")


def _tab(one: Any) -> rx.Component:  # noqa: ANN401 a ViewTab in a Var
    return tab(
        one.label,
        current=one.is_current,
        href=one.href,
        amount=one.count,
        data_testid="view-tab",
        data_name=one.label,
        data_count=one.count,
    )


def _menu() -> rx.Component:
    """Go to a view by keyboard, and change one's own."""
    save = rx.el.button(
        icon("plus", 15), "Save this view…", type="button", on_click=ViewsState.ask("new"), data_testid="view-save"
    )
    nothing = rx.el.p("Filter the list to save it as a view.", class_name="menu-text muted small")
    own = rx.fragment(
        rx.el.button(icon("pencil", 15), "Rename…", type="button", on_click=ViewsState.ask("rename")),
        rx.el.button(icon("chevron-left", 15), "Move left", type="button", on_click=ViewsState.move(-1)),
        rx.el.button(icon("chevron-right", 15), "Move right", type="button", on_click=ViewsState.move(1)),
        rx.el.button(
            icon("trash-2", 15), "Delete…", type="button", on_click=ViewsState.ask("delete"), data_testid="view-delete"
        ),
    )
    return menu(
        rx.foreach(ViewsState.tabs, _item),
        rx.el.hr(),
        rx.cond(ViewsState.can_keep, save, rx.cond(current.id, own, nothing)),
        label="Views",
        text="Views",
        caret=True,
        command="views",
        test_id="views-menu",
    )


def _item(one: ViewTab) -> rx.Component:
    amount = rx.el.span(one.count, class_name="count")
    return rx.el.a(one.label, amount, href=one.href, aria_current=rx.cond(one.is_current, "true", "false"))


def view_question() -> rx.Component:
    """Ask for a name, or whether the view may go."""
    is_delete = ViewsState.asking == "delete"
    name = text_input(
        "view-name",
        max_length=LONGEST_NAME,
        auto_complete="off",
        default_value=rx.cond(ViewsState.asking == "rename", current.label, ""),
    )
    hint = "Yours alone. It keeps the filters, not what was searched for."
    asked = rx.cond(
        is_delete,
        text("The view “", current.label, "” will be gone; its documents stay."),
        field("view-name", "Name", name, hint=hint),
    )
    send: Any = rx.match(ViewsState.asking, ("new", "Save"), ("rename", "Rename"), "Delete")
    title: Any = rx.match(
        ViewsState.asking, ("new", "Save this view"), ("rename", "Rename the view"), "Delete the view"
    )
    return dialog(
        stack(
            rx.cond(ViewsState.error, callout(ViewsState.error, tone="red", icon="circle-alert")),
            form(
                asked,
                row(
                    button("Close", on_click=ViewsState.ask("")),
                    button(send, tone=rx.cond(is_delete, "danger", "primary"), type="submit", test_id="view-confirm"),
                    justify="end",
                ),
                on_submit=ViewsState.confirm,
            ),
        ),
        open=ViewsState.asking != "",
        title=title,
        on_close=ViewsState.ask(""),
        test_id="view-dialog",
    )


def looks_menu() -> rx.Component:
    """Choose columns, and how high rows are."""
    columns = [
        checkbox(
            words,
            checked=~LooksState.hidden.contains(name),
            on_change=LooksState.toggle(name),
            data_testid=f"column-{name}",
        )
        for name, words in COLUMN_WORDS.items()
    ]
    height = segment(
        ("Comfortable", LooksState.density == "comfortable", LooksState.choose("comfortable")),
        ("Compact", LooksState.density == "compact", LooksState.choose("compact")),
        label="Height of rows",
    )
    return rx.el.div(
        menu(
            rx.el.fieldset(
                rx.el.legend("Columns", class_name="visually-hidden"), *columns, class_name="menu-text stack"
            ),
            rx.el.hr(),
            rx.el.div(height, class_name="menu-text"),
            label="Columns and density",
            text="Columns",
            caret=True,
            test_id="looks-menu",
        ),
        class_name="wide",
    )
