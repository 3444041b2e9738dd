"""Locks that somebody holds in Redis until they expire."""

from typing import Any

from redis.exceptions import RedisError

from backoffice.adapters.live import Away, redis_client

GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
"""Only while it is still the holder's: it may have expired and be somebody else's by now."""


async def give_back(name: bytes, holder: bytes) -> None:
    """End a lock before its time, if the holder still has it; raises Away."""
    try:
        script: Any = redis_client().register_script(GIVE_BACK)
        await script(keys=[name], args=[holder])
    except (RedisError, OSError) as error:
        raise Away from error
