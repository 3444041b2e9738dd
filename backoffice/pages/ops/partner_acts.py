"""The dialogs of one partner's page: another plan, a suspension, and its end."""

from functools import partial
from typing import Any

import reflex as rx

from backoffice.components.box import callout, stack, text
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, text_area, text_input
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.models.partners import MAX_REASON, Plan
from backoffice.models.plans import PLAN_WORDS, PLANS
from backoffice.state.ops.partner import PartnerState
from backoffice.state.ops.partner_acts import PartnerActsState
from backoffice.viewmodels.limits import LimitRow

one: Any = PartnerState.row
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def act_dialogs() -> rx.Component:
    """Hold the dialogs."""
    return rx.fragment(_plan(), _suspend(), _resume())


_buttons = partial(foot, cancel=PartnerActsState.close)


def _wrong(name: str) -> rx.Var[str]:
    return rx.cond(PartnerActsState.error_field == name, PartnerActsState.error, "")


def _said() -> rx.Component:
    is_elsewhere = (PartnerActsState.error != "") & (PartnerActsState.error_field == "")
    return rx.cond(is_elsewhere, callout(PartnerActsState.error, tone="red", icon="circle-alert"))


def _plan() -> rx.Component:
    choices = [
        checkbox(
            rx.fragment(
                rx.el.b(PLAN_WORDS[plan]),
                rx.el.br(),
                rx.el.span(f"{PLANS[plan].documents_per_month:,} live documents a month", class_name="muted small"),
            ),
            type="radio",
            name="plan",
            value=str(plan),
            default_checked=one.plan == str(plan),
            on_change=PartnerActsState.choose(str(plan)),
            data_testid=f"plan-{plan}",
        )
        for plan in Plan
    ]
    columns = ("Limit", Column("Now", number=True), Column("Then", number=True))
    effects = table(columns, rx.foreach(PartnerActsState.effects, _effect), caption="What changes")
    begins = callout(rx.el.b("Takes effect: "), PartnerActsState.begins, " The bill is split by day.", tone="amber")
    return dialog(
        stack(
            _said(),
            rx.el.fieldset(rx.el.legend("Plan", class_name="visually-hidden"), stack(*choices, gap=8)),
            rx.cond(PartnerActsState.chosen, stack(effects, begins)),
            _buttons(
                "Change the plan",
                "plan-confirm",
                on_click=PartnerActsState.change_plan,
                disabled=PartnerActsState.chosen == "",
            ),
        ),
        open=PartnerActsState.asking == "plan",
        title=rx.Var.create("Plan of ") + one.name,
        on_close=PartnerActsState.close,
        test_id="plan-dialog",
    )


def _effect(limit: LimitRow) -> rx.Component:
    return table_row(
        main_cell(limit.name),
        cell(limit.used, label="Now", number=True),
        cell(rx.el.b(limit.value), label="Then", number=True),
        key=limit.name,
        data_testid="plan-effect",
    )


def _suspend() -> rx.Component:
    return dialog(
        form(
            _said(),
            callout(
                "At once: no API key of theirs works, nobody of theirs signs in, and open pages close. What was "
                "accepted before goes on: reviews end and webhooks go out.",
                tone="red",
                icon="ban",
            ),
            field(
                "reason",
                "Reason",
                text_area("reason", rows=2, max_length=MAX_REASON, error=_wrong("reason")),
                hint="Stands in the audit trail, which the partner reads later: no personal data.",
                error=_wrong("reason"),
            ),
            field(
                "typed",
                rx.Var.create("Write “") + one.slug + "” to be sure",
                text_input("typed", error=_wrong("typed"), auto_complete="off"),
                error=_wrong("typed"),
            ),
            _buttons("Suspend", "suspend-confirm", tone="danger", type="submit"),
            on_submit=PartnerActsState.suspend,
        ),
        open=PartnerActsState.asking == "suspend",
        title=rx.Var.create("Suspend ") + one.name + "?",
        on_close=PartnerActsState.close,
        test_id="suspend-dialog",
    )


def _resume() -> rx.Component:
    return dialog(
        stack(
            _said(),
            text("Keys work again at once; people sign in anew where their sessions have ended meanwhile."),
            _buttons("Resume", "resume-confirm", on_click=PartnerActsState.resume),
        ),
        open=PartnerActsState.asking == "resume",
        title=rx.Var.create("Let ") + one.name + " in again?",
        on_close=PartnerActsState.close,
        test_id="resume-dialog",
    )
