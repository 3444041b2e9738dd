"""`/partner/usage`: what is used of the plan, where that leads, and what was counted by day, type and key."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import box, callout, page_head, panel, split, stack
from backoffice.components.button import link_button, text_link
from backoffice.components.chart import Series, chart
from backoffice.components.kpi import meter
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import tab, tabs
from backoffice.components.time import exact_time
from backoffice.models.exports import ExportKind
from backoffice.models.usage_records import KIND_WORDS, UsageKind
from backoffice.pages.partner.exports import export_button, export_dialog
from backoffice.state.partner.usage import UsageState
from backoffice.viewmodels.usage import KindRow, LoadRow, MonthLink, PartRow

RECORDS = "/partner/usage/records"
KINDS = ("What", Column("Counted", number=True), Column("Share", number=True), Column("Records", hidden=True))
PARTS = tuple(Column(words, number=True) for words in KIND_WORDS.values())
LOADS = (
    "API key",
    Column("Requests", number=True),
    Column("Failed", number=True),
    Column("Refused by the limit", number=True),
    Column("p95", number=True),
)
found: Any = UsageState.meter
load: Any = UsageState.load
points: Any = UsageState.chart
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def usage() -> rx.Component:
    """Build the page."""
    provisional = rx.el.span("provisional until ", exact_time(UsageState.final_at))
    return rx.fragment(
        page_head(
            "Usage",
            "Live documents; test data costs nothing",
            rx.cond(UsageState.final_at, provisional, "final"),
            actions=(
                export_button(ExportKind.USAGE_RECORDS),
                link_button("All records", RECORDS, icon="list-filter", test_id="usage-records"),
            ),
        ),
        rx.cond(UsageState.is_loaded, _loaded(), states.loading_cards(2)),
        export_dialog(),
    )


def _loaded() -> rx.Component:
    nothing = box(
        states.empty(
            "Nothing counted in this month",
            "Each live document that is screened, each face compared and each decision of a person counts once.",
            link_button("Documents", "/partner/documents", icon="file-text"),
            icon="chart-line",
        )
    )
    return stack(
        rx.foreach(UsageState.told, lambda words: callout(words, tone="amber", icon="triangle-alert")),
        split(_documents(), _requests(), ratio="1:1"),
        tabs(rx.foreach(UsageState.months, _month), label="Months"),
        rx.cond(UsageState.is_empty, nothing, _counted()),
        _loads(),
        gap=16,
    )


def _documents() -> rx.Component:
    warning = rx.el.span(found.warning, class_name="warn strong")
    return panel(
        "Documents this month",
        stack(
            rx.el.div(rx.el.span(found.shown, class_name="kpi-value"), class_name="kpi-line"),
            meter(found.used, found.limit, label="Documents of this month", tone=found.tone),
            rx.el.p(
                found.percent,
                " used. ",
                found.pace,
                rx.cond(found.warning, rx.fragment(" ", warning)),
                class_name="muted small",
            ),
            gap=10,
        ),
        data_testid="usage-meter",
        data_value=found.used,
    )


def _requests() -> rx.Component:
    return panel(
        "Requests at once",
        stack(
            rx.el.div(rx.el.span(load.shown, class_name="kpi-value"), class_name="kpi-line"),
            meter(load.peak, load.limit, label="Busiest second of a key", tone=load.tone),
            rx.el.p("The busiest key in the last day: ", load.p95, "; ", load.throttled, ".", class_name="muted small"),
            gap=10,
        ),
        data_testid="usage-load",
        data_value=load.peak,
    )


def _month(one: MonthLink) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _counted() -> rx.Component:
    series = [
        Series(KIND_WORDS[UsageKind.DOCUMENT_SCREENED], points.screened, "brand"),
        Series(KIND_WORDS[UsageKind.FACE_MATCH], points.faces, "warn"),
        Series(KIND_WORDS[UsageKind.HUMAN_REVIEW], points.reviews, "good"),
    ]
    days = chart(points.labels, series, kind="bar", caption="Counted by day (UTC)", across="Day", height=240)
    kinds = table(KINDS, rx.foreach(UsageState.kinds, _kind), caption="Counted by what was done")
    return stack(
        split(panel("By day", days), panel("What was done", kinds, flush=True), ratio="3:2"),
        split(
            _parts("By document", "Document", UsageState.types),
            _parts("By API key", "API key", UsageState.keys),
            ratio="1:1",
        ),
        gap=16,
    )


def _kind(one: KindRow) -> rx.Component:
    bar = rx.el.span(rx.el.span(style={"width": f"{one.share}%"}), class_name="move-bar", data_tone="brand")
    return table_row(
        main_cell(one.words),
        cell(rx.el.b(one.count), label="Counted", number=True),
        cell(stack(rx.el.span(one.share, " %"), bar, gap=2), label="Share", number=True, phone="hide"),
        cell(text_link("Records", one.href, aria_label=f"Records: {one.words}"), number=True),
        key=one.kind,
        data_testid="usage-kind",
        data_kind=one.kind,
        data_value=one.count,
    )


def _parts(title: str, head: str, rows: Any) -> rx.Component:  # noqa: ANN401 a Var of rows
    return panel(title, table((head, *PARTS), rx.foreach(rows, _part), caption=title), flush=True)


def _part(one: PartRow) -> rx.Component:
    labels = list(KIND_WORDS.values())
    return table_row(
        main_cell(one.name, href=one.href),
        cell(one.screened, label=labels[0], number=True),
        cell(one.faces, label=labels[1], number=True),
        cell(one.reviews, label=labels[2], number=True),
        key=one.name,
        data_testid="usage-part",
    )


def _loads() -> rx.Component:
    shown = table(LOADS, rx.foreach(UsageState.loads, _load), caption="Requests of the last day by key")
    none = rx.el.p("No live key has asked for anything in the last day.", class_name="muted panel-body")
    return panel(
        "Requests of the last day",
        rx.cond(UsageState.loads.length() > 0, shown, none),
        flush=True,
        data_testid="usage-keys",
    )


def _load(one: LoadRow) -> rx.Component:
    return table_row(
        main_cell(one.name, href=one.href),
        cell(one.requests, label="Requests", number=True),
        cell(one.failed, label="Failed", number=True),
        cell(one.throttled, label="Refused by the limit", number=True),
        cell(one.p95, label="p95", number=True),
        key=one.name,
    )
