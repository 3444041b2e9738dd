"""The shown page with another picture beside, over or in turn with it; and what is related to the document."""

from typing import Any

import reflex as rx

from backoffice.components.badge import status_badge
from backoffice.components.button import button, text_link
from backoffice.components.compare import comparison
from backoffice.components.form import select
from backoffice.components.icon import icon
from backoffice.components.time import relative_time
from backoffice.components.viewer import viewer
from backoffice.components.workspace import folded
from backoffice.state.review.compare import OWN, CompareState
from backoffice.viewmodels.related import Choice, RelatedRow
from backoffice.viewmodels.workspaces import PageView

GROUP = "desk"
WAYS = (("side", "Side by side"), ("overlay", "Overlay"), ("blink", "Blink"), ("", "Off"))


def bar(desk: Any) -> rx.Component:  # noqa: ANN401 a Var
    """Choose how to compare, and with what."""
    ways = [
        rx.el.button(
            words,
            type="button",
            aria_pressed=rx.cond(CompareState.mode == mode, "true", "false"),
            on_click=CompareState.show(mode),
            data_testid=f"compare-{mode or 'off'}",
        )
        for mode, words in WAYS
    ]
    options = rx.fragment(
        rx.foreach(desk.pages, _page),
        rx.foreach(CompareState.choices, _choice),
    )
    other = select(
        "compare-with",
        options,
        value=CompareState.chosen,
        on_change=CompareState.choose,
        aria_label="Compare with",
        data_size="sm",
    )
    return rx.el.div(
        rx.el.div(*ways, class_name="segment", role="group", aria_label="Compare"),
        other,
        class_name="compare-bar",
        data_testid="compare-bar",
    )


def toggle() -> rx.Component:
    """Make the button that B presses: the next way to compare."""
    return button(
        "Compare",
        icon="columns-2",
        keys="B",
        command="compare",
        size="sm",
        tone="ghost",
        test_id="compare",
        aria_pressed=rx.cond(CompareState.mode != "", "true", "false"),
        on_click=CompareState.cycle,
    )


def _page(page: PageView) -> rx.Component:
    return rx.el.option(page.label, value=f"{OWN}{page.id}")


def _choice(one: Choice) -> rx.Component:
    return rx.el.option(one.label, value=one.value)


def around(picture: rx.Component, desk: Any, shown: Any) -> rx.Component:  # noqa: ANN401 Vars
    """Put the other picture beside the viewer, or both in one place."""
    other = viewer(CompareState.src, CompareState.label, group=GROUP, tools=False)
    both = rx.el.div(
        picture,
        rx.cond(CompareState.mode == "side", rx.el.div(other, _caption(), class_name="compare-other")),
        class_name="compare",
        data_side=CompareState.mode == "side",
    )
    placed = comparison(CompareState.mode, (shown.src, shown.label), (CompareState.src, CompareState.label))
    is_here = (CompareState.task_id == desk.task_id) & (CompareState.mode != "")
    return rx.fragment(
        rx.cond(is_here, bar(desk)),
        rx.cond(is_here & (CompareState.mode != "side"), placed, both),
    )


def _caption() -> rx.Component:
    return rx.el.p(CompareState.label, class_name="muted small compare-caption")


def related(desk: Any) -> rx.Component:  # noqa: ANN401 a Var
    """List related documents; each can be put beside this one, or opened."""
    rows = rx.foreach(CompareState.related, _related)
    some = (CompareState.task_id == desk.task_id) & (CompareState.related.length() > 0)
    words = rx.fragment("Related (", CompareState.related.length(), ")")
    return rx.cond(some, rx.el.section(folded(words, rows), data_testid="related"))


def _related(one: RelatedRow) -> rx.Component:
    beside = button(
        "Compare",
        size="sm",
        tone="ghost",
        aria_label=f"Compare with {one.title}",
        on_click=CompareState.choose(one.first),
    )
    return rx.el.div(
        icon("file-text"),
        rx.el.div(
            text_link(one.title, one.href),
            " ",
            status_badge(one.status),
            rx.el.p(one.tie, ", ", relative_time(one.at), class_name="muted small"),
        ),
        rx.cond(one.first, beside),
        class_name="related-row",
        data_testid="related-row",
        data_id=one.id,
    )
