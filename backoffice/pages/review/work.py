"""`/review/work/<task>`: everything for one decision above the fold at 1366 by 768, and keys for all of it."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.aside_desk import aside_desk
from backoffice.components.badge import badge
from backoffice.components.box import callout
from backoffice.components.button import button, link_button
from backoffice.components.copyable import copyable
from backoffice.components.hotkeys import hotkeys
from backoffice.components.lease import lease_keeper
from backoffice.components.reason_desk import reason_desk
from backoffice.components.reason_picker import ReasonChoice
from backoffice.components.shown import when_shown
from backoffice.components.tally import tally
from backoffice.components.time import countdown
from backoffice.components.viewer import ViewerBox, thumb, thumbs, viewer
from backoffice.components.workspace import (
    DECISION_KEYS,
    KEY_WORDS,
    VIEWER_KEYS,
    decision_bar,
    folded,
    side_section,
    undo_note,
    workspace,
)
from backoffice.pages.review import comparing, evidence, marks, past, redacting
from backoffice.state.review.aside import AsideState
from backoffice.state.review.marks import MarksState
from backoffice.state.review.work import WorkState
from backoffice.viewmodels.workspaces import CheckView, PageView

KEYS = (
    DECISION_KEYS
    | VIEWER_KEYS
    | {"t": "next-check", "d": "next-page", "shift+d": "previous-page", "x": "heat", "b": "compare"}
)
desk: Any = WorkState.desk
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def work() -> rx.Component:
    """Build the page."""
    content = rx.match(WorkState.status, ("ready", _desk()), ("empty", _clear()), ("missing", _missing()), _loading())
    return rx.fragment(
        content,
        tally(
            desk.task_id,
            page=WorkState.page,
            selected=WorkState.selected,
            verdict=WorkState.undoable.verdict_id,
            verdict_task=WorkState.undoable.task_id,
            on_tally=WorkState.tally,
        ),
        when_shown(desk.task_id, on_shown=WorkState.follow),
        lease_keeper(rx.cond(desk.is_mine, desk.lease_ends, ""), WorkState.renew, WorkState.refresh),
        hotkeys(KEYS, KEY_WORDS, arm=desk.task_id, on_command=WorkState.command),
    )


def _desk() -> rx.Component:
    return workspace(
        head=_head(),
        view=_view(),
        side=rx.fragment(
            past.section(desk),
            _checks(),
            marks.section(desk, desk.pages[WorkState.page], WorkState.selected),
            comparing.related(desk),
            evidence.fields(desk.rows, WorkState.selected, WorkState.select),
        ),
        foot=_foot(),
        reasons=rx.fragment(_reasons(), _wait()),
        data_document_id=desk.document_id,
        data_task_id=desk.task_id,
    )


def _head() -> rx.Component:
    lease = rx.el.span("lease ", countdown(desk.lease_ends, done="ended", soon=30), class_name="muted small")
    return rx.fragment(
        rx.el.h1(desk.name, dir="auto"),
        badge(desk.kind, "blue"),
        badge(f"Due {desk.due}", desk.due_tone, "clock"),
        rx.cond(desk.attempt, badge(desk.attempt, "amber")),
        rx.el.span(desk.partner, class_name="muted small"),
        copyable(desk.document_id, shown=desk.reference),
        rx.el.div(class_name="grow"),
        rx.cond(desk.is_mine, lease),
    )


def _view() -> rx.Component:
    shown = desk.pages[WorkState.page]
    picture = viewer(
        rx.cond(WorkState.is_heat, shown.heat, shown.src),
        shown.label,
        boxes=shown.boxes.to(list[ViewerBox]),
        marks=rx.cond(MarksState.task_id == desk.task_id, marks.drawn_on(shown), []).to(list[ViewerBox]),
        current=WorkState.selected,
        markable=desk.is_mine,
        group=comparing.GROUP,
        on_select=WorkState.select,
        on_mark=lambda mark: MarksState.drawn(desk.task_id, shown.id, mark),
        on_unmark=MarksState.remove,
    )
    strip = rx.el.div(
        rx.cond(desk.pages.length() > 1, thumbs(rx.foreach(desk.pages, _thumb))),
        comparing.toggle(),
        redacting.tool(),
        class_name="strip",
    )
    hot = rx.cond(WorkState.is_heat, _heat())
    unread = states.empty(
        "No picture could be made", "The files do not open here. You can still ask the applicant again.", icon="file-x"
    )
    gone = states.empty("No picture to show", "What stands beside this says why.", icon="file-x")
    nothing = rx.cond(desk.is_mine, unread, gone)
    return rx.cond(
        desk.pages.length() > 0, rx.fragment(strip, hot, comparing.around(picture, desk, shown), _ahead()), nothing
    )


def _heat() -> rx.Component:
    return callout(
        "Heat-map: what saving the picture again changes. Bright spots are a reason to look closer, never a proof. ",
        button("Show the picture", keys="X", size="sm", on_click=WorkState.command("heat"), test_id="heat-off"),
        tone="amber",
        icon="eye",
        data_testid="heat",
    )


def _thumb(page: PageView, index: rx.Var[int]) -> rx.Component:
    return thumb(page.thumbnail, page.label, current=index == WorkState.page, on_click=WorkState.turn_to(index))


def _ahead() -> rx.Component:
    """Let the browser fetch the next task's pictures while nobody waits for them."""
    return rx.el.div(
        rx.foreach(WorkState.upcoming, lambda src: rx.el.img(src=src, alt="", loading="eager")), hidden=True
    )


