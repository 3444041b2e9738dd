"""Moving through a table's rows by J and K."""

import reflex as rx

from backoffice.components.client import client

ROW_KEYS = {"j": "next-row", "k": "previous-row", "arrowdown": "next-row", "arrowup": "previous-row"}
ROW_WORDS = {"next-row": "Next row", "previous-row": "Previous row"}


class RowKeys(rx.Component):
    """The commands that hotkeys press."""

    library = client("rows")
    tag = "RowKeys"


def row_keys() -> rx.Component:
    """Move the focus from row to row; add ROW_KEYS and ROW_WORDS to the page's hotkeys."""
    return RowKeys.create()
