"""The dialog of one partner's page that opens its workspace to an operator who says what for."""

import reflex as rx

from backoffice.components.box import callout
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import field, form, text_area
from backoffice.components.leave import go
from backoffice.models.viewings import LASTS, MAX_PURPOSE
from backoffice.pages.ops.acts import act
from backoffice.services.access import Permission
from backoffice.state.ops.partner import PartnerState
from backoffice.state.ops.viewing import ViewingState

MINUTES = int(LASTS.total_seconds()) // 60


def look_button(*, is_shut: rx.Var[bool]) -> rx.Component:
    """Offer to look at the workspace; a suspended partner's is shut."""
    return act(
        "View as partner", Permission.WORKSPACES_LOOK, icon="eye", test_id="view-as", disabled=is_shut,
        on_click=ViewingState.ask,
    )  # fmt: skip


def look_dialog() -> rx.Component:
    """Ask what for, and go there."""
    told = callout(
        f"For {MINUTES} minutes you see their workspace as they do, personal data masked. Nothing can be changed, sent "
        "or downloaded. They read in their audit trail that our people looked, for what, and which pages.",
        icon="eye",
    )
    ask = dialog(
        form(
            told,
            field(
                "purpose",
                "What do you need it for?",
                text_area("purpose", rows=2, max_length=MAX_PURPOSE, error=ViewingState.error),
                hint="Such as a ticket and its question. The partner reads it: no personal data.",
                error=ViewingState.error,
            ),
            foot("View their workspace", "view-as-confirm", cancel=ViewingState.close, type="submit"),
            on_submit=ViewingState.start,
        ),
        open=ViewingState.is_asking,
        title=rx.Var.create("View as ") + PartnerState.row.name,  # pyright: ignore[reportAttributeAccessIssue, reportOperatorIssue] a Var
        on_close=ViewingState.close,
        test_id="view-as-dialog",
    )
    return rx.fragment(ask, go(ViewingState.goes_to, ticket=ViewingState.ticket))
