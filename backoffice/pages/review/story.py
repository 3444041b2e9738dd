"""`/review/documents/<document>`: everything that happened to one document, with the evidence behind each step."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import facts, page_head, panel, row, split, stack
from backoffice.components.button import button, link_button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.hotkeys import hotkeys
from backoffice.components.reason_picker import ReasonChoice, reason_picker
from backoffice.components.tabs import segment
from backoffice.components.time import relative_time
from backoffice.components.timeline import timeline, timeline_item
from backoffice.components.workspace import KEY_WORDS, VIEWER_KEYS, folded
from backoffice.pages.review import evidence, reopening
from backoffice.pages.review.case_file import case_file
from backoffice.pages.review.exhibits import exhibits
from backoffice.state.review.exhibits import ExhibitsState
from backoffice.state.review.story import StoryState
from backoffice.viewmodels.review_timelines import OUTCOMES, DecisionRow, EntryRow
from backoffice.viewmodels.workspaces import CheckView

KEYS = {key: name for key, name in VIEWER_KEYS.items() if name != "mark"}
head: Any = StoryState.head
gold: Any = StoryState.gold
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def story() -> rx.Component:
    """Build the page."""
    queue = link_button("Open the queue", "/review/queue")
    samples = link_button("Back to samples", "/review/samples")
    missing = states.not_found("No such document", "It never existed, or its address is cut off.", queue)
    words = "You are judging this document blind. Give your verdict first, then its story opens."
    blind = states.empty("Not yet", words, samples, icon="eye-off", is_page=True)
    content = rx.match(
        StoryState.status,
        ("ready", _ready()),
        ("missing", missing),
        ("blind", blind),
        states.loading_rows(8, "Loading the timeline"),
    )
    return rx.fragment(content, hotkeys(KEYS, KEY_WORDS))


def _ready() -> rx.Component:
    side = stack(
        exhibits(head),
        _decisions(),
        reopening.panels(),
        rx.cond(StoryState.is_lead & gold.can_be, _gold()),
        _checks(),
        _about(),
        gap=16,
    )
    return rx.fragment(
        page_head(
            head.title,
            status_badge(head.status, size="lg"),
            copyable(head.id, shown=short_id(head.id), visible=True),
            rx.cond(head.reference, rx.el.span(head.reference)),
            head.partner,
            actions=(case_file(head), link_button("History", "/review/history", icon="history", class_name="wide")),
        ),
        split(_timeline(), side, ratio="1:1", data_testid="story", data_id=head.id),
    )


def _timeline() -> rx.Component:
    rows = timeline(rx.foreach(StoryState.entries, _entry), label="What happened, newest first")
    return panel("Timeline", rows)


def _entry(one: EntryRow) -> rx.Component:
    who = rx.fragment(one.who, rx.cond(one.who, " · ", ""), one.kind)
    known = folded(
        "Evidence",
        rx.el.dl(
            rx.foreach(one.evidence, lambda fact: rx.fragment(rx.el.dt(fact.name), rx.el.dd(fact.value))),
            class_name="dl",
        ),
    )
    return timeline_item(
        one.words,
        one.at,
        icon=one.icon,
        tone=one.tone,
        detail=stack(rx.el.span(who), rx.cond(one.mark_id, _shown(one)), rx.cond(one.has_evidence, known), gap=2),
        data_testid="story-entry",
    )


def _shown(one: EntryRow) -> rx.Component:
    show = ExhibitsState.light(one.mark_id)
    return rx.el.div(button("Show it", icon="eye", size="sm", tone="ghost", test_id="story-mark", on_click=show))


def _decisions() -> rx.Component:
    none = rx.el.p("Nothing has been decided yet.", class_name="muted")
    rows = stack(rx.foreach(StoryState.decisions, _decision), gap=12)
    return panel("Decisions", rx.cond(StoryState.decisions.length() > 0, rows, none))


def _decision(one: DecisionRow) -> rx.Component:
    past = rx.cond(one.is_in_force, rx.fragment(), badge("Superseded", "gray"))
    return stack(
        row(status_badge(one.outcome), past, rx.el.span(one.reasons, class_name="strong")),
        rx.el.p(one.by, ", ", relative_time(one.at), class_name="muted small"),
        rx.cond(one.policy, rx.el.p(rx.el.span(one.policy, class_name="mono tiny"), class_name="muted")),
        gap=4,
        data_testid="story-decision",
    )


def _checks() -> rx.Component:
    none = rx.el.p("Screening has found nothing yet.", class_name="muted")
    some = rx.fragment(rx.foreach(StoryState.unresolved, _check))
    passed = folded(rx.fragment("Passed (", StoryState.passed.length(), ")"), rx.foreach(StoryState.passed, _check))
    rows = rx.fragment(some, rx.cond(StoryState.passed.length() > 0, passed))
    is_there = (StoryState.unresolved.length() > 0) | (StoryState.passed.length() > 0)
    return panel("Checks", rx.cond(is_there, rows, none))


def _check(one: CheckView) -> rx.Component:
    return evidence.check(one, ExhibitsState.light)


def _about() -> rx.Component:
    return panel("About", facts(("Received", relative_time(head.submitted_at)), ("Attempt", head.attempt)))


def _gold() -> rx.Component:
    """Let a lead settle the right answer."""
    is_gold = stack(
        row(status_badge(gold.outcome), rx.el.span(gold.reasons, class_name="strong")),
        rx.el.p("Handed out among the samples, not recognisable.", class_name="muted small"),
        rx.el.div(button("Hand it out no more", size="sm", test_id="gold-retire", on_click=StoryState.retire)),
        gap=8,
    )
    outcomes = segment(
        *((words, StoryState.wanted == outcome, StoryState.want(outcome)) for outcome, words in OUTCOMES.items()),
        label="The right outcome",
    )
    approve = rx.el.div(
        button("Make it gold", tone="primary", size="sm", test_id="gold-approve", on_click=StoryState.settle({}))
    )
    reasons = reason_picker(
        StoryState.choices.to(list[ReasonChoice]),
        title="Right because",
        confirm="Make it gold",
        tone="primary",
        comments=False,
        on_confirm=StoryState.settle,
        on_cancel=StoryState.want(""),
        key=StoryState.wanted,
    )
    settle = stack(
        rx.el.p("Settle the right answer, and let reviewers be measured by it.", class_name="muted"),
        rx.el.div(outcomes, data_testid="gold-outcomes"),
        rx.match(StoryState.wanted, ("", rx.fragment()), ("approved", approve), reasons),
        gap=8,
    )
    return panel("Gold document", rx.cond(gold.is_gold, is_gold, settle), data_testid="gold")
