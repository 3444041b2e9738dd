"""`/partner/developers/webhooks/[endpoint]`: health, and a log that shows each attempt as it went over the wire."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import box, callout, page_head, stack, with_peek
from backoffice.components.button import button, link_button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import dialog, peek
from backoffice.components.hotkeys import hotkeys
from backoffice.components.kpi import kpi, kpis
from backoffice.components.rows import ROW_KEYS, ROW_WORDS, row_keys
from backoffice.components.table import Column, cell, main_cell, table, table_row
from backoffice.components.tabs import tab, tabs
from backoffice.components.time import countdown, exact_time, relative_time
from backoffice.components.workspace import folded
from backoffice.pages.partner.signature import recover_dialog, signature_dialog
from backoffice.state.partner.recovering import RecoverState
from backoffice.state.partner.signature import SignatureState
from backoffice.state.partner.webhook import WebhookState
from backoffice.state.session import SessionState
from backoffice.viewmodels.deliveries import AttemptChange, AttemptView, DeliveryRow
from backoffice.viewmodels.documents import Choice

PLACE = "/partner/developers/webhooks"
COLUMNS = (
    "When",
    "Event",
    "About",
    "State",
    Column("Attempts", number=True),
    "Answer",
    Column("Time", number=True),
    "Next try",
)
KEYS = ROW_KEYS | {"t": "test", "r": "resend"}
WORDS = ROW_WORDS | {"test": "Send a test event", "resend": "Resend the open delivery"}
endpoint: Any = WebhookState.endpoint
opened: Any = WebhookState.opened
may_write: Any = SessionState.viewer.permissions.contains("webhooks:write")  # pyright: ignore[reportAttributeAccessIssue] a Var


def webhook() -> rx.Component:
    """Build the page."""
    loading = box(states.loading_rows(8, "Loading the endpoint"))
    ready = rx.cond(rx.State.router.url.path.contains(endpoint.id), _ready(), loading)
    content = rx.match(WebhookState.status, ("ready", ready), ("missing", _missing()), loading)
    return rx.fragment(content, _question(), signature_dialog(), recover_dialog(), row_keys(), hotkeys(KEYS, WORDS))


def _missing() -> rx.Component:
    back = link_button("All endpoints", PLACE, icon="arrow-left")
    return box(states.not_found("No such endpoint", "There is no endpoint with this id, or it was deleted.", back))


def _ready() -> rx.Component:
    warning = callout(endpoint.notice, tone="amber", icon="triangle-alert")
    log = with_peek(_log(), _delivery(), opened.id != "")
    return stack(_head(), rx.cond(endpoint.notice, warning), _health(), log, gap=16, data_testid="endpoint")


def _head() -> rx.Component:
    sends = WebhookState.send_test(WebhookState.ticket)
    test = button("Send test", icon="send", keys="T", command="test", test_id="endpoint-test", on_click=sends)
    rotate = button("Rotate secret", icon="refresh-cw", test_id="endpoint-rotate", on_click=WebhookState.ask("rotate"))
    off = button(
        "Switch off", icon="pause", tone="reject", test_id="endpoint-disable", on_click=WebhookState.ask("disable")
    )
    on = button("Switch on", icon="play", tone="primary", test_id="endpoint-enable", on_click=WebhookState.enable)
    again = button("Send missed", icon="rotate-ccw", test_id="endpoint-recover", on_click=RecoverState.begin)
    acts = rx.cond(endpoint.is_enabled, rx.fragment(test, again, rotate, off), rx.fragment(on, rotate))
    why = button("Check a signature", icon="search", test_id="endpoint-signature", on_click=SignatureState.begin)
    return page_head(
        endpoint.name,
        status_badge(endpoint.status, test_id="endpoint-status"),
        rx.el.span(endpoint.url, class_name="mono small"),
        copyable(endpoint.id, shown=short_id(endpoint.id), visible=True),
        rx.cond(endpoint.mode == "test", status_badge("test")),
        actions=(why, rx.cond(may_write, acts)),
    )


def _health() -> rx.Component:
    overlap = rx.cond(
        endpoint.overlap_until,
        rx.el.span(", the old one signs too for ", countdown(endpoint.overlap_until)),
        rx.fragment(),
    )
    chosen = rx.el.div(
        rx.el.span("Sends", class_name="muted"),
        endpoint.events,
        rx.foreach(endpoint.event_types, _chosen),
        class_name="row",
    )
    order = rx.el.span(rx.el.span("Order ", class_name="muted"), endpoint.order)
    title = rx.el.h2("Settings", class_name="visually-hidden")
    return stack(_figures(overlap), rx.el.section(title, chosen, order, class_name="panel result"))


def _figures(overlap: rx.Component) -> rx.Component:
    """Show the last day in numbers, and how old the secret is."""
    settled = rx.el.span(endpoint.delivered, " of ", endpoint.delivered + endpoint.failed, ", last 24 h")
    made = relative_time(endpoint.secret_changed_at)
    return kpis(
        kpi("Taken", endpoint.success, test_id="endpoint-taken", note=settled),
        kpi("Waiting", endpoint.waiting, test_id="endpoint-waiting", note="for their next try"),
        kpi("Answer time", endpoint.latency, test_id="endpoint-latency", note="p95, last 24 h"),
        kpi("Secret made", made, test_id="endpoint-secret-age", number="", note=rx.el.span("whsec_••••", overlap)),
    )


def _chosen(name: rx.Var[str]) -> rx.Component:
    return badge(name)


def _log() -> rx.Component:
    views = tabs(rx.foreach(WebhookState.views, _view), label="Deliveries")
    rows = box(
        table(COLUMNS, rx.foreach(WebhookState.rows, _row), caption="Deliveries, newest first"),
        rx.cond(
            WebhookState.more_url,
            rx.el.nav(
                link_button("Older", WebhookState.more_url, icon="chevron-right"),
                class_name="pager",
                aria_label="Pages",
            ),
        ),
    )
    nothing = box(states.empty("Nothing here", "Send a test event to see how a delivery looks.", icon="send"))
    return stack(views, rx.cond(WebhookState.rows.length() > 0, rows, nothing))


def _view(one: Choice) -> rx.Component:
    return tab(one.label, current=one.is_current, href=one.href)


def _row(one: DeliveryRow) -> rx.Component:
    return table_row(
        main_cell(rx.el.span(relative_time(one.at)), href=one.href),
        cell(one.type, label="Event"),
        cell(
            rx.el.span(short_id(one.subject), class_name="mono small muted", title=one.subject),
            label="About",
            phone="hide",
        ),
        cell(status_badge(one.state), label="State"),
        cell(one.attempts, label="Attempts", number=True),
        cell(one.result, label="Answer"),
        cell(one.latency, label="Time", number=True, phone="hide"),
        cell(
            countdown(one.next_at, before="in ", after=""),
            label="Next try",
            data_phone=rx.cond(one.next_at, "", "hide"),
        ),
        key=one.id,
        current=one.id == opened.id,
        data_testid="delivery-row",
        data_id=one.id,
        data_state=one.state,
    )


def _delivery() -> rx.Component:
    again = button(
        "Resend",
        icon="send",
        keys="R",
        command="resend",
        test_id="delivery-resend",
        on_click=WebhookState.resend(opened.id),
    )
    event = copyable(opened.event_id, shown=short_id(opened.event_id), visible=True)
    top = rx.el.div(
        status_badge(opened.state), event, rx.el.div(class_name="grow"), rx.cond(may_write, again), class_name="row"
    )
    return peek(
        stack(
            top,
            rx.foreach(opened.attempts, _attempt),
            rx.el.h3("Body"),
            rx.el.pre(opened.body, class_name="mono small", tab_index=0),
        ),
        title=opened.type,
        on_close=WebhookState.close_delivery,
        test_id="delivery",
    )


def _attempt(one: AttemptView) -> rx.Component:
    tone = rx.cond(one.is_good, "green", "red")
    title = rx.el.summary(
        rx.el.span("Attempt ", one.number, class_name="strong"),
        badge(one.result, tone),
        rx.el.span(one.latency, class_name="muted small"),
        exact_time(one.at),
    )
    return rx.el.details(
        title,
        stack(
            _way(one),
            rx.el.h3("What we sent"),
            rx.el.pre(one.request_headers, class_name="mono small", tab_index=0),
            rx.el.h3("What came back"),
            rx.cond(
                one.response,
                rx.el.pre(one.response, class_name="mono small", tab_index=0),
                rx.el.p("No body.", class_name="muted small"),
            ),
            folded("Its headers", rx.el.pre(one.response_headers, class_name="mono small", tab_index=0)),
            rx.cond(one.number > 1, _changes(one)),
        ),
        class_name="attempt",
        data_testid="attempt",
        data_number=one.number,
    )


def _changes(one: AttemptView) -> rx.Component:
    """Show what is different from the try before."""
    changes: Any = one.changes
    return folded(
        rx.fragment("What changed since attempt ", one.number - 1),
        rx.cond(
            changes.length() > 0,
            rx.el.dl(rx.foreach(changes, _change), class_name="parted"),
            rx.el.p("Nothing: it went and came back the same.", class_name="muted small"),
        ),
        data_testid="attempt-changes",
    )


def _change(change: AttemptChange) -> rx.Component:
    before = rx.el.pre(rx.el.mark(change.before, data_tone="red"), class_name="mono small", tab_index=0)
    after = rx.el.pre(rx.el.mark(change.after, data_tone="green"), class_name="mono small", tab_index=0)
    return rx.el.div(rx.el.dt(change.name), rx.el.dd(before, after))


def _way(one: AttemptView) -> rx.Component:
    """Say where the time went, where to, and what followed."""
    following = rx.el.span("Next attempt at ", exact_time(one.next_at), data_testid="attempt-next")
    return rx.el.div(
        rx.el.span(one.timing, class_name="muted small", data_testid="attempt-timing"),
        rx.el.span(one.address, class_name="mono small muted"),
        rx.cond(one.next_at, rx.el.span(following, class_name="muted small")),
        class_name="row",
    )


def _question() -> rx.Component:
    rotating = stack(
        rx.el.p("A new secret signs at once. The old one signs beside it for 24 hours, so nothing breaks."),
        button("Rotate", tone="primary", test_id="rotate-confirm", on_click=WebhookState.rotate),
    )
    made = stack(
        callout("You see it this one time.", tone="amber"),
        copyable(WebhookState.secret, visible=True, test_id="endpoint-secret"),
        button("I stored it", tone="primary", on_click=WebhookState.close),
    )
    disabling = stack(
        rx.el.p("Nothing is sent any more, and new events are not kept for this endpoint."),
        button("Switch off", tone="danger", test_id="disable-confirm", on_click=WebhookState.disable),
    )
    return dialog(
        rx.cond(WebhookState.asking == "disable", disabling, rx.cond(WebhookState.secret, made, rotating)),
        open=WebhookState.asking != "",
        title=rx.cond(WebhookState.asking == "disable", "Switch this endpoint off?", "Rotate the signing secret"),
        on_close=WebhookState.close,
    )
