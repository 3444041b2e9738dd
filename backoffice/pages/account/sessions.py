"""`/account`: who I am here, where I am signed in, and in which browsers I am known."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import facts, page_head, panel, split, stack
from backoffice.components.button import button
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.language import language_switch
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.theme import density_switch, theme_switch
from backoffice.components.time import exact_time, relative_time
from backoffice.state.account.sessions import AccountState
from backoffice.state.session import SessionState

COLUMNS = ("Browser", "Address", "Signed in", "Last seen", Column("Sign out", hidden=True))
KNOWN = ("Browser", "First seen", "Last sign-in", Column("Forget", hidden=True))
me: Any = AccountState.me
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def account() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Account", rx.el.span(me.role_words)),
        hotkeys({}, {}),
        rx.cond(
            AccountState.is_loaded,
            stack(split(_profile(), _looks(), ratio="1:1"), _sessions(), _browsers(), gap=16),
            states.loading_rows(4),
        ),
    )


def _profile() -> rx.Component:
    return panel(
        "You",
        facts(
            ("Name", me.name),
            ("Email", me.email),
            ("Second factor", me.second_factor),
            ("Time zone", me.time_zone),
            ("Last sign-in", exact_time(me.signed_in_at)),
        ),
        actions=(_security(),),
    )


def _security() -> rx.Component:
    """Lead to the page of one's own login, which is plain HTTP: the browser goes there, not the router."""
    return rx.el.a(
        icon("shield-check"),
        "Password and codes",
        href="/account/security",
        class_name="button",
        data_size="sm",
        data_testid="account-security",
        custom_attrs={"reloadDocument": True},
    )


def _looks() -> rx.Component:
    sheet = rx.el.button(
        icon("keyboard"),
        "Show the shortcuts",
        type="button",
        class_name="button",
        data_size="sm",
        custom_attrs={"data-hotkeys-sheet": "true"},
    )
    language = rx.cond(SessionState.viewer.is_staff, "English", language_switch())  # pyright: ignore[reportAttributeAccessIssue] a Var
    return panel(
        "This browser",
        facts(("Language", language), ("Theme", theme_switch()), ("Rows", density_switch()), ("Keyboard", sheet)),
    )


def _sessions() -> rx.Component:
    leave_others = button(
        "Sign out everywhere else", icon="log-out", on_click=AccountState.end_others, test_id="sessions-end-others"
    )
    return panel(
        "Where you are signed in",
        table(COLUMNS, rx.foreach(AccountState.rows, _row), caption="Your sessions"),
        actions=(leave_others,),
        flush=True,
    )


def _row(row: Any) -> rx.Component:  # noqa: ANN401 a Var of a view model
    leave = button("Sign out", size="sm", on_click=AccountState.end(row.id), test_id="session-end")
    return table_row(
        main_cell(rx.cond(row.way, two_lines(row.device, row.way), row.device)),
        cell(row.ip, label="Address"),
        cell(relative_time(row.signed_in_at), label="Signed in"),
        cell(relative_time(row.last_seen_at), label="Last seen"),
        cell(rx.cond(row.is_this, badge("This browser", "green"), leave)),
        data_testid="session-row",
        data_id=row.id,
    )


def _browsers() -> rx.Component:
    """List where the person has signed in before; forgetting one costs a letter at the next sign-in there."""
    known = table(KNOWN, rx.foreach(AccountState.browsers, _browser), caption="Browsers that are known")
    return panel(
        "Known browsers",
        rx.cond(
            AccountState.browsers,
            known,
            states.empty("No browser is known", "The one that you sign in with next will be."),
        ),
        foot=rx.el.span(
            "With these you can sign in even while somebody else keeps trying your password. "
            "Each sign-in with another one is told to you by e-mail."
        ),
        flush=True,
        data_testid="known-browsers",
    )


def _browser(row: Any) -> rx.Component:  # noqa: ANN401 a Var of a view model
    here = rx.cond(row.is_this, badge("This browser", "green"), "")
    forget = button("Forget", size="sm", on_click=AccountState.forget(row.id), test_id="browser-forget")
    return table_row(
        main_cell(row.device, " ", here),
        cell(relative_time(row.first_seen_at), label="First seen"),
        cell(relative_time(row.last_seen_at), label="Last sign-in"),
        cell(forget),
        data_testid="browser-row",
        data_id=row.id,
    )
