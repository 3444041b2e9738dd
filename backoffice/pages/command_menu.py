"""The command menu of every framed page: all places of the product, the viewer's rights, the live search."""

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from backoffice.components.command_menu import Place, command_menu
from backoffice.components.hotkeys import GO
from backoffice.pages.layout import NavItem
from backoffice.services.audiences import SIGNED_IN, pages
from backoffice.state.command_menu import CommandMenuState
from backoffice.state.search import SearchState
from backoffice.state.session import SessionState
from backoffice.viewmodels.sessions import WORKSPACES

viewer: Any = SessionState.viewer
"""A Var of a view model: its attributes are Vars, which no type checker knows."""
MORE: Mapping[str, Sequence[NavItem]] = {
    "partner": (NavItem("Usage records", "/partner/usage/records", "receipt-text"),),
    "review": (
        NavItem("Next task", "/review/work", "play"),
        NavItem("Team", "/review/team", "users"),
        NavItem("Assignment", "/review/assignment", "workflow"),
    ),
}
"""Places that the rail leaves out."""
ALSO = {
    "/partner": "home overview numbers kpi",
    "/partner/documents": "submissions passports applicants list",
    "/partner/alerts": "notifications bell",
    "/partner/analytics": "charts statistics reports",
    "/partner/exports": "csv excel download files",
    "/partner/developers/keys": "secrets tokens credentials",
    "/partner/developers/webhooks": "endpoints deliveries events",
    "/partner/developers/requests": "logs errors",
    "/partner/developers/events": "happened stream resend payload",
    "/partner/developers/sandbox": "test simulate clock pictures",
    "/partner/developers/docs": "api documentation reference help",
    "/partner/usage": "quota limits meters",
    "/partner/billing": "invoices plan prices payment",
    "/partner/team": "members people users invite roles",
    "/partner/audit": "log trail history",
    "/partner/settings": "security networks branding preferences",
    "/review/queue": "tasks inbox waiting",
    "/review/samples": "second looks",
    "/review/work": "start begin",
    "/review/history": "decisions reopen",
    "/ops": "home overview incidents volumes",
    "/ops/partners": "tenants companies onboard suspend plans",
    "/ops/users": "people members staff roles disable invite",
    "/ops/roles": "permissions matrix access review who may",
    "/ops/health": "status queues jobs workers failed retry",
    "/ops/settings": "environment configuration variables versions risks",
    "/ops/policies": "rules partners",
    "/ops/engines": "models challengers",
    "/ops/sla": "deadlines hours targets",
    "/account": "profile sessions password",
}
KEYS = {command: key for key, command in GO.items()}


def menu(navigation: Mapping[str, Sequence[NavItem]]) -> rx.Component:
    """Build it from the places of all workspaces; the browser shows those that are open to the viewer."""
    areas = {one.key: one.label for one in WORKSPACES}
    places = [
        _place(item, workspace, areas.get(workspace, ""))
        for workspace, items in navigation.items()
        for item in (*items, *MORE.get(workspace, ()))
        if item.href != "/"
    ]
    return command_menu(
        places,
        workspaces=SessionState.workspaces,
        role=viewer.role,
        permissions=viewer.permissions,
        answer=CommandMenuState.answer,
        on_look=CommandMenuState.look,
        on_forget=CommandMenuState.forget,
        on_search=SearchState.ask,
    )


def _place(item: NavItem, workspace: str, area: str) -> Place:
    audience = pages.audience_of(item.href) or SIGNED_IN
    return Place(
        label=item.label,
        href=item.href,
        icon=item.icon,
        workspace=workspace,
        area=area,
        keys=KEYS.get(item.command, ""),
        also=ALSO.get(item.href, ""),
        permissions=sorted(audience.permissions),
        roles=sorted(audience.roles),
    )
