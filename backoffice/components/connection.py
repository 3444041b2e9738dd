"""Whether the page is live: the indicator of the top bar and the strip when the connection is gone."""

import reflex as rx

from backoffice.components.client import client

_LIBRARY = client("connection")


class LiveStatus(rx.Component):
    """The words Live, Reconnecting or Paused."""

    library = _LIBRARY
    tag = "LiveStatus"

    paused: rx.Var[bool]


class Overlay(rx.Component):
    """Our strip in place of Reflex's toast, which shows the backend's address and fails AA."""

    library = _LIBRARY
    tag = "Overlay"


def live_status(paused: bool | rx.Var[bool] = False) -> rx.Component:
    """Tell whether numbers move by themselves; `paused` is the reader's own choice."""
    return LiveStatus.create(paused=paused)


def overlay(stateful: bool) -> rx.Component | None:
    """Serve as the app's wrap: `extra_app_wraps={(5, "Overlay"): overlay}`."""
    return Overlay.create() if stateful else None
