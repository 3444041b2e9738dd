"""Deciding many tasks from the queue: the question, and how far the job has come."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, stack, text
from backoffice.components.bulk_report import bulk_report
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, text_area
from backoffice.components.time import countdown
from backoffice.models.bulk_actions import MOST_TASKS
from backoffice.services.decision_texts import MAX_MESSAGE, MAX_NOTE
from backoffice.state.review.bulk import BulkState
from backoffice.state.review.picking import PickState
from backoffice.state.review.queue import QueueState
from backoffice.state.session import SessionState
from backoffice.viewmodels.bulk_actions import ReasonChoice
from backoffice.viewmodels.review_tasks import QueueTab

progress: Any = BulkState.progress
decides = SessionState.viewer.permissions.contains("documents:decide")  # pyright: ignore[reportAttributeAccessIssue] a Var
selected = rx.cond(PickState.amount > 0, PickState.amount, QueueState.selected.length())
"""How many tasks are selected, on the page or beyond it."""


def bulk_tools() -> rx.Component:
    """Offer what can be decided of many, and to select beyond the page."""
    again = button("Ask again…", icon="rotate-ccw", test_id="bulk-resubmit", on_click=BulkState.ask("resubmit"))
    reject = button("Reject…", icon="circle-x", test_id="bulk-reject", on_click=BulkState.ask("reject"))
    whole = rx.cond(PickState.amount == 0, rx.foreach(QueueState.tabs, _whole))
    return rx.fragment(rx.cond(decides, rx.fragment(again, reject)), whole)


def _whole(one: QueueTab) -> rx.Component:
    """Offer every task of the current view, where the page does not hold them all."""
    words = rx.Var.create("All ") + rx.Var.create(one.count).to(str) + " that match"
    offer = button(words, tone="ghost", test_id="select-matching", on_click=QueueState.select_matching)
    return rx.cond(one.is_current & (rx.Var.create(one.count).to(int) > QueueState.selected.length()), offer)


def bulk_question() -> rx.Component:
    """Ask with the number and the consequence."""
    is_reject = BulkState.asking == "reject"
    amount = rx.el.b(BulkState.amount, " ", rx.cond(BulkState.amount == 1, "document", "documents"))
    what = rx.cond(
        is_reject,
        rx.fragment(amount, " will be rejected."),
        rx.fragment(amount, " will have to be sent again by their applicants."),
    )
    words: Any = rx.cond(is_reject, "Reject ", "Ask again: ")
    end = foot(
        words + rx.Var.create(BulkState.amount).to(str),
        "bulk-confirm",
        cancel=BulkState.close,
        tone=rx.cond(is_reject, "reject", "primary"),
        disabled=BulkState.codes.length() == 0,
        type="submit",
    )
    return dialog(
        stack(
            rx.cond(BulkState.error, callout(BulkState.error, tone="red", icon="circle-alert")),
            rx.el.p(what, " Partners are told as soon as each verdict is final; until then all can be taken back."),
            text(
                "What somebody else holds, has decided or has passed on is skipped, with the reason. "
                f"At most {MOST_TASKS} at a time.",
                look="muted small",
            ),
            form(
                _reasons(),
                _texts(),
                end,
                on_submit=BulkState.confirm,
            ),
        ),
        open=BulkState.asking != "",
        title=rx.cond(is_reject, "Reject these documents?", "Ask for new documents?"),
        on_close=BulkState.close,
        test_id="bulk-dialog",
    )


def _reasons() -> rx.Component:
    grid: Any = {"--min": "190px", "gap": "0 16px", "maxHeight": "32vh", "overflowY": "auto"}
    listed = rx.foreach(BulkState.choices, _reason)
    return rx.el.fieldset(
        rx.el.legend("Reasons, the same for all"),
        rx.el.div(listed, class_name="grid", style=grid, tab_index=0, role="group", aria_label="Reasons"),
        class_name="field",
    )


def _texts() -> rx.Component:
    """Write what goes with each decision, as at the desk."""
    message = text_area("bulk-message", rows="2", max_length=MAX_MESSAGE, dir="auto")
    note = text_area("bulk-note", rows="2", max_length=MAX_NOTE, dir="auto")
    return rx.fragment(
        field(
            "bulk-message",
            "To each applicant",
            message,
            hint="Sent as it stands here, after what the reasons say in the applicant's language.",
            optional=True,
        ),
        field("bulk-note", "Internal note", note, hint="Stays with the team, on every decision.", optional=True),
    )


def _reason(one: ReasonChoice) -> rx.Component:
    return checkbox(
        rx.cond(one.needs_note, rx.Var.create(one.label) + " (needs a note)", one.label),
        checked=BulkState.codes.contains(one.code),
        on_change=BulkState.tick(one.code),
        data_testid=rx.Var.create("bulk-reason-") + one.code,
    )


def bulk_progress() -> rx.Component:
    """Show how far the job has come; every row that was skipped says why."""
    left = rx.el.span(countdown(progress.undo_until, on_done=BulkState.refresh), class_name="muted small")
    return bulk_report(
        progress,
        on_stop=BulkState.stop,
        on_undo=BulkState.undo,
        on_dismiss=BulkState.dismiss,
        can_undo=progress.undo_until != "",
        undo_note=left,
    )
