"""What the decisions say while the connection is gone."""

import reflex as rx

from backoffice.components.client import client


class DeskOffline(rx.Component):
    """Stands in the decision bar; while offline it lets no decision begin that could not be taken back."""

    library = client("offline")
    tag = "DeskOffline"


def desk_offline() -> rx.Component:
    """Say that nothing is sent, and that drafts are kept."""
    return DeskOffline.create()
