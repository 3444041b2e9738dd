"""Changing many documents from the list: what is selected, the question, and how far the job has come."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, row, stack, text
from backoffice.components.bulk_report import bulk_report
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, text_input
from backoffice.components.offline import bulk_offline
from backoffice.components.table import bulk_bar
from backoffice.models.bulk_actions import MOST_DOCUMENTS
from backoffice.models.document_tags import LONGEST_TAG
from backoffice.state.partner.bulk import DocumentBulkState
from backoffice.state.partner.selecting import SelectionState
from backoffice.state.session import SessionState

progress: Any = DocumentBulkState.progress
viewer: Any = SessionState.viewer
tags_there = viewer.permissions.contains("documents:tag")
writes = viewer.permissions.contains("documents:write")
KEYS = {"t": "tag-selected", "escape": "select-none"}
WORDS = {"tag-selected": "Tag the selected documents", "select-none": "Clear the selection"}


def selection_bar() -> rx.Component:
    """Offer what can be done with the selected documents, and to select beyond the page."""
    tag = button(
        "Tag…", icon="tag", keys="T", command="tag-selected", test_id="bulk-tag", on_click=DocumentBulkState.ask("tag")
    )
    untag = button("Untag…", test_id="bulk-untag", on_click=DocumentBulkState.ask("untag"))
    export = button(
        "Export", icon="download", keys="E", command="export", test_id="bulk-export", on_click=DocumentBulkState.export
    )
    cancel = button("Cancel…", icon="ban", test_id="bulk-cancel", on_click=DocumentBulkState.ask("cancel"))
    words: Any = rx.Var.create("All ") + SelectionState.matching + " that match"
    whole = button(words, tone="ghost", test_id="select-matching", on_click=SelectionState.select_matching)
    return bulk_bar(
        SelectionState.amount,
        rx.cond(tags_there, rx.fragment(tag, untag)),
        export,
        rx.cond(writes, cancel),
        rx.cond((SelectionState.matching != "") & ~SelectionState.is_whole, whole),
        bulk_offline(),
        on_clear=SelectionState.select_none,
    )


def bulk_question() -> rx.Component:
    """Ask with the number and the consequence; canceling wants the number written by hand."""
    amount: Any = rx.Var.create(DocumentBulkState.amount).to(str)
    is_cancel, is_tag = DocumentBulkState.asking == "cancel", DocumentBulkState.asking == "tag"
    title: Any = rx.cond(is_cancel, "Cancel these documents?", rx.cond(is_tag, "Add a tag", "Remove a tag"))
    words: Any = rx.cond(is_cancel, "Cancel ", rx.cond(is_tag, "Tag ", "Untag "))
    send = button(
        words + amount,
        tone=rx.cond(is_cancel, "danger", "primary"),
        test_id="bulk-confirm",
        type="submit",
    )
    limit = f"Each gets a line in the result. At most {MOST_DOCUMENTS:,} at a time."
    return dialog(
        stack(
            rx.cond(DocumentBulkState.error, callout(DocumentBulkState.error, tone="red", icon="circle-alert")),
            form(
                rx.cond(is_cancel, _count(), _tag()),
                text(limit, look="muted small"),
                row(button("Close", on_click=DocumentBulkState.close), send, justify="end"),
                on_submit=DocumentBulkState.confirm,
            ),
        ),
        open=DocumentBulkState.asking != "",
        title=title,
        on_close=DocumentBulkState.close,
        test_id="bulk-dialog",
    )


def _count() -> rx.Component:
    amount = DocumentBulkState.amount
    what = rx.el.p(
        rx.el.b(amount, " ", rx.cond(amount == 1, "document", "documents")),
        " will be canceled: nobody works on them any more, and this cannot be taken back. "
        "What is decided already is skipped, with the reason.",
    )
    box = text_input("bulk-count", input_mode="numeric", auto_complete="off")
    label: Any = rx.Var.create("Type ") + rx.Var.create(amount).to(str) + " to confirm"
    return stack(what, field("bulk-count", label, box))


def _tag() -> rx.Component:
    box = text_input("bulk-tag", max_length=LONGEST_TAG, auto_complete="off", list="bulk-known-tags")
    known = rx.foreach(DocumentBulkState.known, lambda tag: rx.el.option(value=tag))
    hint = "Words of your own, such as vip or batch-7; no personal data. It can be taken back for a day."
    return stack(field("bulk-tag", "Tag", box, hint=hint), rx.el.datalist(known, id="bulk-known-tags"))


def bulk_progress() -> rx.Component:
    """Show how far the job has come; every document that was skipped says why."""
    return bulk_report(
        progress,
        on_stop=DocumentBulkState.stop,
        on_undo=DocumentBulkState.undo,
        on_dismiss=DocumentBulkState.dismiss,
        can_undo=progress.can_undo,
    )
