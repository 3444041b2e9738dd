"""`/ops/roles`: who has which role, and what each role lets them do."""

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, page_head, panel
from backoffice.components.button import link_button, text_link
from backoffice.components.icon import icon
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.state.ops.roles import RolesState
from backoffice.viewmodels.access_reviews import NAMES_IN_ORDER, CustomRoleCard, Grant, PermissionRow, RoleCard
from backoffice.viewmodels.people import NAMES

OWN = ("Role", "Partner", "Who", "Second factor")
ROLES = ("Role", "Who", "Second factor")
MATRIX = ("Permission", *(Column(NAMES[role]) for role in NAMES_IN_ORDER))


def roles() -> rx.Component:
    """Build the page."""
    people = link_button("People", "/ops/users", icon="users", test_id="roles-people")
    return rx.fragment(
        page_head("Roles", "Who may do what; every service reads the same table", actions=(people,)),
        rx.cond(RolesState.is_loaded, _roles(), box(states.loading_rows(8, "Loading roles"))),
    )


def _roles() -> rx.Component:
    return rx.el.div(
        box(table(ROLES, rx.foreach(RolesState.cards, _card), caption="Roles and who has them, those of staff first")),
        rx.cond(RolesState.own.length() > 0, _own()),
        box(table(MATRIX, rx.foreach(RolesState.rows, _row), caption="What each role grants", tall=True)),
        class_name="stack",
    )


def _own() -> rx.Component:
    shown = table(OWN, rx.foreach(RolesState.own, _own_row), caption="Roles that partners made for themselves")
    return panel("Partners' own roles", shown, flush=True)


def _own_row(one: CustomRoleCard) -> rx.Component:
    return table_row(
        main_cell(two_lines(rx.el.span(one.name, dir="auto"), one.about)),
        cell(text_link(one.partner, one.partner_href), label="Partner"),
        cell(one.people, label="Who"),
        cell(badge(one.factor, one.factor_tone), label="Second factor"),
        key=one.id,
        data_testid="custom-role-row",
        data_id=one.id,
    )


def _card(one: RoleCard) -> rx.Component:
    return table_row(
        main_cell(two_lines(one.words, one.about)),
        cell(text_link(one.people, one.href), label="Who"),
        cell(badge(one.factor, one.factor_tone), label="Second factor"),
        key=one.role,
        data_testid="role-row",
        data_role=one.role,
        data_people=one.people,
    )


def _row(one: PermissionRow) -> rx.Component:
    return table_row(
        main_cell(two_lines(one.words, rx.fragment(one.family, " · ", rx.el.code(one.permission)))),
        rx.foreach(one.grants, _grant),
        key=one.permission,
        data_testid="permission-row",
        data_permission=one.permission,
    )


def _grant(one: Grant) -> rx.Component:
    yes = rx.el.span(icon("check", 16), rx.el.span("yes", class_name="visually-hidden"), data_tone="green")
    no = rx.el.span("-", rx.el.span("no", class_name="visually-hidden"), class_name="muted")
    return cell(rx.cond(one.is_granted, yes, no), data_label=one.words, data_role=one.role, data_granted=one.is_granted)
