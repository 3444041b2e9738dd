"""`/partner/developers/events`: what happened, newest first, and who was told of it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, callout, facts, page_head, stack, with_peek
from backoffice.components.button import button, link_button, text_link
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import peek
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import chip, filter_bar, filter_menu, new_pill, tab, tabs
from backoffice.components.time import countdown, exact_time, relative_time
from backoffice.components.workspace import folded
from backoffice.pages.layout import env_strip
from backoffice.state.partner.events import EventsState
from backoffice.state.session import SessionState
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.event_lists import EventLine, ToldLine, UntoldLine

KEYS = ROW_KEYS | {"f": "search", "n": "show-new", "escape": "close-event"}
WORDS = ROW_WORDS | {"search": "Search", "show-new": "Show what is new", "close-event": "Close the open event"}
COLUMNS = ("Event", "About", Column("No.", number=True), "Told", "When")
opened: Any = EventsState.opened
mode_url: Any = EventsState.mode_url
permissions: Any = SessionState.viewer.permissions
"""Vars, whose methods no type checker knows."""


def events() -> rx.Component:
    """Build the page."""
    is_live = mode_url.contains("mode=test")
    kinds = rx.cond(is_live, "live", "test")
    loading = box(states.loading_rows(10, "Loading events"))
    return rx.fragment(
        rx.cond((EventsState.status == "ready") & ~is_live, rx.el.div(env_strip(), class_name="page-strip")),
        page_head(
            "Events",
            "What happened, and who was told",
            rx.cond(EventsState.status == "ready", status_badge(kinds)),
            rx.cond(mode_url, text_link(rx.cond(is_live, "Show sandbox", "Show live"), mode_url)),
            actions=(link_button("Types and shapes", "/api/v1/docs#events", icon="code"),),
        ),
        tabs(rx.foreach(EventsState.families, _family), label="What it is about"),
        filter_bar(
            _search(),
            filter_menu("Type", EventsState.types),
            filter_menu("Since", EventsState.spans),
            rx.foreach(EventsState.chips, _chip),
        ),
        rx.el.div(
            rx.cond(opened.missing, _missing()), new_pill(EventsState.newer, EventsState.show_new), role="status"
        ),
        rx.match(EventsState.status, ("ready", _stream()), ("failed", box(_failed())), loading),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _family(one: Choice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _search() -> rx.Component:
    return rx.el.form(search_input("q", "Type, event id or subject id"), on_submit=EventsState.search)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, EventsState.remove(one.name))


def _failed() -> rx.Component:
    words = "The address of this page names a place in another list. Nothing was lost."
    return states.error(words, on_retry=EventsState.show_new)


def _missing() -> rx.Component:
    words = rx.el.span("There is no event with this id: ", rx.el.span(opened.missing, class_name="mono"))
    close = button("Close", size="sm", test_id="event-missing-close", on_click=EventsState.show(""))
    return callout(
        rx.el.div(words, rx.el.div(class_name="grow"), close, class_name="row"),
        tone="amber", icon="search", data_testid="event-missing",
    )  # fmt: skip


def _stream() -> rx.Component:
    shown = box(table(COLUMNS, rx.foreach(EventsState.rows, _row), caption="Events, newest first"), _pager())
    lines = rx.cond(EventsState.rows.length() > 0, shown, box(_nothing()))
    return with_peek(lines, _event(), opened.id != "")


def _row(one: EventLine) -> rx.Component:
    event: Any = one.event
    return table_row(
        main_cell(
            rx.el.span(
                rx.el.span(icon(event.icon, size=16), class_name="toned", data_tone=event.tone),
                two_lines(event.words, rx.el.span(event.type, class_name="mono")),
                class_name="row",
                data_wrap="no",
            ),
            on_click=EventsState.show(event.id),
        ),
        cell(
            rx.el.span(short_id(event.subject), class_name="mono small muted nowrap", title=event.subject),
            label="About",
        ),
        cell(one.sequence, label="No.", number=True, phone="hide"),
        cell(_told_in_short(one), label="Told"),
        cell(relative_time(event.at), label="When"),
        key=event.id,
        current=event.id == opened.id,
        data_testid="event-row",
        data_id=event.id,
        data_type=event.type,
    )


def _told_in_short(one: EventLine) -> rx.Component:
    nobody = rx.el.span(rx.cond(one.told, one.told, "-"), class_name="muted small")
    return rx.cond(one.tone, badge(one.told, one.tone, one.icon), nobody)


def _nothing() -> rx.Component:
    first = states.empty(
        "No events yet",
        "Everything that happens to your documents, keys and webhooks stands here the moment it does. "
        "Send a document in the sandbox to see the first ones.",
        link_button("Open the sandbox", "/partner/developers/sandbox", icon="flask-conical", tone="primary"),
        link_button("How events work", "/api/v1/docs#events"),
        icon="zap",
    )
    further = states.empty(
        "Nothing found so far",
        "Your filters match none of the newest 20,000 events. Look further back, or take a filter off.",
        link_button("Look further back", EventsState.more_url, data_testid="events-more"),
        button("Clear filters", icon="x", test_id="clear-filters", on_click=EventsState.clear),
        icon="search",
    )
    none = rx.cond(
        EventsState.more_url, further, states.filter_empty("No event matches these filters.", EventsState.clear)
    )
    return rx.cond(EventsState.chips.length() > 0, none, first)


def _pager() -> rx.Component:
    newest = rx.cond(EventsState.first_url, link_button("Newest", EventsState.first_url, icon="chevron-left"))
    older = rx.cond(
        EventsState.more_url,
        link_button("Older", EventsState.more_url, icon="chevron-right", data_testid="events-older"),
    )
    shown = rx.el.span(EventsState.rows.length(), " shown", class_name="grow")
    return rx.el.nav(shown, newest, older, class_name="pager", aria_label="Pages")


def _event() -> rx.Component:
    return peek(
        stack(
            rx.el.div(
                badge(opened.words, opened.tone, opened.icon), status_badge(opened.mode), exact_time(opened.at),
                class_name="row",
            ),
            rx.el.p(opened.sentence, class_name="muted small"),
            facts(
                (opened.kind, _subject()),
                ("Number", _sequence()),
                ("Event id", copyable(opened.id, shown=short_id(opened.id), visible=True)),
                ("Request", _request()),
            ),
            rx.el.h3("Who was told"),
            rx.cond(opened.may_know, _tellings(), _unknown()),
            _payload(),
        ),
        title=opened.type,
        on_close=EventsState.show(""),
        test_id="event",
    )  # fmt: skip


def _subject() -> rx.Component:
    name = rx.el.span(short_id(opened.subject), class_name="mono small", title=opened.subject)
    page = rx.el.a(name, href=opened.href, class_name="link", data_testid="event-subject")
    every = rx.el.a("All its events", href=opened.all_href, class_name="link small", data_testid="event-all")
    return rx.el.span(rx.cond(opened.href, page, name), every, class_name="row")


def _sequence() -> rx.Component:
    """Say which one it is of its subject, and lead to the ones before and after."""
    before = rx.el.a(
        icon("chevron-left", 14), opened.before, href=opened.before_href, class_name="link small mono",
        data_testid="event-before",
    )  # fmt: skip
    after = rx.el.a(
        opened.after, icon("chevron-right", 14), href=opened.after_href, class_name="link small mono",
        data_testid="event-after",
    )  # fmt: skip
    return rx.el.span(
        rx.el.span(opened.sequence, class_name="num", data_testid="event-sequence"),
        rx.cond(opened.before, before),
        rx.cond(opened.after, after),
        class_name="row",
    )


def _request() -> rx.Component:
    link = rx.el.a(
        short_id(opened.request_id), href=opened.request_href, class_name="link mono small", title=opened.request_id
    )
    return rx.cond(opened.request_id, link, rx.el.span("None: it happened by itself", class_name="muted small"))


def _unknown() -> rx.Component:
    words = "You need the permission webhooks:read to see who was told. A partner admin or developer has it."
    return rx.el.p(words, class_name="muted small", data_testid="event-untellable")


def _tellings() -> rx.Component:
    add = rx.el.a("Webhooks", href="/partner/developers/webhooks", class_name="link")
    nobody = rx.el.p(opened.silence, " ", add, class_name="small", data_testid="event-silence")
    told = rx.el.ul(rx.foreach(opened.told, _told), class_name="tellings")
    others = folded(
        rx.fragment("Not told: ", opened.untold.length()),
        rx.el.ul(rx.foreach(opened.untold, _untold), class_name="tellings"),
        data_testid="event-untold",
    )
    return stack(rx.cond(opened.told.length() > 0, told, nobody), rx.cond(opened.untold.length() > 0, others), gap=8)


def _told(one: ToldLine) -> rx.Component:
    name = rx.el.a(one.endpoint, href=one.endpoint_href, class_name="link truncate")
    again = button(
        "Resend", icon="send", size="sm", test_id="event-resend", on_click=EventsState.resend(one.delivery_id)
    )
    may_send = permissions.contains("webhooks:write") & one.can_resend
    return rx.el.li(
        rx.el.div(
            rx.cond(one.endpoint_href, name, rx.el.span(one.endpoint, " (deleted)", class_name="truncate")),
            rx.el.div(class_name="grow"),
            status_badge(one.state),
            class_name="row",
            data_wrap="no",
        ),
        rx.el.div(
            rx.el.span(one.attempts, class_name="muted small"),
            rx.cond(one.answer, rx.el.span("answered ", one.answer, class_name="muted small")),
            rx.cond(one.at, rx.el.span(relative_time(one.at), class_name="muted small")),
            rx.cond(
                one.next_at, rx.el.span(countdown(one.next_at, before="next try in ", after=""), class_name="small")
            ),
            rx.el.div(class_name="grow"),
            rx.cond(one.log_href, rx.el.a("Log", href=one.log_href, class_name="link small", data_testid="event-log")),
            rx.cond(may_send, again),
            class_name="row",
        ),
        data_testid="event-told",
        data_state=one.state,
        key=one.delivery_id,
    )


def _untold(one: UntoldLine) -> rx.Component:
    name = rx.el.a(one.endpoint, href=one.href, class_name="link")
    return rx.el.li(name, rx.el.span(" ", one.why, class_name="muted small"), key=one.href)


def _payload() -> rx.Component:
    head = rx.el.div(
        rx.el.h3("Payload"),
        rx.cond(opened.withheld, "", rx.el.span("as the API gives it", class_name="muted small")),
        rx.el.div(class_name="grow"),
        copyable(opened.body, shown="Copy", label="Copy the payload", visible=True, test_id="event-copy"),
        class_name="row",
    )
    words = rx.fragment("It is shortened to what names the thing. All of it wants ", opened.withheld, ".")
    short = rx.el.p(words, class_name="muted small", data_testid="event-withheld")
    body = rx.el.pre(opened.body, class_name="mono small", tab_index=0, data_testid="event-body")
    return stack(head, rx.cond(opened.withheld, short), body, gap=6)
