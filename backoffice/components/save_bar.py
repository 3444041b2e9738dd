"""One bar for a whole form: what differs is marked, saved at once, and not lost without a question."""

import reflex as rx

from backoffice.components.client import client


class SaveBar(rx.Component):
    """Shows itself at the end of its form once a field differs from how it began."""

    library = client("save_bar")
    tag = "SaveBar"

    label: rx.Var[str]
    test_id: rx.Var[str]


def save_bar(label: str = "Review and save", *, test_id: str = "save-bar") -> rx.Component:
    """Put it last into a form whose fields are uncontrolled; give the form a `key` that changes once it is saved."""
    return SaveBar.create(label=label, test_id=test_id)
