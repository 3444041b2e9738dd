"""How fast one key may ask: counted in Redis, told in `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers)."""

from dataclasses import dataclass
from logging import getLogger
from time import monotonic

from fastapi import Request

from backoffice.adapters import live
from backoffice.errors import TooMany
from backoffice.models.partners import Plan
from backoffice.settings import settings

log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests in so many seconds."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one caller stands: what is left, and after how many seconds more comes."""

    remaining: int
    reset: int
    is_allowed: bool


BY_PLAN = {
    Plan.FREE: Policy("key", 50, 10),
    Plan.STANDARD: Policy("key", 1000, 10),
    Plan.ENTERPRISE: Policy("key", 3000, 10),
}
ANONYMOUS = Policy("address", 600, 60)
"""For requests without a usable key, by address: guessing keys is slow, and documentation stays readable."""


class LocalWindows:
    """Stands in for Redis while it is away: fixed windows in this process, at the quota's share of one worker."""

    MAX_NAMES = 10_000

    def __init__(self) -> None:
        self._windows: dict[str, tuple[int, int]] = {}

    def hit(self, name: str, policy: Policy) -> Standing:
        """Count one request."""
        moment = monotonic()
        window = int(moment // policy.seconds)
        began, count = self._windows.get(name, (window, 0))
        count = count + 1 if began == window else 1
        if len(self._windows) >= self.MAX_NAMES:
            self._windows.clear()
        self._windows[name] = (window, count)
        quota = max(1, policy.quota // settings().web_workers)
        reset = int((window + 1) * policy.seconds - moment) + 1
        return Standing(max(0, quota - count), reset, count <= quota)


_local = LocalWindows()


async def limit(request: Request, policy: Policy, name: str) -> None:
    """Count this request, put the headers on its answer, and stop it when the quota is used up.

    Raises TooMany with the seconds to wait.
    """
    standing = await _hit(f"{policy.name}:{name}", policy)
    request.state.rate_headers = {
        "RateLimit-Policy": f'"{policy.name}";q={policy.quota};w={policy.seconds}',
        "RateLimit": f'"{policy.name}";r={standing.remaining};t={standing.reset}',
    }
    if not standing.is_allowed:
        request.state.violated = [policy.name]
        raise TooMany("Too many requests. Wait as long as Retry-After says.", retry_after=max(1, standing.reset))


async def _hit(name: str, policy: Policy) -> Standing:
    """Ask Redis, and fail open to this process's own count when it does not answer."""
    try:
        answer = await live.hit(f"api:{name}", policy.quota, policy.seconds)
    except live.Away:
        return _local.hit(name, policy)
    return Standing(answer.remaining, answer.reset_seconds, answer.is_allowed)
