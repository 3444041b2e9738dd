"""`/ops/users`: everybody who signs in, of partners and of staff, and what is done about them."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, page_head
from backoffice.components.button import text_link
from backoffice.components.form import search_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import chip, filter_bar, filter_menu, tab, tabs
from backoffice.components.time import relative_time
from backoffice.pages.ops.acts import act, looks_on
from backoffice.pages.ops.user_acts import user_dialogs
from backoffice.services.access import Permission
from backoffice.state.ops.user_acts import UserActsState
from backoffice.state.ops.users import UsersState
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.people import PersonRow

COLUMNS = (
    "Person",
    "Role",
    "Partner",
    "Second factor",
    "Last active",
    Column("Sessions", number=True),
    Column("Act", hidden=True),
)
KEYS = {"f": "search", "n": "new"}
WORDS = {"search": "Search", "new": "Invite staff"}
WRITE = Permission.PARTNERS_WRITE


def users() -> rx.Component:
    """Build the page."""
    invite = act(
        "Invite staff", WRITE, icon="user-plus", tone="primary", keys="N", command="new", test_id="user-invite",
        on_click=UserActsState.begin,
    )  # fmt: skip
    return rx.fragment(
        page_head("Users", "Everybody who signs in, of partners and of staff", actions=(invite,)),
        looks_on(),
        tabs(rx.foreach(UsersState.views, _view), label="Status"),
        filter_bar(
            _search(),
            filter_menu("Role", UsersState.roles),
            filter_menu("Partner", UsersState.partners),
            rx.foreach(UsersState.chips, _chip),
        ),
        rx.cond(UsersState.is_loaded, _list(), box(states.loading_rows(8, "Loading people"))),
        user_dialogs(),
        hotkeys(KEYS, WORDS),
    )


def _view(one: Choice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _search() -> rx.Component:
    box_ = search_input("q", "Name or e-mail", default_value=UsersState.q)
    return rx.el.form(box_, on_submit=UsersState.search, key=UsersState.q)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, UsersState.remove(one.name))


def _list() -> rx.Component:
    foot = rx.el.div(rx.el.span(UsersState.shown, class_name="grow"), class_name="pager")
    shown = box(table(COLUMNS, rx.foreach(UsersState.rows, _row), caption="People, those of staff first"), foot)
    none = box(states.filter_empty("Nobody matches these filters.", UsersState.clear))
    return rx.cond(UsersState.rows.length() > 0, shown, none)


def _row(one: PersonRow) -> rx.Component:
    name = rx.el.span(
        rx.el.span(one.name, dir="auto"),
        rx.cond(one.is_oneself, badge("you", "indigo")),
        rx.cond(one.is_disabled, status_badge("disabled")),
        class_name="row",
        style={"gap": "6px"},
    )
    house = rx.cond(one.partner_href, text_link(one.partner, one.partner_href), rx.el.span(one.partner))
    return table_row(
        main_cell(two_lines(name, one.email)),
        cell(one.role_words, label="Role"),
        cell(
            rx.el.span(house, rx.cond(one.is_suspended, status_badge("suspended")), class_name="row"), label="Partner"
        ),
        cell(badge(one.factor, one.factor_tone), label="Second factor"),
        cell(rx.cond(one.last_active_at, relative_time(one.last_active_at), "never"), label="Last active"),
        cell(one.sessions, label="Sessions", number=True),
        cell(_acts(one)),
        key=one.id,
        data_testid="user-row",
        data_id=one.id,
        data_email=one.email,
        data_role=one.role,
    )


def _acts(one: PersonRow) -> rx.Component:
    def ask(words: str, question: str, tone: str = "default", *, disabled: Any = False) -> rx.Component:  # noqa: ANN401 a Var
        asked = UserActsState.ask(question, one.id)
        return act(words, WRITE, size="sm", tone=tone, disabled=disabled, on_click=asked, test_id=f"user-{question}")

    others = rx.fragment(ask("Role", "role"), ask("Password", "reset"), ask("Disable", "disable", "reject"))
    active = rx.fragment(
        ask("Sign out", "sessions", disabled=one.sessions == 0), rx.cond(one.is_oneself, rx.fragment(), others)
    )
    return rx.el.div(
        rx.cond(one.is_disabled, ask("Let in again", "enable"), active), class_name="row", data_justify="end"
    )
