"""`/partner/documents`: the list; it never moves by itself, what is new waits behind a pill."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, page_head
from backoffice.components.button import link_button, text_link
from backoffice.components.copyable import short_id
from backoffice.components.dialog import menu
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import cell, main_cell, table, table_row
from backoffice.components.tabs import chip, filter_bar, new_pill, tab, tabs
from backoffice.components.time import countdown, relative_time
from backoffice.models.exports import ExportKind
from backoffice.pages.partner.exports import export_button, export_dialog
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.partner.numbers import NumbersState
from backoffice.viewmodels.documents import Choice, DocumentRow, FilterChip

KEYS = ROW_KEYS | {"f": "search", "e": "export"}
WORDS = ROW_WORDS | {"search": "Search", "export": "Export the list"}
COLUMNS = ("Document", "Reference", "Id", "Status", "Attempt", "Received", "Due")
live: Any = NumbersState.live


def documents() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head(
            "Documents",
            rx.el.span(live.received, " received today"),
            actions=(export_button(ExportKind.DOCUMENTS),),
        ),
        tabs(rx.foreach(DocumentsState.views, _view), label="Saved views"),
        filter_bar(_search(), _types(), rx.foreach(DocumentsState.chips, _chip)),
        rx.el.div(new_pill(DocumentsState.newer, DocumentsState.show_new), role="status"),
        rx.cond(
            DocumentsState.read_for == rx.State.router.url.query,
            _list(),
            box(states.loading_rows(10, "Loading documents")),
        ),
        export_dialog(),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _view(one: Choice) -> rx.Component:
    waiting = rx.cond(one.label == "Needs review", live.awaiting_review, 0)
    amount = rx.cond(one.label == "In progress", live.in_progress, waiting)
    return tab(one.label, current=one.is_current, href=one.href, amount=amount)


def _search() -> rx.Component:
    box_ = search_input("q", "Name, number or id", default_value=DocumentsState.q)
    return rx.el.form(box_, on_submit=DocumentsState.search, key=DocumentsState.q)


def _types() -> rx.Component:
    return menu(rx.foreach(DocumentsState.types, _type), label="Filter by type", text="Type", caret=True, side="left")


def _type(one: Choice) -> rx.Component:
    return rx.el.a(one.label, href=one.href, aria_current=rx.cond(one.is_current, "true", "false"))


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, DocumentsState.remove(one.name))


def _list() -> rx.Component:
    shown = box(
        table(COLUMNS, rx.foreach(DocumentsState.rows, _row), caption="Documents, newest first"),
        _pager(),
    )
    return rx.cond(DocumentsState.rows.length() > 0, shown, box(_nothing()))


def _row(one: DocumentRow) -> rx.Component:
    return table_row(
        main_cell(one.kind, href=one.href),
        cell(rx.el.span(one.reference, class_name="truncate"), label="Reference"),
        cell(rx.el.span(short_id(one.id), class_name="mono small muted", title=one.id), label="Id", phone="hide"),
        cell(status_badge(one.status, test_id="document-status"), label="Status"),
        cell(one.attempt, label="Attempt", phone="hide"),
        cell(relative_time(one.created_at), label="Received"),
        cell(
            countdown(one.due_at, before="in ", after="late by", soon=1800),
            label="Due",
            data_phone=rx.cond(one.due_at, "", "hide"),
        ),
        key=one.id,
        data_testid="documents-row",
        data_id=one.id,
        data_status=one.status,
    )


def _nothing() -> rx.Component:
    first = states.empty(
        "No documents yet",
        rx.fragment(
            "They appear here the moment your server posts one. ",
            text_link("How to send a document", "/api/v1/docs"),
        ),
        link_button("Make an API key", "/partner/developers/keys", icon="key-round", tone="primary"),
        icon="file-text",
    )
    none = states.filter_empty("No document matches these filters.", DocumentsState.clear)
    return rx.cond(DocumentsState.chips.length() > 0, none, first)


def _pager() -> rx.Component:
    first = rx.cond(DocumentsState.first_url, link_button("Newest", DocumentsState.first_url, icon="chevron-left"))
    older = rx.cond(DocumentsState.more_url, link_button("Older", DocumentsState.more_url, icon="chevron-right"))
    shown = rx.el.span(DocumentsState.rows.length(), " shown", class_name="grow")
    return rx.el.nav(shown, first, older, class_name="pager", aria_label="Pages")
