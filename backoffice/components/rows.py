"""Moving through a table's rows by J and K."""

import reflex as rx

from backoffice.components.client import client

ROW_KEYS = {"j": "next-row", "k": "previous-row", "arrowdown": "next-row", "arrowup": "previous-row"}
ROW_WORDS = {"next-row": "Next row", "previous-row": "Previous row"}

PICK_KEYS = {"x": "pick-row", "shift+j": "pick-next", "shift+k": "pick-previous"}
PEEK_KEYS = {"space": "peek-row"}
PEEK_WORDS = {"peek-row": "Look at the row, beside the list"}
PICK_WORDS = {"pick-row": "Select the row", "pick-next": "Select on, downwards", "pick-previous": "Select on, upwards"}


class RowKeys(rx.Component):
    """The commands that hotkeys press."""

    library = client("rows")
    tag = "RowKeys"


def row_keys() -> rx.Component:
    """Move the focus from row to row; add ROW_KEYS to the page's hotkeys, PICK_KEYS where rows are selected.

    `assign-me` presses the focused row's `data_row_action` when no button of that name is on the page.
    """
    return RowKeys.create()
