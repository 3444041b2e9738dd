"""`/partner/billing`: what the month costs so far, every invoice line by line, and the plans beside each other."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import box, callout, facts, grid, page_head, panel, row, split, stack, text
from backoffice.components.button import button, link_button, text_link
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, text_input
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import exact_time
from backoffice.models.usage_records import KIND_WORDS
from backoffice.state.partner.billing import BillingState
from backoffice.viewmodels.billing import InvoiceRow, LineRow, PlanColumn

LINES = ("Item", Column("Quantity", number=True), Column("Each", number=True), Column("Amount", number=True),
         Column("Records", hidden=True))  # fmt: skip
INVOICES = ("Invoice", "Status", Column("Total", number=True), Column("PDF", hidden=True))
overview: Any = BillingState.overview
bill: Any = BillingState.bill
preview: Any = BillingState.preview
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def billing() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head(
            "Billing",
            "By calendar month in UTC",
            actions=(link_button("Usage", "/partner/usage", icon="chart-line"),),
        ),
        rx.cond(BillingState.is_loaded, _loaded(), states.loading_cards(3)),
        _change_dialog(),
        _warn_dialog(),
    )


def _loaded() -> rx.Component:
    return stack(
        rx.foreach(BillingState.told, lambda words: callout(words, tone="amber", icon="triangle-alert")),
        rx.cond(overview.is_billed | (bill.id != ""), _billed(), rx.fragment(_not_billed(), _plan_card())),
        _plans(),
        gap=16,
    )


def _not_billed() -> rx.Component:
    return box(
        states.empty(
            "Nothing is billed here",
            "This installation has no prices. What you use is counted all the same.",
            link_button("Usage", "/partner/usage", icon="chart-line", tone="primary"),
            icon="receipt-text",
        )
    )


def _billed() -> rx.Component:
    missing = callout("There is no such invoice. Here is the list.", tone="amber", icon="file-x")
    return stack(
        rx.cond(BillingState.is_missing, missing),
        grid(_cost(), _plan_card(), _alerts(), least=360),
        split(_bill(), _invoices(), ratio="2:1"),
        gap=16,
    )


def _provisional() -> rx.Component:
    return badge("Provisional", "amber", "circle-dashed")


def _cost() -> rx.Component:
    return panel(
        "Cost so far",
        stack(
            rx.el.span(overview.total, class_name="kpi-value"),
            rx.el.p("At this pace ", rx.el.b(overview.projected), " this month.", class_name="muted small"),
            gap=8,
        ),
        actions=(_provisional(),),
        data_testid="billing-cost",
    )


def _plan_card() -> rx.Component:
    back = button("Stay on this plan", size="sm", on_click=BillingState.stay, test_id="plan-stay")
    arranged = stack(
        rx.el.p(
            "Becomes ", rx.el.b(overview.next_plan), " on ", exact_time(overview.next_from), ".", class_name="small"
        ),
        rx.el.div(back),
        gap=8,
    )
    stays = rx.el.p("Until you change it, below.", class_name="muted small")
    return panel(
        "Plan",
        stack(
            rx.el.span(overview.plan, class_name="kpi-value"),
            rx.cond(overview.next_plan, arranged, stays),
            gap=8,
        ),
        data_testid="billing-plan",
        data_plan=overview.plan,
    )


def _alerts() -> rx.Component:
    edit = button("Edit", icon="pencil", size="sm", on_click=BillingState.edit, test_id="thresholds-edit")
    none = rx.el.p("Nobody is told before the month is over.", class_name="muted small")
    said = stack(
        rx.el.span(overview.alerts, class_name="strong"),
        rx.el.p("Here and by e-mail, once a month each.", class_name="muted small"),
        gap=8,
    )
    return panel("Told at", rx.cond(overview.alerts, said, none), actions=(edit,), data_testid="billing-alerts")


def _bill() -> rx.Component:
    when = rx.cond(
        bill.is_draft,
        rx.el.span("Final from ", exact_time(bill.final_at), class_name="muted small"),
        rx.el.span("Final since ", exact_time(bill.final_at), class_name="muted small"),
    )
    status = rx.cond(bill.is_draft, _provisional(), badge("Final", "green", "circle-check"))
    pdf = link_button(
        "PDF", bill.pdf, icon="download", size="sm", custom_attrs={"reloadDocument": True}, test_id="bill-pdf"
    )
    total = row(
        when,
        rx.el.span("Total ", rx.el.b(bill.total, data_testid="bill-total")),
        justify="between",
        style={"width": "100%"},
    )
    lines = table(LINES, rx.foreach(bill.lines, _line), caption="Lines of the invoice")
    nothing = rx.el.p("Nothing to pay in this month so far.", class_name="muted panel-body")
    return panel(
        bill.month,
        rx.cond(bill.lines.length() > 0, lines, nothing),
        actions=(rx.el.span(bill.number, class_name="mono small muted"), status, pdf),
        flush=True,
        foot=total,
        data_testid="bill",
        data_id=bill.id,
        data_status=bill.status,
    )


def _line(one: LineRow) -> rx.Component:
    on_phone = rx.cond(one.each, "", "hide")
    records = text_link("Records", one.href, aria_label=f"Records of line {one.position}")
    return table_row(
        main_cell(two_lines(one.description, one.plan)),
        cell(one.quantity, label="Quantity", number=True, data_phone=on_phone),
        cell(one.each, label="Each", number=True, data_phone=on_phone),
        cell(rx.el.b(one.amount), label="Amount", number=True),
        cell(rx.cond(one.href, records), number=True),
        key=one.position,
        data_testid="bill-line",
    )


def _invoices() -> rx.Component:
    shown = table(INVOICES, rx.foreach(BillingState.invoices, _invoice), caption="Invoices, newest first")
    return panel("Invoices", shown, flush=True)


def _invoice(one: InvoiceRow) -> rx.Component:
    status = rx.cond(one.is_draft, _provisional(), badge("Final", "green", "circle-check"))
    pdf = text_link("PDF", one.pdf, custom_attrs={"reloadDocument": True}, aria_label=f"PDF of {one.number}")
    return table_row(
        main_cell(two_lines(one.month, rx.el.span(one.number, class_name="mono")), href=one.href),
        cell(status, label="Status"),
        cell(one.total, label="Total", number=True),
        cell(pdf, number=True),
        current=one.is_current,
        key=one.id,
        data_testid="invoice-row",
        data_id=one.id,
    )


def _plans() -> rx.Component:
    return panel(
        "Plans",
        grid(rx.foreach(BillingState.plans, _plan), least=360),
        data_testid="plans",
    )


def _plan(one: PlanColumn) -> rx.Component:
    change = button(
        "Change to " + one.name,
        size="sm",
        on_click=BillingState.ask(one.plan),
        test_id="plan-change",
        data_plan=one.plan,
    )
    mark = rx.cond(
        one.is_current, badge("Your plan", "blue", "check"), rx.cond(one.is_next, badge("Arranged", "amber"))
    )
    prices = [
        rx.fragment(rx.el.dt(words), rx.el.dd(one.prices[place])) for place, words in enumerate(KIND_WORDS.values())
    ]
    return rx.el.section(
        row(rx.el.h3(one.name, class_name="strong"), mark, justify="between"),
        rx.cond(one.monthly, rx.el.p(rx.el.span(one.monthly, class_name="kpi-value"), rx.el.small(" a month"))),
        facts(
            ("Documents a month", one.documents),
            ("Requests a second", one.per_second),
            ("Changing requests at once", one.writes),
            ("Requests a day", one.per_day),
            ("Event streams", one.streams),
        ),
        rx.cond(one.monthly, rx.el.dl(*prices, class_name="dl")),
        rx.cond(one.is_current | one.is_next, rx.fragment(), rx.el.div(change)),
        class_name="panel stack",
        style={"padding": "16px", "gap": "12px"},
        aria_label=one.name,
        key=one.plan,
        data_testid="plan",
        data_plan=one.plan,
    )


def _wrong() -> rx.Component:
    return rx.cond(BillingState.error, callout(BillingState.error, tone="red", icon="circle-alert"))


def _change_dialog() -> rx.Component:
    return dialog(
        stack(
            _wrong(),
            facts(
                ("When", preview.when),
                ("Limits then", preview.limits),
                ("Cost", rx.cond(preview.cost, preview.cost, "Nothing is billed here.")),
            ),
            text("Operators are told, and it stands in your audit trail.", look="muted small"),
            rx.el.div(
                button("Change the plan", tone="primary", on_click=BillingState.change, test_id="plan-confirm"),
                class_name="row",
                data_justify="end",
            ),
        ),
        open=preview.plan != "",
        title=preview.title,
        on_close=BillingState.close,
        test_id="plan-dialog",
    )


def _warn_dialog() -> rx.Component:
    send = button("Save", tone="primary", type="submit", test_id="thresholds-save")
    return dialog(
        form(
            _wrong(),
            field(
                "percents",
                "Share of the month's documents, in percent",
                text_input("percents", default_value=overview.percents, auto_complete="off"),
                hint="Up to five, such as 50, 80. Administrators and developers are told.",
                optional=True,
            ),
            field(
                "amounts",
                "Cost of the month, in " + overview.currency,
                text_input("amounts", default_value=overview.amounts, auto_complete="off"),
                hint="Up to five, such as 500, 1000. Administrators are told.",
                optional=True,
            ),
            rx.el.div(send, class_name="row", data_justify="end"),
            on_submit=BillingState.warn,
        ),
        open=BillingState.is_warning,
        title="Tell us at",
        on_close=BillingState.close,
        test_id="thresholds-dialog",
    )
