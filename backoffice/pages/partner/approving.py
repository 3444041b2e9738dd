"""The second person's buttons on a large export, and the question why it is declined."""

import reflex as rx

from backoffice.components.box import callout, row, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import field, text_area
from backoffice.models.exports import MAX_REASON
from backoffice.state.partner.approving import ApprovingState
from backoffice.viewmodels.exports import ExportRow


def choices(one: ExportRow) -> rx.Component:
    """Offer both ways to whoever may be the second person."""
    return row(
        button("Approve", size="sm", tone="primary", on_click=ApprovingState.approve(one.id), test_id="export-approve"),
        button("Decline", size="sm", on_click=ApprovingState.ask(one.id, one.title), test_id="export-decline"),
        gap=8,
    )


def question() -> rx.Component:
    """Ask why, in words for who asked."""
    end = foot("Decline", "export-decline-confirm", cancel=ApprovingState.close, tone="danger", type="submit")
    return dialog(
        rx.el.form(
            stack(
                rx.cond(ApprovingState.error, callout(ApprovingState.error, tone="red", icon="circle-alert")),
                text(ApprovingState.about, look="muted"),
                field(
                    "reason",
                    "Why",
                    text_area("reason", rows=2, max_length=MAX_REASON),
                    hint="Who asked reads it for a week. Write no personal data.",
                ),
                end,
            ),
            on_submit=ApprovingState.decline,
        ),
        open=ApprovingState.declining != "",
        title="Decline this export?",
        on_close=ApprovingState.close,
        test_id="export-decline-dialog",
    )
