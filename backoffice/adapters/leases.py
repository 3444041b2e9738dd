"""How many of something one holder has open at once, over all processes; what is not renewed ends by itself."""

from typing import Any

from redis.exceptions import RedisError

from backoffice.adapters.live import Away, redis_client

TAKE = """
local parts = redis.call('TIME')
local now = parts[1] * 1000 + math.floor(parts[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local is_known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not is_known and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
"""One sorted set per holder, by the moment at which a lease ends; the server's clock."""


async def take(holder: str, name: str, *, most: int, seconds: float) -> bool:
    """Take or renew one lease; answers whether there was room. A Redis that forgot everything learns it again so.

    Raises Away.
    """
    try:
        script: Any = redis_client().register_script(TAKE)
        return bool(await script(keys=[_key(holder)], args=[name, most, round(seconds * 1000)]))
    except (RedisError, OSError) as error:
        raise Away from error


async def give_back(holder: str, name: str) -> None:
    """End a lease before its time; raises Away."""
    try:
        removed: Any = redis_client().zrem(_key(holder), name)
        await removed
    except (RedisError, OSError) as error:
        raise Away from error


def _key(holder: str) -> str:
    return f"backoffice:lease:{holder}"
