"""`/partner/exports`: files made of lists, and the question that lists ask before one is made."""

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, callout, page_head, row, stack, text
from backoffice.components.button import button, link_button
from backoffice.components.dialog import dialog
from backoffice.components.icon import icon
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import countdown, relative_time
from backoffice.models.exports import ExportKind
from backoffice.pages.partner.approving import choices, question
from backoffice.state.partner.exports import ExportsState
from backoffice.state.session import SessionState
from backoffice.viewmodels.exports import FORMATS, ExportRow

may_fetch = SessionState.viewer.permissions.contains("documents:read")  # pyright: ignore[reportAttributeAccessIssue] a Var
COLUMNS = ("List", "Form", "Status", Column("Rows", number=True), "Asked", "Until", Column("Fetch", hidden=True))


def exports() -> rx.Component:
    """Build the page."""
    nothing = states.empty(
        "No exports yet",
        "Lists have an Export button. What it makes stays here for a day, sealed, for you alone.",
        link_button("Documents", "/partner/documents", icon="file-text", tone="primary"),
        icon="download",
    )
    shown = table(COLUMNS, rx.foreach(ExportsState.rows, _row), caption="Exports, newest first")
    return rx.fragment(
        page_head(
            "Exports",
            "Files made of lists. Each can be fetched for 24 hours; fetching is audited. Large ones wait for a second "
            "person.",
        ),
        rx.cond(
            ExportsState.is_loaded,
            box(rx.cond(ExportsState.rows.length() > 0, shown, nothing)),
            box(states.loading_rows(6, "Loading exports")),
        ),
        question(),
    )


def _row(one: ExportRow) -> rx.Component:
    mark = badge(one.words, one.tone)
    said = rx.cond(one.said, two_lines(mark, one.said), mark)
    fetch = link_button(
        "Fetch",
        one.href,
        icon="download",
        size="sm",
        tone="primary",
        test_id="export-fetch",
        custom_attrs={"reloadDocument": True},
    )
    stop = button("Stop", size="sm", on_click=ExportsState.stop(one.id), test_id="export-stop")
    return table_row(
        main_cell(two_lines(one.title, one.narrowed)),
        cell(one.form, label="Form"),
        cell(said, label="Status"),
        cell(
            rx.cond(one.due_at, one.documents, two_lines(one.rows, rx.cond(one.size, one.size, one.documents))),
            label="Rows",
            number=True,
        ),
        cell(two_lines(relative_time(one.created_at), one.by), label="Asked"),
        cell(_until(one), label="Until", phone="hide"),
        cell(rx.cond(one.may_decide, choices(one), rx.cond(one.href, fetch, rx.cond(one.is_under_way, stop)))),
        key=one.id,
        data_testid="export-row",
        data_id=one.id,
        data_status=one.status,
    )


def _until(one: ExportRow) -> rx.Component:
    left = rx.cond(one.expires_at, countdown(one.expires_at, before="in ", done="gone"))
    return rx.cond(one.due_at, countdown(one.due_at, before="in ", done="over"), left)


def export_button(kind: ExportKind) -> rx.Component:
    """Offer to take along what the list shows, to who can fetch it from the page of exports."""
    offer = button(
        "Export", icon="download", keys="E", command="export", on_click=ExportsState.ask(kind), test_id="export-open"
    )
    return rx.cond(may_fetch, offer)


def export_dialog() -> rx.Component:
    """Ask in which form; choosing one begins."""
    forms = [
        button(words, icon="download", on_click=ExportsState.begin(form), test_id=f"export-{form}")
        for form, words in FORMATS.items()
    ]
    return dialog(
        stack(
            rx.cond(ExportsState.error, callout(ExportsState.error, tone="red", icon="circle-alert")),
            row(icon("list-filter", 16), rx.el.span(ExportsState.title, ": ", rx.el.b(ExportsState.narrowed))),
            text(
                "All pages of the list as it is filtered now, up to this moment, newest first. "
                "Ids, codes and times; no personal data.",
                look="muted small",
            ),
            stack(*forms, gap=8),
        ),
        open=ExportsState.asking != "",
        title="Export the list",
        on_close=ExportsState.close,
        test_id="export-dialog",
    )
