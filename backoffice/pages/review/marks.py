"""The list of marks beside the checks: for everybody who does not see them, and for their words."""

from typing import Any

import reflex as rx

from backoffice.components.box import row, stack
from backoffice.components.button import button
from backoffice.components.form import checkbox, field, form, select, text_area, text_input
from backoffice.components.workspace import folded, side_section
from backoffice.pages.review import redacting
from backoffice.state.review.marks import MarksState
from backoffice.viewmodels.annotations import MarkView
from backoffice.viewmodels.workspaces import ReasonView

marks: Any = MarksState.marks
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def drawn_on(page: Any) -> Any:  # noqa: ANN401 Vars
    """Answer the marks that stand on one page."""
    return rx.cond(marks.drawn.contains(page.id), marks.drawn[page.id], [])


def section(desk: Any, page: Any, selected: Any) -> rx.Component:  # noqa: ANN401 Vars
    """List the marks of the task on the desk; without any only how to make one."""
    is_here = MarksState.task_id == desk.task_id
    rows = stack(rx.foreach(marks.rows, lambda one: _mark(one, desk, selected)), gap=4)
    some = side_section(rx.fragment("Marks (", marks.rows.length(), ")"), rows, _redaction(page), data_testid="marks")
    hint = rx.el.p("No marks yet. M marks an area on the picture.", class_name="muted small")
    none = rx.el.section(hint, class_name="unmarked")
    return rx.fragment(rx.cond(is_here & (marks.rows.length() > 0), some, none), redacting.question(desk))


def _mark(one: MarkView, desk: Any, selected: Any) -> rx.Component:  # noqa: ANN401 Vars
    words = rx.fragment(
        rx.el.span(one.title, class_name="strong"),
        " · ",
        one.place,
        rx.cond(one.reason_label, f" · {one.reason_label}", ""),
    )
    shown = rx.el.button(
        rx.el.span(words),
        rx.cond(one.note, rx.el.span(one.note, class_name="note", dir="auto")),
        rx.el.span(one.by, class_name="muted tiny"),
        type="button",
        class_name="mark-item",
        aria_pressed=rx.cond(selected == one.id, "true", "false"),
        on_click=MarksState.choose(one.id),
    )
    tools = row(
        button("Edit", size="sm", tone="ghost", aria_label=f"Edit {one.title}", on_click=MarksState.edit(one.id)),
        button("Remove", size="sm", tone="ghost", aria_label=f"Remove {one.title}", on_click=MarksState.remove(one.id)),
        gap=2,
    )
    is_open = (MarksState.editing == one.id) & one.is_mine & desk.is_mine
    return rx.el.div(
        rx.el.div(shown, rx.cond(one.is_mine & desk.is_mine, tools), class_name="mark-row"),
        rx.cond(is_open, _editor(one, desk)),
        data_testid="mark",
        data_id=one.id,
    )


def _editor(one: MarkView, desk: Any) -> rx.Component:  # noqa: ANN401 a Var
    none = rx.el.option("No reason", value="")
    options = rx.fragment(none, rx.foreach(desk.reasons.to(list[ReasonView]), _option))
    return form(
        field("mark-note", "Note", _note(one), hint="For later reviewers; partners never see it.", optional=True),
        field("mark-reason", "Reason", select("mark-reason", options, default_value=one.reason), optional=True),
        row(
            button("Keep", size="sm", tone="primary", type="submit", test_id="mark-save"),
            button("Close", size="sm", tone="ghost", on_click=MarksState.edit("")),
        ),
        on_submit=MarksState.save,
        key=one.id,
    )


def _note(one: MarkView) -> rx.Component:
    return text_area("mark-note", default_value=one.note, rows="2", max_length=2_000, auto_focus=True, dir="auto")


def _option(one: ReasonView) -> rx.Component:
    return rx.el.option(one.label, value=one.code)


def _redaction(page: Any) -> rx.Component:  # noqa: ANN401 a Var
    """Blacken marks in a copy of the shown page."""
    here = drawn_on(page).to(list[MarkView])
    choose = form(
        stack(rx.foreach(here, _black), gap=2),
        field("copy-why", "What for?", text_input("copy-why", max_length=300, required=True)),
        row(button("Make the copy", size="sm", tone="primary", type="submit", test_id="copy-make")),
        rx.cond(MarksState.link, redacting.ready(MarksState.link, "copy-link")),
        on_submit=lambda written: MarksState.copy(page.id, written),
    )
    return folded(
        "Redacted copy",
        rx.el.p(redacting.WORDS, class_name="small"),
        redacting.begin("Draw areas and blacken them…"),
        rx.cond(here.length() > 0, choose, rx.el.p("This page has no mark to blacken.", class_name="muted")),
        data_testid="redaction",
    )


def _black(one: MarkView) -> rx.Component:
    is_chosen = MarksState.black.contains(one.id)
    return checkbox(f"Blacken {one.title}", checked=is_chosen, on_change=MarksState.blacken(one.id))
