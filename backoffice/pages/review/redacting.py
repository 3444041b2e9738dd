"""Blackening a page at once: the dialog in which areas are drawn for one copy."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, row, stack
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, text_input
from backoffice.components.viewer import ViewerBox, viewer
from backoffice.state.review.redacting import RedactingState
from backoffice.viewmodels.workspaces import BoxView

WORDS = "Black areas are burnt into the pixels of a copy of this page. The original stays."
shown: Any = RedactingState.page
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def begin(words: str) -> rx.Component:
    """Offer to draw areas on the shown page that are no marks."""
    return rx.el.div(
        button(words, size="sm", icon="square-dashed-mouse-pointer", test_id="areas-open", on_click=RedactingState.open)
    )


def tool() -> rx.Component:
    """Offer the same beside the picture, where there is always room."""
    return button(
        "Blacken",
        size="sm",
        tone="ghost",
        icon="square-dashed-mouse-pointer",
        class_name="wide",
        title="Draw areas and blacken them in a copy",
        test_id="areas-tool",
        on_click=RedactingState.open,
    )


def ready(link: Any, test_id: str) -> rx.Component:  # noqa: ANN401 a Var
    """Link to a copy past the page's own router, which would look for a page of ours."""
    past: dict[str, Any] = {"reloadDocument": True}
    download = rx.el.a("Download the copy", href=link, class_name="link", data_testid=test_id, custom_attrs=past)
    return callout(download, " (five minutes, only in this browser)", tone="green", icon="download")


def question(desk: Any) -> rx.Component:  # noqa: ANN401 a Var
    """Draw, say what for, and make the copy."""
    picture = viewer(
        shown.src,
        shown.label,
        marks=RedactingState.areas.to(list[ViewerBox]),
        current=RedactingState.selected,
        on_select=RedactingState.select,
        on_mark=RedactingState.draw,
        on_unmark=RedactingState.remove,
    )
    frame: Any = {"height": "min(48vh, 440px)", "display": "flex"}
    return dialog(
        stack(
            rx.el.p(WORDS, " Areas that are drawn here are no marks: only the copy keeps them.", class_name="small"),
            rx.el.div(picture, style=frame, data_testid="areas-picture"),
            _areas(),
            _form(),
        ),
        open=(RedactingState.task_id != "") & (RedactingState.task_id == desk.task_id),
        title="Blacken areas of this page",
        on_close=RedactingState.close,
        size="lg",
        test_id="areas-dialog",
    )


def _areas() -> rx.Component:
    none = rx.el.p("Press Mark an area, then draw on the picture.", class_name="muted small")
    some = rx.el.ul(rx.foreach(RedactingState.areas, _area), class_name="row", data_wrap=True, aria_label="Areas")
    return rx.cond(RedactingState.areas.length() > 0, some, none)


def _area(one: BoxView) -> rx.Component:
    words = rx.Var.create("Remove ") + one.label
    return rx.el.li(
        button(words, size="sm", icon="x", on_click=RedactingState.remove(one.id)), data_testid="area", data_id=one.id
    )


def _form() -> rx.Component:
    return form(
        rx.cond(RedactingState.error, callout(RedactingState.error, tone="red", icon="circle-alert")),
        field("area-why", "What for?", text_input("area-why", max_length=300, required=True)),
        row(
            button(
                "Make the copy",
                tone="primary",
                type="submit",
                disabled=RedactingState.areas.length() == 0,
                test_id="areas-make",
            ),
            button("Close", on_click=RedactingState.close),
        ),
        rx.cond(RedactingState.link, ready(RedactingState.link, "areas-link")),
        on_submit=RedactingState.make,
    )
