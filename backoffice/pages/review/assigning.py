"""The dialogs above the queue: to whom, how far up, and what was refused."""

import reflex as rx

from backoffice.components.box import callout, stack
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, select, text_input
from backoffice.pages.review.bulk import selected
from backoffice.state.review.assigning import AssigningState
from backoffice.viewmodels.assignments import Outcome

BANDS = (
    ("urgent", "Urgent: 8 hours ahead"),
    ("high", "High: 2 hours ahead"),
    ("normal", "Normal"),
    ("low", "Low: 8 hours behind"),
)


def dialogs() -> rx.Component:
    """Build what opens over the queue."""
    return rx.fragment(_assign(), _move(), _refused())


def _foot(words: str, test_id: str) -> rx.Component:
    send = button(words, tone="primary", type="submit", test_id=test_id)
    return rx.el.div(send, class_name="row", data_justify="end")


def _count() -> rx.Component:
    return rx.el.p(selected, " selected", class_name="muted small")


def _assign() -> rx.Component:
    whose = rx.fragment(
        rx.foreach(AssigningState.people, lambda one: rx.el.option(one.label, value=one.id)),
        rx.el.option("Nobody: back to the queue", value=""),
    )
    return dialog(
        form(
            _count(),
            field(
                "whose",
                "Assign to",
                select("whose", whose),
                hint="A transfer ends the lease of whoever works on it now.",
            ),
            _foot("Assign", "assign-confirm"),
            on_submit=AssigningState.assign,
        ),
        open=AssigningState.asking == "assign",
        title="Assign tasks",
        on_close=AssigningState.close,
        test_id="assign-dialog",
    )


def _move() -> rx.Component:
    return dialog(
        form(
            _count(),
            field("band", "Priority", select("band", BANDS)),
            field(
                "reason",
                "Why",
                text_input("reason", max_length=200, auto_complete="off", error=AssigningState.error),
                hint="It stands on the row and in the audit log: no personal data.",
                error=AssigningState.error,
            ),
            _foot("Move", "move-confirm"),
            on_submit=AssigningState.move,
        ),
        open=AssigningState.asking == "move",
        title="Move in the queue",
        on_close=AssigningState.close,
        test_id="move-dialog",
    )


def _refused() -> rx.Component:
    return dialog(
        stack(
            callout("The others are done. These stay selected.", tone="amber", icon="circle-alert"),
            rx.el.ul(rx.foreach(AssigningState.outcomes, _outcome), class_name="plain-list"),
        ),
        open=AssigningState.outcomes.length() > 0,
        title="Not done",
        on_close=AssigningState.close,
        test_id="outcomes",
    )


def _outcome(one: Outcome) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.reference, class_name="mono small strong"), rx.el.br(), one.refusal, data_testid="outcome"
    )
