"""The dialog that asks for a fresh proof before something dangerous; it stands once in the frame."""

import reflex as rx

from backoffice.components.client import client


class StepUp(rx.Component):
    """Opens whenever `asked` grows, and speaks to `/auth/step-up` by itself.

    Whenever `renewed` grows, and after a proof, it fetches a pass for this tab.
    """

    library = client("step_up")
    tag = "StepUp"

    asked: rx.Var[int]
    renewed: rx.Var[int]

    on_pass: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def step_up(asked: int | rx.Var[int], renewed: int | rx.Var[int], on_pass: rx.event.EventType[str]) -> rx.Component:
    """Ask who sits here, over whatever is open, which stays as it is; `on_pass` gets what lets the tab go on."""
    return StepUp.create(asked=asked, renewed=renewed, on_pass=on_pass)
