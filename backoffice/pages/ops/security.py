"""`/ops/security`: what looks like an attack or misuse, what to do then, and the rules that find it."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, callout, page_head, panel, stack, text
from backoffice.components.button import text_link
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, text_area, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import chip, filter_bar, filter_menu, tab, tabs
from backoffice.components.time import exact_time, relative_time
from backoffice.pages.ops.acts import act, looks_on
from backoffice.services.access import Permission
from backoffice.services.security_alerts import MAX_NOTE
from backoffice.state.ops.security import SecurityActsState, SecurityDeskState
from backoffice.viewmodels.documents import FilterChip
from backoffice.viewmodels.fleet import AmountChoice
from backoffice.viewmodels.security_alerts import EntryLink, SecurityRow, SecurityRuleRow

WRITES = Permission.SECURITY_WRITE
ALERTS = ("What", "About", Column("Counted", number=True), "When", "What to do", Column("Act", hidden=True))
RULES = ("Rule", "Speaks when", "Ships with", Column("Act", hidden=True))
S = SecurityActsState
alert: Any = S.alert
rule: Any = S.rule
untold: Any = rx.cond(S.error_field == "", S.error, "")
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def security() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Security", "What looks like an attack or misuse, found in the audit trail as it is written"),
        looks_on(WRITES),
        tabs(rx.foreach(SecurityDeskState.views, _view), label="State"),
        filter_bar(filter_menu("Rule", SecurityDeskState.kinds), rx.foreach(SecurityDeskState.chips, _chip)),
        rx.cond(SecurityDeskState.is_loaded, _loaded(), box(states.loading_rows(8, "Loading security alerts"))),
        _acknowledge(),
        _rule_form(),
        hotkeys({}),
    )


def _view(one: AmountChoice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href, amount=one.amount)


def _chip(one: FilterChip) -> rx.Component:
    return chip(one.label, one.value, SecurityDeskState.remove(one.name))


def _loaded() -> rx.Component:
    nothing = states.empty(
        "Nothing was found", "Sign-ins, keys, reveals, exports, refusals and erasures are looked at all the time.",
        icon="shield-check",
    )  # fmt: skip
    shown = table(ALERTS, rx.foreach(SecurityDeskState.rows, _row), caption="Security alerts, newest first")
    return stack(
        box(rx.cond(SecurityDeskState.rows.length() > 0, shown, nothing)), _rules(), gap=16, data_testid="security"
    )


def _row(one: SecurityRow) -> rx.Component:
    what = stack(rx.el.span(badge(one.severity, one.tone), " ", rx.el.b(one.label)), text(one.rule, look="hint"), gap=4)
    company = rx.cond(one.partner_href, text_link(one.partner, one.partner_href), rx.el.span("-", class_name="muted"))
    answered = two_lines(rx.el.span("Acknowledged by ", one.by), rx.el.span(one.note, dir="auto"))
    shown = act("Acknowledge", WRITES, size="sm", test_id="security-acknowledge", on_click=S.ask(one.id))
    return table_row(
        main_cell(what),
        cell(two_lines(rx.el.span(one.subject, dir="auto", class_name="wrap"), company), label="About"),
        cell(one.counted, label="Counted", number=True),
        cell(two_lines(relative_time(one.at), rx.el.span("since ", exact_time(one.began_at))), label="When"),
        cell(stack(text(one.advice, look="small"), _entries(one), gap=4), label="What to do"),
        cell(rx.cond(one.is_open, shown, answered), label="Answer"),
        key=one.id,
        data_testid="security-row",
        data_id=one.id,
        data_kind=one.kind,
        data_state=rx.cond(one.is_open, "open", "acknowledged"),
    )


def _entries(one: SecurityRow) -> rx.Component:
    links = rx.foreach(one.links, _entry)
    return rx.el.span(
        "Entries: ", links, one.more, " ", text_link("Audit log of these days", one.log_href), class_name="small wrap"
    )


def _entry(one: EntryLink) -> rx.Component:
    return rx.fragment(text_link(one.words, one.href, class_name="mono", data_testid="security-entry"), " ")


def _rules() -> rx.Component:
    shown = table(RULES, rx.foreach(SecurityDeskState.rules, _rule), caption="Rules that look for attacks")
    return panel("Rules", shown, flush=True)


def _rule(one: SecurityRuleRow) -> rx.Component:
    change = act("Change", WRITES, size="sm", test_id="security-rule-change", on_click=S.ask_rule(one.kind))
    name = rx.el.span(rx.el.b(one.label), " ", rx.cond(one.is_on, rx.fragment(), status_badge("disabled")))
    return table_row(
        main_cell(rx.el.span(name, " ", rx.cond(one.is_own, badge("changed", "indigo")))),
        cell(one.says, label="Speaks when"),
        cell(one.usual, label="Ships with"),
        cell(change, number=True),
        key=one.kind,
        data_testid="security-rule",
        data_kind=one.kind,
    )


def _wrong() -> rx.Component:
    return rx.cond(untold, callout(S.error, tone="red", icon="circle-alert"))


def _error(name: str) -> Any:  # noqa: ANN401 a Var
    return rx.cond(S.error_field == name, S.error, "")


_foot = partial(foot, cancel=S.close, type="submit")


def _acknowledge() -> rx.Component:
    return dialog(
        form(
            _wrong(),
            rx.el.p(rx.el.b(alert.label), ", ", rx.el.span(alert.subject, dir="auto")),
            field(
                "note", "What you found", text_area("note", rows=3, max_length=MAX_NOTE, error=_error("note")),
                hint="And what you did. No personal data: it stays with the alert.", error=_error("note"),
            ),
            _foot("Acknowledge", "security-confirm"),
            on_submit=S.acknowledge,
        ),
        open=S.asking == "acknowledge",
        title="Acknowledge this alert",
        on_close=S.close,
        test_id="security-dialog",
    )  # fmt: skip


def _rule_form() -> rx.Component:
    def number(name: str, label: str, value: Any) -> rx.Component:  # noqa: ANN401 a Var
        control = text_input(name, default_value=value, input_mode="numeric", auto_complete="off", error=_error(name))
        return field(name, label, control, error=_error(name))

    return dialog(
        form(
            _wrong(),
            rx.el.p(rule.says),
            number("threshold", "From how many", rule.threshold),
            number("minutes", "Within minutes", rule.minutes),
            checkbox("Look for it", name="is_on", value="yes", default_checked=rule.is_on),
            text("What was found so far stays. It holds for what is written from now on.", look="hint"),
            _foot("Put in force", "security-rule-save"),
            on_submit=S.save,
            key=rule.kind,
        ),
        open=S.asking == "rule",
        title=rule.label,
        on_close=S.close,
        test_id="security-rule-dialog",
    )
