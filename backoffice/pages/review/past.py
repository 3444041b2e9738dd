"""Why a document is looked at again, and what was asked of its partner: on the desk and on the timeline."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, stack
from backoffice.components.time import countdown, relative_time
from backoffice.components.workspace import side_section
from backoffice.viewmodels.reopenings import PastView, QuestionView


def section(desk: Any) -> rx.Component:  # noqa: ANN401 a Var of a view model
    """Show both on the desk, where there is any of them; what comes from elsewhere stands first."""
    is_there = (desk.past.length() > 0) | (desk.questions.length() > 0)
    rows = stack(rx.foreach(desk.past, past), rx.foreach(desk.questions, question), gap=8)
    return rx.cond(is_there, side_section("What went before", rows, data_testid="went-before"))


def past(one: PastView) -> rx.Component:
    """Show one reopening: who wants it and why, and what is questioned."""
    ended = rx.match(
        one.result, ("upheld", badge("Upheld", "gray")), ("overturned", badge("Overturned", "amber")), rx.fragment()
    )
    return callout(
        rx.el.p(rx.el.span(one.title, class_name="strong"), ", ", relative_time(one.at), " ", ended),
        rx.el.p(one.why, dir="auto", class_name="pre-line"),
        rx.el.p("Decided before: ", one.decision, class_name="muted small"),
        tone="amber",
        icon="history",
        data_testid="past",
    )


def question(one: QuestionView) -> rx.Component:
    """Show one question and what came of it."""
    waits = rx.el.span("waits ", countdown(one.expires_at, done="no longer", soon=3600), class_name="muted small")
    said = rx.match(
        one.state,
        ("open", waits),
        ("answered", rx.el.p(one.answer, dir="auto", class_name="pre-line")),
        rx.el.span("No answer came in time.", class_name="muted small"),
    )
    return callout(
        rx.el.p(rx.el.span("Asked the partner: ", class_name="strong"), rx.el.span(one.text, dir="auto")),
        said,
        icon="message-square",
        data_testid="question",
        data_state=one.state,
    )
