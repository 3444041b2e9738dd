"""The pictures on a document's timeline: with what was read and marked on them, opened when somebody asks."""

from typing import Any

import reflex as rx

from backoffice.components.box import panel, stack
from backoffice.components.button import button
from backoffice.components.viewer import ViewerBox, thumb, thumbs, viewer
from backoffice.state.review.exhibits import ExhibitsState
from backoffice.viewmodels.annotations import MarkView
from backoffice.viewmodels.workspaces import PageView

marks: Any = ExhibitsState.marks
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def exhibits(head: Any) -> rx.Component:  # noqa: ANN401 a Var
    """Offer the pictures of a document that was not erased."""
    is_open = (ExhibitsState.document_id == head.id) & (head.id != "")
    show = button("Show the pictures", icon="eye", size="sm", test_id="exhibits-open", on_click=ExhibitsState.open)
    hide = button("Hide", size="sm", tone="ghost", test_id="exhibits-close", on_click=ExhibitsState.close)
    closed = rx.el.p("With what was read on them, and the marks of reviewers.", class_name="muted small")
    shown = panel(
        "Pictures",
        rx.cond(is_open, _opened(), closed),
        actions=(rx.cond(is_open, hide, show),),
        data_testid="exhibits",
    )
    return rx.cond(head.status != "redacted", shown)


def _opened() -> rx.Component:
    none = rx.el.p("No picture could be made of it.", class_name="muted")
    return rx.cond(ExhibitsState.pages.length() > 0, stack(_strip(), _picture(), _list(), gap=8), none)


def _strip() -> rx.Component:
    return rx.cond(ExhibitsState.pages.length() > 1, thumbs(rx.foreach(ExhibitsState.pages, _thumb)))


def _thumb(page: PageView, index: rx.Var[int]) -> rx.Component:
    turn = ExhibitsState.turn_to(index)
    return thumb(page.thumbnail, page.label, current=index == ExhibitsState.page, on_click=turn)


def _picture() -> rx.Component:
    shown: Any = ExhibitsState.pages[ExhibitsState.page]
    picture = viewer(
        shown.src,
        shown.label,
        boxes=shown.boxes.to(list[ViewerBox]),
        marks=rx.cond(marks.drawn.contains(shown.id), marks.drawn[shown.id], []).to(list[ViewerBox]),
        current=ExhibitsState.selected,
        on_select=ExhibitsState.light,
    )
    frame: Any = {"height": "min(56vh, 460px)", "display": "flex"}
    return rx.el.div(picture, style=frame, data_page=shown.id)


def _list() -> rx.Component:
    """Name the marks for everybody who does not see them, and for their words."""
    rows = stack(rx.foreach(marks.rows, _mark), gap=4, data_testid="exhibit-marks")
    return rx.cond(marks.rows.length() > 0, rows, rx.el.p("Nothing is marked on them.", class_name="muted small"))


def _mark(one: MarkView) -> rx.Component:
    place = rx.fragment(" · ", one.place, rx.cond(one.reason_label, f" · {one.reason_label}", ""))
    return rx.el.button(
        rx.el.span(rx.el.span(one.title, class_name="strong"), place),
        rx.cond(one.note, rx.el.span(one.note, class_name="note", dir="auto")),
        rx.el.span(one.by, class_name="muted tiny"),
        type="button",
        class_name="mark-item",
        aria_pressed=rx.cond(ExhibitsState.selected == one.id, "true", "false"),
        on_click=ExhibitsState.light(one.id),
        data_testid="exhibit-mark",
        data_id=one.id,
    )
