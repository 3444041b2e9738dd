"""The line that says whether the audit log is as it was sealed, the button that computes it anew, and the export."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, row, stack
from backoffice.components.button import button
from backoffice.components.icon import icon
from backoffice.components.kpi import meter
from backoffice.components.time import relative_time
from backoffice.state.sealing import SealingState

EXPORT = "/exports/audit-log"
seal: Any = SealingState.seal
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def verify_button() -> rx.Component:
    """Check the log; `Y` presses it."""
    return button(
        rx.cond(SealingState.is_verifying, "Verifying", "Verify"),
        icon="shield-check",
        keys="Y",
        command="verify-log",
        test_id="audit-verify",
        disabled=SealingState.is_verifying,
        on_click=SealingState.verify,
    )


def signed_export(query: Any = "") -> rx.Component:  # noqa: ANN401 words or a Var of them
    """Take the log along with its proofs; the same filters of time as the list."""
    return rx.el.a(
        icon("download", 16),
        rx.el.span("Signed export"),
        href=f"{EXPORT}{query}",
        class_name="button",
        download=True,
        custom_attrs={"reloadDocument": True},
        data_testid="audit-signed-export",
    )


def seal_line() -> rx.Component:
    """Say what the last check found; what is bad stands in a red banner."""
    known = rx.fragment(", checked ", relative_time(seal.at))
    said = rx.el.span(
        seal.words,
        rx.cond(seal.is_known, known),
        rx.cond(seal.waiting, rx.el.span(" · ", seal.waiting, class_name="muted")),
        data_testid="seal-words",
    )
    bad = callout(
        stack(rx.el.b(said), rx.el.span(seal.problem), rx.el.span("The signed export still works."), gap=4),
        tone="red",
        icon="circle-alert",
        role="alert",
        data_testid="seal-bad",
    )
    tone = rx.cond(seal.is_known, "green", "blue")
    good = callout(said, tone=tone, icon="shield-check", data_testid="seal-line")
    running = row(
        rx.el.span("Computing every hash again", class_name="muted small nowrap"),
        rx.el.div(meter(SealingState.percent, 100, label="Entries verified, in percent"), class_name="grow"),
        rx.el.span(SealingState.percent, " %", class_name="small"),
        gap=8,
        data_testid="seal-progress",
    )
    working = callout(running, tone="blue", icon="refresh-cw")
    return rx.cond(SealingState.is_verifying, working, rx.cond(SealingState.is_read, rx.cond(seal.is_bad, bad, good)))
