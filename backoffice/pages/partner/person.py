"""All that is held about a person: the button that asks for it, how far it is, and where it is fetched."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, row
from backoffice.components.button import button, link_button
from backoffice.components.time import countdown
from backoffice.state.partner.person import PersonState
from backoffice.state.session import SessionState
from backoffice.viewmodels.exports import ExportRow

permissions: Any = SessionState.viewer.permissions
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def person_button() -> rx.Component:
    """Ask for everything; who may not read personal data has no such button."""
    ask = button("Export the person", icon="download", on_click=PersonState.ask, test_id="person-export")
    return rx.cond(permissions.contains("personal:read"), ask)


def person_bar() -> rx.Component:
    """Say how far it is, what is in it, and until when it can be fetched."""
    wrong = callout(PersonState.error, tone="red", icon="circle-alert")
    return rx.fragment(rx.cond(PersonState.error, wrong), rx.foreach(PersonState.export, _export))


def _export(one: ExportRow) -> rx.Component:
    fetch = link_button(
        "Download",
        one.href,
        icon="download",
        size="sm",
        tone="primary",
        test_id="person-fetch",
        custom_attrs={"reloadDocument": True},
    )
    left = rx.el.span("here for ", countdown(one.expires_at, done="a moment"), class_name="muted small")
    stop = button("Stop", size="sm", on_click=PersonState.stop)
    holds = (
        "A ZIP with everything that is held about this person, as JSON, and the files as they were sent. It is for you "
        "alone, and gone with the person."
    )
    return callout(
        row(
            rx.el.span("Data of the person ", badge(one.words, one.tone), role="status"),
            rx.el.span(rx.cond(one.failure, one.failure, holds), class_name="small", style={"flex": "1 1 240px"}),
            rx.cond(one.href, row(left, fetch), rx.cond(one.is_under_way, stop)),
        ),
        icon="user",
        data_testid="person-pack",
        data_status=one.status,
    )
