"""The dialogs of an endpoint that help a receiver: why a signature is refused, and sending again what was missed."""

from typing import Any

import reflex as rx

from backoffice.components.box import callout, stack
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.form import checkbox, field, form, select, text_area, text_input
from backoffice.components.icon import icon
from backoffice.state.partner.recovering import RecoverState
from backoffice.state.partner.signature import SignatureState
from backoffice.viewmodels.signature_findings import StepView

RANGES = (
    ("hour", "The last hour"),
    ("day", "The last 24 hours"),
    ("week", "The last 7 days"),
    ("month", "The last 30 days"),
)
found: Any = SignatureState.findings


def signature_dialog() -> rx.Component:
    """Ask for what a receiver got, and show step by step what is true of it."""
    return dialog(
        stack(
            rx.cond(SignatureState.error, callout(SignatureState.error, tone="red", icon="circle-alert")),
            rx.cond(found.steps.length() > 0, _findings()),
            _form(),
        ),
        open=SignatureState.is_open,
        title="Why is a signature refused?",
        on_close=SignatureState.close,
        size="lg",
        test_id="signature-dialog",
    )


def _form() -> rx.Component:
    def line(name: str, label: str, hint: str = "") -> rx.Component:
        box = text_input(name, class_name="mono", auto_complete="off", max_length=2000)
        return field(name, label, box, hint=hint, optional=bool(hint))

    return form(
        rx.el.p("Paste what your server received, as it arrived. Nothing of it is kept.", class_name="muted"),
        line("id", "webhook-id"),
        line("timestamp", "webhook-timestamp"),
        line("signature", "webhook-signature"),
        field("body", "Body", text_area("body", rows="5", class_name="mono", spell_check=False)),
        line("computed", "What your code computed", "We look for the mistake that leads to it"),
        rx.el.div(
            button("Look at it", type="submit", tone="primary", test_id="signature-check"),
            class_name="row",
            data_justify="end",
        ),
        on_submit=SignatureState.check,
    )


def _findings() -> rx.Component:
    right = callout("All of it is right.", tone="green", icon="circle-check")
    return rx.el.section(
        rx.el.h3("What we found", class_name="visually-hidden"),
        rx.cond(found.is_right, right),
        rx.el.ol(rx.foreach(found.steps, _step), class_name="findings"),
        rx.cond(found.has_difference, _difference()),
        class_name="stack",
        role="status",
        data_testid="signature-findings",
    )


def _step(step: StepView) -> rx.Component:
    mark = rx.cond(step.is_good, icon("circle-check", label="Right"), icon("circle-x", label="Wrong"))
    return rx.el.li(
        rx.el.span(mark, data_tone=rx.cond(step.is_good, "green", "red")),
        rx.el.div(rx.el.strong(step.name), rx.el.p(step.words)),
        data_testid="signature-step",
        data_good=rx.cond(step.is_good, "true", "false"),
    )


def _difference() -> rx.Component:
    """Show both bodies around the first byte that differs."""

    def side(words: str, rest: rx.Var[str], tone: str) -> rx.Component:
        text = rx.el.pre(found.same, rx.el.mark(rest, data_tone=tone), class_name="mono small", tab_index=0)
        return rx.el.div(rx.el.dt(words), rx.el.dd(text))

    return rx.el.dl(
        side("We sent", found.sent, "green"),
        side("You have", found.got, "red"),
        class_name="parted",
        data_testid="signature-difference",
    )


def recover_dialog() -> rx.Component:
    """Ask how far back to send again."""
    never = "Also what this endpoint was never sent: from before it was made, or while it was off"
    return dialog(
        form(
            rx.el.p("What was given up is tried once more. An event that comes twice has the same id."),
            field("range", "How far back", select("range", RANGES, error=RecoverState.error), error=RecoverState.error),
            checkbox(never, name="missing"),
            rx.el.div(
                button("Send again", type="submit", tone="primary", test_id="recover-confirm"),
                class_name="row",
                data_justify="end",
            ),
            on_submit=RecoverState.recover,
        ),
        open=RecoverState.is_open,
        title="Send again what was missed",
        on_close=RecoverState.close,
        test_id="recover-dialog",
    )
