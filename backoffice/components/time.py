"""Times that tick in the browser: no round trip, exact on focus, in the reader's locale and zone."""

import reflex as rx

from backoffice.components.client import client
from backoffice.components.looks import Props

_LIBRARY = client("time")


class RelativeTime(rx.Component):
    """A moment as "3 min ago"; the exact time is its title and its accessible name."""

    library = _LIBRARY
    tag = "RelativeTime"

    at: rx.Var[str]
    locale: rx.Var[str]
    empty: rx.Var[str]


class ExactTime(rx.Component):
    """A moment with date and seconds."""

    library = _LIBRARY
    tag = "ExactTime"

    at: rx.Var[str]
    locale: rx.Var[str]
    empty: rx.Var[str]


class Countdown(rx.Component):
    """The time left until a moment."""

    library = _LIBRARY
    tag = "Countdown"

    until: rx.Var[str]
    before: rx.Var[str]
    after: rx.Var[str]
    done: rx.Var[str]
    soon: rx.Var[int]
    test_id: rx.Var[str]

    on_done: rx.EventHandler[rx.event.no_args_event_spec]


class Elapsed(rx.Component):
    """The time since a moment."""

    library = _LIBRARY
    tag = "Elapsed"

    since: rx.Var[str]
    empty: rx.Var[str]


def relative_time(at: str | rx.Var[str], **props: Props) -> rx.Component:
    """Show an ISO 8601 moment relative to now; empty text shows a dash."""
    return RelativeTime.create(at=at, **props)


def exact_time(at: str | rx.Var[str], **props: Props) -> rx.Component:
    """Show an ISO 8601 moment in full."""
    return ExactTime.create(at=at, **props)


def countdown(until: str | rx.Var[str], **props: Props) -> rx.Component:
    """Count down to an ISO 8601 moment.

    `before` and `after` are words ("in ", "late by"), `soon` the seconds from which it warns,
    `on_done` fires once when it passes.
    """
    return Countdown.create(until=until, **props)


def elapsed(since: str | rx.Var[str], **props: Props) -> rx.Component:
    """Count up from an ISO 8601 moment."""
    return Elapsed.create(since=since, **props)
