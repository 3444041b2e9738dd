"""Live screens: what changed re-reads itself in every open tab that shows it.

In a page's `on_load` handler, before the first read, so that no change falls between the two:

    await watch(self, "queue:main", on_change=QueueState.refresh)
    await watch(self, f"document:{document_id}", f"partner:{partner_id}", on_change=DocumentState.refresh)

`on_change` is an ordinary gated event handler without arguments: it re-reads through its service with its own actor.
A tab hears at most once a second; it forgets by itself what an earlier page watched, and everything when it closes.
Where reading on another page would be wrong, `on_change` begins with `if await has_left(self): return`.
`unwatch(self)` forgets at once. Names are those of `adapters.live.announce`, with plain UUIDs.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any

import reflex as rx
from reflex.event import Event
from reflex_base.utils.format import format_event_handler

from backoffice.adapters import live

log = getLogger(__name__)

QUIET_SECONDS = 1.0
"""A tab re-reads at most once in this time."""
SWEEP_SECONDS = 30.0


@dataclass(slots=True)
class Tab:
    """What one open tab shows, and which of its handlers wait to run."""

    path: str
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    is_running: bool = False


class Hub:
    """Joins one Redis subscription of this process with the tabs that are connected to it."""

    def __init__(self, quiet_seconds: float = QUIET_SECONDS) -> None:
        self.app: rx.App | None = None
        self.tabs: dict[str, Tab] = {}
        self._watchers: defaultdict[str, set[str]] = defaultdict(set)
        self._listeners: list[Callable[[str], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet_seconds = quiet_seconds

    def on_name(self, listener: Callable[[str], None]) -> None:
        """Let another part of this process hear every name, too."""
        self._listeners.append(listener)

    def watch(self, token: str, path: str, handler: str, names: frozenset[str]) -> None:
        """Remember that a handler of this tab shows these things; another page's wishes are forgotten."""
        tab = self.tabs.get(token)
        if tab is None or tab.path != path:
            self.forget(token)
            tab = self.tabs[token] = Tab(path)
        for name in tab.names.get(handler, frozenset()) - names:
            self._unlink(name, token, tab, but=handler)
        tab.names[handler] = names
        for name in names:
            self._watchers[name].add(token)

    def _unlink(self, name: str, token: str, tab: Tab, *, but: str) -> None:
        if any(name in names for handler, names in tab.names.items() if handler != but):
            return
        self._watchers[name].discard(token)
        if not self._watchers[name]:
            del self._watchers[name]

    def forget(self, token: str) -> None:
        """Tell this tab nothing any more."""
        self.hush(token)
        self.tabs.pop(token, None)

    def hush(self, token: str) -> None:
        """Tell this tab nothing until it watches again, and remember which page it was on: it has left that one."""
        tab = self.tabs.get(token)
        if tab is None:
            return
        watched, tab.names, tab.waiting = tab.names, {}, set()
        for names in watched.values():
            for name in names & self._watchers.keys():
                self._watchers[name].discard(token)
                if not self._watchers[name]:
                    del self._watchers[name]

    def heard(self, name: str) -> None:
        """Wake every tab that shows the thing; RESYNC wakes all of them."""
        tokens = list(self.tabs) if name == live.RESYNC else list(self._watchers.get(name, ()))
        for token in tokens:
            self.wake(token, name)
        for listener in self._listeners:
            listener(name)

    def wake(self, token: str, name: str = live.RESYNC) -> None:
        """Let one tab read again what shows this thing, or all that it shows."""
        tab = self.tabs.get(token)
        if tab is None:
            return
        tab.waiting |= {handler for handler, names in tab.names.items() if name in names or name == live.RESYNC}
        if not tab.is_running:
            tab.is_running = True
            self.spawn(self._drain(token, tab))

    async def _drain(self, token: str, tab: Tab) -> None:
        """Run what waits, then stay quiet for a while; what was heard meanwhile runs once, afterwards."""
        try:
            while tab.waiting and self.tabs.get(token) is tab:
                if not self.is_connected(token):
                    self.forget(token)
                    return
                handlers, tab.waiting = tab.waiting, set()
                quiet = asyncio.create_task(asyncio.sleep(self._quiet_seconds))
                await asyncio.gather(*(self._run(token, handler) for handler in handlers), return_exceptions=True)
                await quiet
        finally:
            tab.is_running = False

    async def _run(self, token: str, handler: str) -> None:
        """Queue one handler and wait for its end: a slow screen is never asked twice at once.

        Without router data of its own the event keeps the tab's address and session, and passes the same gate.
        """
        if self.app is not None:
            await (await self.app.event_processor.enqueue(token, Event(name=handler)))

    def is_connected(self, token: str) -> bool:
        """Answer whether the tab's socket ends in this process."""
        namespace = self.app.event_namespace if self.app else None
        return namespace is not None and token in namespace.token_to_sid

    def spawn(self, work: Any) -> None:  # noqa: ANN401 a coroutine of any kind
        """Run something beside the handlers, without the context of the handler that happened to start it."""
        task = asyncio.create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self, app: rx.App) -> None:
        """Listen as long as the process lives: one lifespan task, whatever the number of tabs."""
        self.app = app
        self.spawn(self._sweep())
        try:
            async for name in live.listen():
                self.heard(name)
        finally:
            for task in list(self._tasks):
                task.cancel()

    async def _sweep(self) -> None:
        """Forget the tabs that closed without anything of theirs changing since."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for token in [token for token in self.tabs if not self.is_connected(token)]:
                self.forget(token)


hub = Hub()


async def watch(state: rx.State, *names: str, on_change: Any) -> None:  # noqa: ANN401 Reflex types a handler as a function
    """Run `on_change` in this tab whenever one of these things changes; asking again replaces what it asked before."""
    router = state.router
    hub.watch(router.session.client_token, router.url.path, format_event_handler(on_change), frozenset(names))


async def has_left(state: rx.State) -> bool:
    """Answer in an `on_change` handler whether the tab has gone to another page since; then it hears no more."""
    token = state.router.session.client_token
    tab = hub.tabs.get(token)
    if tab is None or tab.path == state.router.url.path:
        return False
    hub.hush(token)
    return True


async def unwatch(state: rx.State) -> None:
    """Tell this tab nothing any more, as when a person pauses it or signs out."""
    hub.forget(state.router.session.client_token)
