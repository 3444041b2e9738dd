"""`/partner/alerts`: what needs somebody, what was done about it, the rules that find it, and one's own letters."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, page_head, row, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog, menu
from backoffice.components.hotkeys import hotkeys
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import filter_bar, tab, tabs
from backoffice.components.time import countdown, relative_time
from backoffice.models.alerts import AlertState, Mute
from backoffice.pages.partner.alert_rhythms import alert_rhythms
from backoffice.pages.partner.alert_rules import alert_rules
from backoffice.state.partner.alerts import AlertsState
from backoffice.state.session import SessionState
from backoffice.viewmodels.alerts import STATES, AlertRow
from backoffice.viewmodels.documents import Choice

KEYS = ROW_KEYS | {"a": "acknowledge", "m": "mute"}
WORDS = ROW_WORDS | {
    "acknowledge": "Acknowledge the alert in focus, or the first one",
    "mute": "Mute the alert in focus, or the first one",
}
COLUMNS = ("Severity", "What happened", "Affected", "Since", "State", Column("Answer", hidden=True))
LENGTHS = {Mute.HOUR: "For 1 hour", Mute.DAY: "For 1 day", Mute.WEEK: "For 1 week"}
totals: Any = AlertsState.totals
permissions: Any = SessionState.viewer.permissions
may_write = permissions.contains("alerts:write")
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def alerts() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Alerts", "Live data. An alert is over by itself once what it watches is well again."),
        _tabs(),
        rx.match(
            AlertsState.tab,
            ("rules", alert_rules()),
            ("letters", alert_rhythms()),
            _list(),
        ),
        _dialog(),
        row_keys(),
        hotkeys(KEYS, WORDS),
    )


def _tabs() -> rx.Component:
    amounts = {
        AlertState.OPEN: totals.open,
        AlertState.ACKNOWLEDGED: totals.acknowledged,
        AlertState.MUTED: totals.muted,
    }
    shown = [
        tab(
            STATES[state],
            current=AlertsState.tab == str(state),
            href=AlertsState.tabs[str(state)],
            amount=amounts.get(state),
            data_testid=f"alerts-tab-{state}",
        )
        for state in AlertState
    ]
    more = [
        tab(words, current=AlertsState.tab == name, href=AlertsState.tabs[name], data_testid=f"alerts-tab-{name}")
        for name, words in (("rules", "Rules"), ("letters", "Your e-mails"))
    ]
    return tabs(*shown, *more, label="Alerts")


def _list() -> rx.Component:
    rows = table(COLUMNS, rx.foreach(AlertsState.rows, _row), caption="Alerts, the most urgent first")
    more = button("Load more", icon="chevron-down", size="sm", on_click=AlertsState.more, test_id="alerts-more")
    pager = rx.cond(AlertsState.has_more, rx.el.nav(more, class_name="pager", aria_label="Pages"))
    filled = rx.cond(AlertsState.rows.length() > 0, box(rows, pager), box(_nothing()))
    return rx.fragment(
        filter_bar(
            menu(rx.foreach(AlertsState.kinds, _kind), label="Filter by kind", text="Kind", caret=True, side="left")
        ),
        rx.cond(AlertsState.is_loaded, filled, box(states.loading_rows(6, "Loading alerts"))),
    )


def _kind(one: Choice) -> rx.Component:
    return rx.el.a(one.label, href=one.href, aria_current=rx.cond(one.is_current, "true", "false"))


def _nothing() -> rx.Component:
    last = rx.cond(
        totals.last_resolved_at,
        rx.fragment("Last one resolved ", relative_time(totals.last_resolved_at), "."),
        "Nothing was ever found. Rules are gone through every half minute.",
    )
    none = states.empty("No open alerts", last, icon="circle-check")
    other = rx.match(
        AlertsState.tab,
        (
            "acknowledged",
            states.empty("No acknowledged alerts", "What somebody cares for stands here.", icon="bell"),
        ),
        ("muted", states.empty("No muted alerts", "What is silent for a while stands here.", icon="bell")),
        states.empty("Nothing is over", "What has passed by itself stands here for 90 days.", icon="bell"),
    )
    filtered = states.filter_empty("No alert of this kind stands here.", rx.redirect(AlertsState.kinds[0].href))
    return rx.cond(AlertsState.kind, filtered, rx.cond(AlertsState.tab == str(AlertState.OPEN), none, other))


def _row(one: AlertRow) -> rx.Component:
    said = two_lines(
        rx.fragment(rx.el.span(one.title), rx.cond(one.is_new, rx.fragment(" ", badge("New", "indigo")))),
        rx.fragment(one.advice, " ", rx.el.span(one.link, class_name="link nowrap")),
    )
    return table_row(
        cell(badge(one.severity, one.tone, one.icon), label="Severity"),
        main_cell(said, href=one.href),
        cell(rx.cond(one.affected, one.affected, rx.el.span("-", class_name="muted")), label="Affected"),
        cell(two_lines(relative_time(one.since), one.again), label="Since"),
        cell(_state(one), label="State"),
        cell(_answers(one)),
        key=one.id,
        data_testid="alert-row",
        data_id=one.id,
        data_kind=one.kind,
        data_state=one.state,
        data_severity=one.severity,
    )


def _state(one: AlertRow) -> rx.Component:
    until = rx.cond(
        one.muted_until,
        countdown(one.muted_until, before="for ", done="ends now"),
        rx.cond(one.ended, relative_time(one.ended), ""),
    )
    return two_lines(one.state_words, rx.fragment(rx.el.span(one.by, dir="auto"), " ", until))


def _answers(one: AlertRow) -> rx.Component:
    acknowledge = button(
        "Acknowledge", keys="A", command="acknowledge", size="sm", on_click=AlertsState.acknowledge(one.id),
        test_id="alert-acknowledge",
    )  # fmt: skip
    mute = button("Mute", keys="M", command="mute", size="sm", on_click=AlertsState.ask(one.id), test_id="alert-mute")
    back = button("Open again", size="sm", on_click=AlertsState.reopen(one.id), test_id="alert-reopen")
    is_open, is_over = one.state == str(AlertState.OPEN), one.state == str(AlertState.RESOLVED)
    offered = rx.cond(is_open, rx.fragment(acknowledge, mute), rx.cond(is_over, rx.fragment(), back))
    return rx.cond(may_write, row(offered))


def _dialog() -> rx.Component:
    lengths = [
        button(words, icon="clock", on_click=AlertsState.mute(str(length)), test_id=f"mute-{length}")
        for length, words in LENGTHS.items()
    ]
    return dialog(
        stack(
            rx.el.p(rx.el.b(AlertsState.muting)),
            text(
                "For everybody in your company: it stands under Muted, the bell does not count it and nobody is "
                "written to, also if it comes back meanwhile.",
                look="muted small",
            ),
            stack(*lengths, gap=8),
        ),
        open=AlertsState.muting != "",
        title="Mute this alert",
        on_close=AlertsState.close,
        test_id="mute-dialog",
    )
