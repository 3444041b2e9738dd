"""Inviting colleagues: the form with the link that is shown once, and who has not come yet."""

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, panel, stack, text
from backoffice.components.button import button
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import field, form, select, text_input
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import countdown, relative_time
from backoffice.models.members import Role
from backoffice.state.partner.inviting import InvitingState
from backoffice.state.partner.roles import CustomRolesState
from backoffice.state.session import SessionState
from backoffice.viewmodels.colleagues import ROLES, InviteeRow

COLUMNS = ("Person", "Role", "Invited", "Link ends", Column("Act", hidden=True))
CHOICES = [(str(role), f"{words}: {about}") for role, (words, about) in ROLES.items()]
may_write = SessionState.viewer.permissions.contains("members:write")  # pyright: ignore[reportAttributeAccessIssue] a Var


def invite_button() -> rx.Component:
    """Begin an invitation."""
    return button(
        "Invite", icon="user-plus", tone="primary", keys="N", command="new", test_id="invite-new",
        on_click=InvitingState.begin,
    )  # fmt: skip


def waiting() -> rx.Component:
    """List the open invitations."""
    shown = table(COLUMNS, rx.foreach(InvitingState.rows, _row), caption="Invited and not here yet, newest first")
    return panel("Invited", shown, flush=True, data_testid="invited")


def _row(one: InviteeRow) -> rx.Component:
    again = button("Send again", size="sm", on_click=InvitingState.resend(one.id), test_id="invite-resend")
    back = button(
        "Withdraw", size="sm", tone="reject", on_click=InvitingState.ask_withdraw(one.id), test_id="invite-back"
    )
    acts = rx.el.div(again, back, class_name="row", data_wrap="no", data_justify="end")
    ends = rx.cond(one.is_expired, badge("Ended", "red"), countdown(one.expires_at, before="in ", done="ended"))
    return table_row(
        main_cell(two_lines(rx.el.span(one.name, dir="auto"), one.email)),
        cell(one.role_words, label="Role"),
        cell(two_lines(relative_time(one.invited_at), rx.el.span("by ", one.invited_by)), label="Invited"),
        cell(ends, label="Link ends"),
        cell(rx.cond(may_write, acts)),
        key=one.id,
        data_testid="invitation-row",
        data_id=one.id,
    )


def inviting() -> rx.Component:
    """Hold the dialogs."""
    asked = rx.cond(InvitingState.link, _sent(), _form())
    return rx.fragment(
        dialog(
            asked,
            open=InvitingState.is_asking,
            title=rx.cond(InvitingState.link, "Invited", "Invite a colleague"),
            on_close=InvitingState.close,
            test_id="invite-dialog",
        ),
        dialog(
            stack(
                rx.el.p("The link that was sent does not work from then on. You can invite them again."),
                rx.el.div(
                    button("Keep it", tone="ghost", on_click=InvitingState.close),
                    button("Withdraw", tone="danger", on_click=InvitingState.withdraw, test_id="invite-back-confirm"),
                    class_name="row",
                    data_justify="end",
                ),
            ),
            open=InvitingState.withdrawing != "",
            title="Withdraw this invitation?",
            on_close=InvitingState.close,
            test_id="invite-back-dialog",
        ),
    )


def _form() -> rx.Component:
    def wrong(name: str) -> rx.Var[str]:
        return rx.cond(InvitingState.error_field == name, InvitingState.error, "")

    return form(
        field(
            "email",
            "E-mail",
            text_input("email", type="email", error=wrong("email"), auto_complete="off", max_length=254),
            error=wrong("email"),
        ),
        field(
            "name",
            "Name",
            text_input("name", error=wrong("name"), auto_complete="off", max_length=120),
            error=wrong("name"),
            hint="As colleagues know them.",
            optional=True,
        ),
        field("role", "Role", select("role", _choices(), default_value=str(Role.PARTNER_ANALYST))),
        foot("Send the invitation", "invite-send", cancel=InvitingState.close, type="submit"),
        on_submit=InvitingState.invite,
    )


def _choices() -> rx.Component:
    ours = [rx.el.option(words, value=value) for value, words in CHOICES]
    own = rx.foreach(CustomRolesState.rows, lambda one: rx.el.option(one.name, value=one.id))
    return rx.fragment(*ours, own)


def _sent() -> rx.Component:
    return stack(
        text("A letter is on its way to ", rx.el.b(InvitingState.sent_to), ". The link works once, for a week."),
        callout(
            "You can give them the link yourself. You see it this one time; who has it can join in their place.",
            tone="amber",
        ),
        copyable(InvitingState.link, visible=True, test_id="invite-link"),
        rx.el.div(
            button("Done", tone="primary", on_click=InvitingState.close, test_id="invite-done"),
            class_name="row",
            data_justify="end",
        ),
    )
