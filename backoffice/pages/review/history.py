"""`/review/history`: past decisions, one's own or for leads everybody's, each a way to its document's story."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, page_head
from backoffice.components.button import button, link_button
from backoffice.components.form import checkbox, select
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import filter_bar
from backoffice.components.time import relative_time
from backoffice.state.review.history import HistoryState
from backoffice.viewmodels.review_history import OUTCOMES, PERIODS, PastRow

COLUMNS = ("Document", "Outcome", "Reasons", "Reference", "Partner", "By", Column("Took", number=True), "Decided")
asked: Any = HistoryState.asked
"""A Var of a dictionary: its values are Vars, which no type checker knows."""


def history() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("History", rx.cond(HistoryState.is_lead, "Everybody's decisions", "Your decisions")),
        filter_bar(_outcome(), _period(), rx.cond(HistoryState.is_lead, _person()), _overturned()),
        rx.cond(HistoryState.is_loaded, _list(), box(states.loading_rows(8, "Loading past decisions"))),
        row_keys(),
        hotkeys(ROW_KEYS, ROW_WORDS),
    )


def _outcome() -> rx.Component:
    return select(
        "outcome",
        list(OUTCOMES.items()),
        value=asked["outcome"],
        on_change=lambda value: HistoryState.choose("outcome", value),
        aria_label="Outcome",
    )


def _period() -> rx.Component:
    return select(
        "days",
        list(PERIODS.items()),
        value=asked["days"],
        on_change=lambda value: HistoryState.choose("days", value),
        aria_label="Period",
    )


def _person() -> rx.Component:
    return select(
        "person",
        rx.fragment(
            rx.el.option("Everybody", value=""),
            rx.foreach(HistoryState.names, lambda one: rx.el.option(one[1], value=one[0])),
        ),
        value=asked["person"],
        on_change=lambda value: HistoryState.choose("person", value),
        aria_label="Person",
    )


def _overturned() -> rx.Component:
    is_on = asked["overturned"] == "1"
    return checkbox(
        "Overturned only",
        checked=is_on,
        on_change=HistoryState.choose("overturned", rx.cond(is_on, "", "1")),
        data_testid="history-overturned",
    )


def _list() -> rx.Component:
    shown = box(
        table(COLUMNS, rx.foreach(HistoryState.rows, _row), caption="Past decisions, newest first"),
        rx.cond(HistoryState.more_url, _more()),
    )
    return rx.cond(HistoryState.rows.length() > 0, shown, box(_nothing()))


def _row(one: PastRow) -> rx.Component:
    turned = rx.cond(one.is_overturned, badge("Overturned", "amber", "history"))
    return table_row(
        main_cell(one.kind, href=one.href),
        cell(rx.el.span(status_badge(one.outcome), " ", turned, class_name="row"), label="Outcome"),
        cell(one.reasons, label="Reasons"),
        cell(rx.el.span(one.reference, class_name="mono small"), label="Reference"),
        cell(one.partner, label="Partner", phone="hide"),
        cell(one.by, label="By", phone="hide"),
        cell(one.took, label="Took", number=True),
        cell(relative_time(one.at), label="Decided"),
        data_testid="history-row",
        data_id=one.id,
        data_outcome=one.outcome,
    )


def _nothing() -> rx.Component:
    clear = button("Clear filters", icon="x", on_click=HistoryState.clear, test_id="clear-filters")
    year = link_button("The whole year", "/review/history?days=365")
    none = states.empty("Nothing matches", "No decision of this time fits these filters.", clear, year, icon="search")
    words = "What you decide stands here, with the story of each document behind it."
    first = states.empty("Nothing decided in this time", words, year, icon="history")
    return rx.cond(HistoryState.is_filtered, none, first)


def _more() -> rx.Component:
    older = link_button("Older", HistoryState.more_url, icon="chevron-right", test_id="history-older")
    return rx.el.nav(older, class_name="pager", aria_label="Pages")
