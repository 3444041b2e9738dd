"""How fast one key or one address may ask, told in header fields on every answer."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fastapi import Request

from backoffice.adapters import limiter, live, metrics
from backoffice.adapters.limiter import Group, LocalLimiter, Standing
from backoffice.api import ratelimit_fields
from backoffice.errors import TooMany
from backoffice.models.plans import PlanLimits, RequestPolicy
from backoffice.settings import settings

KEPT = 1_024
WRITING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
IPV6_SITE_BITS = 64
"""Whoever has one IPv6 address has a whole /64 of them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The policies of one kind of caller, and those that stand in while Redis is away, all processes together."""

    kind: str
    policies: tuple[RequestPolicy, ...]
    while_away: tuple[RequestPolicy, ...]
    together: tuple[RequestPolicy, ...] = ()
    """What callers of one group have to keep together as well."""


ANONYMOUS = Limits("address", (RequestPolicy("address", 600, 60),), (RequestPolicy("address", 30, 60),))
"""For requests without a usable key, by address: guessing keys is slow, also while nobody counts for all of us."""
UPLOAD = Limits("upload", (RequestPolicy("upload", 30, 60),), (RequestPolicy("upload", 30, 60),))
"""For one place of an upload: who holds its address may correct a file, not fill the storage."""
_local = LocalLimiter()


@lru_cache(KEPT)
def of_key(allowed: PlanLimits, *, writes: bool = False) -> Limits:
    """Say what a known key is held to: the same while Redis is away, for limits protect us and are not the bill.

    A request that writes has to keep one policy more, which one that reads neither uses up nor is told of.
    """
    if not writes:
        return Limits("key", allowed.requests, allowed.requests, allowed.together)
    own = (*allowed.requests, allowed.writing)
    return Limits("key", own, own, (*allowed.together, allowed.writing_together))


async def limit(request: Request, limits: Limits, name: str, group: str = "") -> None:
    """Count this request, put the fields on its answer, and stop it when a quota is used up.

    `group` names whom the caller is counted together with, where its limits have something to say of that.

    Raises TooMany with the seconds to wait and the names of the policies.
    """
    standings = await _take(limits, _site(name) if limits is ANONYMOUS else name, group)
    request.state.rate_headers = ratelimit_fields.fields(standings)
    refused = [one for one in standings if not one.is_allowed]
    if refused:
        raise TooMany(
            "Too many requests. Wait as long as Retry-After says.",
            retry_after=max(1, *(one.reset_seconds for one in refused)),
            policies=tuple(one.policy.name for one in refused),
        )


async def _take(limits: Limits, name: str, group: str) -> Sequence[Standing]:
    """Ask Redis, and count in this process when it does not answer."""
    together = Group(group, limits.together) if group and limits.together else None
    try:
        return await limiter.take(f"{limits.kind}:{name}", limits.policies, together)
    except live.Away:
        replicas = settings().web_workers * settings().web_hosts
        standings = _local.take(f"{limits.kind}:{name}", limits.while_away, together, replicas=replicas)
        result = "allowed" if all(one.is_allowed for one in standings) else "refused"
        metrics.limited_locally.labels(limits.kind, result).inc()
        return standings


def _site(ip: str) -> str:
    """Name who is behind an address: an IPv4 address, or the network of an IPv6 one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, IPV6_SITE_BITS), strict=False))
