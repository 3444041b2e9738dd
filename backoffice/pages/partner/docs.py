"""`/partner/developers/docs`: the API's documentation with this product's address and a test key filled in."""

from typing import Any

import reflex as rx

from backoffice.api.app import MOUNTED_AT
from backoffice.components.box import page_head, row, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.copyable import copyable
from backoffice.components.docs import docs as documentation
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.models.members import PARTNER_ROLES
from backoffice.services.access import GRANTED_BY, Permission
from backoffice.state.partner.docs import DocsState
from backoffice.state.session import SessionState

HERE = f"{MOUNTED_AT}/docs"
WHO_CAN = " or ".join(role.replace("_", " ") for role in GRANTED_BY[Permission.KEYS_WRITE] if role in PARTNER_ROLES)
may_write: Any = SessionState.viewer.permissions.contains("keys:write")  # pyright: ignore[reportAttributeAccessIssue] a Var


def docs() -> rx.Component:
    """Build the page."""
    plain = link_button("Plain page", HERE, icon="external-link")
    openapi = link_button("OpenAPI 3.1", f"{MOUNTED_AT}/openapi.json", icon="code")
    key = rx.cond(DocsState.secret, _made(), rx.cond(may_write, _make(), _ask()))
    return rx.fragment(
        rx.el.link(rel="stylesheet", href=f"{HERE}/docs.css"),
        rx.el.span(hidden=True, on_unmount=DocsState.leave),
        page_head("API documentation", "Everything your server can ask, and what we answer", actions=(plain, openapi)),
        documentation(key, address=f"{HERE}/inside.html", script=f"{HERE}/docs.js", api_key=DocsState.secret),
        hotkeys({}, {"search": "Search the documentation"}),
    )


def _make() -> rx.Component:
    make = button(
        "Create a test key",
        icon="key-round",
        tone="primary",
        size="lg",
        test_id="docs-key-create",
        on_click=DocsState.create_key,
        disabled=~DocsState.is_ready,
    )
    words = rx.el.p("It then stands in every example on this page, in this tab only.", class_name="muted small")
    return stack(row(make), words, gap=8)


def _ask() -> rx.Component:
    make = button(
        "Create a test key",
        icon="lock",
        size="lg",
        test_id="docs-key-create",
        aria_disabled="true",
        aria_describedby="docs-who-can",
    )
    words = rx.el.p(f"This needs keys:write. Ask a {WHO_CAN} of your company.", id="docs-who-can", class_name="small")
    return stack(row(make), words, gap=8)


def _made() -> rx.Component:
    words = rx.el.p(
        "It stands in every example below, and nobody sees it again once you leave this page. Revoke it under ",
        text_link("API keys", "/partner/developers/keys"),
        ".",
        class_name="muted small",
    )
    return stack(
        row(icon("circle-check"), rx.el.b("Your test key"), class_name="good"),
        copyable(DocsState.secret, visible=True, test_id="key-secret"),
        words,
        gap=8,
    )
