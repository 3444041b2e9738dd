"""Short messages to the person at the screen.

A handler ends with `return notice("Approved.")`; the frame shows `NoticeState.message` with `components.toasts`.
Reflex's own toasts need eval, which our content policy refuses.
"""

from typing import Any, Literal

import reflex as rx

from backoffice.state.gate import public
from backoffice.viewmodels.messages import Message

Kind = Literal["success", "error", "warning", "info"]
MAX_TEXT = 500


class NoticeState(rx.State):
    """Holds the latest message of a tab."""

    message: Message = Message()

    @rx.event
    @public
    async def show(self, kind: Kind, text: str) -> None:
        """Show a message in this tab; a client that calls it talks to itself."""
        self.message = Message(self.message.seq + 1, kind, text[:MAX_TEXT])


def notice(text: str, kind: Kind = "success") -> Any:  # noqa: ANN401 Reflex types a handler's call as a callback
    """Make the event that shows a message."""
    return NoticeState.show(kind, text)


def alarm(text: str) -> Any:  # noqa: ANN401 see notice
    """Make the event that shows an error."""
    return notice(text, "error")
