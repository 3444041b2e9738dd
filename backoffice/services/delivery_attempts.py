"""One try: signed, sent within its deadline, and what its answer means for the delivery."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from backoffice import clock
from backoffice.adapters import outbound
from backoffice.models.webhooks import DeliveryState
from backoffice.services import signatures
from backoffice.services.delivery_claims import Claim
from backoffice.settings import settings

SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""The pause before each attempt (Standard Webhooks): ten of them within 75 h 35 min."""
JITTER = 0.2
DEADLINE_SECONDS = 15.0
LONGEST_WAIT = timedelta(hours=24)
SLOW_STATUSES = frozenset({429, 502, 503, 504})
GONE = 410
COMMAND_HEADER = "webhook-delivery"


@dataclass(frozen=True, slots=True)
class Tried:
    """What was sent for a claim and what came back."""

    claim: Claim
    headers: Mapping[str, str]
    answer: outbound.Attempt
    started_at: datetime
    """By the clock of the outside world."""

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more: 410, or its word in a header."""
        return self.answer.status == GONE or self.command == "disable"

    @property
    def is_slow(self) -> bool:
        """Whether the receiver has too much to do, so that everything for it should wait and not this message alone."""
        return self.answer.status in SLOW_STATUSES or self.answer.error_class == "timeout"

    @property
    def command(self) -> str:
        """What the receiver asks for in the `webhook-delivery` header."""
        return _header(self.answer.response_headers, COMMAND_HEADER).strip().lower()

    @property
    def outcome(self) -> str:
        """What came of it in one word out of few, for metrics."""
        if self.answer.is_delivered:
            return "delivered"
        return self.answer.error_class or f"http_{(self.answer.status or 0) // 100}xx"


async def attempt(
    claim: Claim, *, deadline_s: float = DEADLINE_SECONDS, client: outbound.Client | None = None
) -> Tried:
    """Sign and send once; no transaction is open meanwhile. What cannot be signed is not sent."""
    started_at = clock.wall()
    if not claim.door.keys:
        return Tried(claim, {}, outbound.Attempt(None, 0, "secret_unreadable"), started_at)
    message = claim.message
    headers = {
        "content-type": "application/json",
        **signatures.headers(message.webhook_id, started_at, message.body, claim.door.keys),
    }
    answer = await outbound.post(
        claim.door.url,
        headers,
        message.body,
        deadline_s=deadline_s,
        allow_hosts=settings().webhook_allow_hosts,
        session=client,
    )
    return Tried(claim, headers, answer, started_at)


def verdict(tried: Tried) -> tuple[DeliveryState, datetime | None]:
    """Say what becomes of the delivery and when it is tried again, in its partner's time."""
    if tried.answer.is_delivered:
        return DeliveryState.DELIVERED, None
    if tried.is_gone or tried.command == "abort-message":
        return DeliveryState.CANCELED, None
    if tried.claim.number >= len(SCHEDULE):
        return DeliveryState.EXHAUSTED, None
    pause = SCHEDULE[tried.claim.number] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 spread, not secrecy
    later = clock.wall() + max(pause, retry_after(tried.answer.response_headers))
    return DeliveryState.PENDING, later + tried.claim.door.ahead


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """Read how long the receiver asks us to wait (RFC 9110 §10.2.3), at most a day; nothing when unreadable."""
    value = _header(headers, "retry-after").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - clock.wall()
    except (ValueError, OverflowError):
        return timedelta()
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
