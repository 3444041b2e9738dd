"""What is selected beyond the page: every task that matches, as it was when it was selected."""

from collections.abc import Sequence
from uuid import UUID

import reflex as rx


class PickState(rx.State):
    """The tasks of one tab that were selected by what they match; ticking a row goes back to the page."""

    amount: int = 0
    """How many; 0 while only rows of the page are selected."""
    _keys: rx.Field[list[UUID]] = rx.field(default_factory=list)


async def pick(state: rx.State, keys: Sequence[UUID]) -> None:
    """Select these instead of rows of the page; none goes back to the page."""
    picked = await state.get_state(PickState)
    if keys or picked.amount:
        picked.amount, picked._keys = len(keys), list(keys)  # noqa: SLF001 kept from the browser, not from its module


async def picked_keys(state: rx.State) -> list[UUID]:
    """Answer what was selected by what it matches."""
    return list((await state.get_state(PickState))._keys)  # noqa: SLF001 see above
