"""Counts requests against several policies in one step, in Redis or, while it is away, in this process."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.adapters import live
from backoffice.models.plans import RequestPolicy

TAKE = """
local parts = redis.call('TIME')
local now = (parts[1] - 1700000000) * 1000000 + parts[2]
local answer, later, refused = {}, {}, false
for i, key in ipairs(KEYS) do
  local window = ARGV[2 * i] * 1000000
  local step = window / ARGV[2 * i - 1]
  local full = math.max(tonumber(redis.call('GET', key) or now), now)
  local wait = full + step - window - now
  later[i] = full + step
  if wait > 100 then
    refused = true
    answer[3 * i - 2], answer[3 * i] = 0, math.ceil(wait / 1000000)
  else
    answer[3 * i - 2], answer[3 * i] = 1, math.ceil((full + step - now) / 1000000)
  end
  answer[3 * i - 1] = math.floor((window - full + now) / step + 0.01)
end
if refused then
  return answer
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.2f', later[i]), 'PX', math.ceil((later[i] - now) / 1000) + 1)
  answer[3 * i - 1] = answer[3 * i - 1] - 1
end
return answer
"""
"""The generic cell rate algorithm over several keys: all take one or none does; the server's clock, microseconds."""
MAX_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with one policy."""

    policy: RequestPolicy
    is_allowed: bool
    remaining: int
    reset_seconds: int
    """Until the next request is allowed if this one is not, else until the whole quota is there again."""


@dataclass(frozen=True, slots=True)
class Group:
    """Callers that are counted together as well, by a name and policies of their own."""

    name: str
    policies: Sequence[RequestPolicy]


async def take(name: str, policies: Sequence[RequestPolicy], group: Group | None = None) -> list[Standing]:
    """Count one request; what one policy refuses costs nothing at the others.

    Raises Away. The braces keep all keys of one call on one node of a cluster.
    """
    counted, slot = _counted(name, policies, group), group.name if group else name
    keys = [f"backoffice:limit:{{{slot}}}:{who}:{policy.name}" for who, policy in counted]
    answer = await live.run_script(TAKE, keys, [number for _, one in counted for number in (one.quota, one.seconds)])
    return [
        Standing(policy, bool(answer[3 * i]), answer[3 * i + 1], answer[3 * i + 2])
        for i, (_, policy) in enumerate(counted)
    ]


def _counted(name: str, policies: Sequence[RequestPolicy], group: Group | None) -> list[tuple[str, RequestPolicy]]:
    together = [(group.name, policy) for policy in group.policies] if group else []
    return [*((name, policy) for policy in policies), *together]


class LocalLimiter:
    """Stands in for Redis while it is away, by the same rule, with this process's share of each quota."""

    def __init__(self, max_names: int = MAX_NAMES) -> None:
        self._full: dict[tuple[str, str], float] = {}
        self._max_names = max_names

    def take(
        self, name: str, policies: Sequence[RequestPolicy], group: Group | None = None, *, replicas: int
    ) -> list[Standing]:
        """Count one request as `take` does."""
        now, counted = time.monotonic(), _counted(name, policies, group)
        standings = [self._look(who, policy, now, max(1, policy.quota // replicas)) for who, policy in counted]
        if not all(one.is_allowed for one in standings):
            return standings
        self._make_room(now)
        for (who, _), one in zip(counted, standings, strict=True):
            key = (who, one.policy.name)
            step = one.policy.seconds / max(1, one.policy.quota // replicas)
            self._full[key] = max(self._full.get(key, now), now) + step
        return [Standing(one.policy, True, one.remaining - 1, one.reset_seconds) for one in standings]

    def _look(self, name: str, policy: RequestPolicy, now: float, quota: int) -> Standing:
        step = policy.seconds / quota
        full = max(self._full.get((name, policy.name), now), now)
        wait = full + step - policy.seconds - now
        is_allowed = wait <= step / 1000
        left = math.floor((policy.seconds - full + now) / step + 0.01)
        return Standing(policy, is_allowed, left, math.ceil(full + step - now if is_allowed else wait))

    def _make_room(self, now: float) -> None:
        """Forget who is whole again, and then who was seen first: memory has an end, whoever asks."""
        if len(self._full) < self._max_names:
            return
        self._full = {key: full for key, full in self._full.items() if full > now}
        for key in list(self._full)[: len(self._full) - self._max_names + 1]:
            del self._full[key]
