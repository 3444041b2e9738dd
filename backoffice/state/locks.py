"""Reflex's state manager, which leaves no lock behind when a page that is still loading is left (Reflex 0.10.1).

Who goes on to another page cancels the handlers of the page before. A handler that is cancelled while it asks for the
tab's lock may have it without knowing, and nobody gives it back: the tab stood still until the lock expired, which is
ten seconds.
"""

import asyncio
from logging import getLogger
from typing import Any

from reflex.istate.manager import StateManager
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import StateToken

from backoffice.adapters import live, locks, shown
from backoffice.adapters.live import Away
from backoffice.services import vault

log = getLogger(__name__)


class CarefulManager(StateManagerRedis):
    """Gives back what it got for somebody who does not wait any more, and keeps nothing of who is erased."""

    async def set_state(self, token: StateToken[Any], state: Any, *, lock_id: bytes | None = None, **more: Any) -> None:  # noqa: ANN401 Reflex's signature
        """Keep a state with a note of whose data was opened for it; one that was read before an erasure is dropped."""
        opened = vault.opened.get()
        if not opened or await shown.note(self.redis, token.ident, opened):
            await super().set_state(token, state, lock_id=lock_id, **more)
            return
        log.info("state_dropped", extra={"reason": "erased"})
        await live.publish(f"{shown.KIND}:{token.ident}")

    async def _try_get_lock(self, lock_key: bytes, lock_id: bytes) -> bool | None:
        asked = asyncio.ensure_future(super()._try_get_lock(lock_key, lock_id))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            giving = asyncio.create_task(self._give_back(asked, lock_key, lock_id))
            _giving.add(giving)
            giving.add_done_callback(_giving.discard)
            raise

    async def _give_back(self, asked: asyncio.Future[bool | None], lock_key: bytes, lock_id: bytes) -> None:
        try:
            if await asked:
                await locks.give_back(lock_key, lock_id)
        except Away:
            log.warning("lock_not_given_back")  # it expires by itself
        finally:
            self._notify_next_waiter(lock_key)


_giving: set[asyncio.Task[None]] = set()
"""The event loop itself keeps no task alive."""


def careful(manager: StateManager | None) -> StateManager | None:
    """Put ours in the place of Reflex's, where Redis keeps the states."""
    if not isinstance(manager, StateManagerRedis):
        return manager
    return CarefulManager(
        redis=manager.redis,
        token_expiration=manager.token_expiration,
        lock_expiration=manager.lock_expiration,
        lock_warning_threshold=manager.lock_warning_threshold,
    )
