"""`/ops/engines`: which version of each check runs, how far another one agrees, and the past read again."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import page_head, panel, row, stack
from backoffice.components.button import button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import dialog
from backoffice.components.icon import icon
from backoffice.components.kpi import meter
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.tabs import segment
from backoffice.components.time import relative_time
from backoffice.pages.ops.policies import may_write
from backoffice.state.ops.engines import MOST, SPANS, EnginesState
from backoffice.viewmodels.engines import AgreementRow, EngineRow, FieldRow, StatusMove

ENGINES = (
    "Check",
    "Since",
    Column("Documents", number=True),
    Column("Passed", number=True),
    Column("Unsure", number=True),
    Column("Failed", number=True),
    Column("Could not run", number=True),
    Column("Score", number=True),
    Column("Median", number=True),
    Column("p95", number=True),
)
AGREEMENTS = (
    "Check",
    "Counted",
    "Beside it",
    Column("Documents", number=True),
    Column("Agree", number=True),
    Column("Score", number=True),
    "Time",
    "Where they differ",
)
FIELDS = (
    "Field",
    Column("Same", number=True),
    Column("Another value", number=True),
    Column("New", number=True),
    Column("Gone", number=True),
)
rescreen: Any = EnginesState.rescreen
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def engines() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Engines", "The versions of each check on live documents, last 30 days"),
        rx.cond(EnginesState.is_loaded, _loaded(), states.loading_rows(8, "Loading engines")),
        _question(),
    )


def _loaded() -> rx.Component:
    return stack(_versions(), _challengers(), _rescreen(), gap=16)


def _versions() -> rx.Component:
    shown = table(ENGINES, rx.foreach(EnginesState.rows, _engine), caption="Versions of checks")
    nothing = states.empty("Nothing was screened in 30 days", "Versions appear here with the first document.")
    return panel("Versions", rx.cond(EnginesState.rows.length() > 0, shown, nothing), flush=True)


def _engine(one: EngineRow) -> rx.Component:
    broken = rx.cond(one.has_errors, rx.el.b(one.errors, class_name="warn"), rx.el.span(one.errors))
    now = rx.cond(one.is_current, badge("now", "green"), badge("before", "gray"))
    return table_row(
        main_cell(row(two_lines(one.name, rx.el.span(one.model, class_name="mono")), now)),
        cell(relative_time(one.since), label="Since", phone="hide"),
        cell(one.documents, label="Documents", number=True),
        cell(one.passed, label="Passed", number=True),
        cell(one.unsure, label="Unsure", number=True),
        cell(one.failed, label="Failed", number=True),
        cell(broken, label="Could not run", number=True),
        cell(one.score, label="Score", number=True, phone="hide"),
        cell(one.median, label="Median", number=True),
        cell(one.p95, label="p95", number=True, phone="hide"),
        key=one.key,
        data_testid="engine-row",
        data_id=one.key,
    )


def _challengers() -> rx.Component:
    nothing = states.empty(
        "No challenger runs",
        "BACKOFFICE_CHALLENGERS names versions that run beside the ones that count, such as "
        "applicant_match=wratio@1. What they say decides nothing and is compared here.",
        icon="scale",
    )
    shown = _agreements(EnginesState.challengers, "Challengers beside champions")
    return panel(
        "Champion and challenger",
        rx.cond(EnginesState.challengers.length() > 0, shown, nothing),
        flush=True,
        data_testid="challengers",
    )


def _agreements(rows: Any, caption: str) -> rx.Component:  # noqa: ANN401 a Var of rows
    return table(AGREEMENTS, rx.foreach(rows, _agreement), caption=caption)


def _agreement(one: AgreementRow) -> rx.Component:
    bar = rx.el.span(rx.el.span(style={"width": f"{one.same_percent}%"}), class_name="move-bar", data_tone="brand")
    differ = rx.cond(
        one.has_moves,
        rx.el.ul(rx.foreach(one.moves, _move), class_name="stack", style={"gap": "4px"}),
        rx.el.span("Nowhere", class_name="muted"),
    )
    return table_row(
        main_cell(one.name),
        cell(rx.el.span(one.champion, class_name="mono small"), label="Counted"),
        cell(rx.el.span(one.model, class_name="mono small"), label="Beside it"),
        cell(one.documents, label="Documents", number=True),
        cell(stack(rx.el.b(one.same), bar, gap=2), label="Agree", number=True),
        cell(one.score, label="Score", number=True),
        cell(rx.el.span(one.time, class_name="small nowrap"), label="Time", phone="hide"),
        cell(differ, label="Where they differ"),
        key=one.key,
        data_testid="agreement-row",
        data_id=one.key,
    )


def _move(one: StatusMove) -> rx.Component:
    example = rx.cond(one.example, copyable(one.example, shown=short_id(one.example), visible=True))
    ways = (badge(one.was, one.was_tone), icon("arrow-right", 13, label="became"), badge(one.would, one.would_tone))
    return rx.el.li(row(rx.el.b(one.count), *ways, example, gap=6))


def _rescreen() -> rx.Component:
    spans = segment(
        *((words, EnginesState.days == days, EnginesState.look_back(days)) for days, words in SPANS.items()),
        label="Which documents",
    )
    start = button(
        "Read again",
        icon="refresh-cw",
        size="sm",
        test_id="rescreen-start",
        disabled=rescreen.is_running,
        on_click=EnginesState.ask,
    )
    nothing = rx.el.p(
        "After an upgrade, read documents of the last days again and see what today's engines find otherwise. "
        "Nothing that was decided or shown changes.",
        class_name="muted",
    )
    return panel(
        "Read again",
        rx.cond(rescreen.id, _walked(), nothing),
        actions=(spans, rx.cond(may_write, start)),
        data_testid="rescreen",
        data_status=rescreen.status,
    )


def _walked() -> rx.Component:
    progress = row(
        rx.el.span(rescreen.done, " of ", rescreen.total, " documents read again", class_name="muted small grow"),
        rx.cond(
            rescreen.is_running & may_write,
            button("Stop", size="sm", test_id="rescreen-stop", on_click=EnginesState.stop),
        ),
    )
    lost = rx.el.p(rescreen.failed, " could not be read: their applicants were erased.", class_name="muted small")
    fields = table(FIELDS, rx.foreach(rescreen.fields, _field), caption="Extracted fields, then and now")
    return stack(
        meter(rescreen.done, rescreen.total, label="Documents read again"),
        progress,
        rx.cond(rescreen.failed > 0, lost),
        rx.cond(EnginesState.compared.length() > 0, _agreements(EnginesState.compared, "Checks, then and now")),
        rx.cond(rescreen.fields.length() > 0, fields),
        rx.el.p(rescreen.span, ", started ", relative_time(rescreen.started_at), class_name="muted small"),
    )


def _field(one: FieldRow) -> rx.Component:
    return table_row(
        main_cell(one.name),
        cell(one.same, label="Same", number=True),
        cell(one.other, label="Another value", number=True),
        cell(one.new, label="New", number=True),
        cell(one.gone, label="Gone", number=True),
        key=one.name,
    )


def _question() -> rx.Component:
    return dialog(
        stack(
            rx.el.p(
                f"Up to {MOST} documents, about a second each. New documents go first, and nothing that was decided "
                "or shown changes."
            ),
            button("Read again", tone="primary", test_id="rescreen-confirm", on_click=EnginesState.start),
        ),
        open=EnginesState.is_asking,
        title="Read documents again?",
        on_close=EnginesState.close,
    )
