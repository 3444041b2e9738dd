"""`/review/samples/<sample>`: the document as on the desk, without its verdict; then both verdicts side by side."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import callout, page_head, panel, row, split, stack
from backoffice.components.button import button, link_button, text_link
from backoffice.components.hotkeys import hotkeys
from backoffice.components.reason_desk import reason_desk
from backoffice.components.reason_picker import ReasonChoice
from backoffice.components.tabs import segment
from backoffice.components.time import countdown, relative_time
from backoffice.components.viewer import ViewerBox, thumb, thumbs, viewer
from backoffice.components.workspace import (
    DECISION_KEYS,
    KEY_WORDS,
    VIEWER_KEYS,
    decision_bar,
    folded,
    side_section,
    workspace,
)
from backoffice.models.samples import Cause
from backoffice.pages.review import evidence
from backoffice.state.review.sample import SampleState
from backoffice.viewmodels.samples import CAUSES
from backoffice.viewmodels.workspaces import CheckView, PageView

OWN = {"a", "r", "s"}
KEYS = {
    **{key: name for key, name in DECISION_KEYS.items() if key in OWN},
    **VIEWER_KEYS,
    "t": "next-check",
    "d": "next-page",
    "shift+d": "previous-page",
    "enter": "sample-next",
}
WORDS = KEY_WORDS | {"sample-next": "Take the next sample"}
desk: Any = SampleState.desk
look: Any = SampleState.look
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def sample() -> rx.Component:
    """Build the page."""
    shown = rx.match(
        SampleState.status,
        ("blind", _blind()),
        ("revealed", _revealed()),
        ("missing", _missing()),
        states.loading_rows(8, "Loading the sample"),
    )
    return rx.fragment(shown, hotkeys(KEYS, WORDS, arm=desk.task_id, on_command=SampleState.command))


def _missing() -> rx.Component:
    words = "It is not yours, somebody else has judged it, or its document was erased."
    return states.not_found("There is no such sample", words, link_button("All samples", "/review/samples"))


def _blind() -> rx.Component:
    reasons = reason_desk(desk.reasons.to(list[ReasonChoice]), task=desk.task_id, on_decide=SampleState.decide)
    return workspace(
        head=_head(),
        view=_view(),
        side=rx.fragment(_checks(), evidence.fields(desk.rows, SampleState.selected, SampleState.select)),
        foot=_foot(),
        reasons=reasons,
        data_sample_id=desk.task_id,
    )


def _head() -> rx.Component:
    return rx.fragment(
        rx.el.h1(desk.name, dir="auto"),
        badge(desk.kind, "blue"),
        badge("Second look, blind", "indigo", "eye"),
        rx.cond(desk.attempt, badge(desk.attempt, "amber")),
        rx.el.span(desk.partner, class_name="muted small"),
        rx.el.div(class_name="grow"),
        rx.el.span("yours for ", countdown(desk.lease_ends, done="ended", soon=60), class_name="muted small"),
    )


def _view() -> rx.Component:
    shown = desk.pages[SampleState.page]
    picture = viewer(
        shown.src,
        shown.label,
        boxes=shown.boxes.to(list[ViewerBox]),
        current=SampleState.selected,
        on_select=SampleState.select,
    )
    strip = rx.cond(desk.pages.length() > 1, thumbs(rx.foreach(desk.pages, _thumb)))
    nothing = states.empty("No picture could be made", "Judge by what was read, or ask again.", icon="file-x")
    return rx.cond(desk.pages.length() > 0, rx.fragment(strip, picture), nothing)


def _thumb(page: PageView, index: rx.Var[int]) -> rx.Component:
    return thumb(page.thumbnail, page.label, current=index == SampleState.page, on_click=SampleState.turn_to(index))


def _checks() -> rx.Component:
    total = desk.unresolved.length() + desk.passed.length()
    none = rx.el.p("Every check passed.", class_name="muted")
    return side_section(
        rx.fragment("To decide (", desk.unresolved.length(), " of ", total, ")"),
        rx.cond(desk.unresolved.length() > 0, rx.fragment(rx.foreach(desk.unresolved, _check)), none),
        rx.cond(
            desk.passed.length() > 0,
            folded(rx.fragment("Passed (", desk.passed.length(), ")"), rx.foreach(desk.passed, _check)),
        ),
    )


def _check(one: CheckView) -> rx.Component:
    return evidence.check(one, SampleState.select)


def _foot() -> rx.Component:
    handlers = {"approve": SampleState.approve(desk.task_id), "reject": rx.noop(), "resubmit": rx.noop()}
    words: dict[str, Any] = {"resubmit": rx.cond(desk.is_last_attempt, "Reject (last attempt)", "Ask again")}
    said = rx.el.span("Changes nothing of the document.", class_name="muted small wide")
    return decision_bar(handlers, undo=rx.el.div(said, class_name="undo"), words=words)


def _revealed() -> rx.Component:
    following = button(
        "Take the next",
        icon="eye",
        tone="primary",
        keys="Enter",
        command="sample-next",
        test_id="sample-next",
        on_click=SampleState.following,
    )
    agrees = badge("Both agree", "green", "check", data_testid="sample-result", data_agrees="true")
    differs = badge("You differ", "amber", "scale", data_testid="sample-result", data_agrees="false")
    return rx.el.div(
        page_head(
            look.kind,
            rx.cond(look.agrees, agrees, differs),
            look.partner,
            look.band,
            text_link("Timeline of the document", look.document_href),
            actions=(link_button("All samples", "/review/samples"), following),
        ),
        split(
            panel("Document", rx.el.div(_view(), class_name="shown"), flush=True),
            stack(
                _verdict("First decision", look.first, look.first_reasons, look.first_by, look.decided_at),
                _verdict("Second look", look.second, look.second_reasons, look.second_by, look.answered_at),
                rx.cond(look.agrees, rx.fragment(), _why()),
                panel(
                    "What was found",
                    rx.el.div(
                        _checks(),
                        evidence.fields(desk.rows, SampleState.selected, SampleState.select),
                        class_name="stack",
                    ),
                ),
                gap=16,
            ),
            ratio="3:2",
        ),
        class_name="revealed",
        data_testid="sample-revealed",
    )


def _verdict(title: str, outcome: Any, reasons: Any, by: Any, at: Any) -> rx.Component:  # noqa: ANN401 Vars
    return panel(
        title,
        stack(
            row(status_badge(outcome, size="lg"), rx.el.span(reasons, class_name="strong")),
            rx.el.p(by, ", ", relative_time(at), class_name="muted"),
            gap=8,
        ),
    )


def _why() -> rx.Component:
    causes = segment(
        *((words, look.cause == cause, SampleState.mark(Cause(cause))) for cause, words in CAUSES.items()),
        label="Cause of the disagreement",
    )
    return callout(
        stack(
            rx.el.p("Why do they differ? The guideline is unclear, the image allows both, or somebody overlooked it."),
            rx.el.div(causes, data_testid="sample-causes"),
            gap=8,
        ),
        tone="amber",
        icon="scale",
    )
