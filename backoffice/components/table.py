"""Tables that scroll by keyboard, keep their head in sight and become cards on phones."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from backoffice.components.button import button, link
from backoffice.components.icon import icon
from backoffice.components.looks import Content, Props, classes


@dataclass(frozen=True)
class Column:
    """A head cell. `sort` is the direction now: ascending, descending, or none for sortable but unsorted."""

    name: str
    number: bool = False
    width: str = ""
    hidden: bool = False
    key: str = ""
    """By which a person may hide it; its cells carry the same `data_col`."""
    sort: str | rx.Var[str] = ""
    on_sort: rx.event.EventType[()] | None = None


def _head(column: Column | str) -> rx.Component:
    if isinstance(column, str):
        column = Column(column)
    props: dict[str, Props] = {"scope": "col", "role": "columnheader"}
    if column.number:
        props["class_name"] = "num"
    if column.key:
        props["data_col"] = column.key
    if column.width:
        props["style"] = {"width": column.width}
    if column.hidden:
        return rx.el.th(rx.el.span(column.name, class_name="visually-hidden"), **props)
    if column.on_sort is None:
        return rx.el.th(column.name, **props)
    mark = rx.match(column.sort, ("ascending", "arrow-up"), ("descending", "arrow-down"), "chevrons-up-down")
    sorter = rx.el.button(column.name, icon(mark, 13), type="button", class_name="sort", on_click=column.on_sort)
    return rx.el.th(sorter, aria_sort=column.sort, **props)


def table(
    columns: Sequence[Column | str],
    rows: Content,
    *,
    caption: str | rx.Var[str],
    cards: bool = True,
    tall: bool = False,
    busy: bool | rx.Var[bool] = False,
    **props: Props,
) -> rx.Component:
    """Show rows, usually `rx.foreach(State.rows, row_of)`; the caption names the table for screen readers.

    `cards` turns each row into a card under 640 px; `tall` scrolls the table inside the window.
    """
    head = rx.el.thead(rx.el.tr(*[_head(column) for column in columns], role="row"), role="rowgroup")
    body = rx.el.tbody(rows, role="rowgroup", aria_busy=busy)
    content = rx.el.table(
        rx.el.caption(caption, class_name="visually-hidden"),
        head,
        body,
        role="table",
        data_cards=cards,
        **classes("table", props),
    )
    return rx.el.div(
        content, class_name="table-region region", role="region", aria_label=caption, tab_index=0, data_tall=tall
    )


def table_row(*cells: Content, current: bool | rx.Var[bool] = False, **props: Props) -> rx.Component:
    """Make a row; `data_testid`, `data_id` and the like pass through, `data_fresh` tints a changed row once."""
    return rx.el.tr(*cells, role="row", data_current=current, **props)


def cell(*content: Content, label: str = "", number: bool = False, phone: str = "", **props: Props) -> rx.Component:
    """Make a cell; `label` precedes it on a phone's card, `phone="hide"` leaves it out there."""
    extra: dict[str, Props] = {"role": "cell"}
    extra |= {"data_label": label} if label else {}
    extra |= {"class_name": "num"} if number else {}
    extra |= {"data_phone": phone} if phone else {}
    return rx.el.td(*content, **(extra | props))


def main_cell(
    *content: Content,
    href: str | rx.Var[str] | None = None,
    on_click: rx.event.EventType[()] | None = None,
    **props: Props,
) -> rx.Component:
    """Make the cell that names the row; its link or button covers the whole row."""
    inner: list[Content] = list(content)
    if href is not None:
        inner = [link(*content, href=href, class_name="row-link")]
    elif on_click is not None:
        inner = [rx.el.button(*content, type="button", class_name="row-link", on_click=on_click)]
    return rx.el.th(*inner, scope="row", role="rowheader", data_main="true", **props)


def tick_cell(
    checked: bool | rx.Var[bool], label: str | rx.Var[str], on_change: rx.event.EventType[()], **props: Props
) -> rx.Component:
    """Make the cell that selects a row."""
    box = rx.el.input(type="checkbox", checked=checked, aria_label=label, on_change=on_change, **classes("tick", props))
    return rx.el.td(rx.el.span(box, class_name="tick-cell"), role="cell", data_phone="hide", style={"width": "40px"})


def two_lines(first: Content, second: Content) -> rx.Component:
    """Put a smaller second line under the first."""
    return rx.el.span(first, rx.el.small(second), class_name="two")


def pager(
    *,
    shown: str | rx.Var[str],
    has_previous: bool | rx.Var[bool],
    has_next: bool | rx.Var[bool],
    on_previous: rx.event.EventType[()],
    on_next: rx.event.EventType[()],
) -> rx.Component:
    """Go through keyset pages; `shown` says what is on screen, such as "1-50 of 213"."""
    before = button(
        "Newer",
        icon="chevron-left",
        size="sm",
        disabled=~_var(has_previous),
        on_click=on_previous,
        test_id="page-previous",
    )
    after = button(
        "Older", icon="chevron-right", size="sm", disabled=~_var(has_next), on_click=on_next, test_id="page-next"
    )
    return rx.el.nav(rx.el.span(shown, class_name="grow"), before, after, class_name="pager", aria_label="Pages")


def bulk_bar(selected: int | rx.Var[int], *actions: rx.Component, on_clear: rx.event.EventType[()]) -> rx.Component:
    """Offer what can be done with the selected rows; hidden while there are none."""
    words = rx.el.span(selected, " selected", class_name="strong", role="status")
    bar = rx.el.div(
        words,
        *actions,
        button("Clear", tone="ghost", keys="Esc", command="select-none", on_click=on_clear),
        class_name="bulk-bar",
    )
    return rx.cond(_number(selected) > 0, bar)


def _var(value: bool | rx.Var[bool]) -> rx.vars.BooleanVar:
    return rx.Var.create(value).to(bool)


def _number(value: int | rx.Var[int]) -> rx.vars.NumberVar:
    return rx.Var.create(value).to(int)
