"""A document beside its list: its result, its checks and its masked data, with the way to its own page."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import callout, facts, row, stack
from backoffice.components.button import link_button
from backoffice.components.dialog import peek
from backoffice.components.time import countdown, relative_time
from backoffice.components.workspace import check_item
from backoffice.pages.partner.tagging import tag_badges
from backoffice.state.partner.peeking import PeekState
from backoffice.viewmodels.workspaces import CheckView, FieldView

head: Any = PeekState.head


def panel() -> rx.Component:
    """Show the document that is looked at."""
    body = rx.match(
        PeekState.status, ("ready", _ready()), ("missing", _missing()), states.loading_rows(6, "Loading the document")
    )
    title: Any = rx.cond(head.title, head.title, "Document")
    return peek(
        rx.el.div(body, data_testid="peek-document", data_id=PeekState.id),
        title=title,
        on_close=PeekState.close,
        test_id="peek",
    )


def _missing() -> rx.Component:
    return states.not_found("No such document", "There is no document with this id among yours.")


def _ready() -> rx.Component:
    reasons = rx.foreach(head.reasons, lambda words: badge(words, "gray"))
    reference = rx.cond(head.reference, head.reference, "-")
    return stack(
        row(status_badge(head.status), rx.el.span(head.sentence, class_name="strong"), reasons),
        tag_badges(head.tags.to(list[str])),
        facts(
            ("Reference", reference),
            ("Received", relative_time(head.created_at)),
            ("Attempt", head.attempt),
            ("Decided", rx.cond(head.decided_by, head.decided_by, "-")),
        ),
        rx.foreach(PeekState.checks, _check),
        _data(),
        link_button(
            "Open the document", rx.Var.create("/partner/documents/") + head.id, icon="arrow-right", tone="primary"
        ),
        gap=16,
    )


def _check(one: CheckView) -> rx.Component:
    words = rx.cond((one.status == "passed") | (one.status == "not_applicable"), "", one.words)
    return check_item(one.name, one.label, one.status, score=one.score, words=words)


def _data() -> rx.Component:
    masked = callout("Personal data is hidden for your role.", tone="amber", icon="lock", data_testid="peek-masked")
    erased = callout("The personal data of this document has been erased.", tone="amber", icon="trash-2")
    hidden = rx.cond(head.is_hidden, rx.el.p("Hidden until you say what for, on its page.", class_name="muted small"))
    shown = rx.cond(
        PeekState.fields.length() > 0, rx.el.dl(rx.foreach(PeekState.fields, _field), class_name="dl"), rx.fragment()
    )
    until = rx.cond(
        head.shown_until,
        rx.el.p(
            "Shown for ", countdown(head.shown_until, on_done=PeekState.refresh), class_name="muted small",
            data_testid="peek-shown",
        ),
    )  # fmt: skip
    some = rx.cond(
        head.fields_until,
        rx.el.p(
            "What you had shown alone is hidden again in ", countdown(head.fields_until, on_done=PeekState.refresh),
            class_name="muted small", data_testid="peek-shown-alone",
        ),
    )  # fmt: skip
    return rx.cond(head.is_masked, masked, rx.cond(head.is_erased, erased, stack(shown, until, some, hidden)))


def _field(one: FieldView) -> rx.Component:
    value = rx.cond(one.document, one.document, one.given)
    return rx.fragment(rx.el.dt(one.label), rx.el.dd(value, data_testid=rx.Var.create("peek-") + one.name))
