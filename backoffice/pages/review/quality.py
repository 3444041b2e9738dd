"""`/review/quality`: how good decisions are, beside how fast; one's own, or for leads everybody's, unranked."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import page_head, panel, split, stack
from backoffice.components.chart import Series, chart
from backoffice.components.form import select
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import tab, tabs
from backoffice.state.review.quality import QualityState
from backoffice.viewmodels.quality import (
    DEFAULT_DAYS,
    PLACE,
    SPANS,
    CheckRow,
    FigureView,
    PersonRow,
    ReasonRow,
)

PEOPLE = (
    "Reviewer",
    Column("Decisions", number=True),
    Column("Agreement", number=True),
    Column("Kappa", number=True),
    Column("Overturned", number=True),
    Column("Gold", number=True),
    Column("In time", number=True),
    Column("Pace", number=True),
)
REASONS = ("Reason", Column("Given", number=True), Column("Confirmed", number=True))
CHECKS = ("Check", "Version", Column("Raised", number=True), Column("Confirmed", number=True))
CHART_HEIGHT = 220


def quality() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        _head(),
        rx.el.div(_spans(), rx.cond(QualityState.is_lead, _person()), class_name="row", data_justify="between"),
        rx.cond(QualityState.is_loaded, _loaded(), states.loading_cards(6)),
        hotkeys({}),
    )


def _head() -> rx.Component:
    team = rx.cond(QualityState.person, "One reviewer's live decisions", "Everybody's live decisions")
    whose = rx.cond(QualityState.is_lead, team, "Your live decisions; nobody is ranked")
    return page_head("Quality", whose, rx.el.span("shares with their 95 % intervals", class_name="wide"))


def _spans() -> rx.Component:
    kept = rx.cond(QualityState.person, f"person={QualityState.person}", "")
    items = [
        tab(
            words,
            current=QualityState.days == days,
            href=f"{PLACE}?{'' if days == DEFAULT_DAYS else f'days={days}&'}{kept}",
            data_testid=f"quality-{days}",
        )
        for days, words in SPANS.items()
    ]
    return tabs(*items, label="Period")


def _person() -> rx.Component:
    return select(
        "person",
        rx.fragment(
            rx.el.option("Everybody", value=""),
            rx.foreach(QualityState.names, lambda one: rx.el.option(one[1], value=one[0])),
        ),
        value=QualityState.person,
        on_change=QualityState.choose,
        aria_label="Whose figures",
        style={"width": "auto"},
    )


def _loaded() -> rx.Component:
    drift: Any = QualityState.weeks
    beside = split(_drift(drift, "quality-weeks"), _reasons(), ratio="2:1")
    return stack(
        _cards(QualityState.figures, "How good"),
        _cards(QualityState.pace, "How fast, and what it takes"),
        beside,
        rx.cond(QualityState.people.length() > 0, _people()),
        rx.cond(QualityState.checks.length() > 0, _checks()),
        gap=16,
        data_testid="quality",
    )


def _cards(figures: Any, label: str) -> rx.Component:  # noqa: ANN401 a Var of view models
    return rx.el.section(
        rx.el.h2(label, class_name="visually-hidden"), rx.foreach(figures, _card), class_name="grid figures"
    )


def _card(one: FigureView) -> rx.Component:
    value = rx.el.div(rx.el.span(one.value, class_name="kpi-value"), class_name="kpi-line")
    lacking = rx.el.div(icon("circle-dashed", 18), class_name="kpi-line muted")
    return rx.el.div(
        rx.el.div(one.label, class_name="kpi-label"),
        rx.cond(one.is_enough, value, lacking),
        rx.el.div(one.note, class_name="kpi-note"),
        class_name="kpi",
        data_testid=f"figure-{one.key}",
        data_enough=one.is_enough,
    )


def _drift(one: Any, test_id: str) -> rx.Component:  # noqa: ANN401 a Var of a view model
    line = chart(
        one.labels,
        [Series("Share", one.points)],
        caption=one.title,
        unit=" %",
        height=CHART_HEIGHT,
    )
    few = states.empty("No line yet", one.note, icon="chart-line")
    about = rx.el.span("each over four weeks", class_name="muted small")
    return panel(one.title, rx.cond(one.has_line, line, few), actions=(about,), data_testid=test_id)


def _reasons() -> rx.Component:
    rows = table(REASONS, rx.foreach(QualityState.reasons, _reason), caption="Reasons that second looks confirm")
    none = states.empty(
        "No reason to compare yet", "Reasons stand here once a second look has judged them.", icon="tag"
    )
    return panel("Reasons confirmed", rx.cond(QualityState.reasons.length() > 0, rows, none), flush=True)


def _reason(one: ReasonRow) -> rx.Component:
    return table_row(
        main_cell(one.label),
        cell(one.given, label="Given", number=True),
        cell(_number(one.confirmed, one.between, one.is_enough), label="Confirmed", number=True),
        data_testid="reason-row",
    )


def _number(value: Any, between: Any, is_enough: Any) -> rx.Component:  # noqa: ANN401 Vars
    return rx.cond(is_enough, two_lines(value, between), rx.el.span(value, class_name="muted"))


def _people() -> rx.Component:
    rows = table(PEOPLE, rx.foreach(QualityState.people, _reviewer), caption="Reviewers by name")
    about = rx.el.span("by name, not by rank", class_name="muted small")
    return panel("Reviewers", rows, flush=True, actions=(about,))


def _reviewer(one: PersonRow) -> rx.Component:
    return table_row(
        main_cell(one.name, href=one.href),
        cell(one.decided, label="Decisions", number=True),
        cell(one.agreement, label="Agreement", number=True),
        cell(one.kappa, label="Kappa", number=True),
        cell(one.overturned, label="Overturned", number=True),
        cell(one.gold, label="Gold", number=True),
        cell(one.in_time, label="In time", number=True),
        cell(one.pace, label="Pace", number=True),
        data_testid="person-row",
        data_id=one.id,
    )


def _checks() -> rx.Component:
    rows = table(CHECKS, rx.foreach(QualityState.checks, _check), caption="Checks that people confirm")
    chosen: Any = QualityState.check
    choose = panel(
        "Drift of one check",
        states.empty("Choose a check", "Its share of confirmed warnings stands here, week by week.", icon="chart-line"),
    )
    about = rx.el.span("the person gave the reason that the check had raised", class_name="muted small wide")
    return split(
        panel("Checks confirmed", rows, flush=True, actions=(about,)),
        rx.cond(chosen.title, _drift(chosen, "quality-check"), choose),
        ratio="1:1",
    )


def _check(one: CheckRow) -> rx.Component:
    return table_row(
        main_cell(one.name, href=one.href),
        cell(rx.el.span(one.model, class_name="mono small"), label="Version"),
        cell(one.raised, label="Raised", number=True),
        cell(_number(one.confirmed, one.between, one.between != ""), label="Confirmed", number=True),
        current=one.is_current,
        data_testid="check-row",
    )
