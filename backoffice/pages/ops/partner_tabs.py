"""The tabs of one partner's page: its people, keys, webhooks, usage and trail, each as it is now."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import panel, split, stack, text
from backoffice.components.button import link_button
from backoffice.components.chart import Series, chart
from backoffice.components.kpi import meter
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import relative_time
from backoffice.pages.ops.partner_sso import single_sign_on
from backoffice.state.ops.partner import PartnerState
from backoffice.viewmodels.api_keys import KeyRow
from backoffice.viewmodels.audit_entries import AuditRow
from backoffice.viewmodels.colleagues import ColleagueRow, InviteeRow
from backoffice.viewmodels.webhook_endpoints import EndpointView

row: Any = PartnerState.row
people: Any = PartnerState.people
usage: Any = PartnerState.usage
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def users_tab() -> rx.Component:
    """Show who signs in for the partner, and who is invited."""
    columns = ("Person", "Role", "Second factor", "Last active", Column("Sessions", number=True))
    shown = table(columns, rx.foreach(PartnerState.people.rows, _person), caption="People of this partner")  # pyright: ignore[reportAttributeAccessIssue] a Var
    invited = table(
        ("Person", "Role", "Invited", "Link"),
        rx.foreach(PartnerState.people.invited, _invitee),  # pyright: ignore[reportAttributeAccessIssue] a Var
        caption="Invited and not here yet",
    )
    manage = link_button("Look after them", rx.Var.create("/ops/users?partner=") + row.id, icon="users", size="sm")
    nobody = states.empty("Nobody signs in yet", "The first administrator comes by invitation.", icon="users")
    return stack(
        panel("People", rx.cond(people.rows.length() > 0, shown, nobody), flush=True, actions=(manage,)),
        rx.cond(people.invited.length() > 0, panel("Invited", invited, flush=True)),
        single_sign_on(),
        gap=16,
    )


def _person(one: ColleagueRow) -> rx.Component:
    name = rx.el.span(
        rx.el.span(one.name, dir="auto"), rx.cond(one.is_removed, status_badge("disabled")), class_name="row"
    )
    return table_row(
        main_cell(two_lines(name, one.email)),
        cell(one.role_words, label="Role"),
        cell(badge(one.factor, one.factor_tone), label="Second factor"),
        cell(rx.cond(one.last_active_at, relative_time(one.last_active_at), "never"), label="Last active"),
        cell(one.sessions, label="Sessions", number=True),
        key=one.id,
        data_testid="partner-person",
        data_id=one.id,
    )


def _invitee(one: InviteeRow) -> rx.Component:
    ends = rx.cond(one.is_expired, badge("Ended", "red"), rx.el.span("good until ", relative_time(one.expires_at)))
    return table_row(
        main_cell(two_lines(rx.el.span(one.name, dir="auto"), one.email)),
        cell(one.role_words, label="Role"),
        cell(relative_time(one.invited_at), label="Invited"),
        cell(ends, label="Link"),
        key=one.id,
        data_testid="partner-invitee",
    )


def keys_tab() -> rx.Component:
    """Show the keys by their beginnings; what they are made of nobody sees again."""
    columns = ("Name", "Key", "Data", "Status", "May", "Last used")
    shown = table(columns, rx.foreach(PartnerState.keys, _key), caption="API keys, newest first")
    none = states.empty(
        "No keys yet", "People of the partner make them; a secret is shown to them once.", icon="key-round"
    )
    return panel("API keys", rx.cond(PartnerState.keys.length() > 0, shown, none), flush=True)


def _key(one: KeyRow) -> rx.Component:
    return table_row(
        main_cell(one.name),
        cell(rx.el.span(one.shown, class_name="mono small nowrap"), label="Key"),
        cell(status_badge(one.mode), label="Data"),
        cell(status_badge(one.status), label="Status"),
        cell(rx.el.span(one.scopes, class_name="tiny muted"), label="May", phone="hide"),
        cell(rx.cond(one.last_used_at, relative_time(one.last_used_at), "never"), label="Last used"),
        key=one.id,
        data_testid="partner-key",
        data_id=one.id,
    )


def webhooks_tab() -> rx.Component:
    """Show the endpoints with how they did in the last day."""
    columns = (
        "Endpoint",
        "Data",
        "Status",
        Column("Taken, 24 h", number=True),
        Column("Waiting", number=True),
        Column("p95", number=True),
    )
    shown = table(columns, rx.foreach(PartnerState.endpoints, _endpoint), caption="Webhook endpoints, newest first")
    none = states.empty("No endpoint yet", "Until there is one the partner has to ask for outcomes.", icon="webhook")
    return panel("Webhooks", rx.cond(PartnerState.endpoints.length() > 0, shown, none), flush=True)


def _endpoint(one: EndpointView) -> rx.Component:
    since = rx.cond(one.failing_since, rx.el.span("failing since ", relative_time(one.failing_since), class_name="bad"))
    return table_row(
        main_cell(two_lines(one.name, rx.el.span(one.url, class_name="mono"))),
        cell(status_badge(one.mode), label="Data"),
        cell(two_lines(status_badge(one.status), since), label="Status"),
        cell(one.success, label="Taken, 24 h", number=True),
        cell(one.waiting, label="Waiting", number=True),
        cell(one.latency, label="p95", number=True),
        key=one.id,
        data_testid="partner-endpoint",
        data_id=one.id,
    )


def usage_tab() -> rx.Component:
    """Show how much of its limits the partner uses."""
    found, load = usage.meter, usage.load
    documents = stack(
        rx.el.div(rx.el.span(found.shown, class_name="kpi-value"), class_name="kpi-line"),
        meter(found.used, found.limit, label="Documents of this month", tone=found.tone),
        text(found.percent, " used. ", found.pace, look="muted small"),
        gap=10,
    )
    requests = stack(
        rx.el.div(rx.el.span(load.shown, class_name="kpi-value"), class_name="kpi-line"),
        meter(load.peak, load.limit, label="Busiest second of a key", tone=load.tone),
        text("The busiest key in the last day: ", load.p95, "; ", load.throttled, ".", look="muted small"),
        gap=10,
    )
    days = chart(
        usage.labels,
        [Series("Live documents", usage.days, "brand")],
        kind="bar",
        caption="Live documents by day (UTC), last 30 days",
        height=220,
    )
    return stack(
        split(panel("Documents this month", documents), panel("Requests at once", requests), ratio="1:1"),
        panel("Live documents by day", days),
        gap=16,
    )


def audit_tab() -> rx.Component:
    """Show what was done at the partner lately, by whomever."""
    columns = ("What", "When", "Who", "Of what", "Result")
    shown = table(columns, rx.foreach(PartnerState.entries, _entry), caption="The last 50 entries, newest first")
    none = states.empty("Nothing yet", "Everything that is done at this partner stands here.", icon="history")
    return panel("The last 50 entries", rx.cond(PartnerState.entries.length() > 0, shown, none), flush=True)


def _entry(one: AuditRow) -> rx.Component:
    return table_row(
        main_cell(one.what),
        cell(relative_time(one.at), label="When"),
        cell(one.who, label="Who"),
        cell(two_lines(one.object, rx.el.span(one.object_id, class_name="mono")), label="Of what"),
        cell(badge(one.result, one.tone), label="Result"),
        key=one.id,
        data_testid="partner-entry",
        data_id=one.id,
    )
