"""`/ops/policies/<version>`: its wording, its rules in words, what it would change, and the button that publishes."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge, status_badge
from backoffice.components.box import callout, page_head, panel, row, split, stack
from backoffice.components.button import button, link_button
from backoffice.components.copyable import copyable, short_id
from backoffice.components.dialog import dialog
from backoffice.components.form import field, form, text_area, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.icon import icon
from backoffice.components.kpi import kpi, meter
from backoffice.components.tabs import segment
from backoffice.components.time import relative_time
from backoffice.components.workspace import folded
from backoffice.pages.ops.policies import may_write
from backoffice.state.ops.policy import SPANS, PolicyState
from backoffice.viewmodels.policies import PLACE, DiffLine, FaultView, MoveRow
from backoffice.viewmodels.policy_words import RuleView

version: Any = PolicyState.version
backtest: Any = PolicyState.backtest
shadow: Any = PolicyState.shadow
"""Vars of view models: their attributes are Vars, which no type checker knows."""
is_writing = may_write & version.is_draft
QUIET_MS = 400
"""How long somebody must stop typing before the wording is judged."""


def policy() -> rx.Component:
    """Build the page."""
    missing = states.not_found(
        "There is no such version",
        "It may have been discarded.",
        link_button("All policies", PLACE),
    )
    return rx.fragment(
        rx.match(
            PolicyState.status,
            ("ready", _ready()),
            ("missing", missing),
            states.loading_rows(8, "Loading the policy"),
        ),
        _question(),
        hotkeys({"b": "backtest", "p": "publish"}, {"backtest": "Back-test", "publish": "Publish"}),
    )


def _ready() -> rx.Component:
    head = page_head(
        version.title,
        status_badge(version.status),
        rx.el.span("for ", version.scope),
        rx.el.span("written by ", version.authors),
        rx.cond(version.publisher, rx.el.span("published by ", version.publisher, " ", _when(version.published_at))),
        rx.cond(version.shadow_since, rx.el.span("in shadow since ", _when(version.shadow_since))),
        actions=(link_button("All policies", PLACE, icon="arrow-left"), rx.cond(may_write, _acts())),
    )
    left = stack(_told(), _wording(), rx.cond(PolicyState.changes.length() > 0, _changes()), gap=16)
    right = stack(_rules(), _backtest(), rx.cond(shadow.documents > 0, _shadow()), gap=16)
    return rx.fragment(head, split(left, right, ratio="1:1"))


def _when(moment: Any) -> rx.Component:  # noqa: ANN401 a Var
    return relative_time(moment)


def _acts() -> rx.Component:
    publish = button(
        "Publish",
        icon="check",
        tone="primary",
        keys="P",
        command="publish",
        test_id="policy-publish",
        disabled=version.is_own | (PolicyState.faults.length() > 0),
        on_click=PolicyState.ask("publish"),
    )
    begin = button("Try in shadow", icon="eye", test_id="policy-shadow-begin", on_click=PolicyState.ask("shadow"))
    discard = button(
        "Discard", icon="trash-2", tone="ghost", test_id="policy-discard", on_click=PolicyState.ask("discard")
    )
    return rx.cond(version.is_open, row(discard, rx.cond(version.is_draft, begin), publish))


def _told() -> rx.Component:
    own = callout(
        "You wrote at this version, so somebody else has to publish it.", tone="amber", data_testid="policy-own"
    )
    return stack(
        rx.el.p(version.note, class_name="lead"),
        rx.cond(version.is_open & version.is_own, own),
        rx.cond(
            (PolicyState.revision != version.revision) & version.is_draft,
            callout(
                rx.el.span("Somebody saved this draft meanwhile; yours is still here. "),
                button("Show theirs", size="sm", on_click=PolicyState.take_theirs),
                tone="amber",
                icon="users",
                data_testid="policy-conflict",
            ),
        ),
        gap=8,
    )


def _wording() -> rx.Component:
    faults = rx.el.ul(rx.foreach(PolicyState.faults, _fault), class_name="stack", aria_live="polite")
    wrong = callout(faults, tone="red", icon="circle-alert", data_testid="policy-faults")
    right = callout("This wording can be published.", tone="green", icon="circle-check", data_testid="policy-sound")
    said = rx.cond(PolicyState.faults.length() > 0, wrong, rx.cond(version.is_open, right))
    shown = rx.el.pre(version.source, class_name="code", tab_index=0, data_testid="policy-source")
    return panel("Wording", stack(rx.cond(is_writing, _editor(), shown), said))


def _editor() -> rx.Component:
    area = text_area(
        "source",
        default_value=version.source,
        class_name="input code",
        rows="26",
        spell_check=False,
        data_testid="policy-source",
        on_change=PolicyState.check.debounce(QUIET_MS),
    )
    return form(
        field("note", "What changes, and why", text_input("note", default_value=version.note, max_length=500)),
        field("source", "Rules", area, hint="The first rule that holds decides. docs/policies.md has every word."),
        rx.el.div(
            button("Save the draft", tone="primary", type="submit", test_id="policy-save"),
            class_name="row",
            data_justify="end",
        ),
        on_submit=PolicyState.save,
        key=f"{version.id}:{PolicyState.revision}",
    )


def _fault(one: FaultView) -> rx.Component:
    return rx.el.li(rx.el.b("Line ", one.line, ": "), one.message)


def _changes() -> rx.Component:
    lines = rx.el.pre(rx.foreach(PolicyState.changes, _line), class_name="code diff", tab_index=0)
    return panel("What changes against what rules now", lines, data_testid="policy-diff")


def _line(one: DiffLine) -> rx.Component:
    return rx.el.span(one.text, "\n", data_tone=one.tone)


def _rules() -> rx.Component:
    rules = rx.el.ol(rx.foreach(PolicyState.rules, _rule), class_name="list")
    none = rx.el.p("Mend the wording to see its rules.", class_name="muted panel-body")
    return panel("In words", rx.cond(PolicyState.rules.length() > 0, rules, none), flush=True)


def _rule(one: RuleView) -> rx.Component:
    counted = rx.cond(one.count, rx.el.span(one.count, class_name="num muted small", title="In the back-test"))
    return rx.el.li(
        rx.el.span(one.place, class_name="count", data_tone="gray"),
        rx.el.div(
            rx.el.div(
                rx.el.span(one.name, class_name="strong grow"),
                counted,
                badge(one.outcome, one.tone),
                class_name="row",
            ),
            rx.el.p(one.when, class_name="small"),
            rx.cond(one.detail, rx.el.p(one.detail, class_name="muted small")),
            class_name="grow stack",
            style={"gap": "2px"},
        ),
        class_name="list-item",
        data_testid="policy-rule",
    )


def _backtest() -> rx.Component:
    spans = segment(
        *((words, PolicyState.days == days, PolicyState.look_back(days)) for days, words in SPANS.items()),
        label="How far back",
    )
    start = button(
        "Back-test",
        icon="history",
        keys="B",
        command="backtest",
        size="sm",
        test_id="backtest-start",
        disabled=backtest.is_running | (PolicyState.faults.length() > 0),
        on_click=PolicyState.start_backtest,
    )
    nothing = rx.el.p(
        "Replay the stored checks of the last days under this wording: what would be decided otherwise, "
        "how often people agree, and how many hours it saves.",
        class_name="muted",
    )
    return panel(
        "Back-test",
        rx.cond(backtest.id, _tested(), nothing),
        actions=(spans, rx.cond(may_write, start)),
        data_testid="backtest",
        data_status=backtest.status,
    )


def _tested() -> rx.Component:
    progress = stack(
        meter(backtest.done, backtest.total, label="Documents ruled again"),
        row(
            rx.el.span(backtest.done, " of ", backtest.total, " documents ruled again", class_name="muted small grow"),
            button("Stop", size="sm", test_id="backtest-cancel", on_click=PolicyState.cancel_backtest),
        ),
        gap=6,
    )
    figures = rx.el.div(
        kpi("Without a person", backtest.automatic, test_id="backtest-automatic", note=backtest.automatic_note),
        kpi("Approved alone", backtest.approvals, test_id="backtest-approvals", note=backtest.approvals_note),
        kpi("People agree", backtest.agreement, test_id="backtest-agreement", note=backtest.agreement_note),
        kpi("Hours", backtest.hours, test_id="backtest-hours", note=backtest.hours_note),
        class_name="grid",
        style={"--min": "220px", "gap": "8px"},
    )
    return stack(
        rx.cond(backtest.is_running, progress),
        rx.cond(backtest.is_stale, callout("The draft was saved since; run it again.", tone="amber")),
        figures,
        rx.el.h3("From what happened to what would"),
        _moves(backtest.moves),
        rx.el.p(backtest.span, ", started ", relative_time(backtest.started_at), class_name="muted small"),
    )


def _moves(rows: Any) -> rx.Component:  # noqa: ANN401 a Var of rows
    return rx.el.ul(rx.foreach(rows, _move), class_name="moves")


def _move(one: MoveRow) -> rx.Component:
    ways = row(
        badge(one.was, one.was_tone), icon("arrow-right", 14, label="would be"), badge(one.would, one.would_tone), gap=6
    )
    bar = rx.el.span(
        rx.el.span(style={"width": f"{one.share}%"}),
        class_name="move-bar",
        data_tone=rx.cond(one.is_change, "", "mute"),
    )
    examples = rx.cond(
        one.has_examples,
        folded(
            "For example",
            row(rx.foreach(one.examples, lambda id_: copyable(id_, shown=short_id(id_), visible=True))),
        ),
    )
    return rx.el.li(ways, bar, rx.el.b(one.count, class_name="num"), examples, data_testid="move")


def _shadow() -> rx.Component:
    return panel(
        "In shadow",
        stack(
            rx.el.div(
                kpi("Documents ruled", shadow.documents, test_id="shadow-documents"),
                kpi("Ruled the same", shadow.same, test_id="shadow-same", note="as the policy in force"),
                kpi("People agree", shadow.people, test_id="shadow-people", note=shadow.people_note),
                class_name="grid",
                style={"--min": "150px", "gap": "8px"},
            ),
            rx.el.h3("From what was done to what it would do"),
            _moves(shadow.moves),
        ),
        data_testid="shadow",
    )


QUESTIONS = {
    "publish": (
        "Publish this version?",
        "It rules from the next document on. Decisions that were made keep the version that made them.",
        "Publish",
    ),
    "shadow": (
        "Try it in shadow?",
        "It rules new documents without effect, beside the version in force. Its wording stands from here on.",
        "Try in shadow",
    ),
    "discard": (
        "Discard this version?",
        "It is taken off the list. What it would have done in shadow is not shown any more.",
        "Discard",
    ),
}
"""Title, consequence and button of each."""


def _question() -> rx.Component:
    asked = PolicyState.asking
    tone = rx.cond(asked == "discard", "danger", "primary")
    return dialog(
        stack(
            rx.el.p(_asked(1)),
            button(_asked(2), tone=tone, test_id="policy-confirm", on_click=PolicyState.confirm),
        ),
        open=asked != "",
        title=_asked(0),
        on_close=PolicyState.close,
    )


def _asked(part: int) -> rx.Var[str]:
    publish, shadowing, discard = (QUESTIONS[name][part] for name in ("publish", "shadow", "discard"))
    asked = PolicyState.asking
    return rx.cond(asked == "publish", publish, rx.cond(asked == "shadow", shadowing, discard))
