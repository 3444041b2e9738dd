"""`/review/queue`: what waits for a person, most urgent first."""

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, page_head
from backoffice.components.button import link_button
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import cell, main_cell, table, table_row
from backoffice.components.tabs import filter_bar, tab, tabs
from backoffice.components.time import countdown, relative_time
from backoffice.state.review.queue import QueueState
from backoffice.viewmodels.review_tasks import QueueRow, QueueTab

KEYS = ROW_KEYS | {"enter": "start", "f": "search"}
WORDS = ROW_WORDS | {"start": "Start reviewing", "search": "Search"}
COLUMNS = ("Why now", "Due", "Document", "Reference", "Partner", "Received", "Who")


def queue() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        _head(),
        rx.el.div(
            tabs(rx.foreach(QueueState.tabs, _tab), label="Saved views"),
            filter_bar(_search()),
            class_name="row",
            data_justify="between",
        ),
        rx.cond(QueueState.is_loaded, _list(), box(states.loading_rows(8, "Loading the queue"))),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _head() -> rx.Component:
    header = QueueState.header
    pace = rx.cond(header.median, rx.fragment(", median ", header.median), "")
    start = link_button(
        "Start reviewing",
        "/review/work",
        icon="play",
        tone="primary",
        keys="Enter",
        command="start",
        test_id="queue-start",
    )
    return page_head(
        "Queue",
        rx.el.span(rx.el.b(header.waiting), " waiting"),
        rx.el.span("oldest ", header.oldest),
        rx.el.span("you decided ", header.decided, " today", pace),
        actions=(start,),
    )


def _tab(one: QueueTab) -> rx.Component:
    return tab(
        one.label,
        current=one.is_current,
        href=rx.cond(one.view == "all", "/review/queue", f"/review/queue?view={one.view}"),
        amount=one.count,
        data_testid=f"queue-tab-{one.view}",
    )


def _search() -> rx.Component:
    box_ = search_input("q", "Document id or external id", default_value=QueueState.q)
    return rx.el.form(box_, on_submit=QueueState.search, key=QueueState.q)


def _list() -> rx.Component:
    shown = box(
        table(COLUMNS, rx.foreach(QueueState.rows, _row), caption="Waiting tasks, most urgent first"),
        rx.cond(QueueState.more_url, _more()),
    )
    return rx.cond(QueueState.rows.length() > 0, shown, box(_nothing()))


def _row(one: QueueRow) -> rx.Component:
    mark = rx.match(one.urgency, ("late", "circle-alert"), ("soon", "clock-alert"), "circle-dashed")
    return table_row(
        main_cell(icon(mark, 15), " ", one.why, href=one.href),
        cell(countdown(one.due_at, before="in ", after="late by", soon=1800), label="Due"),
        cell(one.kind, label="Document"),
        cell(rx.el.span(one.reference, class_name="mono small"), label="Reference"),
        cell(one.partner, label="Partner", phone="hide"),
        cell(relative_time(one.submitted_at), label="Received", phone="hide"),
        cell(
            _who(one),
            label="Who",
            data_phone=rx.cond((one.holder != "") | (one.status != "queued"), "", "hide"),
        ),
        data_testid="queue-row",
        data_document_id=one.document_id,
        data_task_id=one.task_id,
        data_urgency=one.urgency,
    )


def _who(one: QueueRow) -> rx.Component:
    waiting = rx.cond(one.status == "queued", rx.el.span("-", class_name="muted"), status_badge(one.status))
    return rx.cond(one.holder, rx.el.span(one.holder, " (now)"), waiting)


def _nothing() -> rx.Component:
    header = QueueState.header
    pace = rx.cond(header.median, rx.fragment(", median ", header.median), "")
    words = rx.fragment("You decided ", header.decided, " today", pace, ".")
    clear = states.empty("Queue is clear", words, icon="circle-check")
    whole = link_button("Whole queue", "/review/queue")
    none = states.empty("No task matches", "It may be decided, or its id may be cut off.", whole, icon="search")
    return rx.cond((QueueState.q != "") | (QueueState.view != "all"), none, clear)


def _more() -> rx.Component:
    down = link_button("Further down the queue", QueueState.more_url, icon="chevron-right")
    return rx.el.nav(down, class_name="pager", aria_label="Pages")
