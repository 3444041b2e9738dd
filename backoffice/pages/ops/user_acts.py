"""The dialogs of the list of people: another role, signing out, disabling, letting in again, inviting."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components.box import callout, stack, text
from backoffice.components.button import button
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, select, text_input
from backoffice.models.members import Role
from backoffice.state.ops.user_acts import UserActsState
from backoffice.viewmodels.people import STAFF, RoleChoice

one: Any = UserActsState.one
"""A Var of a view model: its attributes are Vars, which no type checker knows."""
CHOICES = [(str(role), f"{words}: {about}") for role, (words, about) in STAFF.items()]


def user_dialogs() -> rx.Component:
    """Hold the dialogs."""
    return rx.fragment(_role(), _sessions(), _reset(), _disable(), _enable(), _invite())


_buttons = partial(foot, cancel=UserActsState.close)


def _wrong(name: str) -> rx.Var[str]:
    return rx.cond(UserActsState.error_field == name, UserActsState.error, "")


def _said() -> rx.Component:
    is_elsewhere = (UserActsState.error != "") & ~(
        (UserActsState.error_field == "typed") | (UserActsState.error_field == "email")
    )
    return rx.cond(is_elsewhere, callout(UserActsState.error, tone="red", icon="circle-alert"))


def _dialog(question: str, title: rx.Var[str], *children: rx.Component) -> rx.Component:
    return dialog(
        *children,
        open=UserActsState.asking == question,
        title=title,
        on_close=UserActsState.close,
        test_id=f"user-{question}-dialog",
    )


def _role() -> rx.Component:
    choices = rx.el.fieldset(
        rx.el.legend("Role", class_name="visually-hidden"),
        rx.el.div(rx.foreach(UserActsState.roles, _choice), class_name="stack"),
    )
    signs_in = callout(
        "Signs in again: sessions of the old role end at once, and so do invitations of theirs.", tone="amber"
    )
    return _dialog(
        "role",
        rx.Var.create("Role of ") + one.name,
        stack(
            _said(),
            choices,
            signs_in,
            _buttons(
                "Change the role",
                "role-confirm",
                on_click=UserActsState.change_role,
                disabled=UserActsState.chosen == one.role,
            ),
        ),
    )


def _reset() -> rx.Component:
    words = callout(
        one.email, " gets a letter with a link, good for an hour and for one use. The password of now works until ",
        "they have chosen another, and their second factor stays. Nobody else sees the link.", icon="mail",
    )  # fmt: skip
    return _dialog(
        "reset",
        rx.Var.create("New password for ") + one.name,
        stack(_said(), words, _buttons("Send the link", "reset-confirm", on_click=UserActsState.send_reset)),
    )


def _choice(choice: RoleChoice) -> rx.Component:
    words = rx.fragment(rx.el.b(choice.words), rx.el.br(), rx.el.span(choice.about, class_name="muted small"))
    return checkbox(
        words,
        type="radio",
        name="role",
        value=choice.role,
        default_checked=one.role == choice.role,
        on_change=UserActsState.choose(choice.role),
        data_testid="role-choice",
        data_role=choice.role,
    )


def _sessions() -> rx.Component:
    own = rx.cond(one.is_oneself, text("The session of this tab stays.", look="muted small"))
    words = text(rx.el.b(one.name), " is signed out of ", one.sessions, " browsers within a second, and signs in anew.")
    confirm = _buttons("Sign out everywhere", "sessions-confirm", tone="danger", on_click=UserActsState.end_sessions)
    return _dialog("sessions", rx.Var.create("Sign ") + one.name + " out?", stack(_said(), words, own, confirm))


def _disable() -> rx.Component:
    asked = form(
        _said(),
        rx.el.p(rx.el.b(one.name), " (", one.email, ") is signed out everywhere within a second and cannot sign in."),
        field(
            "typed",
            rx.Var.create("Write “") + one.email + "” to be sure",
            text_input("typed", error=_wrong("typed"), auto_complete="off"),
            error=_wrong("typed"),
        ),
        _buttons("Disable", "disable-confirm", tone="danger", type="submit"),
        on_submit=UserActsState.disable,
    )
    return _dialog("disable", rx.Var.create("Disable ") + one.name + "?", asked)


def _enable() -> rx.Component:
    words = text("The login works again, with the role ", rx.el.b(one.role_words), ".")
    confirm = _buttons("Let in again", "enable-confirm", on_click=UserActsState.enable)
    return _dialog("enable", rx.Var.create("Let ") + one.name + " in again?", stack(_said(), words, confirm))


def _invite() -> rx.Component:
    asked = form(
        field(
            "email",
            "E-mail",
            text_input("email", type="email", error=_wrong("email"), auto_complete="off", max_length=254),
            error=_wrong("email"),
        ),
        field("name", "Name", text_input("name", auto_complete="off", max_length=120), optional=True),
        field("role", "Role", select("role", CHOICES, default_value=str(Role.REVIEWER))),
        text("People of partners are invited on the page of their team, the first one with the partner.", look="hint"),
        _said(),
        _buttons("Send the invitation", "invite-send", type="submit"),
        on_submit=UserActsState.invite,
    )
    sent = stack(
        text("A letter is on its way to ", rx.el.b(UserActsState.sent_to), ". The link works once, for a week."),
        callout("You see the link this one time; who has it can join in their place.", tone="amber"),
        copyable(UserActsState.link, visible=True, test_id="invite-link"),
        rx.el.div(
            button("Done", tone="primary", on_click=UserActsState.close, test_id="invite-done"),
            class_name="row",
            data_justify="end",
        ),
    )
    title = rx.cond(UserActsState.link, "Invited", "Invite somebody to staff")
    return _dialog("invite", title, rx.cond(UserActsState.link, sent, asked))
