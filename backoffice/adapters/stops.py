"""Hears that this process is asked to stop, beside the server that runs it: an answer without an end must end itself.

Granian waits for open answers before it tells the application that it stops, so lifespan is too late for them.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
_listeners: list[Callable[[], None]] = []
_chained: set[signal.Signals] = set()


def on_stop(listener: Callable[[], None]) -> None:
    """Call `listener` in this event loop when the process is asked to stop; what listened before goes on to hear it.

    Does nothing outside of the main thread, where Python hears no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    _listeners.append(partial(_call, asyncio.get_running_loop(), listener))
    for number in SIGNALS:
        if number not in _chained:
            _chained.add(number)
            _chain(number)


def _call(loop: asyncio.AbstractEventLoop, listener: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(listener)


def _chain(number: signal.Signals) -> None:
    """Stand before whoever listens already; with nobody there the signal ends the process, and every answer with it."""
    before = signal.getsignal(number)
    if not callable(before):
        return

    def heard(received: int, frame: FrameType | None) -> None:
        for listener in _listeners:
            listener()
        before(received, frame)

    signal.signal(number, heard)
    signal.siginterrupt(number, False)
