"""Counts that all processes share, in Redis: they may be lost, and Prometheus takes that for a restart."""
# pyright: reportUnknownMemberType=false
# redis-py leaves its **kwargs without types, which makes every one of its methods "partially unknown".

from collections.abc import Mapping
from logging import getLogger
from typing import Any

from redis.exceptions import RedisError

from backoffice.adapters.live import Away, redis_client

log = getLogger(__name__)
KEY = "backoffice:tallies"


async def add(counts: Mapping[str, float]) -> None:
    """Count up; without Redis nothing is counted and nobody is stopped."""
    if not counts:
        return
    pipe: Any = redis_client().pipeline(transaction=False)
    for name, count in counts.items():
        pipe.hincrbyfloat(KEY, name, count)
    try:
        await pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("tallies_lost", extra={"error": type(error).__name__})


async def read() -> dict[str, float]:
    """Read every count; raises Away, for a count that falls and comes back would look like thousands at once."""
    client: Any = redis_client()
    try:
        return {str(name): float(value) for name, value in (await client.hgetall(KEY)).items()}
    except (RedisError, OSError) as error:
        raise Away from error
