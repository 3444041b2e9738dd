"""Who looks at what just now, in Redis and for a moment only; while Redis is away nobody is seen, and nothing fails."""
# pyright: reportUnknownMemberType=false
# redis-py leaves its **kwargs without types, which makes every one of its methods "partially unknown".

import time
from collections import defaultdict
from collections.abc import Mapping

from backoffice.adapters import live

KEY = "backoffice:presence"
SECONDS = 45.0
"""How long somebody is seen without a sign of life."""
BETWEEN = "|"
TOPIC = "presence"


async def seen(*who: tuple[str, str]) -> None:
    """Say that these (place, person) are there now."""
    until = time.time() + SECONDS
    if who:
        await _quietly("ZADD", *(part for place, person in who for part in (until, f"{place}{BETWEEN}{person}")))


async def gone(place: str, person: str) -> None:
    """Say that a person has left a place."""
    await _quietly("ZREM", f"{place}{BETWEEN}{person}")


async def announce() -> None:
    """Tell the screens that show who is where; for those who just came or went."""
    try:
        await live.publish(TOPIC)
    except live.Away:
        return


async def viewers() -> Mapping[str, list[str]]:
    """Answer who is at each place where somebody is."""
    moment = time.time()
    await _quietly("ZREMRANGEBYSCORE", "-inf", moment)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for member in await _quietly("ZRANGEBYSCORE", moment, "+inf") or ():
        place, _, person = str(member).partition(BETWEEN)
        found[place].append(person)
    return found


async def _quietly(command: str, *arguments: str | float) -> list[str] | None:
    try:
        return await live.command(command, KEY, *arguments)
    except live.Away:
        return None
