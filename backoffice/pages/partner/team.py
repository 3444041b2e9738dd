"""`/partner/team`: the company's people, what each may do, and where they are signed in."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, callout, page_head, panel, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import relative_time
from backoffice.pages.partner.inviting import invite_button, inviting, waiting
from backoffice.pages.partner.roles import roles
from backoffice.state.partner.inviting import InvitingState
from backoffice.state.partner.roles import CustomRolesState
from backoffice.state.partner.team import ColleaguesState
from backoffice.state.session import SessionState
from backoffice.viewmodels.colleagues import ROLES, ColleagueRow
from backoffice.viewmodels.custom_roles import OwnRoleRow
from backoffice.viewmodels.sessions import SessionRow

COLUMNS = (
    "Person",
    "Role",
    "Second factor",
    "Last active",
    Column("Sessions", number=True),
    Column("API keys", number=True),
    Column("Act", hidden=True),
)
REMOVED = ("Person", "Role", "Last active", Column("Act", hidden=True))
permissions: Any = SessionState.viewer.permissions
may_write = permissions.contains("members:write")
one: Any = ColleaguesState.one
change: Any = ColleaguesState.change
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def colleagues() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head(
            "Team",
            "Who signs in for your company, and what each may do",
            actions=(rx.cond(may_write, invite_button()),),
        ),
        rx.cond(
            ColleaguesState.is_loaded,
            stack(_people(), rx.cond(InvitingState.rows.length() > 0, waiting()), _removed(), roles(), gap=16),
            box(states.loading_rows(5, "Loading people")),
        ),
        inviting(),
        _role_dialog(),
        _sessions_dialog(),
        _factor_dialog(),
        _reset_dialog(),
        _remove_dialog(),
        hotkeys({"n": "new"}, {"new": "Invite somebody"}),
    )


def _people() -> rx.Component:
    return box(table(COLUMNS, rx.foreach(ColleaguesState.rows, _row), caption="People of your company"))


def _row(row: ColleagueRow) -> rx.Component:
    you = rx.cond(row.is_oneself, badge("you", "indigo"))
    name = rx.el.span(rx.el.span(row.name, dir="auto"), you, class_name="row", style={"gap": "6px"})
    return table_row(
        main_cell(two_lines(name, row.email)),
        cell(row.role_words, label="Role"),
        cell(badge(row.factor, row.factor_tone), label="Second factor"),
        cell(rx.cond(row.last_active_at, relative_time(row.last_active_at), "never"), label="Last active"),
        cell(row.sessions, label="Sessions", number=True),
        cell(row.api_keys, label="API keys", number=True),
        cell(rx.cond(may_write, _acts(row))),
        key=row.id,
        data_testid="member-row",
        data_id=row.id,
        data_role=row.role,
    )


def _acts(row: ColleagueRow) -> rx.Component:
    def act(words: str, question: str, tone: str = "default") -> rx.Component:
        asked = ColleaguesState.ask(question, row.id)
        return button(words, size="sm", tone=tone, on_click=asked, test_id=f"member-{question}")

    others = rx.fragment(act("Role", "role"), act("Remove", "remove", "reject"))
    acts = [act("Sign-in", "sessions"), rx.cond(row.is_oneself, rx.fragment(), others)]
    return rx.el.div(*acts, class_name="row", data_justify="end")


def _removed() -> rx.Component:
    shown = table(REMOVED, rx.foreach(ColleaguesState.removed, _gone), caption="People who were removed")
    whole = panel("Removed", shown, flush=True, data_testid="members-removed")
    return rx.cond(ColleaguesState.removed.length() > 0, whole)


def _gone(row: ColleagueRow) -> rx.Component:
    again = button("Let in again", size="sm", on_click=ColleaguesState.restore(row.id), test_id="member-restore")
    return table_row(
        main_cell(two_lines(rx.el.span(row.name, dir="auto"), row.email)),
        cell(row.role_words, label="Role"),
        cell(rx.cond(row.last_active_at, relative_time(row.last_active_at), "never"), label="Last active"),
        cell(rx.cond(may_write, rx.el.div(again, class_name="row", data_justify="end"))),
        key=row.id,
        data_testid="member-removed",
        data_id=row.id,
    )


_buttons = partial(foot, cancel=ColleaguesState.close)


def _wrong() -> rx.Component:
    return rx.cond(ColleaguesState.error, callout(ColleaguesState.error, tone="red", icon="circle-alert"))


def _role_dialog() -> rx.Component:
    choices = [
        checkbox(
            rx.fragment(rx.el.b(words), rx.el.br(), rx.el.span(about, class_name="muted small")),
            type="radio",
            name="role",
            value=str(role),
            default_checked=one.role == str(role),
            on_change=ColleaguesState.choose(str(role)),
            data_testid=f"role-{role}",
        )
        for role, (words, about) in ROLES.items()
    ]
    own = rx.foreach(CustomRolesState.rows, _own_choice)
    return dialog(
        stack(
            _wrong(),
            rx.el.fieldset(rx.el.legend("Role", class_name="visually-hidden"), stack(*choices, own, gap=8), key=one.id),
            rx.cond(change.words, _consequence()),
            _buttons(
                "Change the role", "role-confirm", on_click=ColleaguesState.change_role, disabled=change.words == ""
            ),
        ),
        open=ColleaguesState.asking == "role",
        title=rx.Var.create("Role of ") + one.name,
        on_close=ColleaguesState.close,
        test_id="role-dialog",
    )


def _own_choice(role: OwnRoleRow) -> rx.Component:
    return checkbox(
        rx.fragment(rx.el.b(role.name, dir="auto"), rx.el.br(), rx.el.span(role.about, class_name="muted small")),
        type="radio",
        name="role",
        value=role.id,
        default_checked=one.role == role.id,
        on_change=ColleaguesState.choose(role.id),
        data_testid="role-own",
        data_id=role.id,
    )


def _consequence() -> rx.Component:
    return callout(
        rx.el.p(rx.el.b(change.words), data_testid="role-diff"),
        rx.cond(change.gains, rx.el.p("May from now on: ", change.gains, ".")),
        rx.cond(change.loses, rx.el.p("May no more: ", change.loses, ".")),
        rx.cond(change.enrols, rx.el.p("Sets a second factor up at the next sign-in.")),
        rx.el.p("Signs in again: sessions of the old role end at once."),
        tone="amber",
    )


def _sessions_dialog() -> rx.Component:
    columns = ("Browser", "Address", "Last seen")
    shown = table(columns, rx.foreach(ColleaguesState.places, _place), caption="Where this person is signed in")
    none = text("Signed in nowhere right now.", look="muted")
    own = rx.cond(one.is_oneself, text("The session of this tab stays.", look="muted small"))
    reset = button(
        "Reset second factor", icon="scan-line", on_click=ColleaguesState.ask("factor", one.id), test_id="member-factor"
    )
    link = button(
        "Send a password link", icon="mail", on_click=ColleaguesState.ask("reset", one.id), test_id="member-reset"
    )
    end = button("End all sessions", tone="danger", test_id="sessions-end", on_click=ColleaguesState.end_sessions)
    is_somewhere = ColleaguesState.places.length() > 0
    return dialog(
        stack(
            _wrong(),
            rx.cond(is_somewhere, rx.fragment(shown, own), none),
            rx.el.div(
                rx.cond(one.is_oneself, rx.fragment(), link),
                rx.cond(one.has_factor & ~one.is_oneself, reset),
                rx.cond(is_somewhere, end),
                class_name="row",
                data_justify="end",
            ),
        ),
        open=ColleaguesState.asking == "sessions",
        title=rx.Var.create("Sign-in of ") + one.name,
        on_close=ColleaguesState.close,
        test_id="sessions-dialog",
    )


def _place(row: SessionRow) -> rx.Component:
    return table_row(
        main_cell(row.device),
        cell(rx.el.span(row.ip, class_name="mono small"), label="Address"),
        cell(relative_time(row.last_seen_at), label="Last seen"),
        key=row.id,
        data_testid="place-row",
    )


def _factor_dialog() -> rx.Component:
    return dialog(
        stack(
            _wrong(),
            rx.el.p(
                "For a phone that is lost. ", rx.el.b(one.name), " is signed out everywhere and sets a new one up at "
                "the next sign-in. Until then the password alone is what stands between the account and a thief: "
                "be sure that it is them who asks. A letter tells them.",
            ),
            _buttons("Reset it", "factor-confirm", tone="danger", on_click=ColleaguesState.reset_factor),
        ),
        open=ColleaguesState.asking == "factor",
        title="Reset the second factor?",
        on_close=ColleaguesState.close,
        test_id="factor-dialog",
    )  # fmt: skip


def _reset_dialog() -> rx.Component:
    return dialog(
        stack(
            _wrong(),
            rx.el.p(
                rx.el.b(one.email), " gets a letter with a link, good for an hour and for one use. The password of now "
                "works until they have chosen another, and their second factor stays. Nobody else sees the link.",
            ),
            _buttons("Send the link", "reset-confirm", on_click=ColleaguesState.send_reset),
        ),
        open=ColleaguesState.asking == "reset",
        title=rx.Var.create("New password for ") + one.name,
        on_close=ColleaguesState.close,
        test_id="reset-dialog",
    )  # fmt: skip


def _remove_dialog() -> rx.Component:
    keys = callout(
        rx.el.p("API keys that they made work on. Revoke them if nobody else knows what they are for:"),
        rx.el.ul(rx.foreach(ColleaguesState.keys, rx.el.li), data_testid="remove-keys"),
        tone="amber",
        icon="key-round",
    )
    return dialog(
        form(
            rx.el.p(
                rx.el.b(one.name), " (", one.email, ") is signed out everywhere within a second and cannot sign in."
            ),
            rx.cond(ColleaguesState.keys.length() > 0, keys),
            field(
                "typed",
                rx.Var.create("Write “") + one.name + "” to be sure",
                text_input("typed", error=ColleaguesState.error, auto_complete="off"),
                error=ColleaguesState.error,
            ),
            _buttons("Remove", "remove-confirm", tone="danger", type="submit"),
            on_submit=ColleaguesState.remove,
        ),
        open=ColleaguesState.asking == "remove",
        title=rx.Var.create("Remove ") + one.name + "?",
        on_close=ColleaguesState.close,
        test_id="remove-dialog",
    )
