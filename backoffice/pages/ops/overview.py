"""`/ops`: all partners together, who needs somebody, and what operators did last."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import page_head, panel, split, stack
from backoffice.components.button import link_button
from backoffice.components.chart import Series, chart
from backoffice.components.hotkeys import hotkeys
from backoffice.components.kpi import kpi, kpis, trend
from backoffice.components.time import relative_time
from backoffice.components.timeline import item_list, list_item
from backoffice.pages.ops.acts import looks_on
from backoffice.state.ops.overview import OverviewState
from backoffice.viewmodels.overviews import ActRow, Trouble

found: Any = OverviewState.found
"""A Var of a view model: its attributes are Vars, which no type checker knows."""
WORDS = {
    "open-1": "Partners by volume",
    "open-2": "Partners with late reviews",
    "open-3": "SLA",
    "open-4": "Partners with failing webhooks",
    "open-5": "Partners near their quota",
    "open-6": "Failed jobs",
}
KEYS = {str(place): f"open-{place}" for place in range(1, 7)}


def overview() -> rx.Component:
    """Build the page."""
    everybody = link_button("All partners", "/ops/partners", icon="building-2")
    return rx.fragment(
        page_head("Overview", "All partners, live data", actions=(everybody,)),
        looks_on(),
        rx.cond(OverviewState.is_loaded, _loaded(), states.loading_cards(6)),
        hotkeys(KEYS, WORDS),
    )


def _loaded() -> rx.Component:
    return stack(_figures(), split(_volume(), _incidents(), ratio="3:2"), _acts(), gap=16)


def _figures() -> rx.Component:
    late = rx.cond(found.late > 0, rx.el.span(found.late, " past the deadline", class_name="bad"), "all in time")
    failing = rx.cond(found.failing > 0, rx.el.span(found.failing, " endpoints fail", class_name="bad"), "none fails")
    return kpis(
        kpi(
            "Documents today", found.today, test_id="ops-today", note=found.today_note, spark=found.days,
            href="/ops/partners?sort=-volume", keys="1",
        ),
        kpi(
            "Open reviews", found.waiting, test_id="ops-reviews", note=late, href="/ops/partners?need=sla", keys="2"
        ),
        kpi("SLA kept", found.sla, test_id="ops-sla", note=found.sla_note, href="/ops/sla", keys="3"),
        kpi(
            "Webhooks, 24 h", found.webhooks, test_id="ops-webhooks", number=found.failing, note=failing,
            href="/ops/partners?need=webhooks", keys="4",
        ),
        kpi(
            "Near their quota", found.near, test_id="ops-quota", note=rx.el.span("of ", found.partners, " partners"),
            href="/ops/partners?need=quota", keys="5",
        ),
        kpi("Failed jobs", found.jobs_failed, test_id="ops-jobs", note=found.jobs_note, href="/ops/health", keys="6"),
    )  # fmt: skip


def _volume() -> rx.Component:
    series = [Series("Last 7 days", found.days, "brand"), Series("7 days before", found.before, "mute")]
    drawn = chart(found.labels, series, caption="Documents received by day (UTC), all partners", height=240)
    change = trend(found.week_change, found.week_words)
    told = rx.el.span(rx.el.b(found.week), " documents ", change, class_name="row muted small", data_wrap="no")
    return panel("Documents by day", drawn, actions=(told,))


def _incidents() -> rx.Component:
    nothing = states.empty("Nobody needs you", "Webhooks, deadlines and quotas of all partners are fine.", icon="check")
    shown = item_list(rx.foreach(OverviewState.troubles, _trouble))
    return panel("Needs somebody", rx.cond(OverviewState.troubles.length() > 0, shown, nothing), flush=True)


def _trouble(one: Trouble) -> rx.Component:
    look = rx.match(one.tone, ("red", "bad"), "warn")
    return list_item(
        rx.el.span(rx.el.b(one.partner), rx.el.br(), rx.el.span(one.words, class_name=rx.Var.create(look).to(str))),
        icon=one.icon,
        href=one.href,
        data_testid="ops-trouble",
        data_id=one.key,
    )


def _acts() -> rx.Component:
    nothing = states.empty("Nothing yet", "What operators change stands here, from the audit trail.", icon="history")
    shown = item_list(rx.foreach(OverviewState.acts, _act))
    return panel("What operators did last", rx.cond(OverviewState.acts.length() > 0, shown, nothing), flush=True)


def _act(one: ActRow) -> rx.Component:
    words = rx.el.span(rx.el.b(one.what), " · ", one.object)
    by = rx.el.span(one.who, ", ", relative_time(one.at), class_name="muted small")
    line = rx.el.span(words, rx.el.br(), by)
    return rx.cond(
        one.href,
        list_item(line, icon="history", href=one.href, data_testid="ops-act"),
        list_item(line, icon="history", data_testid="ops-act"),
    )
