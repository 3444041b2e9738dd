"""`/ops/partners/[partner]`: one partner, its terms and everything that acts for it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import callout, page_head, panel, row, split, stack, text
from backoffice.components.button import text_link
from backoffice.components.chart import Series, chart
from backoffice.components.copyable import copyable
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.kpi import kpi, kpis
from backoffice.components.tabs import tab, tabs
from backoffice.components.time import exact_time, relative_time
from backoffice.pages.ops.acts import act, looks_on
from backoffice.pages.ops.limits import limit_dialogs, limits_tab
from backoffice.pages.ops.partner_acts import act_dialogs
from backoffice.pages.ops.partner_tabs import audit_tab, keys_tab, usage_tab, users_tab, webhooks_tab
from backoffice.pages.ops.viewing import look_button, look_dialog
from backoffice.services.access import Permission
from backoffice.state.ops.partner import PartnerState
from backoffice.state.ops.partner_acts import PartnerActsState
from backoffice.viewmodels.fleet import PLACE, Step
from backoffice.viewmodels.partner_tabs import TABS

one: Any = PartnerState.row
told: Any = PartnerState.suspension
wait: Any = PartnerState.wait
"""Vars of view models: their attributes are Vars, which no type checker knows."""
NAMES = {name: name.capitalize() for name in TABS} | {"keys": "API keys", "audit": "Audit trail"}
KEYS = {str(place): f"tab-{place}" for place in range(1, len(TABS) + 1)} | {"l": "change-plan"}
WORDS = {f"tab-{place}": f"Tab {NAMES[name]}" for place, name in enumerate(TABS, 1)} | {"change-plan": "Change plan"}


def partner() -> rx.Component:
    """Build the page."""
    gone = states.not_found("There is no such partner", "Look for it in the list.", text_link("All partners", PLACE))
    return rx.fragment(
        rx.match(
            PartnerState.status,
            ("loading", rx.fragment(page_head("Partner"), states.loading_cards(6))),
            ("missing", gone),
            _page(),
        ),
        act_dialogs(),
        limit_dialogs(),
        look_dialog(),
        hotkeys(KEYS, WORDS),
    )


def _page() -> rx.Component:
    return rx.fragment(
        page_head(
            one.name,
            status_badge(one.status, size="lg", test_id="partner-status"),
            rx.el.span(one.plan_words, " plan"),
            rx.el.span("region ", one.region, data_testid="partner-region"),
            copyable(one.id, visible=True),
            rx.el.span("since ", exact_time(one.since)),
            actions=(_acts(),),
        ),
        looks_on(),
        rx.cond(one.is_suspended, _suspended()),
        rx.cond(wait.words, _waiting()),
        tabs(*[_tab(name, place) for place, name in enumerate(TABS, 1)], label="Parts of the partner"),
        rx.match(
            PartnerState.tab,
            ("limits", limits_tab()),
            ("users", users_tab()),
            ("keys", keys_tab()),
            ("webhooks", webhooks_tab()),
            ("usage", usage_tab()),
            ("audit", audit_tab()),
            _overview(),
        ),
    )


def _tab(name: str, place: int) -> rx.Component:
    return tab(
        NAMES[name], current=PartnerState.tab == name, href=f"?tab={name}", keys=str(place), data_testid=f"tab-{name}"
    )


def _acts() -> rx.Component:
    plan = act(
        "Change plan", Permission.BILLING_WRITE, keys="L", command="change-plan", test_id="partner-plan",
        on_click=PartnerActsState.ask("plan"),
    )  # fmt: skip
    suspend = act(
        "Suspend", Permission.PARTNERS_WRITE, tone="reject", icon="ban", test_id="partner-suspend",
        on_click=PartnerActsState.ask("suspend"),
    )  # fmt: skip
    resume = act(
        "Resume", Permission.PARTNERS_WRITE, tone="primary", icon="play", test_id="partner-resume",
        on_click=PartnerActsState.ask("resume"),
    )  # fmt: skip
    return rx.fragment(look_button(is_shut=one.is_suspended), plan, rx.cond(one.is_suspended, resume, suspend))


def _suspended() -> rx.Component:
    return callout(
        rx.el.b("Suspended"), " by ", told.by, ", ", relative_time(told.at), ": ", told.reason,
        tone="red", icon="ban", data_testid="partner-suspended",
    )  # fmt: skip


def _waiting() -> rx.Component:
    keep = act(
        "Keep the plan", Permission.BILLING_WRITE, size="sm", test_id="plan-keep", on_click=PartnerActsState.keep_plan
    )
    words = rx.el.span("The plan becomes ", rx.el.b(wait.words), " on ", exact_time(wait.at), ".")
    return callout(row(words, keep, justify="between"), icon="clock", data_testid="plan-waits")


def _overview() -> rx.Component:
    series = [Series("Received", PartnerState.row.days, "brand")]  # pyright: ignore[reportAttributeAccessIssue] a Var
    volume = chart(one.labels, series, kind="bar", caption="Documents received by day (UTC), last 7 days", height=220)
    return stack(_figures(), split(panel("Documents by day", volume), _beginning(), ratio="3:2"), gap=16)


def _figures() -> rx.Component:
    tab_of = {name: f"?tab={name}" for name in TABS}
    return kpis(
        kpi("Documents, 7 days", one.volume, test_id="fleet-volume", note=one.trend, spark=one.days),
        kpi("Approved", one.approved, test_id="fleet-approved", note="of those decided"),
        kpi("API errors", one.errors, test_id="fleet-errors", note="newest requests, 24 h", href=tab_of["usage"]),
        kpi("Webhooks", one.webhooks, test_id="fleet-webhooks", note=one.webhooks_note, href=tab_of["webhooks"]),
        kpi("SLA kept", one.sla, test_id="fleet-sla", note=one.sla_note, href="/ops/sla"),
        kpi("Quota", one.quota, test_id="fleet-quota", number=one.used, note=one.quota_words, href=tab_of["limits"]),
    )


def _beginning() -> rx.Component:
    return panel(
        "Onboarding",
        rx.el.ol(rx.foreach(PartnerState.steps, _step), class_name="plain-list", data_testid="onboarding"),
        text("Read from what is there; nothing is ticked off by hand.", look="hint"),
    )


def _step(step: Step) -> rx.Component:
    mark = rx.cond(step.is_done, icon("circle-check", label="Done"), icon("circle-dashed", label="Not yet"))
    look = rx.cond(step.is_done, "good", "muted")
    return rx.el.li(
        row(
            rx.el.span(mark, class_name=look), rx.el.span(step.words, class_name="grow"),
            rx.el.span(step.detail, class_name="muted small"), data_wrap="no",
        ),
        data_testid="onboarding-step",
        data_done=step.is_done,
    )  # fmt: skip
