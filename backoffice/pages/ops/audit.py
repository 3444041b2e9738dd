"""`/ops/audit[/event]`: everything that anybody did, in every workspace, and whether it is as it was sealed."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, callout, facts, page_head, row, stack, text, with_peek
from backoffice.components.button import button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import menu, peek
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import chip, filter_bar, tab, tabs
from backoffice.components.time import exact_time, relative_time
from backoffice.pages.partner.audit import differences
from backoffice.pages.sealing import seal_line, signed_export, verify_button
from backoffice.state.ops.audit import MOST_ROWS, LogState
from backoffice.viewmodels.audit_log import LogRow
from backoffice.viewmodels.documents import Choice, FilterChip

KEYS = ROW_KEYS | {"f": "search", "r": "refresh", "y": "verify-log", "escape": "close-entry"}
WORDS = ROW_WORDS | {
    "search": "Search",
    "refresh": "Refresh",
    "verify-log": "Verify the log",
    "close-entry": "Close the open entry",
}
COLUMNS = ("UTC and your time", "Actor", "Workspace", "Action", "Object", "Result", "From")
MENUS = {"partner": "Workspace", "who": "Actor", "what": "Action", "since": "Since"}
opened: Any = LogState.opened
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def audit_log() -> rx.Component:
    """Build the page."""
    again = button(
        "Refresh", icon="refresh-cw", keys="R", command="refresh", test_id="log-refresh", on_click=LogState.refresh
    )
    return rx.fragment(
        page_head(
            "Audit log",
            "Who did what, in every workspace; reading it is written down, too",
            actions=(signed_export(LogState.query), verify_button(), again),
        ),
        stack(
            seal_line(),
            tabs(rx.foreach(_choices("result"), _result), label="Results"),
            _filters(),
            rx.cond(LogState.is_read, _trail(), box(states.loading_rows(10, "Loading the log"))),
            gap=12,
        ),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _filters() -> rx.Component:
    search = search_input("q", "Id, request or IP address", default_value=LogState.asked["q"])
    return filter_bar(
        rx.el.form(search, on_submit=LogState.narrow, key=LogState.asked["q"]),
        *(_menu(words, name) for name, words in MENUS.items()),
        _days(),
        rx.foreach(LogState.chips, _chip),
    )


def _choices(name: str) -> Any:  # noqa: ANN401 a Var of choices
    return LogState.menus[name].to(list[Choice])


def _result(one: Choice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _menu(words: str, name: str) -> rx.Component:
    label = f"Filter by {words.lower()}"
    return menu(rx.foreach(_choices(name), _choice), label=label, text=words, caret=True, side="left")


def _choice(one: Choice) -> rx.Component:
    return rx.el.a(one.label, href=one.href, aria_current=rx.cond(one.is_current, "true", "false"))


def _days() -> rx.Component:
    def day(name: str, label: str) -> rx.Component:
        picked = rx.el.input(
            type="date", name=name, default_value=LogState.asked[name], class_name="input", data_size="sm"
        )
        return rx.el.label(f"{label} ", picked, class_name="small")

    shown = rx.el.form(
        stack(
            day("from", "From"),
            day("to", "To"),
            rx.el.button("Show these days", type="submit", class_name="button", data_testid="log-days"),
            gap=8,
        ),
        on_submit=LogState.narrow,
        class_name="menu-text",
    )
    return menu(shown, label="Filter by days", text="Days", caret=True, side="left", test_id="log-days-menu")


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, LogState.remove(one.name))


def _trail() -> rx.Component:
    shown = box(table(COLUMNS, rx.foreach(LogState.rows, _row), caption="What was done, newest first"), _pager())
    return with_peek(rx.cond(LogState.rows.length() > 0, shown, box(_nothing())), _entry(), opened.id != "")


def _row(one: LogRow) -> rx.Component:
    thing = two_lines(
        one.object, rx.cond(one.object_id, rx.el.span(short_id(one.object_id), class_name="mono", title=one.object_id))
    )
    kind = rx.cond(one.who == one.who_kind, "", one.who_kind)
    asked = rx.cond(one.request_id, rx.el.span(short_id(one.request_id), class_name="mono", title=one.request_id))
    return table_row(
        main_cell(two_lines(rx.el.span(one.time, class_name="nowrap"), exact_time(one.at)), href=one.href),
        cell(two_lines(rx.el.span(one.who, dir="auto"), kind), label="Actor"),
        cell(rx.el.span(one.workspace, dir="auto"), label="Workspace"),
        cell(rx.el.code(one.action), label="Action"),
        cell(thing, label="Object", data_phone=rx.cond(one.object, "", "hide")),
        cell(badge(one.result, one.tone), label="Result"),
        cell(two_lines(rx.el.span(one.ip, class_name="mono"), asked), label="From", phone="hide"),
        key=one.id,
        current=one.id == opened.id,
        data_testid="log-row",
        data_id=one.id,
        data_action=one.action,
    )


def _nothing() -> rx.Component:
    further = states.empty(
        "Nothing found so far",
        "Your filters match none of the newest 20,000 entries. Look further back, or take a filter off.",
        button("Look further back", test_id="log-more", on_click=LogState.more),
        button("Clear filters", icon="x", test_id="clear-filters", on_click=LogState.clear),
        icon="search",
    )
    return rx.cond(LogState.has_more, further, states.filter_empty("No entry matches these filters.", LogState.clear))


def _pager() -> rx.Component:
    more = button("Load more", icon="chevron-down", size="sm", test_id="log-more", on_click=LogState.more)
    bound = rx.cond(LogState.rows.length() >= MOST_ROWS, "Narrow the filters to look further back, or export", "")
    shown = rx.el.span(LogState.rows.length(), " shown ", bound, class_name="grow")
    return rx.el.nav(shown, rx.cond(LogState.has_more, more), class_name="pager", aria_label="Pages")


def _entry() -> rx.Component:
    return peek(
        stack(
            row(badge(opened.result, opened.tone), relative_time(opened.at)),
            facts(
                ("Actor", _with_id(opened.who, opened.who_id)),
                ("Workspace", rx.cond(LogState.workspace, LogState.workspace, "-")),
                ("Action", rx.el.code(opened.action)),
                ("Object", rx.cond(opened.object, _with_id(opened.object, opened.object_id), "-")),
                ("UTC", opened.utc),
                ("Your time", exact_time(opened.at)),
                ("From", rx.cond(opened.ip, rx.el.span(opened.ip, class_name="mono small"), "-")),
                ("Request", rx.cond(opened.request_id, _copied(opened.request_id), "-")),
            ),
            rx.cond(
                opened.differences.length() > 0, differences(opened), text("It changed no field.", look="muted small")
            ),
            callout(
                LogState.sealed,
                tone=rx.cond(LogState.is_broken, "red", "green"),
                icon="shield-check",
                data_testid="log-sealed",
            ),
            rx.el.div(copyable(LogState.link, shown="Copy the link to this entry", visible=True, test_id="log-link")),
        ),
        title=opened.title,
        on_close=LogState.close,
        test_id="log-entry",
    )


def _with_id(words: Any, value: Any) -> rx.Component:  # noqa: ANN401 Vars
    return rx.fragment(rx.el.span(words, dir="auto"), rx.cond(value, rx.fragment(" ", _copied(value))))


def _copied(value: Any) -> rx.Component:  # noqa: ANN401 a Var
    return copyable(value, shown=short_id(value), visible=True)
