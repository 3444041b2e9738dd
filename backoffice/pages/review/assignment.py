"""`/review/assignment`: who reads what, how much at once, and whom they must not judge."""

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import callout, page_head, panel, stack, text
from backoffice.components.button import button, icon_button
from backoffice.components.dialog import dialog
from backoffice.components.form import checkbox, field, form, select, switch, text_input
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.models.documents import DocumentType
from backoffice.state.review.assignment import AssignmentState
from backoffice.viewmodels.assignments import BarView, ReviewerRow
from backoffice.viewmodels.words import TYPES

kept_minutes = rx.Var.create(AssignmentState.kept_minutes).to(str)
second_percent = rx.Var.create(AssignmentState.second_percent).to(str)
COLUMNS = ("Reviewer", "Gets tasks", "Has", "Reads", "Must not review", Column("Change", hidden=True))


def assignment() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head("Assignment", "Tasks are given to who is there: by skill first, then to who has least to do"),
        rx.cond(
            AssignmentState.is_loaded, stack(_people(), _room(), gap=16), states.loading_rows(6, "Loading reviewers")
        ),
        rx.foreach(AssignmentState.rows, lambda one: rx.cond(AssignmentState.editing == one.id, _dialogs(one))),
    )


def _people() -> rx.Component:
    shown = table(COLUMNS, rx.foreach(AssignmentState.rows, _person), caption="Reviewers, by name")
    nobody = states.empty("Nobody reviews yet", "Invite somebody with the role of a reviewer.", icon="users")
    return panel("Reviewers", rx.cond(AssignmentState.rows.length() > 0, shown, nobody), flush=True)


def _person(one: ReviewerRow) -> rx.Component:
    there = switch(
        rx.el.span("Give tasks to ", one.name, class_name="visually-hidden"),
        checked=one.is_available,
        on_change=lambda wanted: AssignmentState.be_available(one.id, wanted),
        data_testid="reviewer-available",
    )
    has = rx.el.span(
        rx.el.span(one.load, " of ", one.capacity, class_name="nowrap"),
        rx.cond(one.is_full, badge("full", "amber")),
        class_name="row",
    )
    none = rx.el.span("Nobody", class_name="muted")
    bars = rx.el.ul(rx.foreach(one.bars, lambda bar: _barred(one, bar)), class_name="plain-list")
    return table_row(
        main_cell(two_lines(one.name, one.role)),
        cell(there, label="Gets tasks"),
        cell(has, label="Has"),
        cell(one.skills, label="Reads"),
        cell(rx.cond(rx.Var.create(one.bars).to(list).length() > 0, bars, none), label="Must not review"),
        cell(
            rx.el.span(
                button(
                    "Set",
                    icon="sliders-horizontal",
                    size="sm",
                    test_id="reviewer-edit",
                    on_click=AssignmentState.edit(one.id, "skills"),
                ),
                button(
                    "Bar", icon="ban", size="sm", test_id="reviewer-bar", on_click=AssignmentState.edit(one.id, "bar")
                ),
                class_name="row",
                data_wrap="no",
            ),
            label="Change",
        ),
        key=one.id,
        data_testid="reviewer-row",
        data_id=one.id,
    )


def _barred(one: ReviewerRow, bar: BarView) -> rx.Component:
    away = icon_button(
        "x", rx.Var.create("Lift the bar from ") + bar.partner, on_click=AssignmentState.lift(one.id, bar.partner_id)
    )
    return rx.el.li(rx.el.span(two_lines(bar.partner, bar.reason), away, class_name="row", data_wrap="no"))


def _room() -> rx.Component:
    kept = field(
        "kept",
        "Minutes that an assigned task is kept for its assignee",
        text_input("kept", default_value=kept_minutes, input_mode="numeric", auto_complete="off"),
        hint="After them, and while the assignee is away, anybody may take it.",
        error=rx.cond(AssignmentState.doing == "", AssignmentState.error, ""),
    )
    second = field(
        "second",
        "Percent of live tasks that two people sign",
        text_input("second", default_value=second_percent, input_mode="numeric", auto_complete="off"),
        hint="Drawn by chance, beside those that a policy sends to two.",
    )
    save = rx.el.div(button("Save", type="submit", test_id="room-save"), class_name="row")
    fields = form(kept, second, save, on_submit=AssignmentState.keep, key=kept_minutes + "/" + second_percent)
    return panel("The room", fields)


def _dialogs(one: ReviewerRow) -> rx.Component:
    return rx.fragment(_skills_of(one), _bar_of(one))


def _wrong() -> rx.Component:
    return rx.cond(AssignmentState.error, callout(AssignmentState.error, tone="red", icon="circle-alert"))


def _foot(words: str, test_id: str) -> rx.Component:
    send = button(words, tone="primary", type="submit", test_id=test_id)
    return rx.el.div(send, class_name="row", data_justify="end")


def _skills_of(one: ReviewerRow) -> rx.Component:
    kinds = [
        checkbox(
            TYPES[kind],
            checked=AssignmentState.types.contains(kind.value),
            on_change=AssignmentState.tick(kind),
        )
        for kind in DocumentType
    ]
    return dialog(
        form(
            _wrong(),
            rx.el.fieldset(
                rx.el.legend("Document types"),
                text("None ticked is all of them.", look="hint"),
                rx.el.div(*kinds, class_name="grid", style={"--min": "150px", "gap": "0 16px"}),
                class_name="field",
            ),
            field(
                "countries",
                "Countries",
                text_input("countries", default_value=one.countries, auto_complete="off", class_name="mono"),
                hint="Three letters each: FRA, CHE. With no country and no language: all.",
                optional=True,
            ),
            field(
                "languages",
                "Languages",
                text_input("languages", default_value=one.languages, auto_complete="off", class_name="mono"),
                hint="Two letters each: de, sv. The documents of every country with this official language.",
                optional=True,
            ),
            field(
                "capacity",
                "Tasks at once",
                text_input(
                    "capacity",
                    default_value=rx.Var.create(one.capacity).to(str),
                    input_mode="numeric",
                    auto_complete="off",
                ),
            ),
            _foot("Save", "skills-save"),
            on_submit=AssignmentState.set_skills,
        ),
        open=AssignmentState.doing == "skills",
        title=one.name,
        on_close=AssignmentState.close,
        test_id="skills-dialog",
    )


def _bar_of(one: ReviewerRow) -> rx.Component:
    choices = rx.foreach(AssignmentState.partners, lambda partner: rx.el.option(partner.label, value=partner.href))
    return dialog(
        form(
            _wrong(),
            field("partner", "Partner", select("partner", rx.fragment(choices))),
            field(
                "reason",
                "Conflict of interest",
                text_input("reason", max_length=200, auto_complete="off"),
                hint="It stands in the audit log. The person sees nothing of this partner from now on.",
            ),
            _foot("Bar from this partner", "bar-confirm"),
            on_submit=AssignmentState.bar,
        ),
        open=AssignmentState.doing == "bar",
        title=one.name,
        on_close=AssignmentState.close,
        test_id="bar-dialog",
    )
