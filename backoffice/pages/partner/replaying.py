"""The dialog that asks a logged request again in the sandbox."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge, status_badge
from backoffice.components.box import callout, stack
from backoffice.components.button import button, link_button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, select, text_input
from backoffice.state.partner.replaying import ReplayState
from backoffice.state.session import SessionState

replay: Any = ReplayState.replay
answer: Any = ReplayState.answer
permissions: Any = SessionState.viewer.permissions


def replay_button(request_id: Any) -> rx.Component:  # noqa: ANN401 a Var
    """Offer it to who may use the sandbox."""
    offered = button(
        "Replay in sandbox",
        icon="rotate-ccw",
        keys="P",
        command="replay",
        test_id="request-replay",
        on_click=ReplayState.begin(request_id),
    )
    return rx.cond(permissions.contains("sandbox:use"), offered)


def replay_dialog() -> rx.Component:
    """Show what can be sent, what cannot, and what came back."""
    refused = stack(
        callout(replay.why, tone="amber", icon="info"),
        rx.el.div(
            link_button("Open the sandbox", "/partner/developers/sandbox", icon="flask-conical"), class_name="row"
        ),
        data_testid="replay-refused",
    )
    head = rx.el.div(
        status_badge("test"), rx.el.code(replay.method, class_name="strong"), rx.el.code(replay.route), class_name="row"
    )
    return dialog(
        stack(head, rx.cond(replay.why, refused, _forms()), rx.cond(answer.status, _answer()), gap=16),
        open=replay.id != "",
        title="Replay in sandbox",
        on_close=ReplayState.close,
        size="lg",
        test_id="replay-dialog",
    )


def _forms() -> rx.Component:
    """Ask for what the request takes: a form holds only fields that are there, so each kind has its own."""
    path = field("path", "Address", _mono("path", default_value=replay.path, key=replay.id))
    query = field("query", "Query", _mono("query", placeholder="limit=5&status=approved"), optional=True)
    names: Any = rx.foreach(ReplayState.pictures, _picture)
    pictures = field("picture", "Picture", select("picture", names))
    reading = rx.cond(replay.takes_query, _form(path, query), _form(path))
    return rx.cond(replay.kind == "picture", _form(pictures), reading)


def _form(*fields: rx.Component) -> rx.Component:
    notes = rx.el.ul(rx.foreach(replay.notes, _note), class_name="notes muted small", data_testid="replay-notes")
    send = button("Send to the sandbox", type="submit", tone="primary", icon="send", test_id="replay-send")
    return form(
        notes,
        *fields,
        rx.el.input(type="hidden", name="ticket", value=ReplayState.ticket, read_only=True),
        rx.cond(ReplayState.error, callout(ReplayState.error, tone="red", icon="circle-alert")),
        rx.el.div(send, class_name="row", data_justify="end"),
        on_submit=ReplayState.send,
        style={"maxWidth": "none"},
    )


def _mono(name: str, **props: Any) -> rx.Component:  # noqa: ANN401 an input's properties
    return text_input(name, style={"fontFamily": "var(--mono)"}, spell_check=False, auto_complete="off", **props)


def _picture(name: rx.Var[str]) -> rx.Component:
    return rx.el.option(name, value=name)


def _answer() -> rx.Component:
    follow = link_button("Open the document", answer.document_href, icon="file-text", size="sm")
    request = rx.el.a(
        short_id(answer.request_id), href=answer.request_href, class_name="link mono small", title=answer.request_id
    )
    head = rx.el.div(
        rx.el.h3("Answer"),
        badge(answer.status, answer.tone, answer.icon),
        rx.el.span(answer.latency, class_name="muted small"),
        request,
        rx.el.div(class_name="grow"),
        rx.cond(answer.document_href, follow),
        rx.cond(answer.body, copyable(answer.body, shown="Copy", label="Copy the answer", visible=True)),
        class_name="row",
    )
    body = rx.el.pre(answer.body, class_name="mono small replay-body", tab_index=0, data_testid="replay-body")
    return stack(
        head, rx.cond(answer.body, body), gap=8, data_testid="replay-answer", data_status=answer.status, role="status"
    )


def _note(words: rx.Var[str]) -> rx.Component:
    return rx.el.li(words)
