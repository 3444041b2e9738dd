"""On the timeline of a document: what was said before, and how to have the decision looked at again."""

import reflex as rx

from backoffice.components.box import panel, stack
from backoffice.components.button import button
from backoffice.components.form import field, form, select, text_area
from backoffice.pages.review import past
from backoffice.state.review.reopening import ReopeningState

KINDS = {
    "correction": "A decision has to be corrected",
    "quality": "A quality check doubts it",
    "fraud": "Fraud was found later",
}


def panels() -> rx.Component:
    """Show what went before, and the form for whoever may open the document again."""
    is_there = (ReopeningState.past.length() > 0) | (ReopeningState.questions.length() > 0)
    rows = stack(rx.foreach(ReopeningState.past, past.past), rx.foreach(ReopeningState.questions, past.question), gap=8)
    return rx.fragment(
        rx.cond(is_there, panel("What went before", rows)),
        rx.cond(ReopeningState.kinds.length() > 0, _again()),
    )


def _again() -> rx.Component:
    options = rx.foreach(
        ReopeningState.kinds, lambda kind: rx.el.option(rx.match(kind, *KINDS.items(), kind), value=kind)
    )
    why = text_area("why", rows=3, max_length=2000, error=ReopeningState.error, required=True)
    fields = form(
        field("kind", "Why", select("kind", options)),
        field("why", "In your words", why, error=ReopeningState.error, hint="Whoever decides next reads it."),
        rx.el.div(button("Open again", icon="history", type="submit", test_id="reopen"), class_name="row"),
        on_submit=ReopeningState.reopen,
    )
    words = rx.el.p(
        "The document goes back on the queue. The decision stands in the record; a new one supersedes it.",
        class_name="muted",
    )
    return panel("Look at it again", stack(words, fields, gap=8), data_testid="reopening")
