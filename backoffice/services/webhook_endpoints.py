"""Webhook endpoints: where a partner wants to be told, and the secret by which they know that it is us."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live, outbound
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.events import Event
from backoffice.models.partners import Partner
from backoffice.models.webhooks import BY_HAND, Delivery, DeliveryState, EndpointStatus, WebhookEndpoint
from backoffice.services import audit, event_types, events, test_clocks, webhook_secrets
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, cut, read_cursor
from backoffice.settings import settings

OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(days=7)
MAX_ENDPOINTS = 20
MAX_DESCRIPTION = 200
FASTEST = 1_000
"""The highest throttle, in messages per second."""
TEST_EVENT = "webhook_endpoint.test"
EVENT_TYPES = event_types.NAMES
"""Everything that can be asked for (design.md §8)."""


class Wish(TypedDict, total=False):
    """What a partner may set; what is not named stays as it is."""

    url: str
    event_types: Collection[str]
    description: str
    fifo: bool
    max_per_second: int | None
    is_paused: bool


async def create(  # noqa: PLR0913 an endpoint has this many properties
    session: AsyncSession,
    actor: Actor,
    *,
    url: str,
    livemode: bool,
    event_types: Collection[str] = (),
    description: str = "",
    fifo: bool = False,
    max_per_second: int | None = None,
) -> tuple[WebhookEndpoint, str]:
    """Take an endpoint on and answer it with its signing secret, which nobody is shown again.

    It is dated as its events are, whether a test key makes it or a person: what it is owed depends on which came first.
    Raises Invalid for an address that we must not call or an unknown event type, Conflict when there are too many.
    """
    actor.require(Permission.WEBHOOKS_WRITE)
    actor.require_fresh()
    partner_id = actor.require_partner()
    _refuse_other_mode(actor, livemode)
    await _refuse_too_many(session, partner_id, livemode)
    secret = webhook_secrets.draw()
    with await test_clocks.time_of(session, partner_id, livemode=livemode):
        endpoint_id, made_at = new_id(), now()
    endpoint = WebhookEndpoint(
        id=endpoint_id,
        created_at=made_at,
        partner_id=partner_id,
        livemode=livemode,
        url=_checked_url(url),
        description=_checked_description(description),
        event_types=_checked_types(event_types),
        fifo=fifo,
        max_per_second=_checked_pace(max_per_second),
        secret_box=webhook_secrets.seal(endpoint_id, "secret_box", secret),
    )
    session.add(endpoint)
    await session.flush()
    await _record(session, actor, endpoint, "created", url=endpoint.url, event_types=endpoint.event_types)
    return endpoint, secret


def _refuse_other_mode(actor: Actor, livemode: bool) -> None:
    if actor.livemode is not None and actor.livemode != livemode:
        raise NotAllowed("A test key makes test endpoints, a live key live ones.", code="wrong_mode")


async def _refuse_too_many(session: AsyncSession, partner_id: UUID, livemode: bool) -> None:
    """Count under the partner's lock: two that count at once would both find room."""
    lock = select(col(Partner.id)).where(col(Partner.id) == partner_id).with_for_update(key_share=True)
    await session.execute(lock)
    statement = (
        select(func.count())
        .select_from(WebhookEndpoint)
        .where(col(WebhookEndpoint.partner_id) == partner_id, col(WebhookEndpoint.livemode) == livemode)
        .where(col(WebhookEndpoint.deleted_at).is_(None))
    )
    if (await session.execute(statement)).scalar_one() >= MAX_ENDPOINTS:
        raise Conflict(f"There are {MAX_ENDPOINTS} endpoints already. Delete one first.", code="too_many_endpoints")


async def check_url(url: str) -> None:
    """Look the address up for a friendly sentence, before the door opens its transaction: name servers may be slow.

    Raises Invalid. Every connection is checked again when it is made, which is what protects us.
    """
    await outbound.check_url(url.strip(), allow_hosts=settings().webhook_allow_hosts)


def _checked_url(url: str) -> str:
    tidy = url.strip()
    outbound.check_form(tidy, allow_hosts=settings().webhook_allow_hosts)
    return tidy


def _checked_description(description: str) -> str:
    tidy = description.strip()
    if len(tidy) > MAX_DESCRIPTION or not tidy.isprintable():
        raise Invalid(
            f"A description has at most {MAX_DESCRIPTION} printable letters.",
            code="invalid_description",
            pointer="/description",
        )
    return tidy


def _checked_types(wanted: Collection[str]) -> list[str]:
    for index, name in enumerate(wanted):
        if name not in event_types.BY_NAME:
            raise Invalid("There is no such event type.", code="unknown_event_type", pointer=f"/event_types/{index}")
    return sorted(set(wanted))


