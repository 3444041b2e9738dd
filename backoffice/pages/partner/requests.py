"""`/partner/developers/requests`: what the partner's servers asked and how it was answered, for thirty days."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, facts, page_head, stack, with_peek
from backoffice.components.button import button, link_button, text_link
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import peek
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import chip, filter_bar, filter_menu, tab, tabs
from backoffice.components.time import exact_time, relative_time
from backoffice.models.exports import ExportKind
from backoffice.pages.partner.exports import export_button, export_dialog
from backoffice.pages.partner.replaying import replay_button, replay_dialog
from backoffice.state.partner.requests import MOST_ROWS, RequestsState
from backoffice.viewmodels.api_requests import RequestRow, WrongPlace
from backoffice.viewmodels.documents import Choice, FilterChip

KEYS = ROW_KEYS | {"f": "search", "e": "export", "r": "refresh", "p": "replay", "escape": "close-request"}
WORDS = ROW_WORDS | {
    "search": "Search",
    "export": "Export the log",
    "refresh": "Refresh",
    "replay": "Replay the open request in the sandbox",
    "close-request": "Close the open request",
}
COLUMNS = ("Request", "Answer", Column("Time", number=True), "Key", "Request id", "When")
opened: Any = RequestsState.opened
mode_url: Any = RequestsState.mode_url
"""Vars, whose methods no type checker knows."""


def requests() -> rx.Component:
    """Build the page."""
    again = button(
        "Refresh",
        icon="refresh-cw",
        keys="R",
        command="refresh",
        test_id="requests-refresh",
        on_click=RequestsState.refresh,
    )
    kinds = rx.cond(mode_url.contains("mode=test"), "live", "test")
    return rx.fragment(
        page_head(
            "API requests",
            "The last 30 days; bodies are never kept",
            status_badge(kinds),
            text_link(rx.cond(kinds == "live", "Show sandbox", "Show live"), mode_url),
            actions=(export_button(ExportKind.API_REQUESTS), again),
        ),
        tabs(rx.foreach(RequestsState.views, _view), label="Answers"),
        filter_bar(
            _search(),
            filter_menu("Method", RequestsState.methods),
            filter_menu("Key", RequestsState.keys),
            filter_menu("Since", RequestsState.spans),
            rx.foreach(RequestsState.chips, _chip),
        ),
        rx.cond(RequestsState.is_read, _log(), box(states.loading_rows(10, "Loading requests"))),
        row_keys(),
        export_dialog(),
        replay_dialog(),
        hotkeys(KEYS, WORDS),
    )


def _view(one: Choice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _search() -> rx.Component:
    box_ = search_input("q", "Request id or error code", default_value=RequestsState.q)
    return rx.el.form(box_, on_submit=RequestsState.search, key=RequestsState.q)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, RequestsState.remove(one.name))


def _log() -> rx.Component:
    shown = box(
        table(COLUMNS, rx.foreach(RequestsState.rows, _row), caption="API requests, newest first"),
        _pager(),
    )
    lines = rx.cond(RequestsState.rows.length() > 0, shown, box(_nothing()))
    return with_peek(lines, _request(), opened.id != "")


def _row(one: RequestRow) -> rx.Component:
    asked = rx.el.span(rx.el.b(one.method), " ", one.path, class_name="mono small", title=one.whole_path)
    return table_row(
        main_cell(asked, on_click=RequestsState.show(one.id)),
        cell(_answer(one), label="Answer"),
        cell(one.latency, label="Time", number=True),
        cell(rx.el.span(one.key, class_name="truncate"), label="Key", phone="hide"),
        cell(
            rx.el.span(short_id(one.request_id), class_name="mono small muted nowrap", title=one.request_id),
            label="Request id",
            phone="hide",
        ),
        cell(relative_time(one.at), label="When"),
        key=one.id,
        current=one.id == opened.id,
        data_testid="request-row",
        data_id=one.id,
        data_status=one.status,
    )


def _answer(one: RequestRow) -> rx.Component:
    code = rx.el.span(one.code, class_name="mono tiny muted nowrap")
    return rx.el.span(badge(one.status, one.tone, one.icon), code, class_name="row", data_wrap="no")


def _nothing() -> rx.Component:
    first = states.empty(
        "No requests yet",
        "Every call of your server stands here a second after its answer, with its refusal if it was refused.",
        link_button("Make an API key", "/partner/developers/keys", icon="key-round", tone="primary"),
        link_button("How to call", "/api/v1/docs"),
        icon="clipboard-list",
    )
    further = states.empty(
        "Nothing found so far",
        "Your filters match none of the newest 20,000 requests. Look further back, or take a filter off.",
        button("Look further back", test_id="requests-more", on_click=RequestsState.more),
        button("Clear filters", icon="x", test_id="clear-filters", on_click=RequestsState.clear),
        icon="search",
    )
    none = rx.cond(
        RequestsState.has_more,
        further,
        states.filter_empty("No request matches these filters.", RequestsState.clear),
    )
    return rx.cond(RequestsState.chips.length() > 0, none, first)


def _pager() -> rx.Component:
    more = button("Load more", icon="chevron-down", size="sm", test_id="requests-more", on_click=RequestsState.more)
    bound = rx.cond(RequestsState.rows.length() >= MOST_ROWS, "Narrow the filters to look further back", "")
    shown = rx.el.span(RequestsState.rows.length(), " shown ", bound, class_name="grow")
    return rx.el.nav(shown, rx.cond(RequestsState.has_more, more), class_name="pager", aria_label="Pages")


def _request() -> rx.Component:
    code = rx.cond(opened.code, _refusal())
    return peek(
        stack(
            rx.el.div(badge(opened.status, opened.tone, opened.icon), exact_time(opened.at), class_name="row"),
            rx.el.p(opened.path, class_name="mono small", style={"overflowWrap": "anywhere"}),
            code,
            facts(
                ("Took", opened.latency),
                ("Key", opened.key),
                ("From", rx.el.span(opened.ip, class_name="mono small")),
                ("Sent", opened.size),
                ("Request id", copyable(opened.request_id, shown=short_id(opened.request_id), visible=True)),
            ),
            rx.cond(opened.replay, rx.el.p(opened.replay, class_name="muted small")),
            rx.el.div(replay_button(opened.id), class_name="row"),
        ),
        title=opened.title,
        on_close=RequestsState.show(""),
        test_id="request",
    )


def _refusal() -> rx.Component:
    """Say why, and where in what was sent."""
    why = rx.el.div(
        rx.el.span(opened.code, class_name="mono strong"),
        rx.el.a("What to do", href=opened.help_url, class_name="link", target="_blank"),
        class_name="row",
    )
    places = rx.el.ul(
        rx.foreach(opened.errors, _place), class_name="stack small", style={"listStyle": "none", "gap": "4px"}
    )
    return stack(why, rx.cond(opened.errors.length() > 0, places), gap=6, data_testid="request-refusal")


def _place(one: WrongPlace) -> rx.Component:
    return rx.el.li(rx.el.code(one.pointer), rx.el.span(one.code, class_name="mono muted"), class_name="row")