def _checks() -> rx.Component:
    total = desk.unresolved.length() + desk.passed.length()
    some = rx.fragment(rx.foreach(desk.unresolved, _check))
    words = rx.cond(desk.passed.length() > 0, "Every check passed. A person confirms.", "No check has anything to say.")
    none = rx.el.p(words, class_name="muted")
    return side_section(
        rx.fragment("To decide (", desk.unresolved.length(), " of ", total, ")"),
        rx.cond(desk.notice, _notice()),
        rx.cond(desk.unresolved.length() > 0, some, none),
        rx.el.div(
            rx.cond(
                desk.passed.length() > 0,
                folded(rx.fragment("Passed (", desk.passed.length(), ")"), rx.foreach(desk.passed, _check)),
            ),
            rx.cond(desk.pages[WorkState.page].heat, _heat_button()),
            class_name="row",
            data_justify="between",
        ),
    )


def _heat_button() -> rx.Component:
    words = rx.cond(WorkState.is_heat, "Show the picture", "Show the heat-map")
    return button(words, icon="eye", keys="X", size="sm", on_click=WorkState.command("heat"), test_id="heat-toggle")


def _notice() -> rx.Component:
    take = button("Claim it", size="sm", on_click=WorkState.take, test_id="work-claim")
    following = button("Next task", size="sm", icon="arrow-right", on_click=WorkState.begin, test_id="work-next")
    return callout(
        rx.el.p(desk.notice, data_testid="work-notice", role="status"),
        rx.el.div(rx.cond(desk.can_claim, take), following, class_name="row"),
        tone="amber",
        icon="user-round-check",
    )


def _check(one: CheckView) -> rx.Component:
    return evidence.check(one, WorkState.select)


def _reasons() -> rx.Component:
    return reason_desk(
        desk.reasons.to(list[ReasonChoice]),
        task=desk.task_id,
        version=desk.version,
        language=desk.language,
        code=desk.language_code,
        disabled=~desk.is_mine,
        is_read=rx.State.is_hydrated,
        on_decide=WorkState.decide,
        on_refused=WorkState.refresh,
    )


def _wait() -> rx.Component:
    return aside_desk(desk.task_id, version=desk.version, disabled=~desk.is_mine, on_aside=AsideState.aside)


def _foot() -> rx.Component:
    last = WorkState.undoable
    handlers = {
        "approve": WorkState.approve(desk.task_id),
        "reject": rx.noop(),
        "resubmit": rx.noop(),
        "escalate": WorkState.put_aside("escalate", desk.task_id),
        "hold": WorkState.put_aside("hold", desk.task_id),
        "wait": rx.noop(),
        "skip": WorkState.put_aside("skip", desk.task_id),
    }
    undo = rx.cond(last.verdict_id, undo_note(last.name, last.said, last.until, WorkState.undo))
    words: dict[str, Any] = {"resubmit": rx.cond(desk.is_last_attempt, "Reject (last attempt)", "Ask again")}
    return decision_bar(handlers, disabled=~desk.is_mine, undo=undo, words=words)


def _clear() -> rx.Component:
    again = button("Look again", icon="refresh-cw", tone="primary", on_click=WorkState.look_again, test_id="work-again")
    queue = link_button("Open the queue", "/review/queue")
    last = WorkState.undoable
    words = "Nothing waits for you. New work appears in the queue by itself."
    return rx.fragment(
        states.empty("Queue is clear", words, again, queue, icon="circle-check", is_page=True),
        rx.cond(last.verdict_id, undo_note(last.name, last.said, last.until, WorkState.undo)),
    )


def _missing() -> rx.Component:
    words = "It never existed, or its address is cut off."
    return states.not_found("There is no such task", words, link_button("Open the queue", "/review/queue"))


def _loading() -> rx.Component:
    return states.loading_rows(8, "Loading the task")
