"""`/ops/retention`: how long what is kept and why, what goes soon, what must not, and the proof of what went."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import page_head, panel, split, stack
from backoffice.components.button import text_link
from backoffice.components.chart import Series, chart
from backoffice.components.copyable import copyable, short_id
from backoffice.components.hotkeys import hotkeys
from backoffice.components.kpi import kpi, kpis
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import exact_time, relative_time
from backoffice.pages.ops.acts import act, looks_on
from backoffice.pages.ops.retention_acts import going_table, retention_dialogs
from backoffice.services.access import Permission
from backoffice.state.ops.retention import RetentionState
from backoffice.state.ops.retention_acts import RetentionActsState
from backoffice.viewmodels.retention import ErasureRow, HoldRow, RuleRow, RunRow

WRITES = Permission.RETENTION_WRITE
RULES = ("For", "What ended", "Kept", "Why", "Since", Column("Act", hidden=True))
HOLDS = ("What", "Owner", "Why", "Ends", "Placed", Column("Act", hidden=True))
ERASURES = ("Applicant", "Partner", "Status", "Answer due", "Waits for")
RUNS = (
    "Run",
    Column("Documents", number=True),
    Column("Files", number=True),
    Column("Held back", number=True),
    "Of whom",
)
CHART_HEIGHT = 220
forecast: Any = RetentionState.forecast
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def retention() -> rx.Component:
    """Build the page."""
    hold = act("Place a hold", WRITES, icon="lock", test_id="hold-new", on_click=RetentionActsState.ask_hold(""))
    fresh = act(
        "New rule", WRITES, icon="plus", tone="primary", keys="N", command="new", test_id="rule-new",
        on_click=RetentionActsState.ask("rule", ""),
    )  # fmt: skip
    return rx.fragment(
        page_head("Retention", "How long documents are kept, and what must not be deleted", actions=(hold, fresh)),
        looks_on(WRITES),
        rx.cond(RetentionState.is_loaded, _loaded(), states.loading_rows(9, "Loading retention")),
        retention_dialogs(),
        hotkeys({"n": "new"}, {"new": "New rule"}),
    )


def _loaded() -> rx.Component:
    return stack(
        _figures(),
        rx.cond(RetentionState.count_error, _uncounted(), _soon()),
        _rules(),
        split(_holds(), _erasures(), ratio="1:1"),
        _runs(),
        gap=16,
        data_testid="retention",
    )


def _figures() -> rx.Component:
    more = rx.cond(forecast.is_capped, "at least, ", "")
    return kpis(
        kpi(
            "Go in 7 days", forecast.documents, test_id="retention-going",
            note=rx.el.span(more, "counted ", relative_time(forecast.counted_at)),
        ),
        kpi("Past their time, held", RetentionState.held, test_id="retention-held", note="a hold keeps them"),
        kpi("Holds", RetentionState.holds.length(), test_id="retention-holds", note="stand now"),
        kpi("Erasures open", RetentionState.waiting, test_id="retention-waiting", note="of the newest 50"),
    )  # fmt: skip


def _uncounted() -> rx.Component:
    return panel("Next 7 days", states.error(RetentionState.count_error, on_retry=RetentionState.count))


def _soon() -> rx.Component:
    series = [Series("Deleted", forecast.going, "bad"), Series("Held back", forecast.kept, "mute")]
    days = panel(
        "Next 7 days",
        chart(
            forecast.labels, series, caption="Documents whose time is over, by day", kind="bar", height=CHART_HEIGHT,
            across="Day",
        ),
        data_testid="retention-days",
    )  # fmt: skip
    nothing = states.empty("Nothing goes in 7 days", "What is past its time is deleted within minutes.", icon="archive")
    whose = panel(
        "Of whom", rx.cond(forecast.rows.length() > 0, going_table(forecast.rows), nothing), flush=True,
        data_testid="retention-whose",
    )  # fmt: skip
    return split(days, whose, ratio="1:1")


def _rules() -> rx.Component:
    shown = table(RULES, rx.foreach(RetentionState.rules, _rule), caption="Rules in force, those that count first")
    nothing = states.empty(
        "No rule in force", "Nothing is deleted by time. Add a rule, such as five years for all.", icon="archive"
    )
    order = rx.el.span("The first that fits counts", class_name="muted small")
    return panel("Rules", rx.cond(RetentionState.rules.length() > 0, shown, nothing), flush=True, actions=(order,))


def _rule(one: RuleRow) -> rx.Component:
    duty = rx.cond(one.is_duty, badge("erasures wait", "amber", "lock"))
    change = act("Change", WRITES, size="sm", test_id="rule-change", on_click=RetentionActsState.ask("rule", one.id))
    end = act(
        "End", WRITES, size="sm", tone="ghost", test_id="rule-end", on_click=RetentionActsState.ask("end", one.id)
    )
    where = rx.el.span(one.type, ", ", one.place)
    return table_row(
        main_cell(one.partner),
        cell(two_lines(one.ending, where), label="What ended"),
        cell(rx.el.b(one.keeps, class_name="nowrap"), label="Kept"),
        cell(stack(rx.el.span(one.basis), duty, gap=4), label="Why"),
        cell(two_lines(relative_time(one.at), one.by), label="Since"),
        cell(rx.el.div(change, end, class_name="row", data_wrap="no", data_justify="end")),
        key=one.id,
        data_testid="rule-row",
        data_id=one.id,
    )


def _holds() -> rx.Component:
    shown = table(HOLDS, rx.foreach(RetentionState.holds, _hold), caption="Legal holds that stand, newest first")
    nothing = states.empty("No hold stands", "It keeps a document, a person or a partner from deletion.", icon="lock")
    return panel("Legal holds", rx.cond(RetentionState.holds.length() > 0, shown, nothing), flush=True)


def _hold(one: HoldRow) -> rx.Component:
    release = act("Release", WRITES, size="sm", test_id="hold-release", on_click=RetentionActsState.ask_hold(one.id))
    what = copyable(one.subject, shown=short_id(one.subject), visible=True)
    ends = rx.cond(one.ends_at, exact_time(one.ends_at), rx.el.span("Open", class_name="muted"))
    return table_row(
        main_cell(two_lines(rx.el.span(one.kind, ", ", one.partner), what)),
        cell(one.owner, label="Owner"),
        cell(two_lines(one.basis, one.reason), label="Why"),
        cell(ends, label="Ends"),
        cell(two_lines(relative_time(one.at), one.by), label="Placed"),
        cell(release, number=True),
        key=one.id,
        data_testid="hold-row",
        data_id=one.subject,
    )


def _erasures() -> rx.Component:
    shown = table(
        ERASURES, rx.foreach(RetentionState.erasures, _erasure), caption="Erasures, those that are not done first"
    )
    nothing = states.empty("Nobody asked for erasure", "Partners ask by API; a worker does it.", icon="circle-check")
    return panel("Erasure requests", rx.cond(RetentionState.erasures.length() > 0, shown, nothing), flush=True)


def _erasure(one: ErasureRow) -> rx.Component:
    waits = rx.cond(
        one.basis,
        two_lines(one.basis, rx.cond(one.held_until, rx.el.span("until ", exact_time(one.held_until)), "no end known")),
        rx.el.span("-", class_name="muted"),
    )
    due = rx.cond(one.due_at, relative_time(one.due_at), rx.el.span("-", class_name="muted"))
    return table_row(
        main_cell(copyable(one.applicant, shown=short_id(one.applicant), visible=True)),
        cell(two_lines(text_link(one.partner, one.href), relative_time(one.asked_at)), label="Partner"),
        cell(status_badge(one.status), label="Status"),
        cell(due, label="Answer due"),
        cell(waits, label="Waits for"),
        key=one.id,
        data_testid="erasure-row",
        data_id=one.id,
        data_status=one.status,
    )


def _runs() -> rx.Component:
    shown = table(RUNS, rx.foreach(RetentionState.runs, _run), caption="Runs that deleted something, newest first")
    nothing = states.empty(
        "Nothing was deleted yet", "Each run that deletes something is kept here with its counts.", icon="archive"
    )
    return panel("Deleted so far", rx.cond(RetentionState.runs.length() > 0, shown, nothing), flush=True)


def _run(one: RunRow) -> rx.Component:
    broken = rx.cond(one.is_whole, rx.fragment(), badge("interrupted", "amber"))
    return table_row(
        main_cell(rx.el.span(exact_time(one.at), " ", broken)),
        cell(one.documents, label="Documents", number=True),
        cell(one.objects, label="Files", number=True),
        cell(one.held, label="Held back", number=True),
        cell(one.partners, label="Of whom"),
        key=one.id,
        data_testid="run-row",
        data_id=one.id,
    )
