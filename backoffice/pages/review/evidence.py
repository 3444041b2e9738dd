"""What a desk shows of a document beside its picture; the same while a task is worked on and in a second look."""

from typing import Any

import reflex as rx

from backoffice.components.kv import field_row, field_table
from backoffice.components.workspace import check_item, side_section
from backoffice.viewmodels.workspaces import CheckView, FieldView


def check(one: CheckView, select: Any) -> rx.Component:  # noqa: ANN401 an event with one argument
    """Show one check; choosing it lights its evidence up."""
    return check_item(
        one.name,
        one.label,
        one.status,
        score=one.score,
        words=one.words,
        engine=one.engine,
        on_select=select(f"check-{one.name}"),
    )


def fields(rows: Any, selected: Any, select: Any) -> rx.Component:  # noqa: ANN401 a Var of view models, a Var, an event
    """Compare the document's fields; choosing one lights its place up."""
    return side_section("Fields", field_table(rx.foreach(rows, lambda one: _field(one, selected, select))))


def _field(one: FieldView, selected: Any, select: Any) -> rx.Component:  # noqa: ANN401 see fields
    return field_row(
        one.name,
        one.label,
        document=one.document,
        given=one.given,
        mrz=one.mrz,
        match=one.match,
        current=selected == one.name,
        on_select=select(one.name),
    )
