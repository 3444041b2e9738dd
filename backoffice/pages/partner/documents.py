"""`/partner/documents`: the list; it never moves by itself, what is new waits behind a pill."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, page_head, stack, with_peek
from backoffice.components.button import button, icon_button, link_button, text_link
from backoffice.components.copyable import short_id
from backoffice.components.dialog import dialog
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import (
    PEEK_KEYS,
    PEEK_WORDS,
    PICK_KEYS,
    PICK_WORDS,
    ROW_KEYS,
    ROW_WORDS,
    row_keys,
)
from backoffice.components.table import Column, cell, main_cell, table, table_row, tick_cell
from backoffice.components.tabs import chip, filter_bar, filter_choice, filter_menu, new_pill
from backoffice.components.time import countdown, relative_time
from backoffice.models.exports import ExportKind
from backoffice.pages.partner import bulk, peeking, views
from backoffice.pages.partner.exports import export_button, export_dialog
from backoffice.pages.partner.tagging import tag_badges
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.partner.looks import LooksState
from backoffice.state.partner.numbers import NumbersState
from backoffice.state.partner.peeking import PeekState
from backoffice.state.partner.selecting import SelectionState
from backoffice.viewmodels.documents import DocumentRow, FilterChip

KEYS = ROW_KEYS | PICK_KEYS | PEEK_KEYS | bulk.KEYS | {"f": "search", "e": "export", "v": "views"}
WORDS = (
    ROW_WORDS
    | PICK_WORDS
    | PEEK_WORDS
    | bulk.WORDS
    | {"search": "Search", "export": "Export the list or the selection", "views": "Views"}
)
COLUMNS = (
    Column("Select", hidden=True),
    "Document",
    Column("Reference", key="reference"),
    Column("Id", key="id"),
    "Status",
    Column("Tags", key="tags"),
    Column("Attempt", key="attempt"),
    Column("Received", key="received"),
    Column("Due", key="due"),
    Column("Look", hidden=True),
)
live: Any = NumbersState.live


def documents() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head(
            "Documents",
            rx.el.span(live.received, " received today"),
            actions=(views.looks_menu(), rx.cond(SelectionState.amount == 0, export_button(ExportKind.DOCUMENTS))),
        ),
        views.view_tabs(),
        _filters(),
        rx.el.div(new_pill(DocumentsState.newer, DocumentsState.show_new), role="status"),
        bulk.bulk_progress(),
        with_peek(_content(), peeking.panel(), PeekState.id != ""),
        bulk.selection_bar(),
        bulk.bulk_question(),
        views.view_question(),
        export_dialog(),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _content() -> rx.Component:
    return rx.cond(
        DocumentsState.read_for == rx.State.router.url.query,
        _list(),
        box(states.loading_rows(10, "Loading documents")),
    )


def _filters() -> rx.Component:
    """Line the filters up; on a phone the menus are a sheet."""
    types, tags = filter_menu("Type", DocumentsState.types), filter_menu("Tag", DocumentsState.tags)
    has_tags = DocumentsState.tags.length() > 0
    opener = button(
        "Filters",
        icon="list-filter",
        class_name="button narrow-only",
        test_id="filters-open",
        on_click=LooksState.filters(True),
    )
    wide = rx.el.div(types, rx.cond(has_tags, tags), class_name="row wide")
    sheet = dialog(
        stack(
            _group("Type", DocumentsState.types),
            rx.cond(has_tags, _group("Tag", DocumentsState.tags)),
            gap=16,
        ),
        open=LooksState.is_filtering,
        title="Filters",
        on_close=LooksState.filters(False),
        test_id="filters-sheet",
    )
    return rx.fragment(filter_bar(_search(), wide, opener, rx.foreach(DocumentsState.chips, _chip)), sheet)


def _group(title: str, choices: Any) -> rx.Component:  # noqa: ANN401 a list in a Var
    listed = rx.el.div(rx.foreach(choices, filter_choice), class_name="menu-links")
    return rx.el.section(rx.el.h3(title), listed)


def _search() -> rx.Component:
    box_ = search_input("q", "Name, number or id", default_value=DocumentsState.q)
    return rx.el.form(box_, on_submit=DocumentsState.search, key=DocumentsState.q)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, DocumentsState.remove(one.name))


def _list() -> rx.Component:
    rows = table(
        COLUMNS,
        rx.foreach(DocumentsState.rows, _row),
        caption="Documents, newest first",
        data_hide=LooksState.hidden.join(" "),
        data_density=LooksState.density,
    )
    return rx.cond(DocumentsState.rows.length() > 0, box(rows, _pager()), box(_nothing()))


def _row(one: DocumentRow) -> rx.Component:
    chosen = SelectionState.selected.contains(one.id)
    look = icon_button(
        "eye",
        "Look at it beside the list",
        data_row_action="peek",
        class_name="button row-peek",
        tab_index=-1,
        test_id="row-peek",
        on_click=PeekState.peek(one.id),
    )
    return table_row(
        tick_cell(chosen, rx.Var.create("Select ") + one.id, SelectionState.tick(one.id)),
        main_cell(one.kind, href=one.href),
        cell(rx.el.span(one.reference, class_name="truncate"), label="Reference", data_col="reference"),
        cell(
            rx.el.span(short_id(one.id), class_name="mono small muted nowrap", title=one.id),
            label="Id",
            phone="hide",
            data_col="id",
        ),
        cell(status_badge(one.status, test_id="document-status"), label="Status"),
        cell(
            tag_badges(one.tags),
            label="Tags",
            data_col="tags",
            data_phone=rx.cond(one.tags.length() > 0, "", "hide"),  # pyright: ignore[reportAttributeAccessIssue] a Var
        ),
        cell(one.attempt, label="Attempt", phone="hide", data_col="attempt"),
        cell(relative_time(one.created_at), label="Received", data_col="received"),
        cell(
            countdown(one.due_at, before="in ", after="late by", soon=1800),
            label="Due",
            data_col="due",
            data_phone=rx.cond(one.due_at, "", "hide"),
        ),
        cell(look, phone="hide"),
        key=one.id,
        current=PeekState.id == one.id,
        data_testid="documents-row",
        data_id=one.id,
        data_status=one.status,
        aria_selected=rx.cond(chosen, "true", "false"),
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
    nearest: Any = DocumentsState.nearest
    words = rx.fragment(
        "No document matches these filters. ",
        rx.cond(nearest.label, rx.el.a(nearest.label, href=nearest.href, class_name="link", data_testid="nearest")),
    )
    none = states.filter_empty(words, DocumentsState.clear)
    return rx.cond(DocumentsState.chips.length() > 0, none, first)


def _pager() -> rx.Component:
    first = rx.cond(DocumentsState.first_url, link_button("Newest", DocumentsState.first_url, icon="chevron-left"))
    older = rx.cond(DocumentsState.more_url, link_button("Older", DocumentsState.more_url, icon="chevron-right"))
    page = button("Select the page", tone="ghost", size="sm", test_id="select-page", on_click=SelectionState.tick_page)
    shown = rx.el.span(DocumentsState.rows.length(), " shown", class_name="grow")
    return rx.el.nav(shown, page, first, older, class_name="pager", aria_label="Pages")
