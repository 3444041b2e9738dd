"""Asking who sits at a tab, when a service refuses a dangerous act for want of a fresh proof.

The dialog speaks HTTP by itself (`pages/public/step_up.py`): no proof is ever in the state of a page.
"""

from typing import Any

import reflex as rx

from backoffice.clock import now
from backoffice.state.gate import requires
from backoffice.state.live import hub


class StepUpState(rx.State):
    """Opens the dialog of the frame."""

    asked: int = 0
    """The moment it was asked for, in milliseconds: each new one opens the dialog, also after another sign-in."""

    renewed: int = 0
    """Moves when the session has another secret: the tab shows then that its browser has it (`state/door.py`)."""

    @rx.event
    @requires()
    async def go_on(self, token: str) -> None:  # noqa: ARG002 the door has read it
        """Go on under the session's new secret; what changed meanwhile, and was kept from this tab, is read now."""
        hub.wake(self.router.session.client_token)

    @rx.event
    @requires()
    async def ask(self) -> None:
        """Open the dialog in this tab; a client that calls it asks itself."""
        self.asked = max(self.asked + 1, int(now().timestamp() * 1000))


def ask() -> Any:  # noqa: ANN401 Reflex types a handler's call as a callback
    """Make the event that opens the dialog."""
    return StepUpState.ask()
