"""The delivery log: what was owed, what was tried, and what exactly went over the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, cast

from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.webhooks import Attempt, Delivery, DeliveryState, WebhookEndpoint
from backoffice.viewmodels.times import NOTHING, iso
from backoffice.viewmodels.webhook_endpoints import PLACE

ERRORS = {
    "timeout": N_("No answer in 15 s"),
    "dns": N_("Name not found"),
    "connect": N_("Nobody answers there"),
    "tls": N_("Certificate not accepted"),
    "disconnected": N_("Connection lost"),
    "protocol": N_("Not HTTP"),
    "address_refused": N_("Address not allowed"),
    "url_refused": N_("Address not allowed"),
    "secret_unreadable": N_("Secret unreadable: rotate it"),
}


@dataclass(frozen=True)
class DeliveryRow:
    """One line of the log."""

    id: str
    state: str
    type: str
    event_id: str
    subject: str
    endpoint: str
    href: str
    """The endpoint's page with this delivery open."""
    attempts: int
    result: str
    latency: str
    next_at: str
    """Empty when it is not tried again."""
    at: str


@dataclass(frozen=True)
class AttemptChange:
    """Something that is other than in the try before; a dash where there was nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class AttemptView:
    """One try in full."""

    number: int
    at: str
    result: str
    is_good: bool
    latency: str
    timing: str
    """What the time went to: connecting, waiting, reading."""
    address: str
    next_at: str
    """When it was to be tried again; empty when it was not."""
    request_headers: str
    response_headers: str
    response: str
    changes: list[AttemptChange]
    """What is different from the try before."""


@dataclass(frozen=True)
class DeliveryView:
    """One delivery opened beside the log."""

    id: str = ""
    state: str = ""
    type: str = ""
    event_id: str = ""
    next_at: str = ""
    body: str = ""
    attempts: list[AttemptView] = field(default_factory=list)


def delivery_row(delivery: Delivery, event: Event, endpoint: WebhookEndpoint) -> DeliveryRow:
    """Show one delivery."""
    delivery_id = public_id(Prefix.DELIVERY, delivery.id)
    data = cast("dict[str, Any]", event.data)
    return DeliveryRow(
        id=delivery_id,
        state=state_of(delivery),
        type=event.type,
        event_id=public_id(Prefix.EVENT, event.id),
        subject=str(data["object"].get("id", "")),
        endpoint=endpoint.description or endpoint.url,
        href=f"{PLACE}/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}?delivery={delivery_id}",
        attempts=delivery.attempts,
        result=result(delivery.last_status, delivery.last_error),
        latency=f"{delivery.last_ms} ms" if delivery.last_ms is not None else NOTHING,
        next_at=iso(delivery.next_attempt_at) if delivery.state == DeliveryState.PENDING else "",
        at=iso(event.created_at),
    )


def state_of(delivery: Delivery) -> str:
    """Tell apart what waits for its first try from what failed and waits for another."""
    if delivery.state == DeliveryState.PENDING and delivery.attempts:
        return "failed"
    return delivery.state


def result(status: int | None, error: str) -> str:
    """Say what came back: the status, or why none did."""
    return str(status) if status is not None else gettext(ERRORS.get(error, error)) or NOTHING


def delivery_view(
    delivery: Delivery, event: Event, attempts: list[Attempt], body: Mapping[str, object]
) -> DeliveryView:
    """Show one delivery with every try, newest first."""
    return DeliveryView(
        id=public_id(Prefix.DELIVERY, delivery.id),
        state=state_of(delivery),
        type=event.type,
        event_id=public_id(Prefix.EVENT, event.id),
        next_at=iso(delivery.next_attempt_at) if delivery.state == DeliveryState.PENDING else "",
        body=json.dumps(body, indent=2, ensure_ascii=False),
        attempts=[attempt_view(one, before) for one, before in zip_longest(attempts, attempts[1:])],
    )


def attempt_view(attempt: Attempt, before: Attempt | None) -> AttemptView:
    """Show one try as it went over the wire, and what was other in the one before."""
    return AttemptView(
        number=attempt.number,
        at=iso(attempt.created_at),
        result=result(attempt.status, attempt.error),
        is_good=attempt.status is not None and 200 <= attempt.status < 300,  # noqa: PLR2004 RFC 9110 §15.3
        latency=f"{attempt.duration_ms} ms",
        timing=_timing(attempt),
        address=attempt.address,
        next_at=iso(attempt.next_attempt_at),
        request_headers=_lines(attempt.request_headers),
        response_headers=_lines(attempt.response_headers),
        response=attempt.response_excerpt,
        changes=_changes(before, attempt) if before else [],
    )


def _changes(before: Attempt, after: Attempt) -> list[AttemptChange]:
    """Compare two tries: what was sent, where to, and what came back."""
    pairs = [
        (gettext("Address"), before.address, after.address),
        *_headers(N_("{name} (sent)"), before.request_headers, after.request_headers),
        (gettext("Answer"), result(before.status, before.error), result(after.status, after.error)),
        *_headers(N_("{name} (came back)"), before.response_headers, after.response_headers),
        (gettext("Body that came back"), before.response_excerpt, after.response_excerpt),
    ]
    return [AttemptChange(name, old or NOTHING, new or NOTHING) for name, old, new in pairs if old != new]


def _headers(words: str, old: Mapping[str, object], new: Mapping[str, object]) -> list[tuple[str, str, str]]:
    names = [*old, *(name for name in new if name not in old)]
    return [(gettext(words, name=name), str(old.get(name, "")), str(new.get(name, ""))) for name in names]


def _timing(attempt: Attempt) -> str:
    """Split the time of one try; what it did not get to is left out."""
    connected, answered, done = attempt.connected_ms, attempt.first_byte_ms, attempt.duration_ms
    if connected is None:
        return gettext("Not connected after {time} ms", time=done) if attempt.error else ""
    waited = (done if answered is None else answered) - connected
    known = {"connected": connected, "waited": waited, "read": done - connected - waited}
    if answered is None:
        reused, fresh = (
            N_("Connection was open, waited {waited} ms in vain"),
            N_("Connected in {connected} ms, waited {waited} ms in vain"),
        )
    else:
        reused, fresh = (
            N_("Connection was open, waited {waited} ms, read {read} ms"),
            N_("Connected in {connected} ms, waited {waited} ms, read {read} ms"),
        )
    return gettext(reused if connected == 0 else fresh, **known)


def _lines(headers: Mapping[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())
