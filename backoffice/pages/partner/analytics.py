"""`/partner/analytics`: what became of a period's documents, beside the period before it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import page_head, panel, row, split, stack
from backoffice.components.button import link_button, text_link
from backoffice.components.chart import Series, chart
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import tab, tabs
from backoffice.components.time import relative_time
from backoffice.state.partner.analytics import AnalyticsState
from backoffice.viewmodels.analytics import (
    DEFAULT_DAYS,
    PLACE,
    SPANS,
    FigureView,
    PartRow,
    ReasonRow,
    StepView,
)

view: Any = AnalyticsState.view
"""A Var of a view model: its attributes are Vars, which no type checker knows."""
PARTS = (
    "Received",
    Column("Approved", number=True),
    Column("Rejected", number=True),
    Column("Asked again", number=True),
)
CHART_HEIGHT = 240


def analytics() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        _head(),
        _spans(),
        rx.cond(AnalyticsState.is_loaded, rx.cond(view.is_empty, _nothing(), _loaded()), states.loading_cards(6)),
        hotkeys({}),
    )


def _head() -> rx.Component:
    counted = rx.cond(view.until, rx.el.span("counted ", relative_time(view.until)))
    other = rx.cond(
        AnalyticsState.is_test,
        text_link("Show live", f"{PLACE}?days={AnalyticsState.days}"),
        text_link("Show sandbox", f"{PLACE}?days={AnalyticsState.days}&mode=test"),
    )
    test = rx.cond(AnalyticsState.is_test, status_badge("test"))
    return page_head("Analytics", rx.el.span(view.words), counted, test, other)


def _spans() -> rx.Component:
    kept = rx.cond(AnalyticsState.is_test, "mode=test", "")
    items = [
        tab(
            words,
            current=AnalyticsState.days == days,
            href=f"{PLACE}?{'' if days == DEFAULT_DAYS else f'days={days}&'}{kept}",
            data_testid=f"analytics-{days}",
        )
        for days, words in SPANS.items()
    ]
    return tabs(*items, label="Period")


def _nothing() -> rx.Component:
    return states.empty(
        "Nothing came in this period",
        "Choose a longer one, or send a first document.",
        link_button("Documents", "/partner/documents", icon="file-text"),
        icon="chart-line",
    )


def _loaded() -> rx.Component:
    figures = rx.el.section(
        rx.el.h2("In numbers", class_name="visually-hidden"),
        rx.foreach(view.figures, _figure),
        class_name="grid figures",
        style={"--min": "160px"},
    )
    return stack(
        figures,
        split(_volume(), _funnel(), ratio="2:1"),
        split(_outcomes(), _reasons(), ratio="2:1"),
        split(_parts("By type", view.types, "type"), _parts("By country", view.countries, "country"), ratio="1:1"),
        gap=16,
        data_testid="analytics",
    )


def _figure(one: FigureView) -> rx.Component:
    inside = (
        rx.el.div(one.label, class_name="kpi-label"),
        rx.el.div(rx.el.span(one.value, class_name="kpi-value"), class_name="kpi-line"),
        rx.el.div(one.note, class_name="kpi-note"),
        rx.el.div(one.change, class_name="kpi-note change", data_tone=one.tone),
    )
    test_id = rx.Var.create("figure-") + rx.Var.create(one.key)
    return rx.cond(
        one.href,
        rx.el.a(*inside, href=one.href, class_name="kpi", data_testid=test_id),
        rx.el.div(*inside, class_name="kpi", data_testid=test_id),
    )


def _volume() -> rx.Component:
    series = [Series("Received", view.chart.received, "brand"), Series("The period before", view.chart.before, "mute")]
    drawn = chart(view.chart.labels, series, caption="Documents received", height=CHART_HEIGHT)
    return panel("Received", drawn, actions=(_per(),))


def _per() -> rx.Component:
    return rx.el.span("per ", view.chart.unit, class_name="muted small")


def _outcomes() -> rx.Component:
    series = [
        Series("Approved", view.chart.approved, "good"),
        Series("Rejected", view.chart.rejected, "bad"),
        Series("Asked again", view.chart.again, "warn"),
    ]
    drawn = chart(view.chart.labels, series, caption="Outcomes by day received", kind="bar", height=CHART_HEIGHT)
    return panel("Outcomes", drawn, actions=(_per(),))


def _funnel() -> rx.Component:
    steps = rx.el.ol(rx.foreach(view.steps, _step), class_name="stack bars")
    return panel("From arrival to approval", steps)


def _bar(percent: Any, tone: Any = "brand") -> rx.Component:  # noqa: ANN401 numbers and words, or Vars of them
    inside = rx.el.span(style={"width": rx.Var.create(percent).to(str) + "%"})
    return rx.el.span(inside, class_name="move-bar", data_tone=tone, aria_hidden="true")


def _step(one: StepView) -> rx.Component:
    line = row(
        rx.el.span(one.label), rx.el.span(rx.el.b(one.count), " · ", one.share, class_name="nowrap"), justify="between"
    )
    return rx.el.li(stack(line, _bar(one.percent), gap=4), data_testid="funnel-step")


def _reasons() -> rx.Component:
    rows = rx.el.ol(rx.foreach(view.reasons, _reason), class_name="stack bars")
    none = states.empty("No reasons given", "Rejections and requests for new documents name theirs.", icon="tag")
    return panel("Reasons", rx.cond(view.reasons.length() > 0, rows, none))


def _reason(one: ReasonRow) -> rx.Component:
    line = row(rx.el.span(one.label, class_name="grow"), badge(one.outcome, one.tone), rx.el.b(one.documents), gap=8)
    return rx.el.li(stack(line, _bar(one.percent, "mute"), gap=4), data_testid="reason-row")


def _parts(title: str, rows: Any, key: str) -> rx.Component:  # noqa: ANN401 a Var of rows
    shown = table((title.removeprefix("By ").capitalize(), *PARTS), rx.foreach(rows, _part), caption=title)
    return panel(title, shown, flush=True, data_testid=f"by-{key}")


def _part(one: PartRow) -> rx.Component:
    name = rx.cond(one.href, main_cell(one.name, href=one.href), main_cell(one.name))
    return table_row(
        name,
        cell(stack(rx.el.b(one.received), _bar(one.percent), gap=2), label="Received"),
        cell(one.approved, label="Approved", number=True),
        cell(one.rejected, label="Rejected", number=True),
        cell(one.again, label="Asked again", number=True, phone="hide"),
        key=one.name,
        data_testid="part-row",
    )
