"""The rules that find alerts, as one form with a difference before it is saved."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import box, callout, grid, panel, row, stack
from backoffice.components.button import button
from backoffice.components.changes import changes_dialog
from backoffice.components.form import checkbox, field, form, text_input
from backoffice.components.save_bar import save_bar
from backoffice.state.partner.alert_rules import AlertRulesState
from backoffice.state.session import SessionState
from backoffice.viewmodels.alerts import RuleField

permissions: Any = SessionState.viewer.permissions
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def alert_rules() -> rx.Component:
    """Build the tab."""
    return rx.fragment(
        rx.cond(AlertRulesState.is_stale, _stale()),
        rx.cond(AlertRulesState.is_loaded, _form(), box(states.loading_rows(6, "Loading rules"))),
        _dialog(),
    )


def _stale() -> rx.Component:
    return callout(
        row(
            "Somebody saved other rules meanwhile. What you typed is still here; it cannot be saved over theirs.",
            button("Show theirs", size="sm", on_click=AlertRulesState.reload, test_id="rules-reload"),
            justify="between",
        ),
        tone="amber",
        icon="circle-alert",
        data_testid="rules-stale",
    )


def _form() -> rx.Component:
    may_manage = permissions.contains("alerts:manage")
    closed = callout("Only administrators of your company change these.", icon="lock", data_testid="rules-closed")
    return form(
        rx.cond(may_manage, rx.fragment(), closed),
        rx.el.fieldset(
            rx.el.legend("Rules", class_name="visually-hidden"),
            grid(rx.foreach(AlertRulesState.fields, _rule), least=320),
            disabled=~may_manage,
            class_name="plain-fieldset",
        ),
        save_bar(test_id="rules-save-bar"),
        on_submit=AlertRulesState.ask,
        style={"maxWidth": "none"},
        key=f"rules-{AlertRulesState.version}",
        data_testid="rules-form",
        data_version=AlertRulesState.version,
    )


def _rule(one: RuleField) -> rx.Component:
    kind: Any = one.kind
    wrong = rx.cond(AlertRulesState.error_field == one.kind, AlertRulesState.error, "")
    given = text_input(kind, default_value=one.threshold, input_mode="numeric", error=wrong)
    watched = checkbox("Watch this", name=f"{one.kind}-on", default_checked=one.is_on)
    shown = stack(
        rx.el.p(one.about, class_name="muted small"),
        watched,
        field(kind, rx.Var.create("From (").to(str) + f"{one.unit})", given, error=wrong, hint=one.hint),
    )
    return panel(one.label, shown, key=one.kind, data_testid="rule", data_kind=one.kind)


def _dialog() -> rx.Component:
    return changes_dialog(
        AlertRulesState.changes,
        name="rules",
        title="Save these rules?",
        open=AlertRulesState.is_asking,
        on_close=AlertRulesState.close,
        on_save=AlertRulesState.save,
    )
