"""`/ops/tiers`: plans side by side with who is on them, what they allow, promise and cost, and the exceptions."""

import reflex as rx

from backoffice.components import states
from backoffice.components.box import box, page_head, panel, stack, text
from backoffice.components.button import link_button, text_link
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.models.partners import Plan
from backoffice.models.plans import PLAN_WORDS
from backoffice.state.ops.tiers import TiersState
from backoffice.viewmodels.limits import GrantedRow, TierRow

MATRIX = ("What hangs on a plan", *(Column(PLAN_WORDS[plan], width="26%") for plan in Plan))
GRANTED = (
    "Partner",
    "Limit",
    Column("Plan", number=True),
    Column("Holds", number=True),
    "By whom and why",
)


def tiers() -> rx.Component:
    """Build the page."""
    acts = (
        link_button("Deadlines", "/ops/sla", icon="clock-alert"),
        link_button("Partners", "/ops/partners", icon="building-2"),
    )
    return rx.fragment(
        page_head("Plans", "What each plan allows, promises and costs, and who is on it", actions=acts),
        rx.cond(TiersState.is_loaded, _tiers(), box(states.loading_rows(10, "Loading plans"))),
    )


def _tiers() -> rx.Component:
    hint = rx.fragment(
        "Limits come with the version of the product, deadlines from ", text_link("SLA", "/ops/sla"), ", prices from ",
        rx.el.code("backoffice prices publish"), ".",
    )  # fmt: skip
    matrix = table(MATRIX, rx.foreach(TiersState.rows, _row), caption="Plans side by side")
    return stack(
        panel("Side by side", matrix, flush=True, foot=text(hint, look="hint")),
        panel("Exceptions", rx.cond(TiersState.granted.length() > 0, _granted(), _none()), flush=True),
        gap=16,
    )


def _row(one: TierRow) -> rx.Component:
    heading = table_row(
        rx.el.th(one.name, scope="rowgroup", col_span=len(MATRIX), role="rowheader"), key=one.key, data_heading=True
    )
    values = rx.foreach(one.cells, lambda value: cell(value.words, data_label=value.plan))
    row = table_row(main_cell(one.name), values, key=one.key, data_testid="tier-row", data_key=one.key)
    return rx.cond(one.is_heading, heading, row)


def _none() -> rx.Component:
    return states.empty(
        "No exceptions", "Every partner has the limits of its plan. Exceptions are made on a partner's page.",
        icon="scale",
    )  # fmt: skip


def _granted() -> rx.Component:
    return table(GRANTED, rx.foreach(TiersState.granted, _exception), caption="Exceptions that hold now")


def _exception(one: GrantedRow) -> rx.Component:
    return table_row(
        main_cell(two_lines(text_link(one.partner, one.href), one.plan)),
        cell(one.name, label="Limit"),
        cell(one.usual, label="Plan", number=True),
        cell(rx.el.b(one.value), label="Holds", number=True),
        cell(one.why, label="Why"),
        key=one.key,
        data_testid="exception-row",
    )
