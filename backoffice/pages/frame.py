"""Puts a page into the shell of the person who looks: their places, their name, their messages, or a plain no."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_
from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.looking import look_banner
from backoffice.components.own_keys import own_keys
from backoffice.components.step_up import step_up
from backoffice.components.toasts import Toast, toasts
from backoffice.pages.command_menu import menu
from backoffice.pages.layout import Me, NavItem, shell, workspace_switch
from backoffice.pages.partner.bell import bell, totals
from backoffice.services.audiences import SIGNED_IN, Audience, pages
from backoffice.state.hotkeys import HotkeysState
from backoffice.state.looking import LookingState
from backoffice.state.notices import NoticeState
from backoffice.state.session import SessionState
from backoffice.state.step_up import StepUpState

viewer: Any = SessionState.viewer
message: Any = NoticeState.message
own: Any = HotkeysState
looked: Any = SessionState.look
"""Vars of view models: their attributes are Vars, which no type checker knows."""
operates = viewer.permissions.contains("partners:read")
"""Leads have policies and deadlines of Operations only."""
NAVIGATION: dict[str, Sequence[NavItem]] = {
    "partner": (
        NavItem("Dashboard", "/partner", "gauge", command="go-dashboard"),
        NavItem("Documents", "/partner/documents", "file-text", command="go-documents"),
        NavItem("Alerts", "/partner/alerts", "bell", amount=totals.unread),
        NavItem("Analytics", "/partner/analytics", "chart-line"),
        NavItem("Exports", "/partner/exports", "download"),
        NavItem("API keys", "/partner/developers/keys", "key-round", command="go-keys"),
        NavItem("Webhooks", "/partner/developers/webhooks", "webhook", command="go-webhooks"),
        NavItem("API requests", "/partner/developers/requests", "clipboard-list", command="go-requests"),
        NavItem("Events", "/partner/developers/events", "zap", command="go-events"),
        NavItem("Sandbox", "/partner/developers/sandbox", "flask-conical", command="go-sandbox"),
        NavItem("Docs", "/partner/developers/docs", "code", command="go-docs"),
        NavItem("Usage", "/partner/usage", "activity", command="go-usage"),
        NavItem("Billing", "/partner/billing", "receipt-text"),
        NavItem("Team", "/partner/team", "users", end=True),
        NavItem("Audit trail", "/partner/audit", "history", command="go-audit", end=True),
        NavItem("Settings", "/partner/settings", "settings", end=True),
    ),
    "review": (
        NavItem("Queue", "/review/queue", "inbox", command="go-queue"),
        NavItem("Samples", "/review/samples", "eye"),
        NavItem("Quality", "/review/quality", "chart-line"),
        NavItem("History", "/review/history", "history"),
    ),
    "ops": (
        NavItem("Overview", "/ops", "gauge", shown=operates),
        NavItem("Partners", "/ops/partners", "building-2", command="go-partners", shown=operates),
        NavItem("Plans", "/ops/tiers", "layers", shown=operates, phone=False),
        NavItem("Users", "/ops/users", "users", shown=operates),
        NavItem("Roles", "/ops/roles", "key-round", shown=operates, phone=False),
        NavItem("Health", "/ops/health", "heart-pulse", shown=operates),
        NavItem("Policies", "/ops/policies", "scale", command="go-policies", phone=~operates),
        NavItem("Engines", "/ops/engines", "scan-line", command="go-engines", phone=~operates),
        NavItem("SLA", "/ops/sla", "clock-alert", phone=~operates),
        NavItem("Retention", "/ops/retention", "archive", shown=operates, phone=False),
        NavItem("Security", "/ops/security", "shield-check", shown=operates, phone=False),
        NavItem("Audit log", "/ops/audit", "history", command="go-audit", shown=operates, phone=False),
        NavItem("Settings", "/ops/settings", "settings", shown=operates, phone=False),
    ),
    "account": (NavItem("Start", "/", "house"), NavItem("Account", "/account", "user")),
}

TITLES: dict[str, Any] = {
    "partner": viewer.partner,
    "review": "Review",
    "ops": "Operations",
    "account": rx.cond(viewer.partner, viewer.partner, "Review"),
}
"""Whose workspace this is, in the top bar."""


def _switch(title: Any) -> rx.Component:  # noqa: ANN401 words or a Var of them
    """Offer the other workspaces to those who have several."""
    places = rx.foreach(SessionState.workspaces, lambda one: rx.el.a(one.label, href=one.href))
    return rx.cond(SessionState.workspaces.length() > 1, workspace_switch(title, places))


def _own_keys() -> rx.Component:
    keeper = own_keys(own.on, own.keys, is_read=own.is_read, on_keep=own.keep)
    return rx.fragment(keeper, on_mount=HotkeysState.read)


def _looking() -> rx.Component:
    """Stand over every page of a partner's workspace while one of our people looks at it."""
    band = look_banner(
        company=looked.company, who=viewer.name, until=looked.until, href=looked.href, on_stop=LookingState.stop
    )
    return rx.cond(looked.company, band)


def _open_ones(place: str) -> Sequence[NavItem]:
    """Hide from a partner's people the places that what they may does not open; before that is known all are there."""
    if place != "partner":
        return NAVIGATION[place]
    return [replace(item, shown=_opens(pages.audience_of(item.href) or SIGNED_IN)) for item in NAVIGATION[place]]


def _opens(audience: Audience) -> rx.Var[bool] | None:
    held = viewer.permissions
    needed = [held.contains(str(permission)) for permission in sorted(audience.permissions)]
    return (held.length() == 0) | reduce(and_, needed) if needed else None


ANY = "any"
"""The workspace of a page that belongs to whichever the viewer works in."""


def _step_up() -> rx.Component:
    return step_up(StepUpState.asked, StepUpState.renewed, StepUpState.go_on)


def framed(
    page: Callable[[], rx.Component], *, workspace: str, flush: bool = False, paused: bool | rx.Var[bool] = False
) -> Callable[[], rx.Component]:
    """Make the page inside its frame; `flush` gives the content the whole area, `paused` is the viewer's own choice."""

    def within(place: str) -> rx.Component:
        lacking = states.denied(SessionState.denied, "Ask an administrator.", is_page=True)
        return shell(
            rx.cond(SessionState.denied, lacking, page()),
            nav=_open_ones(place),
            path=rx.State.router.url.path,
            title=rx.cond(SessionState.workspaces.length() > 1, "", TITLES.get(place)),
            switch=_switch(TITLES.get(place)),
            me=Me(viewer.name, viewer.role_words, viewer.initials, viewer.partner),
            search=menu(NAVIGATION),
            tools=(bell(),) if place == "partner" else (),
            strip=_looking() if place == "partner" else None,
            flush=flush,
            has_languages=(looked.company == "") if place == "partner" else False,
            paused=paused,
            after=(toasts(message.to(Toast)), _own_keys(), _step_up()),
        )

    def build() -> rx.Component:
        if workspace != ANY:
            return within(workspace)
        homes = [(f"/{place}", within(place)) for place in ("partner", "review", "ops")]
        return rx.fragment(rx.match(viewer.home.split("/")[:2].join("/"), *homes, within("account")))

    # The compiler puts what a page is made of into a script named after this module: else all pages would be in one.
    build.__module__ = page.__module__
    return build
