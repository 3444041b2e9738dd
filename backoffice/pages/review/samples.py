"""`/review/samples`: decisions of others to judge blind, and what came of it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, page_head, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import tab, tabs
from backoffice.components.time import relative_time
from backoffice.state.review.samples import SamplesState
from backoffice.viewmodels.samples import LookRow, SampleTab

KEYS = ROW_KEYS | {"enter": "take"}
WORDS = ROW_WORDS | {"take": "Take the next sample"}
COLUMNS = ("Document", "First decision", "Second look", "Result", "Cause", "Judged")
SHARES = (
    ("low", "Low risk", "Every check passed."),
    ("medium", "Medium risk", "A check is unsure."),
    ("high", "High risk", "A check failed, or the document was never scored."),
    ("gold", "Gold documents", "So many for each hundred samples."),
)
shares: Any = SamplesState.shares
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def samples() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        _head(),
        rx.cond(SamplesState.is_lead, tabs(rx.foreach(SamplesState.tabs, _tab), label="Lists of second looks")),
        rx.cond(SamplesState.is_loaded, _list(), box(states.loading_rows(6, "Loading second looks"))),
        _settings(),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _head() -> rx.Component:
    take = button(
        "Take the next",
        icon="eye",
        tone="primary",
        keys="Enter",
        command="take",
        test_id="sample-take",
        disabled=SamplesState.waiting == 0,
        on_click=SamplesState.take,
    )
    edit = button("How many", icon="sliders-horizontal", test_id="shares-edit", on_click=SamplesState.edit)
    return page_head(
        "Samples",
        SamplesState.waiting_words,
        rx.el.span("judged without knowing the verdict", class_name="wide"),
        actions=(rx.cond(SamplesState.is_lead, edit), take),
    )


def _tab(one: SampleTab) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href, data_testid=f"samples-tab-{one.view}")


def _list() -> rx.Component:
    shown = box(
        table(COLUMNS, rx.foreach(SamplesState.rows, _row), caption="Second looks, last judged first"),
        rx.cond(SamplesState.more_url, _more()),
    )
    return rx.cond(SamplesState.rows.length() > 0, shown, box(_nothing()))


def _row(one: LookRow) -> rx.Component:
    first = two_lines(status_badge(one.first), _said(one.first_by, one.first_reasons))
    second = two_lines(status_badge(one.second), _said(one.second_by, one.second_reasons))
    result = rx.cond(one.agrees, badge("Agrees", "green", "check"), badge("Differs", "amber", "scale"))
    story = text_link("Timeline", one.document_href)
    return table_row(
        main_cell(two_lines(one.kind, rx.fragment(one.partner, " · ", one.band)), href=one.href),
        cell(first, label="First"),
        cell(second, label="Second"),
        cell(result, label="Result"),
        cell(rx.cond(one.agrees, rx.el.span("-", class_name="muted"), _cause(one)), label="Cause"),
        cell(rx.el.span(relative_time(one.answered_at), " ", rx.cond(SamplesState.is_lead, story)), label="Judged"),
        data_testid="sample-row",
        data_id=one.id,
        data_agrees=one.agrees,
    )


def _said(by: Any, reasons: Any) -> rx.Component:  # noqa: ANN401 Vars
    return rx.fragment(by, rx.cond(reasons, rx.fragment(" · ", reasons), rx.fragment()))


def _cause(one: LookRow) -> rx.Component:
    missing = rx.el.span("Not said yet", class_name="muted")
    return rx.cond(one.cause, badge(one.cause_words, "gray"), missing)


def _nothing() -> rx.Component:
    words = "Take a decision that somebody else made, judge it without knowing theirs, then see both."
    mine = states.empty("No second looks yet", words, icon="eye")
    none = states.empty("No disagreement", "Every second look so far came to the same outcome.", icon="circle-check")
    return rx.cond(SamplesState.view == "disagreements", none, mine)


def _more() -> rx.Component:
    older = link_button("Older", SamplesState.more_url, icon="chevron-right")
    return rx.el.nav(older, class_name="pager", aria_label="Pages")


def _settings() -> rx.Component:
    inputs = [
        field(
            name,
            f"{label}, percent",
            text_input(name, input_mode="numeric", max_length=3, default_value=getattr(shares, name).to(str)),
            hint=hint,
        )
        for name, label, hint in SHARES
    ]
    words = rx.el.p("So many decisions are judged again by somebody else, drawn by chance within each risk band.")
    save = button("Save", tone="primary", type="submit", test_id="shares-save")
    return dialog(
        stack(words, form(*inputs, rx.el.div(save), on_submit=SamplesState.save, key=shares.version.to(str))),
        open=SamplesState.is_editing,
        title="How many decisions get a second look",
        on_close=SamplesState.close,
    )
