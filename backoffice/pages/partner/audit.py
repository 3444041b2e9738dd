"""`/partner/audit`: everything that was done in the company's workspace and by its keys, each with its difference."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, facts, page_head, row, stack, text, with_peek
from backoffice.components.button import button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import menu, peek
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import chip, filter_bar, tab, tabs
from backoffice.components.time import exact_time, relative_time
from backoffice.models.exports import ExportKind
from backoffice.pages.partner.exports import export_button, export_dialog
from backoffice.pages.sealing import seal_line, signed_export, verify_button
from backoffice.state.partner.audit import MOST_ROWS, AuditState
from backoffice.viewmodels.audit_entries import AuditRow, Difference
from backoffice.viewmodels.documents import Choice, FilterChip

KEYS = ROW_KEYS | {"f": "search", "e": "export", "r": "refresh", "y": "verify-log", "escape": "close-entry"}
WORDS = ROW_WORDS | {
    "search": "Search",
    "export": "Export the trail",
    "refresh": "Refresh",
    "verify-log": "Verify the log",
    "close-entry": "Close the open entry",
}
COLUMNS = ("What", "Who", "On", "Result", "When")
DIFFERENCES = ("Field", "Before", "After")
opened: Any = AuditState.opened
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def audit() -> rx.Component:
    """Build the page."""
    again = button(
        "Refresh", icon="refresh-cw", keys="R", command="refresh", test_id="audit-refresh", on_click=AuditState.refresh
    )
    return rx.fragment(
        page_head(
            "Audit trail",
            "Who did what; nobody can change it, and reading it is written down, too",
            actions=(export_button(ExportKind.AUDIT_ENTRIES), signed_export(), verify_button(), again),
        ),
        stack(
            seal_line(),
            tabs(rx.foreach(AuditState.results, _result), label="Results"),
            _filters(),
            rx.cond(AuditState.is_read, _trail(), box(states.loading_rows(10, "Loading the trail"))),
            gap=12,
        ),
        row_keys(),
        export_dialog(),
        hotkeys(KEYS, WORDS),
    )


def _filters() -> rx.Component:
    return filter_bar(
        _search(),
        _menu("Who", AuditState.people),
        _menu("Action", AuditState.families),
        _menu("Since", AuditState.spans),
        _days(),
        rx.foreach(AuditState.chips, _chip),
    )


def _result(one: Choice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _search() -> rx.Component:
    box_ = search_input("q", "Id of a thing, a person or a request", default_value=AuditState.q)
    return rx.el.form(box_, on_submit=AuditState.search, key=AuditState.q)


def _menu(words: str, choices: Any) -> rx.Component:  # noqa: ANN401 a Var of choices
    return menu(rx.foreach(choices, _choice), label=f"Filter by {words.lower()}", text=words, caret=True, side="left")


def _choice(one: Choice) -> rx.Component:
    return rx.el.a(one.label, href=one.href, aria_current=rx.cond(one.is_current, "true", "false"))


def _days() -> rx.Component:
    def day(name: str, label: str, place: int) -> rx.Component:
        return rx.el.input(
            type="date",
            name=name,
            aria_label=label,
            default_value=AuditState.days[place],
            class_name="input",
            data_size="sm",
            style={"width": "auto"},
        )

    shown = menu(
        rx.el.form(
            stack(
                rx.el.label("From ", day("from", "From", 0), class_name="small"),
                rx.el.label("To ", day("to", "To", 1), class_name="small"),
                rx.el.button("Show these days", type="submit", class_name="button", data_testid="audit-days"),
                gap=8,
            ),
            on_submit=AuditState.span,
            class_name="menu-text",
        ),
        label="Filter by days",
        text="Days",
        caret=True,
        side="left",
        test_id="audit-days-menu",
    )
    return rx.fragment(shown)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, AuditState.remove(one.name))


def _trail() -> rx.Component:
    shown = box(table(COLUMNS, rx.foreach(AuditState.rows, _row), caption="What was done, newest first"), _pager())
    return with_peek(rx.cond(AuditState.rows.length() > 0, shown, box(_nothing())), _entry(), opened.id != "")


def _row(one: AuditRow) -> rx.Component:
    thing = two_lines(
        one.object, rx.cond(one.object_id, rx.el.span(short_id(one.object_id), class_name="mono", title=one.object_id))
    )
    return table_row(
        main_cell(one.what, on_click=AuditState.show(one.id)),
        cell(
            two_lines(rx.el.span(one.who, dir="auto"), rx.cond(one.who == one.who_kind, "", one.who_kind)), label="Who"
        ),
        cell(thing, label="On", data_phone=rx.cond(one.object, "", "hide")),
        cell(badge(one.result, one.tone), label="Result"),
        cell(relative_time(one.at), label="When"),
        key=one.id,
        current=one.id == opened.id,
        data_testid="audit-row",
        data_id=one.id,
        data_action=one.action,
    )


def _nothing() -> rx.Component:
    further = states.empty(
        "Nothing found so far",
        "Your filters match none of the newest 20,000 entries. Look further back, or take a filter off.",
        button("Look further back", test_id="audit-more", on_click=AuditState.more),
        button("Clear filters", icon="x", test_id="clear-filters", on_click=AuditState.clear),
        icon="search",
    )
    return rx.cond(
        AuditState.has_more, further, states.filter_empty("No entry matches these filters.", AuditState.clear)
    )


def _pager() -> rx.Component:
    more = button("Load more", icon="chevron-down", size="sm", test_id="audit-more", on_click=AuditState.more)
    bound = rx.cond(
        AuditState.rows.length() >= MOST_ROWS, "Narrow the filters to look further back, or export them all", ""
    )
    shown = rx.el.span(AuditState.rows.length(), " shown ", bound, class_name="grow")
    return rx.el.nav(shown, rx.cond(AuditState.has_more, more), class_name="pager", aria_label="Pages")


def _entry() -> rx.Component:
    return peek(
        stack(
            row(badge(opened.result, opened.tone), exact_time(opened.at)),
            facts(
                ("Who", _who()),
                ("Action", rx.el.code(opened.action)),
                ("On", _thing()),
                ("UTC", opened.utc),
                ("From", rx.cond(opened.ip, rx.el.span(opened.ip, class_name="mono small"), "-")),
                ("Request", rx.cond(opened.request_id, _copied(opened.request_id), "-")),
            ),
            rx.cond(
                opened.differences.length() > 0, differences(opened), text("It changed no field.", look="muted small")
            ),
            rx.el.div(
                copyable(AuditState.link, shown="Copy the link to this entry", visible=True, test_id="audit-link")
            ),
        ),
        title=opened.title,
        on_close=AuditState.show(""),
        test_id="audit-entry",
    )


def _who() -> rx.Component:
    return rx.fragment(
        rx.el.span(opened.who, dir="auto"), rx.cond(opened.who_id, rx.fragment(" ", _copied(opened.who_id)))
    )


def _thing() -> rx.Component:
    named = rx.fragment(opened.object, " ", rx.cond(opened.object_id, _copied(opened.object_id)))
    return rx.cond(opened.object, named, "-")


def _copied(value: Any) -> rx.Component:  # noqa: ANN401 a Var
    return copyable(value, shown=short_id(value), visible=True)


def differences(entry: Any) -> rx.Component:  # noqa: ANN401 a Var of an entry
    """Show before and after of one entry."""
    return table(
        DIFFERENCES, rx.foreach(entry.differences.to(list[Difference]), _difference), caption="Before and after"
    )


def _difference(one: Difference) -> rx.Component:
    nothing = rx.el.span("-", class_name="muted")
    return table_row(
        main_cell(one.name),
        cell(rx.cond(one.has_before, rx.el.del_(one.before), nothing), label="Before"),
        cell(rx.cond(one.has_before, rx.el.ins(one.after), one.after), label="After"),
        data_testid="audit-difference",
    )
