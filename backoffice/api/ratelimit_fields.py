"""Writes the header fields of draft-ietf-httpapi-ratelimit-headers-10, the only place that knows their form."""

from collections.abc import Sequence

from backoffice.adapters.limiter import Standing

QUOTA_TYPE = "https://iana.org/assignments/http-problem-types#quota-exceeded"
"""The type of a problem that one of these policies made."""


def fields(standings: Sequence[Standing]) -> dict[str, str]:
    """Write `RateLimit-Policy` and `RateLimit`: structured fields (RFC 9651), one item per policy."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.policy.name}";q={one.policy.quota};w={one.policy.seconds}' for one in standings
        ),
        "RateLimit": ", ".join(
            f'"{one.policy.name}";r={max(0, one.remaining)};t={one.reset_seconds}' for one in standings
        ),
    }
