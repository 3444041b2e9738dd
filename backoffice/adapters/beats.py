"""Signs of life of workers, in Redis and for a moment only: who is silent is gone, and no work hangs on it."""
# pyright: reportUnknownMemberType=false
# redis-py leaves its **kwargs without types, which makes every one of its methods "partially unknown".

import asyncio
import json
import os
import socket
import time
from dataclasses import dataclass

from backoffice.adapters import live

KEY = "backoffice:workers"
TOPIC = "health"
"""Names what screens of the machinery show; told with every sign of life."""
EVERY_SECONDS = 5.0
SILENT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Beat:
    """One worker that lives."""

    name: str
    started_at: float
    """Seconds since 1970, as the next one."""
    seen_at: float


async def run(stopping: asyncio.Event) -> None:
    """Give signs of life until the process stops; then take the last one back."""
    name, started = f"{socket.gethostname()}:{os.getpid()}", time.time()
    while not stopping.is_set():
        await _say(name, started)
        try:
            await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue
    await _quietly("HDEL", KEY, name)
    await _tell()


async def _say(name: str, started: float) -> None:
    await _quietly("HSET", KEY, name, json.dumps([started, time.time()]))
    await _tell()


async def alive() -> list[Beat]:
    """List the workers that gave a sign of life lately, the oldest first; forget the silent ones.

    Raises Away.
    """
    told: dict[str, str] = await live.command("HGETALL", KEY) or {}
    found = [Beat(name, *json.loads(text)) for name, text in told.items()]
    moment = time.time()
    for one in found:
        if moment - one.seen_at > SILENT_SECONDS * 3:
            await _quietly("HDEL", KEY, one.name)
    return sorted((one for one in found if moment - one.seen_at <= SILENT_SECONDS), key=lambda one: one.started_at)


async def _tell() -> None:
    try:
        await live.publish(TOPIC)
    except live.Away:
        return


async def _quietly(*command: str) -> None:
    try:
        await live.command(*command)
    except live.Away:
        return
