"""What the decisions say while the connection is gone."""

import reflex as rx

from backoffice.components.client import client


class DeskOffline(rx.Component):
    """Stands in the decision bar; while offline it lets no decision begin that could not be taken back."""

    library = client("offline")
    tag = "DeskOffline"

    guard: rx.Var[str]
    """The buttons, as a selector."""
    words: rx.Var[str]
    name: rx.Var[str]


def desk_offline() -> rx.Component:
    """Say that nothing is sent, and that drafts are kept."""
    return DeskOffline.create()


def bulk_offline() -> rx.Component:
    """Say beside a selection that nothing is sent, and let no change of many begin meanwhile."""
    guard = ".bulk-bar button, [data-testid=bulk-dialog] button[type=submit]"
    return DeskOffline.create(guard=guard, words="what is selected stays selected", name="bulk-offline")
