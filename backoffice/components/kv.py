"""What the document says, what the applicant gave and what the machine-readable zone holds, side by side."""

import reflex as rx

from backoffice.components.badge import status_badge
from backoffice.components.icon import icon
from backoffice.components.looks import Content
from backoffice.components.table import Column, table


def field_table(rows: Content, caption: str = "Fields of the document") -> rx.Component:
    """Hold field rows; Document, Given and MRZ are the columns."""
    columns = (Column("Field"), Column("Document"), Column("Given"), Column("MRZ"), Column("Result"))
    return table(columns, rows, caption=caption, cards=False, class_name="kv")


def field_row(
    name: str | rx.Var[str],
    label: str | rx.Var[str],
    *,
    document: str | rx.Var[str] = "",
    given: str | rx.Var[str] = "",
    mrz: str | rx.Var[str] = "",
    match: str | rx.Var[str] = "",
    current: bool | rx.Var[bool] = False,
    on_select: rx.event.EventType[()] | None = None,
    action: rx.Component | None = None,
) -> rx.Component:
    """Compare one field; `match` is match, partial, mismatch or missing, and on_select lights its box in the viewer.

    `action` stands beside the result.
    """
    title = label
    if on_select is not None:
        title = rx.el.button(label, type="button", class_name="field-button", on_click=on_select)
    return rx.el.tr(
        rx.el.th(title, scope="row", role="rowheader"),
        _value("Document", document),
        _value("Given", given),
        _value("MRZ", mrz, "mrz-value"),
        rx.el.td(_result(match), action or rx.fragment(), role="cell"),
        role="row",
        data_match=match,
        data_current=current,
        data_testid=f"field-{name}",
    )


def _value(label: str, value: str | rx.Var[str], look: str = "") -> rx.Component:
    nothing = rx.el.span("-", class_name="muted")
    shown = rx.cond(value, rx.el.span(value, dir="auto", class_name=look), nothing)
    return rx.el.td(shown, role="cell", data_label=label, data_phone=rx.cond(value, "", "hide"))


def _result(match: str | rx.Var[str]) -> rx.Component:
    agreed = rx.el.span(icon("check", 15, label="Matches"), class_name="good")
    other = rx.match(rx.Var.create(match), ("match", agreed), ("", rx.fragment()), status_badge(match))
    return rx.fragment(other)
