"""The roles part of the team page: ours and the company's own, a checklist for one, and the question before it goes."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import callout, grid, panel, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, text_input
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.models.custom_roles import LONGEST_NAME
from backoffice.models.members import Role
from backoffice.state.partner.roles import CustomRolesState
from backoffice.state.session import SessionState
from backoffice.viewmodels.colleagues import ROLES
from backoffice.viewmodels.custom_roles import Family, OwnRoleRow, Tick

COLUMNS = ("Role", Column("People", number=True), Column("Invited", number=True), Column("Act", hidden=True))
may_write = SessionState.viewer.permissions.contains("members:write")  # pyright: ignore[reportAttributeAccessIssue] a Var
page: Any = CustomRolesState
one: Any = CustomRolesState.one
diff: Any = CustomRolesState.diff
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def roles() -> rx.Component:
    """List what there is, and hold the dialogs."""
    new = button("New role", icon="plus", size="sm", on_click=CustomRolesState.begin, test_id="role-new")
    shown = table(
        COLUMNS,
        rx.fragment(rx.foreach(CustomRolesState.built_in, _row), rx.foreach(CustomRolesState.rows, _row)),
        caption="Roles of your company, the built-in ones first",
    )
    hint = text("Your company has no role of its own yet: a support desk, a compliance reader.", look="muted small")
    none = rx.el.div(hint, class_name="panel-foot", data_testid="roles-empty")
    listed = rx.fragment(shown, rx.cond(page.rows.length() == 0, none))
    return rx.fragment(
        panel(
            "What each role may do",
            rx.cond(CustomRolesState.is_loaded, listed, states.loading_rows(3, "Loading roles")),
            actions=(rx.cond(may_write, new),),
            flush=True,
            data_testid="roles",
        ),
        _edit_dialog(),
        _delete_dialog(),
    )


def _row(row: OwnRoleRow) -> rx.Component:
    def act(words: str, question: str, tone: str = "default") -> rx.Component:
        asked = CustomRolesState.ask(question, row.id)
        return button(words, size="sm", tone=tone, on_click=asked, test_id=f"role-{question}")

    own = rx.cond(row.is_own, badge("own", "indigo"), badge("built in", "gray"))
    name = rx.el.span(rx.el.span(row.name, dir="auto"), own, class_name="row", style={"gap": "6px"})
    acts = rx.el.div(act("Edit", "edit"), act("Delete", "delete", "reject"), class_name="row", data_justify="end")
    return table_row(
        main_cell(two_lines(name, row.about)),
        cell(row.people, label="People", number=True),
        cell(row.invited, label="Invited", number=True),
        cell(rx.cond(may_write & row.is_own, acts)),
        key=row.id,
        data_testid="role-row",
        data_id=row.id,
        data_people=row.people,
    )


def _wrong(name: str) -> rx.Var[str]:
    return rx.cond(CustomRolesState.error_field == name, CustomRolesState.error, "")


_buttons = partial(foot, cancel=CustomRolesState.close)


def _edit_dialog() -> rx.Component:
    wrong = rx.cond(
        page.error & (page.error_field != "name"),
        callout(CustomRolesState.error, tone="red", icon="circle-alert"),
    )
    name = text_input(
        "role_name", default_value=one.name, error=_wrong("name"), auto_complete="off", max_length=LONGEST_NAME
    )
    kept = text(
        "Inviting people and changing people, roles and the ways in stays with administrators.", look="muted small"
    )
    return dialog(
        form(
            field("role_name", "Name", name, error=_wrong("name"), hint="As your colleagues know it."),
            rx.foreach(CustomRolesState.checklist, _family),
            kept,
            _diff(),
            wrong,
            _buttons("Save", "role-save", type="submit"),
            on_submit=CustomRolesState.save,
            key=one.id,
            style={"max_width": "none"},
        ),
        open=CustomRolesState.asking == "edit",
        title=rx.cond(one.id == "", "New role", rx.Var.create("Role ") + one.name),
        on_close=CustomRolesState.close,
        size="lg",
        test_id="custom-role-dialog",
    )


def _family(family: Family) -> rx.Component:
    legend = rx.el.legend(family.name, class_name="small strong")
    ticks = grid(rx.foreach(family.ticks, _tick), least=240, gap=4)
    return rx.el.fieldset(legend, ticks, class_name="plain-fieldset")


def _tick(tick: Tick) -> rx.Component:
    return checkbox(
        tick.words,
        checked=tick.is_on,
        on_change=CustomRolesState.tick(tick.permission, rx.cond(tick.is_on, False, True)),
        data_testid="permission-tick",
        data_permission=tick.permission,
    )


def _diff() -> rx.Component:
    said = callout(
        rx.cond(
            one.id == "",
            rx.el.p("Whoever has it may: ", diff.gains, "."),
            rx.fragment(
                rx.cond(diff.gains, rx.el.p("May from now on: ", diff.gains, ".")),
                rx.cond(diff.loses, rx.el.p("May no more: ", diff.loses, ".")),
                rx.cond(diff.who, rx.el.p(diff.who)),
            ),
        ),
        rx.cond(
            diff.enrols,
            rx.el.p("Asks for a second factor: it grants what otherwise administrators alone may."),
        ),
        tone="amber",
        data_testid="custom-role-diff",
    )
    return rx.cond((diff.gains != "") | (diff.loses != ""), said)


def _delete_dialog() -> rx.Component:
    is_held = (one.people > 0) | (one.invited > 0)
    choices = [
        checkbox(
            rx.fragment(rx.el.b(words), rx.el.br(), rx.el.span(about, class_name="muted small")),
            type="radio",
            name="to",
            value=str(role),
            on_change=CustomRolesState.choose(str(role)),
            data_testid=f"role-to-{role}",
        )
        for role, (words, about) in _least_first()
    ]
    become = rx.el.fieldset(
        rx.el.legend("Whoever has it, or is invited to it, becomes", class_name="small strong"),
        stack(*choices, gap=8),
        class_name="plain-fieldset",
    )
    return dialog(
        stack(
            rx.cond(CustomRolesState.error, callout(CustomRolesState.error, tone="red", icon="circle-alert")),
            rx.cond(
                is_held,
                rx.fragment(become, text("They are signed out everywhere and sign in again.", look="muted small")),
                text("Nobody has this role."),
            ),
            _buttons(
                "Delete",
                "role-delete-confirm",
                tone="danger",
                on_click=CustomRolesState.delete,
                disabled=is_held & (page.to == ""),
            ),
            gap=16,
        ),
        open=CustomRolesState.asking == "delete",
        title=rx.Var.create("Delete the role ") + one.name + "?",
        on_close=CustomRolesState.close,
        test_id="role-delete-dialog",
    )


def _least_first() -> list[tuple[Role, tuple[str, str]]]:
    return list(reversed(ROLES.items()))
