"""`/partner/usage/records`: every thing that was counted, and which of them a line of an invoice counts."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import box, page_head
from backoffice.components.button import button, link_button
from backoffice.components.copyable import short_id
from backoffice.components.rows import row_keys
from backoffice.components.table import cell, main_cell, table, table_row
from backoffice.components.tabs import chip, filter_bar, filter_menu
from backoffice.components.time import exact_time
from backoffice.models.exports import ExportKind
from backoffice.pages.partner.exports import export_button, export_dialog
from backoffice.state.partner.usage_records import UsageRecordsState
from backoffice.viewmodels.documents import FilterChip
from backoffice.viewmodels.usage import RecordRow

COLUMNS = ("Document", "What", "Type", "API key", "When")
chips: Any = UsageRecordsState.chips
"""A Var, whose methods no type checker knows."""


def usage_records() -> rx.Component:
    """Build the page."""
    kinds = filter_menu("What", UsageRecordsState.kinds, by="what was done")
    return rx.fragment(
        page_head(
            "Usage records",
            "Each thing that was done for a live document, counted once",
            actions=(
                export_button(ExportKind.USAGE_RECORDS),
                link_button("Usage", "/partner/usage", icon="chart-line"),
            ),
        ),
        filter_bar(kinds, rx.foreach(chips, _chip)),
        rx.cond(UsageRecordsState.is_loaded, _list(), box(states.loading_rows(10, "Loading usage records"))),
        row_keys(),
        export_dialog(),
    )


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, UsageRecordsState.remove(one.name))


def _list() -> rx.Component:
    rows = rx.foreach(UsageRecordsState.rows, _row)
    shown = box(table(COLUMNS, rows, caption="Usage records, newest first"), _pager())
    return rx.cond(UsageRecordsState.rows.length() > 0, shown, box(_nothing()))


def _row(one: RecordRow) -> rx.Component:
    return table_row(
        main_cell(rx.el.span(short_id(one.document_id), class_name="mono small", title=one.document_id), href=one.href),
        cell(one.words, label="What"),
        cell(one.type, label="Type"),
        cell(rx.el.span(one.key, class_name="truncate"), label="API key", phone="hide"),
        cell(exact_time(one.at), label="When"),
        key=one.id,
        data_testid="record-row",
        data_id=one.id,
        data_kind=one.kind,
    )


def _nothing() -> rx.Component:
    missing = states.empty(
        "No such line",
        "There is no such invoice or line for you. An administrator sees invoices under Billing.",
        link_button("All records", "/partner/usage/records"),
        icon="file-x",
    )
    first = states.empty(
        "Nothing counted yet",
        "Each live document that is screened, each face that is compared and each decision of a person stands here.",
        link_button("How to send documents", "/partner/developers/docs", tone="primary"),
        icon="chart-line",
    )
    none = states.filter_empty("No record matches these filters.", UsageRecordsState.clear)
    return rx.cond(UsageRecordsState.is_missing, missing, rx.cond(chips.length() > 0, none, first))


def _pager() -> rx.Component:
    more = button("Load more", icon="chevron-down", size="sm", test_id="records-more", on_click=UsageRecordsState.more)
    shown = rx.el.span(UsageRecordsState.rows.length(), " shown", class_name="grow")
    return rx.el.nav(shown, rx.cond(UsageRecordsState.has_more, more), class_name="pager", aria_label="Pages")
