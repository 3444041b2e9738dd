"""`/review/queue`: what waits for a person, most urgent first."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, page_head
from backoffice.components.button import button, link_button
from backoffice.components.form import search_input, switch
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.rows import PICK_KEYS, PICK_WORDS, ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, bulk_bar, cell, main_cell, table, table_row, tick_cell, two_lines
from backoffice.components.tabs import chip, filter_bar, filter_menu, new_pill, tab, tabs
from backoffice.components.time import countdown, relative_time
from backoffice.pages.review.assigning import dialogs
from backoffice.pages.review.bulk import bulk_progress, bulk_question, bulk_tools, selected
from backoffice.state.review.assigning import AssigningState
from backoffice.state.review.queue import QueueState
from backoffice.state.review.queue_rows import PARTS
from backoffice.state.session import SessionState
from backoffice.viewmodels.documents import FilterChip
from backoffice.viewmodels.queue_filters import FilterMenu
from backoffice.viewmodels.review_tasks import QueueRow, QueueTab

KEYS = (
    ROW_KEYS
    | PICK_KEYS
    | {"enter": "start", "f": "search", "a": "assign-me", "shift+a": "assign", "m": "move", "escape": "select-none"}
)
WORDS = (
    ROW_WORDS
    | PICK_WORDS
    | {
        "start": "Start reviewing",
        "search": "Search",
        "assign-me": "Assign to me",
        "assign": "Assign to somebody (leads)",
        "move": "Move in the queue (leads)",
        "select-none": "Clear the selection",
    }
)
COLUMNS = (Column("Select", hidden=True), "Why now", "Due", "Document", "Reference", "Partner", "Received", "Who")
leads = SessionState.viewer.permissions.contains("queue:manage")  # pyright: ignore[reportAttributeAccessIssue] a Var


def queue() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        _head(),
        tabs(rx.foreach(QueueState.tabs, _tab), label="Saved views"),
        filter_bar(_search(), rx.foreach(QueueState.menus, _menu), rx.foreach(QueueState.chips, _chip)),
        rx.el.div(new_pill(QueueState.newer, QueueState.show_new), role="status"),
        bulk_progress(),
        rx.cond(QueueState.is_loaded, _list(), box(states.loading_rows(8, "Loading the queue"))),
        _selected(),
        dialogs(),
        bulk_question(),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _head() -> rx.Component:
    header = QueueState.header
    pace = rx.cond(header.median, rx.fragment(", median ", header.median), "")
    clear = rx.cond(
        header.clear, rx.fragment("clear in about ", header.clear, " at this pace"), "nobody decided in the last hour"
    )
    there = switch(
        "Give me tasks",
        checked=AssigningState.is_available,
        on_change=AssigningState.be_available,
        data_testid="availability",
    )
    rules = rx.fragment(
        link_button("Team", "/review/team", icon="gauge", test_id="queue-team"),
        link_button("Assignment", "/review/assignment", icon="users", test_id="queue-assignment"),
    )
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
        rx.el.span(rx.el.b(header.waiting), " waiting", data_testid="queue-waiting", data_value=header.waiting),
        rx.el.span("oldest ", header.oldest),
        rx.cond(header.waiting > 0, rx.el.span(clear, data_testid="queue-clear")),
        rx.el.span("you decided ", header.decided, " today", pace),
        actions=(there, rx.cond(leads, rules), start),
    )


def _tab(one: QueueTab) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href, amount=one.count, data_testid=f"queue-tab-{one.view}")


def _search() -> rx.Component:
    box_ = search_input("q", "Document id or external id", default_value=QueueState.q)
    return rx.el.form(box_, on_submit=QueueState.search, key=QueueState.q)


def _menu(one: FilterMenu) -> rx.Component:
    return filter_menu(one.label, one.choices)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, QueueState.remove(one.name))


def _list() -> rx.Component:
    shown = box(
        table(COLUMNS, rx.fragment(*_parts()), caption="Waiting tasks, most urgent first"),
        _pager(),
    )
    return rx.cond(QueueState.part_0.length() > 0, shown, box(_nothing()))


def _parts() -> list[rx.Component]:
    return [rx.foreach(getattr(QueueState, name), _row) for name in PARTS]


def _amount() -> Any:  # noqa: ANN401 a sum of Vars
    first, *others = [getattr(QueueState, name).length() for name in PARTS]
    return sum(others, first)


def _row(one: QueueRow) -> rx.Component:
    mark = rx.match(one.urgency, ("late", "circle-alert"), ("soon", "clock-alert"), "circle-dashed")
    left = countdown(one.due_at, before="in ", after="late by", soon=1800)
    chosen = QueueState.selected.contains(one.task_id)
    return table_row(
        tick_cell(chosen, rx.Var.create("Select ") + one.reference, QueueState.tick(one.task_id), disabled=one.is_gone),
        main_cell(two_lines(rx.fragment(icon(mark, 15), " ", one.why), one.about), href=one.href),
        cell(rx.cond(one.due_at, left, rx.el.span("paused", class_name="muted")), label="Due"),
        cell(one.kind, label="Document"),
        cell(rx.el.span(one.reference, class_name="mono small"), label="Reference"),
        cell(one.partner, label="Partner", phone="hide"),
        cell(relative_time(one.submitted_at), label="Received", phone="hide"),
        cell(_who(one), label="Who"),
        key=one.task_id,
        data_testid="queue-row",
        data_document_id=one.document_id,
        data_task_id=one.task_id,
        data_urgency=one.urgency,
        data_gone=one.is_gone,
        aria_selected=rx.cond(chosen, "true", "false"),
    )


def _who(one: QueueRow) -> rx.Component:
    """Say who works on it, whose it is to be, and who looks at it; nobody's can be taken by a press."""
    take = button(
        "Take",
        size="sm",
        tone="ghost",
        data_row_action="take",
        test_id="queue-take",
        on_click=AssigningState.take(one.task_id),
    )
    whose = rx.cond(one.is_mine, "For you", rx.fragment("For ", one.assignee))
    waiting = rx.cond(one.assignee, rx.el.span(whose), rx.cond(one.status == "queued", take, status_badge(one.status)))
    working = rx.cond(one.holder, rx.el.span(one.holder, " (now)"), waiting)
    looking = rx.cond(
        one.viewers,
        rx.el.small(icon("eye", 13), " ", one.viewers, class_name="muted", data_testid="queue-viewers"),
    )
    return rx.cond(
        one.is_gone, rx.el.span("Decided", class_name="muted"), rx.el.span(working, looking, class_name="who")
    )


