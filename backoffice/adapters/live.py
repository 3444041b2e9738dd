"""Redis: tells every web process what changed, and counts how often somebody tries. Nothing in it is the truth."""
# pyright: reportUnknownMemberType=false
# redis-py leaves its **kwargs without types, which makes every one of its methods "partially unknown".

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import lru_cache, partial
from logging import getLogger
from typing import Any, NamedTuple, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import db
from backoffice.adapters import metrics
from backoffice.adapters.breaker import Breaker
from backoffice.errors import Unavailable
from backoffice.settings import settings

log = getLogger(__name__)

CHANNEL = "backoffice:live"
RESYNC = "*"
"""Listeners get this name after a gap: anything may have changed."""
NAMES = "live_names"
ANSWER_SECONDS = 0.25
"""With the client's defaults a frozen Redis costs 34 s a request (platform.md §4)."""
CONNECTIONS = 16
"""One round trip takes well below a millisecond, so a burst waits for its turn rather than for new connections."""
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
    pool = BlockingConnectionPool.from_url(
        settings().required("redis_url"),
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=CONNECTIONS,
        timeout=ANSWER_SECONDS,
        decode_responses=True,
    )
    return Redis.from_pool(pool)


T = TypeVar("T")


async def _asked(question: Callable[[Redis], Awaitable[T]]) -> T:
    """Ask Redis, and wait for one answer only so long; while it is known to be away, not at all.

    Raises Away.
    """
    if _breaker.is_open:
        raise Away
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await question(redis_client())
    except (RedisError, OSError) as error:
        metrics.redis_failures.inc()
        _breaker.trip()
        raise Away from error


async def _is_back() -> bool:
    try:
        await ping()
    except Away:
        return False
    return True


async def _resync() -> None:
    """Tell who listens that messages may have been lost meanwhile."""
    try:
        await redis_client().publish(CHANNEL, json.dumps([RESYNC]))
    except (RedisError, OSError):
        log.warning("live_resync_lost")


_breaker = Breaker(_is_back, _resync)


async def close() -> None:
    """Give the connections back before the process ends."""
    await _breaker.close()
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
    if names:
        message = json.dumps(names)
        await _asked(lambda client: client.publish(CHANNEL, message))


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
    answer = await run_script(GCRA, [f"backoffice:hit:{key}"], [limit, window_seconds, cost])
    allowed, remaining, reset = answer
    return Hit(bool(allowed), remaining, reset)


async def run_script(script: str, keys: Sequence[str], arguments: Sequence[float]) -> list[int]:
    """Run a Lua script by its digest, so that its text travels only once; raises Away."""

    async def run(client: Redis) -> list[int]:
        evaluate: Any = client.evalsha
        try:
            return await evaluate(_digest(script), len(keys), *keys, *arguments)
        except NoScriptError:
            evaluate = client.eval
            return await evaluate(script, len(keys), *keys, *arguments)

    return await _asked(run)


async def command(name: str, *arguments: str | float) -> Any:  # noqa: ANN401 what Redis answers
    """Run one plain command; raises Away."""
    return await _asked(lambda client: cast("Any", client).execute_command(name, *arguments))


@lru_cache(8)
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


async def forget(*keys: str) -> None:
    """Start the counting of these keys anew, as after a good sign-in; raises Away."""
    await _asked(lambda client: client.delete(*(f"backoffice:hit:{key}" for key in keys)))
