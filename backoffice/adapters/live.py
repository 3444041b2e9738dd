"""Redis: tells every web process what changed, and counts how often somebody tries. Nothing in it is the truth."""
# pyright: reportUnknownMemberType=false
# redis-py leaves its **kwargs without types, which makes every one of its methods "partially unknown".

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import lru_cache, partial
from logging import getLogger
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import db
from backoffice.errors import Unavailable
from backoffice.settings import settings

log = getLogger(__name__)

CHANNEL = "backoffice:live"
RESYNC = "*"
"""Listeners get this name after a gap: anything may have changed."""
NAMES = "live_names"
ANSWER_SECONDS = 0.25
"""With the client's defaults a frozen Redis costs 34 s a request (platform.md §4)."""
CONNECTIONS = 50
QUIET_SECONDS = 5.0
DEAD_SECONDS = 12.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

GCRA = """
local parts = redis.call('TIME')
local now = (parts[1] - 1700000000) * 1000000 + parts[2]
local window, cost = ARGV[2] * 1000000, tonumber(ARGV[3])
local step = window / ARGV[1]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local later = full + step * cost
local wait = later - window - now
if wait > 100 then
  return {0, math.floor((window - full + now) / step + 0.01), math.ceil(wait / 1000000)}
end
if cost > 0 then
  redis.call('SET', KEYS[1], string.format('%.2f', later), 'PX', math.ceil((later - now) / 1000) + 1)
end
return {1, math.floor((window - later + now) / step + 0.01), math.ceil((later - now) / 1000000)}
"""
"""The generic cell rate algorithm: one key, one round trip, the server's clock; microseconds since November 2023."""


class Away(Unavailable):
    """Redis does not answer; the caller decides whether that stops it."""

    def __init__(self) -> None:
        super().__init__("The live service does not answer right now.", code="live_unavailable")


class Hit(NamedTuple):
    """How one more try stands against its limit."""

    is_allowed: bool
    remaining: int
    reset_seconds: int
    """Until the next try is allowed if this one is not, else until the whole limit is there again."""


@lru_cache(1)
def redis_client() -> Redis:
    """Open the shared client on first use: quick to give up, never retrying by itself."""
    return Redis.from_url(
        settings().required("redis_url"),
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=CONNECTIONS,
        decode_responses=True,
    )


async def close() -> None:
    """Give the connections back before the process ends."""
    if redis_client.cache_info().currsize:
        await redis_client().aclose()
        redis_client.cache_clear()


async def ping() -> None:
    """Ask whether Redis answers; raises Away when it does not."""
    try:
        pong: Any = redis_client().ping()
        await pong
    except (RedisError, OSError) as error:
        raise Away from error


def announce(session: AsyncSession, *names: str) -> None:
    """Tell who listens that these things changed, once the session's transaction is durable.

    A lost message costs freshness only, so its failure is logged and the request succeeds.
    """
    waiting: dict[str, None] = session.info.setdefault(NAMES, {})
    if not waiting:
        db.after_commit(session, partial(_publish_announced, session))
    waiting.update(dict.fromkeys(names))


async def _publish_announced(session: AsyncSession) -> None:
    names: dict[str, None] = session.info.pop(NAMES, {})
    try:
        await publish(*names)
    except Away:
        log.warning("live_message_lost", extra={"names": len(names)})


async def publish(*names: str) -> None:
    """Tell who listens now; raises Away."""
    if not names:
        return
    try:
        await redis_client().publish(CHANNEL, json.dumps(names))
    except (RedisError, OSError) as error:
        raise Away from error


async def listen() -> AsyncGenerator[str]:
    """Yield the names of what changes, for ever, over restarts of Redis; RESYNC after each gap.

    Run it once per process, not once per tab.
    """
    pause, is_first = FIRST_PAUSE_SECONDS, True
    while True:
        try:
            async with aclosing(_subscribed()) as names:
                async for name in names:
                    pause = FIRST_PAUSE_SECONDS
                    if name != RESYNC or not is_first:
                        yield name
                    is_first = False
        except (RedisError, OSError):
            log.warning("live_listener_lost")
        is_first = False
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _subscribed() -> AsyncGenerator[str]:
    """Yield RESYNC once the subscription stands, then every name, until the connection is gone or silent."""
    # A subscription outlives the short time-outs of the shared client.
    async with (
        Redis.from_url(
            settings().required("redis_url"),
            socket_connect_timeout=2,
            socket_timeout=QUIET_SECONDS,
            decode_responses=True,
        ) as client,
        client.pubsub() as channel,
    ):
        await channel.subscribe(CHANNEL)
        heard = time.monotonic()
        while time.monotonic() - heard < DEAD_SECONDS:
            message = await _next_message(channel)
            if message is None:
                await channel.ping()
                continue
            heard = time.monotonic()
            if message["type"] == "subscribe":
                yield RESYNC
            elif message["type"] == "message":
                for name in json.loads(message["data"]):
                    yield name


async def _next_message(channel: PubSub) -> dict[str, Any] | None:
    get_message: Any = channel.get_message
    return await get_message(timeout=QUIET_SECONDS)


async def hit(key: str, limit: int, window_seconds: float, *, cost: int = 1) -> Hit:
    """Count one try of at most `limit` in a window that refills steadily; `cost=0` only looks.

    A refused try costs nothing. Raises Away, so that sign-in can fail closed and the API open.
    """
    try:
        script: Any = redis_client().register_script(GCRA)
        answer: list[int] = await script(keys=[f"backoffice:hit:{key}"], args=[limit, window_seconds, cost])
    except (RedisError, OSError) as error:
        raise Away from error
    allowed, remaining, reset = answer
    return Hit(bool(allowed), remaining, reset)


async def forget(*keys: str) -> None:
    """Start the counting of these keys anew, as after a good sign-in; raises Away."""
    try:
        await redis_client().delete(*(f"backoffice:hit:{key}" for key in keys))
    except (RedisError, OSError) as error:
        raise Away from error
