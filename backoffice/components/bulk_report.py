"""How far a job has come with what a person asked of many, and what it left alone and why."""

from typing import Any

import reflex as rx

from backoffice.components.box import panel, row, stack
from backoffice.components.button import button, icon_button
from backoffice.components.kpi import meter
from backoffice.components.table import cell, main_cell, table, table_row

Press = rx.event.EventType[()]


def bulk_report(
    progress: Any,  # noqa: ANN401 the fields of a view in a Var
    *,
    on_stop: Press,
    on_undo: Press,
    on_dismiss: Press,
    can_undo: rx.Var[bool],
    undo_note: rx.Component | None = None,
) -> rx.Component:
    """Show an action until it is put away; `undo_note` says how long it can be taken back."""
    take_back = button("Undo all", icon="undo-2", size="sm", test_id="bulk-undo", on_click=on_undo)
    note = [undo_note] if undo_note is not None else []
    undo = rx.cond(can_undo, row(take_back, *note, gap=6))
    stop = rx.cond(progress.is_running, button("Stop", size="sm", test_id="bulk-stop", on_click=on_stop))
    away = rx.cond(progress.is_running, rx.fragment(), icon_button("x", "Put away", on_click=on_dismiss))
    shown = panel(
        progress.title,
        stack(
            meter(progress.gone_through, progress.total, label="Documents gone through"),
            rx.el.p(progress.words, class_name="muted small", role="status", data_testid="bulk-words"),
            rx.cond(progress.rows.length() > 0, _skipped(progress)),
        ),
        actions=(undo, stop, away),
        data_testid="bulk-progress",
        data_running=progress.is_running,
        style={"marginBottom": "16px"},
    )
    return rx.cond(progress.id, shown)


def _skipped(progress: Any) -> rx.Component:  # noqa: ANN401 as above
    rows = rx.foreach(progress.rows, _skipped_row)
    return table(("Skipped", "Why"), rows, caption="Documents that were skipped", tall=True)


def _skipped_row(one: Any) -> rx.Component:  # noqa: ANN401 a row of it
    return table_row(
        main_cell(rx.el.span(one.reference, class_name="mono small")),
        cell(one.refusal, label="Why"),
        data_testid="bulk-skipped",
    )
