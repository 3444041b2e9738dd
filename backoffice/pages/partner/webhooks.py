"""`/partner/developers/webhooks`: the endpoints, and the dialog that makes one."""

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import box, callout, facts, page_head, panel, split, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.copyable import copyable
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.form import checkbox, field, form, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.time import relative_time
from backoffice.services.webhook_endpoints import EVENT_TYPES
from backoffice.state.partner.webhooks import WebhooksState
from backoffice.state.session import SessionState
from backoffice.viewmodels.webhook_endpoints import EndpointView

COLUMNS = (
    "Endpoint",
    "Status",
    "Events",
    Column("Taken in 24 h", number=True),
    Column("Waiting", number=True),
    Column("p95", number=True),
    "Secret made",
)
VERIFY = """from standardwebhooks import Webhook

event = Webhook("whsec_…").verify(request.body, request.headers)"""
OFFERED = tuple(name for name in EVENT_TYPES if name.startswith(("document.", "verification.")))
may_write = SessionState.viewer.permissions.contains("webhooks:write")  # pyright: ignore[reportAttributeAccessIssue] a Var


def webhooks() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Webhooks", "Your server hears of every decision within a second", actions=(_new(),)),
        rx.cond(WebhooksState.is_loaded, _list(), box(states.loading_rows(3, "Loading endpoints"))),
        _dialog(),
        hotkeys({"n": "new"}, {"new": "New endpoint"}),
    )


def _new() -> rx.Component:
    make = button(
        "New endpoint",
        icon="plus",
        tone="primary",
        keys="N",
        command="new",
        test_id="endpoint-new",
        on_click=WebhooksState.begin,
    )
    return rx.cond(may_write, make, rx.fragment())


def _list() -> rx.Component:
    shown = box(table(COLUMNS, rx.foreach(WebhooksState.rows, _row), caption="Webhook endpoints, newest first"))
    nothing = states.empty(
        "No endpoints yet",
        "Give us an address of your server. We sign every message, retry for three days and show you each attempt.",
        link_button("How to verify a message", "/api/v1/docs"),
        icon="webhook",
    )
    help_ = split(_verifying(), _answering(), ratio="1:1")
    return stack(rx.cond(WebhooksState.rows.length() > 0, shown, box(nothing)), help_, gap=16)


def _verifying() -> rx.Component:
    words = rx.el.p(
        "We sign by the Standard Webhooks rules; any of their libraries checks it. ",
        text_link("All events and their bodies", "/api/v1/docs"),
        class_name="muted small",
    )
    return panel("Check that a message is ours", stack(rx.el.pre(VERIFY, class_name="mono", tab_index=0), words))


def _answering() -> rx.Component:
    return panel(
        "What your server answers",
        facts(
            ("2xx in 15 s", "Taken, and never sent again."),
            ("Nothing, 429, 5xx", "Tried ten times over about three days."),
            ("410", "The endpoint is switched off."),
        ),
        rx.el.p(
            "A message can come twice: drop it when you have seen its webhook-id.",
            class_name="muted small",
            style={"marginTop": "12px"},
        ),
    )


def _row(one: EndpointView) -> rx.Component:
    return table_row(
        main_cell(rx.el.span(one.name, rx.el.small(one.url, class_name="mono"), class_name="two"), href=one.href),
        cell(status_badge(one.status), label="Status"),
        cell(one.events, label="Events"),
        cell(one.success, label="Taken in 24 h", number=True),
        cell(one.waiting, label="Waiting", number=True),
        cell(one.latency, label="p95", number=True),
        cell(relative_time(one.secret_changed_at), label="Secret made", phone="hide"),
        key=one.id,
        data_testid="endpoint-row",
        data_id=one.id,
        data_status=one.status,
    )


def _dialog() -> rx.Component:
    return dialog(
        rx.cond(WebhooksState.secret, _secret(), _form()),
        open=WebhooksState.is_creating,
        title=rx.cond(WebhooksState.secret, "Keep this secret now", "New webhook endpoint"),
        on_close=WebhooksState.close,
        test_id="endpoint-dialog",
    )


def _secret() -> rx.Component:
    return stack(
        callout("You see it this one time. It proves to your server that a message is ours.", tone="amber"),
        copyable(WebhooksState.secret, visible=True, test_id="endpoint-secret"),
        rx.el.div(
            link_button("Open the endpoint", WebhooksState.made),
            button("I stored it", tone="primary", test_id="endpoint-stored", on_click=WebhooksState.close),
            class_name="row",
            data_justify="end",
        ),
    )


def _form() -> rx.Component:
    address = text_input(
        "url",
        error=WebhooksState.error,
        default_value=WebhooksState.url,
        placeholder="https://api.example.com/webhooks",
        auto_complete="off",
        spell_check=False,
    )
    types = rx.el.fieldset(
        rx.el.legend("Only these events (none chosen means all)"),
        rx.el.div(*[checkbox(name, name=f"type:{name}") for name in OFFERED], class_name="grid"),
        style={"maxHeight": "220px", "overflow": "auto"},
        tab_index=0,
    )
    return form(
        field("url", "Address", address, hint="https, on the public internet", error=WebhooksState.error),
        field("description", "Name", text_input("description", max_length=200), optional=True),
        types,
        checkbox("Keep the order of each document's events", name="fifo"),
        foot("Create", "endpoint-create", cancel=WebhooksState.close, type="submit"),
        on_submit=WebhooksState.create,
    )
