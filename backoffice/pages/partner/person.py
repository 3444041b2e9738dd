"""All that is held about a person: the button that asks for it, how far it is, and where it is fetched."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout
from backoffice.components.button import button
from backoffice.pages.partner.whole_exports import whole_export
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
    holds = (
        "A ZIP with everything that is held about this person, as JSON, and the files as they were sent. It is for you "
        "alone, and gone with the person."
    )
    return whole_export(one, "Data of the person", holds, icon="user", on_stop=PersonState.stop, test_id="person")
