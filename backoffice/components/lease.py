"""Keeps a claimed task claimed while its reviewer is there."""

import reflex as rx

from backoffice.components.client import client


class LeaseKeeper(rx.Component):
    """Watches for signs of life in the browser; the server hears once per half a lease."""

    library = client("lease")
    tag = "LeaseKeeper"

    until: rx.Var[str]

    on_renew: rx.EventHandler[rx.event.no_args_event_spec]
    on_end: rx.EventHandler[rx.event.no_args_event_spec]


def lease_keeper(
    until: str | rx.Var[str], on_renew: rx.event.EventType[()], on_end: rx.event.EventType[()]
) -> rx.Component:
    """Call `on_renew` when half of the lease is gone and somebody used the page since, `on_end` when all of it is."""
    return LeaseKeeper.create(until=until, on_renew=on_renew, on_end=on_end)
