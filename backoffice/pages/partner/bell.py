"""The bell in the top bar and the dashboard's panel: the newest open alerts, and how many are new to the viewer."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import panel
from backoffice.components.button import text_link
from backoffice.components.dialog import menu
from backoffice.components.icon import icon
from backoffice.components.time import relative_time
from backoffice.components.timeline import item_list, list_item
from backoffice.models.alert_words import PLACE
from backoffice.state.partner.bell import BellState
from backoffice.viewmodels.alerts import AlertRow

totals: Any = BellState.totals
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def bell() -> rx.Component:
    """Show how many alerts are new; the list under it marks them as seen once it opens."""
    return rx.fragment(
        menu(
            rx.el.div(
                rx.el.b("Alerts"),
                " ",
                rx.el.span(totals.open, " open", class_name="muted small"),
                class_name="menu-text",
            ),
            rx.el.hr(),
            rx.cond(
                totals.open > 0,
                rx.foreach(BellState.rows, _item),
                rx.el.div(_none(), class_name="menu-text muted small"),
            ),
            rx.el.hr(),
            rx.el.a(icon("list-checks"), "All alerts", href=PLACE),
            rx.el.a(icon("sliders-horizontal"), "Rules", href=f"{PLACE}?tab=rules"),
            label=rx.cond(totals.label, totals.label, "Alerts"),
            icon="bell",
            count=totals.unread,
            kind="bell",
            on_open=BellState.look,
            test_id="bell",
        ),
    )


def _item(one: AlertRow) -> rx.Component:
    return rx.el.a(
        icon(one.icon, 16),
        rx.el.span(
            rx.el.span(one.severity, ": ", class_name="visually-hidden"),
            rx.el.span(one.title),
            rx.el.small(
                rx.cond(one.affected, rx.fragment(one.affected, ", "), ""), relative_time(one.since), class_name="muted"
            ),
            class_name="two",
        ),
        rx.cond(one.is_new, badge("New", "indigo")),
        href=one.href,
        data_testid="bell-item",
        data_tone=one.tone,
        key=one.id,
    )


def _none() -> rx.Component:
    return rx.cond(
        totals.last_resolved_at,
        rx.fragment("No open alerts. Last one resolved ", relative_time(totals.last_resolved_at), "."),
        "No open alerts.",
    )


def alerts_panel() -> rx.Component:
    """Show the same on the dashboard."""
    rows = item_list(rx.foreach(BellState.rows, _line), aria_label="Open alerts")
    shown = rx.cond(totals.open > 0, rows, rx.el.p(_none(), class_name="muted panel-body"))
    amount = rx.cond(totals.open > 0, rx.el.span(totals.open, " open", class_name="muted small"))
    return panel(
        "Alerts", shown, actions=(amount, text_link("All", PLACE, class_name="link small")), flush=True,
        data_testid="alerts-panel", data_value=totals.open,
    )  # fmt: skip


def _line(one: AlertRow) -> rx.Component:
    head = rx.el.div(
        badge(one.severity, one.tone, one.icon), rx.el.span(relative_time(one.since), class_name="muted tiny when"),
        class_name="line",
    )  # fmt: skip
    return list_item(
        head,
        rx.el.div(one.title),
        rx.cond(one.affected, rx.el.div(one.affected, class_name="muted tiny")),
        href=one.href,
        data_testid="panel-alert",
        data_id=one.id,
        key=one.id,
    )
