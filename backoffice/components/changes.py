"""What a form would change, as it is asked before it is saved: each thing with what holds and what would."""

from typing import Any

import reflex as rx

from backoffice.components.box import stack
from backoffice.components.button import button
from backoffice.components.dialog import dialog
from backoffice.components.looks import Content
from backoffice.components.table import cell, main_cell, table, table_row


def changes_dialog(
    changes: Any,  # noqa: ANN401 a list of view models in a Var
    *extra: Content,
    name: str,
    title: str,
    open: Any,  # noqa: A002, ANN401 the name that HTML gives it, in a Var
    on_close: rx.event.EventType[()],
    on_save: rx.event.EventType[()],
) -> rx.Component:
    """Ask before a form is saved; `name` begins the test ids, and `extra` says what else would follow."""

    def row(one: Any) -> rx.Component:  # noqa: ANN401 as above
        return table_row(
            main_cell(one.what),
            cell(one.before, label="Before"),
            cell(rx.el.b(one.after), label="After"),
            data_testid=f"{name}-change",
        )

    answers = rx.el.div(
        button("Back", tone="ghost", on_click=on_close),
        button("Save", tone="primary", on_click=on_save, test_id=f"{name}-save"),
        class_name="row",
        data_justify="end",
    )
    return dialog(
        stack(table(("What", "Before", "After"), rx.foreach(changes, row), caption="What changes"), *extra, answers),
        open=open,
        title=title,
        on_close=on_close,
        test_id=f"{name}-dialog",
    )