def _checked_pace(max_per_second: int | None) -> int | None:
    if max_per_second is not None and not 1 <= max_per_second <= FASTEST:
        raise Invalid(
            f"A throttle lies between 1 and {FASTEST} a second; without one we send as fast as you answer.",
            code="out_of_range",
            pointer="/max_per_second",
        )
    return max_per_second


async def get(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Find one endpoint that the actor may see.

    Raises NotFound, also for a deleted one.
    """
    actor.require(Permission.WEBHOOKS_READ)
    return await find(session, actor, endpoint_id)


async def to_change(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, version: int | None = None
) -> WebhookEndpoint:
    """Find one endpoint and keep others from changing it until the transaction ends; deliveries may still be owed.

    Raises NotFound, and Conflict with the code `stale_version` when it is not the version that was read.
    """
    actor.require(Permission.WEBHOOKS_WRITE)
    endpoint = await find(session, actor, endpoint_id, lock=True)
    if version is not None and endpoint.version != version:
        raise Conflict("Somebody changed this endpoint meanwhile. Look again.", code="stale_version")
    return endpoint


async def find(session: AsyncSession, actor: Actor, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """Find one endpoint of the actor's partner and mode, for a service that has asked for its own permission."""
    statement = _visible(actor).where(col(WebhookEndpoint.id) == endpoint_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "webhook endpoint")


def _visible(actor: Actor) -> Select[WebhookEndpoint]:
    statement = select(WebhookEndpoint).where(col(WebhookEndpoint.deleted_at).is_(None))
    if not actor.is_staff:
        statement = statement.where(col(WebhookEndpoint.partner_id) == actor.partner_id)
    if actor.livemode is not None:
        statement = statement.where(col(WebhookEndpoint.livemode) == actor.livemode)
    return statement


async def page(
    session: AsyncSession,
    actor: Actor,
    *,
    livemode: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[WebhookEndpoint]:
    """List endpoints newest first; none holds its secret in the clear."""
    actor.require(Permission.WEBHOOKS_READ)
    statement = _visible(actor).order_by(col(WebhookEndpoint.id).desc()).limit(limit + 1)
    if livemode is not None:
        statement = statement.where(col(WebhookEndpoint.livemode) == livemode)
    before = read_cursor(Prefix.WEBHOOK_ENDPOINT, cursor)
    if before:
        statement = statement.where(col(WebhookEndpoint.id) < before)
    return cut((await session.execute(statement)).scalars().all(), limit, Prefix.WEBHOOK_ENDPOINT)


async def change(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, version: int | None = None, **wish: Unpack[Wish]
) -> WebhookEndpoint:
    """Change what is given and leave the rest; what stays as it was is no change.

    Raises Conflict with the code `stale_version` when somebody was faster.
    """
    endpoint = await to_change(session, actor, endpoint_id, version=version)
    values = {name: value for name, value in _checked(wish).items() if getattr(endpoint, name) != value}
    if "url" in values:
        actor.require_fresh()
    if values:
        changes = {name: [getattr(endpoint, name), value] for name, value in values.items()}
        await _write(session, actor, endpoint, "updated", changes, **values)
    if values.get("fifo") is False:
        await _unpark(session, endpoint_id)
    return endpoint


async def _unpark(session: AsyncSession, endpoint_id: UUID) -> None:
    """Let go what waits for its turn in an order that is not kept any more."""
    waits = (col(Delivery.state) == DeliveryState.PENDING) & col(Delivery.next_attempt_at).is_(None)
    await session.execute(
        update(Delivery)
        .where(col(Delivery.endpoint_id) == endpoint_id, waits)
        .values(next_attempt_at=now())
        .execution_options(synchronize_session=False)
    )


def _checked(wish: Wish) -> dict[str, object]:
    values: dict[str, object] = dict(wish)
    if "url" in wish:
        values["url"] = _checked_url(wish["url"])
    if "event_types" in wish:
        values["event_types"] = _checked_types(wish["event_types"])
    if "description" in wish:
        values["description"] = _checked_description(wish["description"])
    if "max_per_second" in wish:
        values["max_per_second"] = _checked_pace(wish["max_per_second"])
    return values


async def _write(
    session: AsyncSession,
    actor: Actor,
    endpoint: WebhookEndpoint,
    what: str,
    changes: dict[str, list[object]],
    **values: object,
) -> None:
    for name, value in values.items():
        setattr(endpoint, name, value)
    endpoint.version += 1
    await session.flush()
    await _record(session, actor, endpoint, what, **changes)
    live.announce(session, "deliveries:due", f"webhook_endpoint:{endpoint.id}", f"partner:{endpoint.partner_id}")


async def disable(session: AsyncSession, actor: Actor, endpoint_id: UUID, *, reason: str = BY_HAND) -> WebhookEndpoint:
    """Send nothing any more; what is owed waits, and new events are not owed. Twice changes nothing."""
    endpoint = await to_change(session, actor, endpoint_id)
    if endpoint.status == EndpointStatus.ENABLED:
        changes: dict[str, list[object]] = {"status": [endpoint.status, EndpointStatus.DISABLED]}
        values = {"status": EndpointStatus.DISABLED, "disabled_reason": reason}
        await _write(session, actor, endpoint, "disabled", changes, **values)
        await events.emit(session, actor, "webhook_endpoint.disabled", subject(endpoint))
    return endpoint


async def enable(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Send again, first what is still owed. Twice changes nothing."""
    endpoint = await to_change(session, actor, endpoint_id)
    if endpoint.status == EndpointStatus.DISABLED:
        changes: dict[str, list[object]] = {"status": [endpoint.status, EndpointStatus.ENABLED]}
        fresh = {"disabled_reason": "", "failing_since": None, "failing_told_at": None, "paused_until": None}
        await _write(session, actor, endpoint, "enabled", changes, status=EndpointStatus.ENABLED, **fresh)
    return endpoint


async def delete(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> None:
    """Take the endpoint away; its log stays for the audit, what is still owed is canceled.

    What is being settled this moment settles itself; waiting for it could lock both out.
    """
    endpoint = await to_change(session, actor, endpoint_id)
    values = {"deleted_at": now(), "status": EndpointStatus.DISABLED, "secret_box": b"", "previous_secret_box": None}
    await _write(session, actor, endpoint, "deleted", {}, **values)
    owed = select(col(Delivery.id)).where(
        col(Delivery.endpoint_id) == endpoint_id, col(Delivery.state) == DeliveryState.PENDING
    )
    await session.execute(
        update(Delivery)
        .where(col(Delivery.id).in_(owed.with_for_update(skip_locked=True)))
        .values(state=DeliveryState.CANCELED, next_attempt_at=None)
        .execution_options(synchronize_session=False)
    )


async def rotate_secret(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, overlap: timedelta = OVERLAP
) -> tuple[WebhookEndpoint, str]:
    """Make a new secret and answer it once; the old ones sign beside it until the overlap ends.

    Whoever rotates twice cuts nobody off: what an earlier rotation promised holds. No overlap ends every old one.

    Raises Invalid for an overlap outside of 0 to 7 days.
    """
    if not timedelta() <= overlap <= MAX_OVERLAP:
        raise Invalid("The overlap must lie between 0 and 7 days.", code="out_of_range", pointer="/overlap_seconds")
    endpoint = await to_change(session, actor, endpoint_id)
    actor.require_fresh()
    secret = webhook_secrets.rotate(endpoint, overlap)
    endpoint.secret_changed_at = now()
    await _write(session, actor, endpoint, "secret_rotated", {"overlap_seconds": [None, overlap.total_seconds()]})
    await events.emit(session, actor, "webhook_endpoint.secret_rotated", subject(endpoint))
    return endpoint, secret


async def send_test(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> Event:
    """Send this endpoint, and no other, an event that says nothing happened.

    Raises Conflict when the endpoint is switched off.
    """
    endpoint = await to_change(session, actor, endpoint_id)
    if endpoint.status != EndpointStatus.ENABLED:
        raise Conflict("This endpoint is switched off. Switch it on to send a test.", code="endpoint_disabled")
    endpoint.paused_until = None
    await _record(session, actor, endpoint, "test_sent")
    return await events.emit(session, actor, TEST_EVENT, subject(endpoint), only=endpoint.id)


def subject(endpoint: WebhookEndpoint) -> events.Subject:
    """Say what an event about an endpoint is about."""
    data: dict[str, object] = {
        "id": public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id),
        "object": "webhook_endpoint",
        "url": endpoint.url,
        "status": endpoint.status,
        "disabled_reason": endpoint.disabled_reason,
    }
    return events.Subject("webhook_endpoint", endpoint.id, endpoint.partner_id, endpoint.livemode, data)


async def _record(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, what: str, **changes: object) -> None:
    await audit.record(
        session,
        actor,
        f"webhook_endpoint.{what}",
        subject_type="webhook_endpoint",
        subject_id=endpoint.id,
        partner_id=endpoint.partner_id,
        changes=dict(changes),
    )


async def note_health(
    session: AsyncSession, endpoint_id: UUID, *, failing_since: datetime | None, paused_until: datetime | None
) -> None:
    """Remember how sending goes; not a change by anybody, so neither version nor audit tell of it."""
    await session.execute(
        update(WebhookEndpoint)
        .where(col(WebhookEndpoint.id) == endpoint_id)
        .values(failing_since=failing_since, paused_until=paused_until)
        .execution_options(synchronize_session=False)
    )
