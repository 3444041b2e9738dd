"""How a dialog ends: the way back, and beside it the one thing that it does."""

import reflex as rx

from backoffice.components.box import row
from backoffice.components.button import button
from backoffice.components.looks import Props


def foot(
    words: str | rx.Var[str],
    test_id: str,
    *,
    cancel: rx.event.EventType[()],
    tone: str | rx.Var[str] = "primary",
    **props: Props,
) -> rx.Component:
    """Offer the way back first; `type="submit"` sends the form around it, `on_click` does without one."""
    back = button("Cancel", tone="ghost", on_click=cancel)
    return row(back, button(words, tone=tone, test_id=test_id, **props), justify="end")
