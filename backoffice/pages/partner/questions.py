"""Above a partner's document: what the reviewer asks, and how to appeal against a rejection."""

from typing import Any

import reflex as rx

from backoffice.components.badge import badge
from backoffice.components.box import callout, stack
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, text_area
from backoffice.components.time import countdown, relative_time
from backoffice.state.partner.questions import QuestionsState
from backoffice.state.session import SessionState
from backoffice.viewmodels.reopenings import QuestionView

viewer: Any = SessionState.viewer
may_write = viewer.permissions.contains("documents:write")


def questions() -> rx.Component:
    """Show every question, the open one with a place for the answer."""
    return rx.cond(
        QuestionsState.rows.length() > 0, stack(rx.foreach(QuestionsState.rows, _question), gap=8), rx.fragment()
    )


def _question(one: QuestionView) -> rx.Component:
    hidden = rx.el.p("Its words are hidden for your role.", class_name="muted")
    asked = rx.cond(one.text, rx.el.p(one.text, class_name="pre-line", dir="auto"), hidden)
    head = rx.el.p(rx.el.span("The reviewer asks", class_name="strong"), ", ", relative_time(one.asked_at), " ")
    said = rx.match(
        one.state,
        ("open", rx.cond(may_write, _answer(one), _waits(one))),
        ("answered", rx.fragment(badge("Answered", "green"), rx.el.p(one.answer, class_name="pre-line", dir="auto"))),
        badge("The review went on without an answer", "gray"),
    )
    return callout(
        head,
        asked,
        said,
        tone=rx.cond(one.state == "open", "amber", "blue"),
        icon="message-square",
        data_testid="question",
        data_state=one.state,
    )


def _waits(one: QuestionView) -> rx.Component:
    return rx.el.p("Waits ", countdown(one.expires_at, done="no longer", soon=3600), class_name="muted small")


def _answer(one: QuestionView) -> rx.Component:
    box = text_area("answer", rows=3, max_length=2000, error=QuestionsState.error, aria_label="Your answer")
    return form(
        rx.el.input(type="hidden", name="question", value=one.id, read_only=True),
        field("answer", "Your answer", box, error=rx.cond(QuestionsState.is_appealing, "", QuestionsState.error)),
        rx.el.div(
            button("Answer", icon="send", tone="primary", type="submit", test_id="question-answer"),
            _waits(one),
            class_name="row",
        ),
        on_submit=QuestionsState.answer,
    )


def appeal_button() -> rx.Component:
    """Offer an appeal where one is possible."""
    ask = button("Appeal…", icon="scale", on_click=QuestionsState.ask_appeal(True), test_id="appeal")
    return rx.cond(QuestionsState.can_appeal & may_write, ask, rx.fragment())


def appeal_dialog() -> rx.Component:
    """Ask why the rejection is wrong."""
    box = text_area("why", rows=5, max_length=2000, error=QuestionsState.error)
    return dialog(
        form(
            rx.el.p(
                "Somebody who did not decide before looks at the document again. You can appeal once; the decision"
                " stands until a new one is made.",
                class_name="muted",
            ),
            field("why", "Why is the rejection wrong?", box, error=QuestionsState.error),
            rx.el.div(
                button("Send the appeal", tone="primary", type="submit", test_id="appeal-send"),
                class_name="row",
                data_justify="end",
            ),
            on_submit=QuestionsState.appeal,
        ),
        open=QuestionsState.is_appealing,
        title="Appeal against the rejection",
        on_close=QuestionsState.ask_appeal(False),
    )
