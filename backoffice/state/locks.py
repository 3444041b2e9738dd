"""Reflex's state manager, which leaves no lock behind when a page that is still loading is left (Reflex 0.10.1).

Who goes on to another page cancels the handlers of the page before. A handler that is cancelled while it asks for the
tab's lock may have it without knowing, and nobody gives it back: the tab stood still until the lock expired, which is
ten seconds.
"""

import asyncio
from logging import getLogger

from reflex.istate.manager import StateManager
from reflex.istate.manager.redis import StateManagerRedis

from backoffice.adapters import locks
from backoffice.adapters.live import Away

log = getLogger(__name__)


class CarefulManager(StateManagerRedis):
    """Gives back what it got for somebody who does not wait any more."""

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
