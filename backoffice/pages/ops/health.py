"""`/ops/health`: every part of the installation, its workers and queues, and the jobs that failed."""

from typing import Any

import reflex as rx

from backoffice.components import states
from backoffice.components.badge import status_badge
from backoffice.components.box import callout, page_head, panel, split, stack, text
from backoffice.components.button import link_button, text_link
from backoffice.components.dialog import dialog
from backoffice.components.foot import foot
from backoffice.components.hotkeys import hotkeys
from backoffice.components.table import Column, cell, main_cell, table, table_row, two_lines
from backoffice.components.time import relative_time
from backoffice.pages.ops.acts import act, looks_on
from backoffice.services.access import Permission
from backoffice.state.ops.health import HealthState
from backoffice.viewmodels.health import FailedRow, PartRow, QueueRow, WorkerRow

PAST: Any = {"reloadDocument": True}
"""Past the router: the page is plain HTML."""
PARTS = ("Part", "How it does", "What it says", Column("Answered in", number=True))
WORKERS = ("Worker", "Works since", "Last sign")
QUEUES = (
    "Job",
    Column("Due", number=True),
    Column("Oldest", number=True),
    Column("Later", number=True),
    Column("Running", number=True),
    Column("Failed", number=True),
)
FAILED = ("Job", "Error", "Given", "Failed", Column("Act", hidden=True))
one: Any = HealthState.one
"""A Var of a view model: its attributes are Vars, which no type checker knows."""


def health() -> rx.Component:
    """Build the page."""
    return rx.fragment(
        page_head(
            "Health",
            rx.cond(HealthState.status, status_badge(HealthState.status, size="lg", test_id="health-status")),
            "Asked again every five seconds, while a worker lives",
            actions=(link_button("Public status", "/status", icon="external-link", custom_attrs=PAST),),
        ),
        looks_on(Permission.JOBS_WRITE),
        rx.cond(HealthState.status, _loaded(), states.loading_rows(8, "Asking every part")),
        _dialog(),
        hotkeys({}),
    )


def _loaded() -> rx.Component:
    parts = table(PARTS, rx.foreach(HealthState.parts, _part), caption="Parts of the installation")
    return stack(panel("Parts", parts, flush=True), _failed(), split(_queues(), _workers(), ratio="2:1"), gap=16)


def _part(row: PartRow) -> rx.Component:
    said = rx.cond(row.href, text_link(row.detail, row.href), rx.el.span(row.detail))
    return table_row(
        main_cell(row.name),
        cell(status_badge(row.status), label="How it does"),
        cell(said, label="Says"),
        cell(row.took, label="In", number=True),
        key=row.name,
        data_testid="health-part",
        data_id=row.name,
        data_status=row.status,
    )


def _failed() -> rx.Component:
    shown = table(
        FAILED, rx.foreach(HealthState.failed, _job), caption="Jobs that used up their attempts, newest first"
    )
    nothing = states.empty("No job failed", "What used up its attempts waits here for a person.", icon="circle-check")
    return panel(
        "Failed jobs", rx.cond(HealthState.failed.length() > 0, shown, nothing), flush=True, data_testid="health-failed"
    )


def _job(row: FailedRow) -> rx.Component:
    retry = act(
        "Retry", Permission.JOBS_WRITE, size="sm", test_id="job-retry", on_click=HealthState.ask("retry", row.id)
    )
    drop = act(
        "Discard", Permission.JOBS_WRITE, size="sm", tone="reject", test_id="job-discard",
        on_click=HealthState.ask("discard", row.id),
    )  # fmt: skip
    return table_row(
        main_cell(two_lines(row.name, rx.el.span("number ", row.id, ", ", row.attempts, " tries"))),
        cell(rx.el.span(row.reason, class_name="mono small bad"), label="Error"),
        cell(rx.el.span(row.arguments, class_name="mono tiny muted"), label="Given"),
        cell(relative_time(row.failed_at), label="Failed"),
        cell(rx.el.div(retry, drop, class_name="row", data_wrap="no", data_justify="end")),
        key=row.id.to(str),  # pyright: ignore[reportAttributeAccessIssue] a Var
        data_testid="failed-job",
        data_id=row.id,
    )


def _queues() -> rx.Component:
    shown = table(QUEUES, rx.foreach(HealthState.queues, _queue), caption="Jobs by name, the longest wait first")
    nothing = states.empty("Nothing waits", "Every job was done.", icon="check")
    return panel("Queue", rx.cond(HealthState.queues.length() > 0, shown, nothing), flush=True)


def _queue(row: QueueRow) -> rx.Component:
    return table_row(
        main_cell(row.name),
        cell(row.due, label="Due", number=True),
        cell(rx.el.span(row.oldest, class_name=rx.cond(row.is_late, "bad", "")), label="Oldest", number=True),
        cell(row.later, label="Later", number=True),
        cell(row.running, label="Running", number=True),
        cell(rx.el.span(row.failed, class_name=rx.cond(row.failed > 0, "bad", "")), label="Failed", number=True),
        key=row.name,
        data_testid="health-queue",
    )


def _workers() -> rx.Component:
    shown = table(WORKERS, rx.foreach(HealthState.workers, _worker), caption="Workers that live")
    nothing = states.empty(
        "No worker lives", "Start one with backoffice worker: jobs wait meanwhile.", icon="circle-alert"
    )
    return panel("Workers", rx.cond(HealthState.workers.length() > 0, shown, nothing), flush=True)


def _worker(row: WorkerRow) -> rx.Component:
    return table_row(
        main_cell(rx.el.span(row.name, class_name="mono small")),
        cell(relative_time(row.started_at), label="Since"),
        cell(relative_time(row.seen_at), label="Last sign"),
        key=row.name,
        data_testid="health-worker",
    )


def _dialog() -> rx.Component:
    is_retry = HealthState.asking == "retry"
    about = rx.cond(
        is_retry,
        "It runs again at once, with fresh attempts. Jobs may run twice without harm.",
        "It never runs. What it was to do stays undone, unless a sweep finds it or somebody does it by hand.",
    )
    words, tone = rx.cond(is_retry, "Run it again", "Discard it"), rx.cond(is_retry, "primary", "danger")
    return dialog(
        stack(
            text(rx.el.b(one.name), " failed after ", one.attempts, " tries: ", rx.el.code(one.reason)),
            callout(about, tone=rx.cond(is_retry, "blue", "amber")),
            foot(words, "job-confirm", cancel=HealthState.close, tone=tone, on_click=HealthState.answer),
        ),
        open=HealthState.asking != "",
        title=rx.cond(is_retry, "Run the job again?", "Discard the job?"),
        on_close=HealthState.close,
        test_id="job-dialog",
    )
