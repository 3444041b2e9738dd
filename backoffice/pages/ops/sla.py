"""`/ops/sla`: how soon each queue of each plan is to be done, whose hours count, and how often it was kept."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import badge
from backoffice.components.box import callout, page_head, panel, row, split, stack, text
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.form import checkbox, field, form, select, text_area, text_input
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import relative_time
from backoffice.pages.ops.policies import may_write
from backoffice.state.ops.sla import DAYS, SlaState
from backoffice.viewmodels.sla import AttainmentRow, CalendarRow, ChangeRow, TargetRow, VersionRow
from backoffice.viewmodels.sla_forms import WEEKDAYS

TARGETS = ("Plan", "Queue", "Target", "Counted in", "A task that came now", Column("Change", hidden=True))
CALENDARS = ("Calendar", "Open", "Time zone", Column("Days off", number=True), Column("Change", hidden=True))
CHANGES = ("What", "Before", "After")
KEPT = ("Plan", "Queue", Column("Tasks", number=True), Column("In time", number=True))
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "posix", "right")))
editing: Any = SlaState.editing
calendar: Any = SlaState.calendar
"""Vars of view models: their attributes are Vars, which no type checker knows."""


def sla() -> rx.Component:
    """Build the page."""
    review = button("Review and save", tone="primary", test_id="sla-review", on_click=SlaState.ask)
    drop = button("Discard", tone="ghost", test_id="sla-discard", on_click=SlaState.discard)
    drafted = SlaState.changes.length() > 0
    return rx.fragment(
        page_head(
            "SLA",
            "Tasks keep the deadline that they came with; new rules count for new tasks",
            actions=(rx.cond(drafted, rx.fragment(drop, review)),),
        ),
        rx.cond(SlaState.is_stale, _stale()),
        rx.cond(SlaState.is_loaded, _loaded(), states.loading_rows(9, "Loading targets")),
        _target_dialog(),
        _calendar_dialog(),
        _save_dialog(),
        hotkeys({}),
    )


def _stale() -> rx.Component:
    return callout(
        "Somebody saved another version meanwhile. Discard your draft to see it.", tone="amber", icon="circle-alert"
    )


def _loaded() -> rx.Component:
    return stack(_targets(), _calendars(), split(_kept(), _history(), ratio="2:1"), gap=16, data_testid="sla")


def _targets() -> rx.Component:
    about = rx.el.span("standard from when it was submitted, the others from when it came to them", class_name="wide")
    shown = table(TARGETS, rx.foreach(SlaState.targets, _target), caption="Targets by plan and queue")
    return panel("Targets", shown, flush=True, actions=(rx.el.span(about, class_name="muted small"),))


def _changed(is_changed: Any) -> rx.Component:  # noqa: ANN401 a Var
    return rx.cond(is_changed, badge("not saved", "amber"))


def _target(one: TargetRow) -> rx.Component:
    none = rx.el.span("-", class_name="muted")
    length = rx.cond(one.is_own, rx.el.b(one.target), none)
    change = button("Change", size="sm", test_id="sla-target-edit", on_click=SlaState.edit(one.key))
    return table_row(
        main_cell(one.plan),
        cell(one.lane, label="Queue"),
        cell(row(length, _changed(one.is_changed), gap=6), label="Target"),
        cell(rx.el.span(one.hours, class_name=rx.cond(one.is_own, "", "muted")), label="Counted in"),
        cell(
            rx.cond(one.is_own, rx.fragment("due ", one.due), none),
            label="If it came now",
            data_phone=rx.cond(one.is_own, "", "hide"),
        ),
        cell(rx.cond(may_write, change), number=True),
        key=one.key,
        data_testid="sla-target",
        data_id=one.key,
    )


def _calendars() -> rx.Component:
    fresh = button(
        "New calendar", icon="plus", size="sm", test_id="sla-calendar-new", on_click=SlaState.edit_calendar("")
    )
    shown = table(CALENDARS, rx.foreach(SlaState.calendars, _calendar), caption="Calendars")
    nothing = states.empty("No calendar yet", "Without one every hour counts.", icon="clock-alert")
    return panel(
        "Business hours",
        rx.cond(SlaState.calendars.length() > 0, shown, nothing),
        flush=True,
        actions=(rx.cond(may_write, fresh),),
    )


def _calendar(one: CalendarRow) -> rx.Component:
    drop = button("Remove", size="sm", tone="ghost", on_click=SlaState.drop_calendar(one.name))
    change = button("Change", size="sm", test_id="sla-calendar-edit", on_click=SlaState.edit_calendar(one.name))
    tools = row(change, rx.cond(one.is_used, rx.fragment(), drop), gap=6)
    return table_row(
        main_cell(row(rx.el.span(one.name), _changed(one.is_changed), gap=6)),
        cell(one.hours, label="Open"),
        cell(one.time_zone, label="Time zone"),
        cell(one.holidays, label="Days off", number=True),
        cell(rx.cond(may_write, tools)),
        key=one.name,
        data_testid="sla-calendar",
        data_id=one.name,
    )


def _kept() -> rx.Component:
    shown = table(KEPT, rx.foreach(SlaState.attainment, attained), caption=f"Targets kept, last {DAYS} days")
    nothing = states.empty("Nothing left a queue yet", "Shares stand here from 30 tasks on.", icon="clock-alert")
    return panel(
        f"Kept, last {DAYS} days", rx.cond(SlaState.attainment.length() > 0, shown, nothing), flush=True,
        data_testid="sla-kept",
    )  # fmt: skip


def attained(one: AttainmentRow) -> rx.Component:
    """Show one line of what was kept."""
    share = rx.cond(one.is_enough, two_lines(one.share, one.between), rx.el.span(one.share, class_name="muted"))
    return table_row(
        main_cell(one.plan),
        cell(one.lane, label="Queue"),
        cell(one.count, label="Tasks", number=True),
        cell(share, label="In time", number=True),
        key=one.key,
        data_testid="attainment-row",
        data_id=one.key,
        data_enough=one.is_enough,
    )


def _history() -> rx.Component:
    return panel("Versions", rx.el.ul(rx.foreach(SlaState.versions, _version), class_name="plain-list"))


def _version(one: VersionRow) -> rx.Component:
    by = rx.el.small(one.made_by, ", ", relative_time(one.made_at), class_name="muted")
    return rx.el.li(rx.el.b("Version ", one.version), rx.el.br(), by, data_testid="sla-version")


def _wrong() -> rx.Component:
    return rx.cond(SlaState.error, callout(SlaState.error, tone="red", icon="circle-alert"))


def _foot(words: str, test_id: str) -> rx.Component:
    send = button(words, tone="primary", type="submit", test_id=test_id)
    return rx.el.div(send, class_name="row", data_justify="end")


def _target_dialog() -> rx.Component:
    choices = rx.fragment(
        rx.el.option("Round the clock", value=""),
        rx.foreach(SlaState.calendars, lambda one: rx.el.option(one.name, value=one.name)),
    )
    return dialog(
        form(
            _wrong(),
            field(
                "length",
                "Target",
                text_input("length", default_value=editing.target, auto_complete="off"),
                hint="Such as 4 h, 90 min or 1 d. Empty: the queue keeps the deadline that the task came with.",
            ),
            field("calendar", "Counted in", select("calendar", choices, default_value=editing.calendar)),
            _foot("Into the draft", "sla-target-save"),
            on_submit=SlaState.set_target,
        ),
        open=SlaState.asking == "target",
        title=rx.Var.create(editing.plan).to(str) + ", " + editing.lane,
        on_close=SlaState.close,
        test_id="sla-target-dialog",
    )


def _day(place: int, day: str) -> rx.Component:
    hours = calendar.days[place]
    return field(day.lower(), day, text_input(day.lower(), default_value=hours, auto_complete="off"))


def _calendar_dialog() -> rx.Component:
    zones = [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in ZONES)]
    days = [_day(place, day) for place, day in enumerate(WEEKDAYS)]
    return dialog(
        form(
            _wrong(),
            field("name", "Name", text_input("name", default_value=calendar.name, max_length=60, auto_complete="off")),
            field("time_zone", "Time zone", select("time_zone", zones, default_value=calendar.time_zone)),
            rx.el.fieldset(
                rx.el.legend("Opening hours"),
                text("Such as 09:00-18:00, or 09:00-12:00, 13:00-17:00. Empty is closed.", look="hint"),
                rx.el.div(*days, class_name="grid", style={"--min": "180px", "gap": "8px 16px"}),
                class_name="field",
            ),
            field(
                "holidays",
                "Days off",
                text_area("holidays", default_value=calendar.holiday_lines, rows=4, class_name="mono"),
                hint="One date a line, such as 2026-12-25.",
                optional=True,
            ),
            _foot("Into the draft", "sla-calendar-save"),
            on_submit=SlaState.set_calendar,
        ),
        open=SlaState.asking == "calendar",
        title=rx.cond(calendar.name, calendar.name, "New calendar"),
        on_close=SlaState.close,
        test_id="sla-calendar-dialog",
    )


def _save_dialog() -> rx.Component:
    apply = checkbox("Move the deadlines of open tasks, too", name="apply", value="open", data_testid="sla-apply")
    return dialog(
        form(
            table(CHANGES, rx.foreach(SlaState.changes, _change), caption="What changes"),
            stack(
                apply,
                text(
                    "Left alone, open tasks stay due when they were promised. Moved ones stand in the audit log.",
                    look="hint",
                ),
                gap=4,
            ),
            _foot("Save", "sla-save"),
            on_submit=SlaState.save,
        ),
        open=SlaState.asking == "save",
        title="Save a new version?",
        on_close=SlaState.close,
        test_id="sla-save-dialog",
    )


def _change(one: ChangeRow) -> rx.Component:
    return table_row(
        main_cell(one.what), cell(one.before, label="Before"), cell(one.after, label="After"), data_testid="sla-change"
    )
