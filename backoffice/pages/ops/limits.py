"""The limits of one partner's page: what holds, where it comes from, and exceptions from the plan."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, panel, row, stack, text
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import field, form, text_area, text_input
from backoffice.components.kpi import meter
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.models.partners import MAX_REASON
from backoffice.pages.ops.acts import act
from backoffice.services.access import Permission
from backoffice.state.ops.limits import LimitsState
from backoffice.state.ops.partner import PartnerState
from backoffice.viewmodels.limits import LimitRow

one: Any = PartnerState.row
limit: Any = LimitsState.limit
"""Vars of view models: their attributes are Vars, which no type checker knows."""
MAX_DIGITS = 15


def limits_tab() -> rx.Component:
    """Show the limits."""
    columns = (
        "Limit", Column("Holds", number=True), "Used this month", Column("Plan", number=True), "Where it comes from",
        Column("Acts", hidden=True, width="1%"),
    )  # fmt: skip
    shown = table(columns, rx.foreach(PartnerState.limits, _limit), caption="Limits of this partner")
    used = stack(
        rx.el.div(rx.el.span(one.quota_words, class_name="kpi-value"), class_name="kpi-line"),
        meter(one.used, one.included, label="Documents of the month", tone=one.quota_tone),
        gap=10,
    )
    hint = "An exception holds from the next request on, in place of the plan's limit; the bill stays the plan's."
    return stack(
        panel("Live documents this month", used),
        panel("Limits", shown, flush=True, foot=text(hint, look="hint")),
        gap=16,
    )


def _limit(limit: LimitRow) -> rx.Component:
    exception = two_lines(badge("Exception", "amber", "circle-alert"), limit.why)
    grant = act(
        rx.cond(limit.is_exception, "Change", "Make an exception"), Permission.PARTNERS_WRITE, size="sm",
        test_id="limit-grant", on_click=LimitsState.ask("grant", limit.key),
        aria_label=rx.Var.create("Exception for ") + limit.name,
    )  # fmt: skip
    end = act(
        "End", Permission.PARTNERS_WRITE, size="sm", tone="ghost", test_id="limit-end",
        on_click=LimitsState.ask("end", limit.key), aria_label=rx.Var.create("End the exception for ") + limit.name,
    )  # fmt: skip
    return table_row(
        main_cell(limit.name),
        cell(rx.el.b(limit.value), label="Holds", number=True),
        cell(rx.cond(limit.used, limit.used, "-"), label="Used"),
        cell(limit.usual, label="Plan", number=True),
        cell(rx.cond(limit.is_exception, exception, badge(limit.origin, "indigo")), label="From"),
        cell(rx.cond(limit.key, row(grant, rx.cond(limit.is_exception, end), gap=6, data_wrap="no"))),
        key=limit.name,
        data_testid="limit-row",
        data_name=limit.key,
        data_exception=limit.is_exception,
    )


def limit_dialogs() -> rx.Component:
    """Hold the dialogs."""
    return rx.fragment(_grant(), _end())


def _wrong(name: str) -> rx.Var[str]:
    return rx.cond(LimitsState.error_field == name, LimitsState.error, "")


def _said() -> rx.Component:
    is_elsewhere = (LimitsState.error != "") & (LimitsState.error_field == "")
    return rx.cond(is_elsewhere, callout(LimitsState.error, tone="red", icon="circle-alert"))


_buttons = partial(foot, cancel=LimitsState.close)


def _grant() -> rx.Component:
    value = text_input(
        "value", default_value=limit.given, error=_wrong("value"), input_mode="numeric", max_length=MAX_DIGITS,
        auto_complete="off", required=True,
    )  # fmt: skip
    until = text_input("until", type="date", default_value=limit.last_day, error=_wrong("until"))
    reason = text_area(
        "reason", rows=2, max_length=MAX_REASON, default_value=limit.reason, error=_wrong("reason"), required=True
    )
    return dialog(
        form(
            _said(),
            text(rx.fragment("The plan says ", rx.el.b(limit.usual), "."), look="hint"),
            field("value", limit.name, value, error=_wrong("value")),
            field("until", "Last day", until, hint="In UTC. Empty: until it is taken back.", error=_wrong("until")),
            field(
                "reason", "Reason", reason, error=_wrong("reason"),
                hint="Stands in the audit trail, which the partner reads: no personal data.",
            ),
            _buttons("Let it hold", "limit-confirm", type="submit"),
            on_submit=LimitsState.grant,
            key=limit.key,
        ),
        open=LimitsState.asking == "grant",
        title=rx.Var.create("Exception for ") + one.name,
        on_close=LimitsState.close,
        test_id="limit-dialog",
    )  # fmt: skip


def _end() -> rx.Component:
    return dialog(
        stack(
            _said(),
            rx.el.p(
                limit.name, ": ", rx.el.b(limit.value), " becomes ", rx.el.b(limit.usual), " again, from the next ",
                "request on. What the partner has used counts against it.",
            ),
            _buttons("End the exception", "limit-end-confirm", on_click=LimitsState.end),
        ),
        open=LimitsState.asking == "end",
        title="End the exception?",
        on_close=LimitsState.close,
        test_id="limit-end-dialog",
    )  # fmt: skip
