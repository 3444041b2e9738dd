"""Which tabs hold something of which person in Redis, so that an erasure takes it from there at once.

A tab's state is written only together with a note of whose data was opened for it; an erasure first leaves a mark, then
takes the states of every tab that is noted, after the lock of whoever writes one just now. So whatever was read before
the erasure is either found by it, or finds its mark and is not written.
"""

import json
from collections.abc import Collection
from typing import Any, cast
from uuid import UUID, uuid4

from redis.exceptions import RedisError

from backoffice.adapters import live, locks

KIND = "tab"
"""Live messages of this kind name a tab whose state was taken: it begins anew."""
KEPT_SECONDS = 3 * 24 * 60 * 60
"""Longer than any state: a session ends after a day at most, and what it left a day later."""
MARKED_SECONDS = 10 * 60
"""Longer than any handler runs."""
SCANNED = 1_000
LOCKED_MS = 10_000
"""Of who died here: until then the tab waits, and renewed with every look around."""

NOTE = """
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i + 1]) == 1 then return 0 end
end
for i = 1, #KEYS, 2 do
  redis.call('SADD', KEYS[i], ARGV[1])
  redis.call('EXPIRE', KEYS[i], ARGV[2])
end
return 1
"""


def _index(applicant_id: UUID) -> str:
    return f"backoffice:shown:{applicant_id}"


def _mark(applicant_id: UUID) -> str:
    return f"backoffice:erased:{applicant_id}"


async def note(client: Any, tab: str, applicant_ids: Collection[UUID]) -> bool:  # noqa: ANN401 the state's own client
    """Note that a tab is about to keep something of these people; False when one of them was erased meanwhile."""
    keys = [key for one in applicant_ids for key in (_index(one), _mark(one))]
    return bool(await client.eval(NOTE, len(keys), *keys, tab, KEPT_SECONDS))


async def forget(applicant_id: UUID) -> int:
    """Take every state that holds something of a person who was erased; answers of how many tabs. Raises Away."""
    client = cast("Any", live.redis_client())
    try:
        await client.set(_mark(applicant_id), 1, ex=MARKED_SECONDS)
        tabs = set(await client.smembers(_index(applicant_id)))
        if tabs:
            await _take(client, tabs)
            await client.publish(live.CHANNEL, json.dumps([f"{KIND}:{tab}" for tab in sorted(tabs)]))
            await client.delete(_index(applicant_id))
    except (RedisError, OSError) as error:
        raise live.Away from error
    return len(tabs)


async def _take(client: Any, tabs: Collection[str]) -> None:  # noqa: ANN401 redis-py leaves it untyped
    """Delete the states of tabs; Reflex names each by the tab's token, an underline and what it is.

    A scan comes by in any order, so the locks are ours before it begins: who holds one would write behind its back.
    """
    names, mine, cursor = [f"{tab}_lock" for tab in tabs], uuid4().hex, 0
    await _hold(client, names, mine)
    while True:
        cursor, found = await client.scan(cursor=cursor, count=SCANNED)
        if gone := [name for name in found if name not in names and name.partition("_")[0] in tabs]:
            await client.delete(*gone)
        if not await _hold(client, names, mine):
            cursor = 0  # who gave theirs back gave ours back with it: somebody may have written meanwhile
        elif int(cursor) == 0:
            break
    for name in names:
        await locks.give_back(name.encode(), mine.encode())


async def _hold(client: Any, names: Collection[str], mine: str) -> bool:  # noqa: ANN401 redis-py leaves it untyped
    """Make locks ours, and say whether each was so already."""
    before = [await client.set(name, mine, px=LOCKED_MS, get=True) for name in names]
    return all(one == mine for one in before)
