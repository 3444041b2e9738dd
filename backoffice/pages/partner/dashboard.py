"""`/partner`: what happens now, each number with the list behind it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import callout, page_head, panel, split, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.chart import Series, chart
from backoffice.components.copyable import short_id
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.kpi import flow, flow_step, kpi, kpis
from backoffice.components.tabs import segment
from backoffice.components.time import relative_time
from backoffice.components.timeline import item_list, list_item
from backoffice.pages.partner.bell import alerts_panel
from backoffice.services.metrics import Period
from backoffice.state.partner.dashboard import DashboardState
from backoffice.state.partner.numbers import NumbersState
from backoffice.viewmodels.events import EventRow
from backoffice.viewmodels.metrics import Throughput
from backoffice.viewmodels.webhook_endpoints import EndpointView

KEYS = {**{str(digit): f"open-{digit}" for digit in range(1, 7)}, "p": "pause"}
WORDS = {
    **{f"open-{digit}": f"Open the list behind number {digit}" for digit in range(1, 7)},
    "pause": "Pause or go on",
}
LIST = "/partner/documents"
WEBHOOKS = "/partner/developers/webhooks"
CHART_HEIGHT = 248
"""As tall as the lists beside it, in px at full width."""
live: Any = NumbersState.live
"""A Var of a view model: its attributes are Vars, which no type checker knows."""
has_numbers: Any = live.as_of != ""
"""False for a moment after a reload that reached another process: it has no numbers of this partner yet, not zeros."""


def dashboard() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head(
            "Dashboard",
            rx.el.span("Today, UTC"),
            rx.cond(has_numbers, rx.el.span("updated ", relative_time(live.as_of))),
            actions=(_pause(),),
        ),
        rx.cond(DashboardState.is_loaded & has_numbers, _loaded(), states.loading_cards()),
        hotkeys(KEYS, WORDS),
    )


def _pause() -> rx.Component:
    return rx.cond(
        NumbersState.paused,
        button("Go on", icon="play", keys="P", command="pause", test_id="pause", on_click=DashboardState.pause),
        button("Pause", icon="pause", keys="P", command="pause", test_id="pause", on_click=DashboardState.pause),
    )


def _loaded() -> rx.Component:
    charts = split(
        stack(_flow(), _throughput(), gap=16), stack(alerts_panel(), _webhooks(), _events(), gap=16), ratio="2:1"
    )
    return stack(_figures(), rx.cond(live.has_documents, charts, split(_first_steps(), _events(), ratio="2:1")), gap=16)


def _figures() -> rx.Component:
    return kpis(_received(), _in_progress(), _awaiting(), _approved(), _decision(), _told())


def _received() -> rx.Component:
    href = f"{LIST}?from={live.today}"
    return kpi("Received", live.received, test_id="kpi-received", note="documents today", href=href, keys="1")


def _in_progress() -> rx.Component:
    href, note = f"{LIST}?status=submitted,processing", "being screened"
    return kpi("In progress", live.in_progress, test_id="kpi-in-progress", note=note, href=href, keys="2")


def _awaiting() -> rx.Component:
    href = f"{LIST}?status=in_review"
    amount = live.awaiting_review
    return kpi("Awaiting review", amount, test_id="kpi-awaiting-review", note=live.oldest, href=href, keys="3")


def _approved() -> rx.Component:
    """Show the count that the list behind it has; the share stands beside it."""
    href = f"{LIST}?status=approved&decided={live.today}"
    note = rx.el.span(live.approved_text, " of ", live.decided, " decided today")
    return kpi("Approved", live.approved, test_id="kpi-approved", note=note, href=href, keys="4")


def _decision() -> rx.Component:
    return kpi(
        "Median decision",
        live.decision_text,
        number=live.decision_seconds,
        test_id="kpi-decision-time",
        note=live.decision_p95_text,
        href=f"{LIST}?status=approved,rejected,resubmission_requested&decided={live.today}",
        keys="5",
    )


def _told() -> rx.Component:
    return kpi(
        "Webhooks taken",
        live.webhook_text,
        number=live.webhook_percent,
        test_id="kpi-webhooks",
        note=rx.cond(live.webhooks_failing > 0, rx.el.span(live.webhooks_failing, " failing"), "in the last 24 h"),
        href=WEBHOOKS,
        keys="6",
    )


def _flow() -> rx.Component:
    open_ = f"{LIST}?status="
    return panel(
        "Processing now",
        flow(
            flow_step("Received", live.submitted, "wait for screening", href=f"{open_}submitted", tone="blue"),
            flow_step("Screening", live.processing, "being read", href=f"{open_}processing", tone="blue"),
            flow_step("Review", live.awaiting_review, live.oldest, href=f"{open_}in_review", tone="amber"),
            flow_step(
                "Decided",
                live.decided,
                "today",
                href=f"{open_}approved,rejected,resubmission_requested&decided={live.today}",
                tone="green",
            ),
        ),
    )


def _throughput() -> rx.Component:
    is_day = DashboardState.period == Period.DAY
    choice = segment(
        ("24 hours", is_day, DashboardState.show(Period.DAY)),
        ("30 days", DashboardState.period == Period.MONTH, DashboardState.show(Period.MONTH)),
        label="Period",
    )
    day = _chart(NumbersState.chart, "Documents per hour, last 24 hours")
    month = _chart(DashboardState.month, "Documents per day, last 30 days")
    return panel("Throughput", rx.cond(is_day, day, month), actions=(choice,))


def _chart(points: Throughput | Any, caption: str) -> rx.Component:  # noqa: ANN401 a Var of it
    series = [
        Series("Received", points.received, "brand"),
        Series("Approved", points.approved, "good"),
        Series("Rejected", points.rejected, "bad"),
    ]
    return chart(points.labels, series, caption=caption, height=CHART_HEIGHT)


def _events() -> rx.Component:
    nothing = rx.el.p("Nothing has happened yet.", class_name="muted panel-body")
    rows = item_list(rx.foreach(DashboardState.events, _event), aria_label="Latest events")
    return panel("Latest events", rx.cond(DashboardState.events.length() > 0, rows, nothing), flush=True)


def _event(row: EventRow) -> rx.Component:
    line = rx.el.div(
        rx.el.span(row.words, class_name="truncate"),
        rx.el.span(short_id(row.subject), class_name="mono tiny muted nowrap", title=row.subject),
        rx.el.span(relative_time(row.at), class_name="muted tiny when"),
        class_name="line",
    )
    return rx.cond(
        row.href,
        list_item(line, icon=row.icon, href=row.href, data_testid="event-row", data_id=row.id),
        list_item(line, icon=row.icon, data_testid="event-row", data_id=row.id),
    )


def _webhooks() -> rx.Component:
    rows = item_list(rx.foreach(DashboardState.endpoints, _endpoint), aria_label="Webhook endpoints")
    none = rx.el.p("Nobody is told yet. ", text_link("Add a webhook endpoint", WEBHOOKS), class_name="muted panel-body")
    shown = rx.cond(DashboardState.endpoints.length() > 0, rows, none)
    return rx.cond(DashboardState.can_see_webhooks, panel("Webhooks", shown, flush=True))


def _endpoint(row: EndpointView) -> rx.Component:
    return list_item(
        rx.el.div(rx.el.span(row.name, class_name="strong truncate grow"), status_badge(row.status), class_name="row"),
        rx.el.div(row.success, " delivered in 24 h, ", row.waiting, " waiting", class_name="muted tiny"),
        href=row.href,
    )


def _first_steps() -> rx.Component:
    has_endpoint = DashboardState.endpoints.length() > 0
    steps = rx.el.ol(
        _step(DashboardState.has_key, "Make an API key", "Your server signs its requests with it.", "keys"),
        _step(has_endpoint, "Add a webhook endpoint", "We tell your server of every decision.", "webhooks"),
        _step(live.has_documents, "Send a first document", "POST /api/v1/documents with one picture.", ""),
        class_name="stack",
    )
    return panel("First steps", callout("Numbers appear here with your first document.", icon="info"), steps)


def _step(is_done: Any, title: str, words: str, place: str) -> rx.Component:  # noqa: ANN401 a Var of bool
    mark = rx.cond(is_done, icon("circle-check", 18, label="Done"), icon("circle-dashed", 18, label="To do"))
    go = [link_button("Do it", f"/partner/developers/{place}", size="sm")] if place else []
    text = rx.el.div(
        rx.el.div(title, class_name="strong"), rx.el.div(words, class_name="muted small"), class_name="grow"
    )
    return rx.el.li(mark, text, *go, class_name="row")
