"""The frame of the review workspace and what stands in it."""

import reflex as rx

from backoffice.components.button import button
from backoffice.components.icon import icon
from backoffice.components.looks import Content, Props
from backoffice.components.offline import desk_offline
from backoffice.components.time import countdown


def workspace(
    *, head: Content, view: Content, side: Content, foot: Content, reasons: Content = None, **props: Props
) -> rx.Component:
    """Fill the window: head, picture at the left, checks at the right, decisions at the bottom."""
    return rx.el.div(
        rx.el.div(head, class_name="workspace-head"),
        rx.el.p("Small screen: good for a look, not for volume work.", class_name="workspace-small muted small"),
        rx.el.div(
            rx.el.section(view, class_name="workspace-view", aria_label="Document"),
            rx.el.div(
                side, class_name="workspace-side region", tab_index=0, role="region", aria_label="Checks and fields"
            ),
            class_name="workspace-body",
        ),
        rx.el.div(reasons if reasons is not None else rx.fragment(), foot, class_name="workspace-foot"),
        class_name="workspace",
        data_testid="workspace",
        **props,
    )


def side_section(title: Content, *children: Content, **props: Props) -> rx.Component:
    """Make one part of the right side, which can be folded: on a phone the parts are an accordion."""
    part = rx.el.details(rx.el.summary(rx.el.h2(title)), *children, open=True, class_name="part")
    return rx.el.section(part, **props)


DECISIONS = (
    ("approve", "Approve", "check", "approve", "A"),
    ("reject", "Reject", "x", "reject", "R"),
    ("resubmit", "Ask again", "corner-up-left", "warn", "S"),
    ("escalate", "Escalate", "chevrons-up", "default", "E"),
    ("hold", "Hold", "pause", "default", "H"),
    ("wait", "Wait…", "clock", "default", "W"),
    ("skip", "Skip", "skip-forward", "ghost", "N"),
)
DECISION_KEYS = {key.lower(): name for name, _, _, _, key in DECISIONS} | {"z": "undo"}
VIEWER_KEYS = {
    "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", "0": "zoom-fit", "o": "rotate",
    "l": "loupe", "i": "invert", "m": "mark",
}  # fmt: skip
KEY_WORDS = {name: words for name, words, *_ in DECISIONS} | {
    "undo": "Undo the last decision",
    "zoom-in": "Zoom in",
    "zoom-out": "Zoom out",
    "zoom-fit": "Fit the page",
    "rotate": "Turn the page",
    "loupe": "Loupe",
    "invert": "Invert",
    "mark": "Mark an area",
    "next-check": "Next unresolved check",
    "comment": "Comment",
    "next-page": "Next picture",
    "previous-page": "Previous picture",
    "compare": "Compare: side by side, overlay, blink, off",
    "heat": "Heat-map of the picture, and back",
    "help": "This sheet",
}


def decision_bar(
    handlers: dict[str, rx.event.EventType[()]],
    *,
    disabled: bool | rx.Var[bool] = False,
    undo: rx.Component | None = None,
    words: dict[str, str | rx.Var[str]] | None = None,
) -> rx.Component:
    """Show the decisions that have a handler (approve, reject, resubmit, escalate, hold, skip), keys on them.

    `words` renames a button, such as "Approve, first of two". `undo` stands at the right.
    """
    named = words or {}
    buttons = [
        button(
            named.get(name, label),
            icon=picture,
            tone=tone,
            keys=key,
            command=name,
            test_id=f"decision-{name}",
            on_click=handlers[name],
            disabled=disabled,
        )
        for name, label, picture, tone, key in DECISIONS
        if name in handlers
    ]
    end = [undo] if undo is not None else []
    return rx.el.div(*buttons, desk_offline(), *end, class_name="decision-bar", role="group", aria_label="Decision")


def undo_note(
    name: str | rx.Var[str],
    said: str | rx.Var[str],
    until: str | rx.Var[str],
    on_undo: rx.event.EventType[()],
    **props: Props,
) -> rx.Component:
    """Say what was just decided of whom, and offer to take it back until the countdown ends."""
    undo = button("Undo", icon="undo-2", keys="Z", command="undo", size="sm", on_click=on_undo, test_id="decision-undo")
    left = rx.el.span(countdown(until, done="sent", soon=0), class_name="muted tiny")
    return rx.el.div(rx.el.span(rx.el.bdi(name), " ", said, role="status"), undo, left, class_name="row undo", **props)


def check_item(
    name: str | rx.Var[str],
    label: str | rx.Var[str],
    status: str | rx.Var[str],
    *,
    score: str | rx.Var[str] = "",
    words: str | rx.Var[str] = "",
    engine: str | rx.Var[str] = "",
    on_select: rx.event.EventType[()] | None = None,
) -> rx.Component:
    """Show one check; on_select lights its evidence up in the viewer."""
    picture = rx.match(
        status,
        ("passed", "circle-check"),
        ("warning", "triangle-alert"),
        ("failed", "circle-x"),
        ("error", "circle-alert"),
        "minus",
    )
    spoken = rx.match(
        status,
        ("passed", "Passed: "),
        ("warning", "Unsure: "),
        ("failed", "Failed: "),
        ("error", "Could not run: "),
        "Not applicable: ",
    )
    parts = [
        icon(picture),
        rx.el.span(rx.el.span(spoken, class_name="visually-hidden"), label, class_name="strong"),
        rx.el.span(score, class_name="score"),
        rx.el.p(words, " ", rx.el.span(engine, class_name="tiny mono nowrap")),
    ]
    props: dict[str, Props] = {"class_name": "check-item", "data_status": status, "data_testid": f"check-{name}"}
    if on_select is None:
        return rx.el.div(*parts, **props)
    return rx.el.button(*parts, type="button", on_click=on_select, **props)


def folded(summary: Content, *children: Content, **props: Props) -> rx.Component:
    """Fold away what needs no attention, such as passed checks."""
    return rx.el.details(rx.el.summary(summary), *children, class_name="folded", **props)
