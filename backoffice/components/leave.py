"""The way out of the app: loads the current address from the server."""

import reflex as rx

from backoffice.components.client import client


class Leave(rx.Component):
    """Stands at addresses that the server answers itself, such as the sign-in."""

    library = client("leave")
    tag = "Leave"


def leave() -> rx.Component:
    """Make a page whose redirects from inside the app reach the server."""
    return Leave.create()
