"""The way out of the app: loads the current address from the server."""

import reflex as rx

from backoffice.components.client import client


class Leave(rx.Component):
    """Stands at addresses that the server answers itself, such as the sign-in."""

    library = client("leave")
    tag = "Leave"


class Go(rx.Component):
    """Goes to an address as soon as there is one."""

    library = client("leave")
    tag = "Go"

    to: rx.Var[str]
    ticket: rx.Var[str]


def go(to: str | rx.Var[str], *, ticket: str | rx.Var[str]) -> rx.Component:
    """Load an address from the server as soon as there is one, once for each ticket."""
    return Go.create(to=to, ticket=ticket)


def leave() -> rx.Component:
    """Make a page whose redirects from inside the app reach the server."""
    return Leave.create()