def _nothing() -> rx.Component:
    header = QueueState.header
    pace = rx.cond(header.median, rx.fragment(", median ", header.median), "")
    words = rx.fragment("You decided ", header.decided, " today", pace, ".")
    clear = states.empty("Queue is clear", words, icon="circle-check")
    whole = link_button("Whole queue", "/review/queue?view=all")
    none = states.empty("No task matches", "It may be decided, or its id may be cut off.", whole, icon="search")
    view = states.empty("Nothing in this view", words, whole, icon="inbox")
    narrowed = QueueState.chips.length() > 0
    refused = states.empty("Choose a region first", QueueState.refusal, icon="globe", test_id="search-refused")
    found = rx.cond(narrowed, none, rx.cond(QueueState.view != "all", view, clear))
    return rx.cond(QueueState.refusal != "", refused, found)


def _pager() -> rx.Component:
    first = rx.cond(QueueState.first_url, link_button("Most urgent", QueueState.first_url, icon="chevron-left"))
    down = rx.cond(
        QueueState.more_url, link_button("Further down the queue", QueueState.more_url, icon="chevron-right")
    )
    return rx.cond(
        (QueueState.first_url != "") | (QueueState.more_url != ""),
        rx.el.nav(rx.el.span(_amount(), " shown", class_name="grow"), first, down, class_name="pager",
                  aria_label="Pages"),
    )  # fmt: skip


def _selected() -> rx.Component:
    to_me = button(
        "To me", icon="user-round-check", keys="A", command="assign-me", test_id="assign-me",
        on_click=AssigningState.take_selected,
    )  # fmt: skip
    to_others = button(
        "Assign…",
        icon="users",
        keys="Shift A",
        command="assign",
        test_id="assign",
        on_click=AssigningState.ask("assign"),
    )
    move = button(
        "Move…", icon="chevrons-up-down", keys="M", command="move", test_id="move", on_click=AssigningState.ask("move")
    )
    return bulk_bar(
        selected,
        to_me,
        rx.cond(leads, rx.fragment(to_others, move)),
        bulk_tools(),
        on_clear=QueueState.select_none,
    )
