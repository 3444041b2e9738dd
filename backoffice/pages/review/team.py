"""`/review/team`: who works now, what waits in each queue, how the day goes, and how often targets are kept."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import page_head, panel, split, stack
from backoffice.components.button import link_button
from backoffice.components.chart import Series, chart
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.kpi import kpi, kpis
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.time import elapsed, exact_time, relative_time
from backoffice.pages.ops.sla import KEPT, attained
from backoffice.pages.review import breaches
from backoffice.state.review.team import DAYS, TeamState
from backoffice.viewmodels.team import AlertRow, LaneRow, WorkerRow

LANES = (
    "Queue",
    Column("Open", number=True),
    Column("Claimed", number=True),
    Column("Due < 30 min", number=True),
    Column("Past due", number=True),
    Column("Waiting for partner", number=True),
    Column("Oldest", number=True),
)
PEOPLE = (
    "Reviewer",
    "Now",
    Column("Has", number=True),
    Column("Last hour", number=True),
    Column("24 hours", number=True),
)
head: Any = TeamState.head
burn: Any = TeamState.burn
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def team() -> rx.Component:
    """Build the page."""
    tools = (
        link_button("Assignment", "/review/assignment", icon="users"),
        link_button("Targets", "/ops/sla", icon="clock-alert", test_id="team-targets"),
    )
    return rx.fragment(
        page_head("Team", "Live documents only", rx.cond(TeamState.at, _as_of()), actions=tools),
        rx.cond(TeamState.is_loaded, _loaded(), states.loading_cards(6)),
        hotkeys({}),
    )


def _as_of() -> rx.Component:
    return rx.el.span("as of ", exact_time(TeamState.at), class_name="wide")


def _loaded() -> rx.Component:
    return stack(
        kpis(
            kpi("Reviewing now", head.working, test_id="team-working"),
            kpi("Available", head.there, test_id="team-there"),
            kpi("Open", head.open, test_id="team-open", href="/review/queue?view=all"),
            kpi("Claimed", head.claimed, test_id="team-claimed"),
            kpi("Due < 30 min", head.due_soon, test_id="team-due", href="/review/queue?view=due_soon"),
            kpi("Past due", head.breached, test_id="team-breached", href="/review/queue?view=due_soon"),
        ),
        split(_burn(), _alerts(), ratio="2:1"),
        _lanes(),
        split(_people(), _kept(), ratio="1:1"),
        split(breaches.why_late(), breaches.what_if(), ratio="2:1"),
        gap=16,
        data_testid="team",
    )


def _burn() -> rx.Component:
    past = [Series("Open", burn.past)]
    ahead = [Series("If nothing more came", burn.alone, "good"), Series("If as much keeps coming", burn.net, "warn")]
    caption = "Open tasks, last 24 hours and ahead"
    drawn = rx.cond(
        burn.alone.length() > 0,
        chart(burn.labels, [*past, *ahead], caption=caption, height=220),
        chart(burn.labels, past, caption=caption, height=220),
    )
    return panel(
        "Burn-down", stack(drawn, rx.el.p(burn.words, class_name="muted small"), gap=4), data_testid="team-burn"
    )


def _alerts() -> rx.Component:
    shown = rx.el.ul(rx.foreach(TeamState.alerts, _alert), class_name="plain-list")
    none = states.empty("No alert", "Leads are told here and by e-mail what is past due.", icon="circle-check")
    return panel("Alerts", rx.cond(TeamState.alerts.length() > 0, shown, none), data_testid="team-alerts")


def _alert(one: AlertRow) -> rx.Component:
    words = rx.el.span(icon("circle-alert", 15), " ", one.words)
    return rx.el.li(words, rx.el.br(), rx.el.small(relative_time(one.at), class_name="muted"), data_testid="team-alert")


def _lanes() -> rx.Component:
    return panel("Queues", table(LANES, rx.foreach(TeamState.lanes, _lane), caption="Open tasks by queue"), flush=True)


def _lane(one: LaneRow) -> rx.Component:
    late = rx.el.span(icon("circle-alert", 14), " ", rx.el.b(one.breached), class_name="warn nowrap")
    return table_row(
        main_cell(one.label, href=one.href),
        cell(one.open, label="Open", number=True),
        cell(one.claimed, label="Claimed", number=True),
        cell(one.due_soon, label="Due < 30 min", number=True),
        cell(rx.cond(one.breached > 0, late, rx.el.span("0")), label="Past due", number=True),
        cell(one.paused, label="Waiting for partner", number=True),
        cell(one.oldest, label="Oldest", number=True),
        key=one.lane,
        data_testid="lane-row",
        data_id=one.lane,
    )


def _people() -> rx.Component:
    rows = table(PEOPLE, rx.foreach(TeamState.workers, _worker), caption="Reviewers at work, by name")
    none = states.empty("Nobody is here", "Who turns on “Give me tasks” or opens a task stands here.", icon="users")
    about = rx.el.span("by name, not by rank", class_name="muted small")
    return panel("At work", rx.cond(TeamState.workers.length() > 0, rows, none), flush=True, actions=(about,))


def _worker(one: WorkerRow) -> rx.Component:
    tone: Any = rx.match(one.status, ("Reviewing", "indigo"), ("Available", "green"), "gray")
    busy = rx.cond(one.since, rx.el.small(" for ", elapsed(one.since), class_name="muted"))
    return table_row(
        main_cell(one.name),
        cell(rx.el.span(badge(one.status, tone), busy, class_name="nowrap"), label="Now"),
        cell(one.assigned, label="Has", number=True),
        cell(one.decided_hour, label="Last hour", number=True),
        cell(one.decided_day, label="24 hours", number=True),
        key=one.id,
        data_testid="worker-row",
        data_id=one.id,
    )


def _kept() -> rx.Component:
    shown = table(KEPT, rx.foreach(TeamState.attainment, attained), caption=f"Targets kept, last {DAYS} days")
    none = states.empty("Nothing left a queue yet", "Shares stand here from 30 tasks on.", icon="clock-alert")
    about = rx.el.span(f"last {DAYS} days", class_name="muted small")
    return panel(
        "Targets kept", rx.cond(TeamState.attainment.length() > 0, shown, none), flush=True, actions=(about,),
        data_testid="team-kept",
    )  # fmt: skip
