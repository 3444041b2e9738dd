"""Two panels of the team's page: what used the time of late tasks, and what another number of people would do."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.box import callout, grid, panel, row, stack
from backoffice.components.button import button
from backoffice.components.chart import Series, chart
from backoffice.components.form import field, form, text_input
from backoffice.state.review.breaches import DAYS, BreachesState

causes: Any = BreachesState.causes
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def why_late() -> rx.Component:
    """Draw hours of an average late task, queue by queue."""
    parts = [
        Series("Waiting to be taken", causes.queued, "warn"),
        Series("Being worked on", causes.active, "brand"),
        Series("On hold", causes.hold, "mute"),
        Series("Waiting for a second signer", causes.second, "good"),
        Series("Waiting for a lead", causes.lead, "bad"),
    ]
    caption = f"Hours of a late task by what it waited for, last {DAYS} days"
    drawn = chart(causes.labels, parts, caption=caption, kind="bar", unit=" h", across="Queue", height=200)
    none = states.empty("Nothing was late", f"No live task left a queue late in {DAYS} days.", icon="circle-check")
    words = rx.el.p(causes.words, class_name="muted small")
    return panel(
        "What used the time of late tasks",
        rx.cond(causes.labels.length() > 0, stack(drawn, words, gap=4), none),
        data_testid="team-causes",
    )


def what_if() -> rx.Component:
    """Ask for three numbers and say when the queue would be clear."""
    numbers = grid(
        field("what-arrivals", "Come in an hour", _number("what-arrivals", BreachesState.arrivals)),
        field("what-minutes", "Minutes for one", _number("what-minutes", BreachesState.minutes)),
        field("what-people", "People", _number("what-people", BreachesState.people)),
        least=120,
    )
    told = rx.el.p(BreachesState.words, role="status", data_testid="what-words")
    return panel(
        "What if",
        form(
            numbers,
            row(button("Count", type="submit", test_id="what-count")),
            rx.cond(BreachesState.error, callout(BreachesState.error, tone="red", icon="circle-alert"), told),
            rx.el.p("It begins with the last hour, the median of the day and who works now.", class_name="muted small"),
            on_submit=BreachesState.what_if,
        ),
        data_testid="team-what-if",
    )


def _number(name: str, value: Any) -> rx.Component:  # noqa: ANN401 a Var
    return text_input(name, default_value=value, key=value, input_mode="decimal", required=True)
