"""The way from one document to those beside it in the list that one came from."""

from typing import Any

import reflex as rx

from backoffice.components.box import row
from backoffice.components.button import link_button
from backoffice.state.partner.document import DocumentState

beside: Any = DocumentState.beside


def links() -> rx.Component:
    """Lead back to the list that one came from, and to the rows beside this one there."""
    before = link_button(
        "Previous", beside.before, icon="chevron-left", tone="ghost", command="before", test_id="document-before"
    )
    after = link_button(
        "Next", beside.after, icon="chevron-right", tone="ghost", command="after", test_id="document-after"
    )
    place = rx.el.span(beside.place, class_name="muted small nowrap")
    return row(
        link_button("All documents", beside.list_url, icon="arrow-left", tone="ghost", class_name="wide"),
        rx.cond(beside.before, before),
        rx.cond(beside.place, place),
        rx.cond(beside.after, after),
        gap=6,
    )
