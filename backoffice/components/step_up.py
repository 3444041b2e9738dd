"""The dialog that asks for a fresh proof before something dangerous; it stands once in the frame."""

import reflex as rx

from backoffice.components.client import client


class StepUp(rx.Component):
    """Opens whenever `asked` grows, and speaks to `/auth/step-up` by itself."""

    library = client("step_up")
    tag = "StepUp"

    asked: rx.Var[int]


def step_up(asked: int | rx.Var[int]) -> rx.Component:
    """Ask who sits here, over whatever is open, which stays as it is."""
    return StepUp.create(asked=asked)
