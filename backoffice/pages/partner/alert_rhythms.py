"""How the viewer hears of each kind of alert by e-mail."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, panel, row, stack, text
from backoffice.components.button import button
from backoffice.components.form import field, select
from backoffice.state.partner.alert_rhythms import AlertRhythmsState
from backoffice.viewmodels.alerts import RHYTHMS, RhythmRow

OPTIONS = [(str(rhythm), words) for rhythm, words in RHYTHMS.items()]


def alert_rhythms() -> rx.Component:
    """Build the tab."""
    about = text(
        "Yours alone; alerts themselves are the same for all. Once a day is at eight in the morning where you are. "
        "At once is at most one letter in a quarter of an hour, with everything that came meanwhile.",
        look="muted small",
    )
    return rx.fragment(
        rx.cond(AlertRhythmsState.is_stopped, _stopped()),
        panel(
            "How you hear of alerts",
            stack(rx.foreach(AlertRhythmsState.rows, _rhythm), about, class_name="form"),
            data_testid="rhythms",
        ),
    )


def _stopped() -> rx.Component:
    return callout(
        row(
            "You stopped all letters about alerts. What you choose here holds once you get them again.",
            button("Get them again", size="sm", on_click=AlertRhythmsState.resume, test_id="rhythms-resume"),
            justify="between",
        ),
        tone="amber",
        icon="mail",
        data_testid="rhythms-stopped",
    )


def _rhythm(one: RhythmRow) -> rx.Component:
    kind: Any = one.kind
    chosen = select(
        kind,
        OPTIONS,
        value=one.rhythm,
        on_change=lambda rhythm: AlertRhythmsState.choose(one.kind, rhythm),
        data_testid="rhythm",
        data_kind=one.kind,
    )
    return rx.el.div(field(kind, one.label, chosen, hint=one.hint), key=one.kind)
