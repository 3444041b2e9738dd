"""Events: facts written with the change; webhooks, the event list and live screens all start here."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event, EventCounter
from backoffice.models.webhooks import Delivery, EndpointStatus, WebhookEndpoint
from backoffice.services.access import Actor, Permission

API_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about; `data` is the thin snapshot that partners get: ids and codes, never personal data."""

    type: str
    id: UUID
    partner_id: UUID
    livemode: bool
    data: dict[str, object]


async def emit(  # noqa: PLR0913 a fact, and to whom it is owed
    session: AsyncSession,
    actor: Actor,
    type_: str,
    subject: Subject,
    *,
    previous: dict[str, object] | None = None,
    only: UUID | None = None,
) -> Event:
    """Write the event, owe it to every endpoint that wants it, and tell who is watching once it is durable.

    With `only` it is owed to that endpoint alone, whatever the endpoint asked for.
    """
    body: dict[str, object] = {"object": subject.data}
    if previous is not None:
        body["previous"] = previous
    event = Event(
        partner_id=subject.partner_id,
        livemode=subject.livemode,
        type=type_,
        subject_type=subject.type,
        subject_id=subject.id,
        sequence=await _next_sequence(session, subject),
        data=body,
        request_id=actor.request_id,
    )
    session.add(event)
    await session.flush()
    await _owe(session, event, only)
    live.announce(session, f"{subject.type}:{subject.id}", f"partner:{subject.partner_id}")
    return event


async def _next_sequence(session: AsyncSession, subject: Subject) -> int:
    """Count per subject without gaps: the counter's row lock is held until the transaction ends."""
    last = col(EventCounter.last_sequence)
    statement = (
        insert(EventCounter)
        .values(subject_id=subject.id, partner_id=subject.partner_id, last_sequence=1)
        .on_conflict_do_update(index_elements=["subject_id"], set_={"last_sequence": last + 1})
        .returning(last)
    )
    return (await session.execute(statement)).scalar_one()


async def _owe(session: AsyncSession, event: Event, only: UUID | None) -> None:
    """Owe the event to the endpoints that existed when it happened."""
    statement = select(col(WebhookEndpoint.id), col(WebhookEndpoint.event_types)).where(
        col(WebhookEndpoint.partner_id) == event.partner_id,
        col(WebhookEndpoint.livemode) == event.livemode,
        col(WebhookEndpoint.status) == EndpointStatus.ENABLED,
        col(WebhookEndpoint.deleted_at).is_(None),
        col(WebhookEndpoint.created_at) <= event.created_at,
    )
    rows = (await session.execute(statement)).all()
    if only is not None:
        wanted = [endpoint_id for endpoint_id, _ in rows if endpoint_id == only]
    else:
        wanted = [endpoint_id for endpoint_id, types in rows if not types or event.type in types]
    for endpoint_id in wanted:
        session.add(
            Delivery(partner_id=event.partner_id, endpoint_id=endpoint_id, event_id=event.id, next_attempt_at=now())
        )
    if wanted:
        await session.flush()
        live.announce(session, "deliveries:due")


SUBJECT_PREFIX = {
    "document": Prefix.DOCUMENT,
    "verification": Prefix.VERIFICATION,
    "applicant": Prefix.APPLICANT,
    "api_key": Prefix.API_KEY,
    "webhook_endpoint": Prefix.WEBHOOK_ENDPOINT,
    "review": Prefix.REVIEW_TASK,
}


def envelope(event: Event) -> dict[str, object]:
    """Write an event as partners get it, by webhook and by API alike."""
    return {
        "id": public_id(Prefix.EVENT, event.id),
        "object": "event",
        "type": event.type,
        "api_version": API_VERSION,
        "livemode": event.livemode,
        "created_at": event.created_at.isoformat().replace("+00:00", "Z"),
        "subject": {
            "type": event.subject_type,
            "id": public_id(SUBJECT_PREFIX[event.subject_type], event.subject_id),
        },
        "sequence": event.sequence,
        "data": event.data,
        "request_id": event.request_id,
    }


async def newest(session: AsyncSession, actor: Actor, *, livemode: bool, limit: int = 10) -> list[Event]:
    """Read a partner's latest events."""
    actor.require(Permission.EVENTS_READ)
    statement = select(Event).where(col(Event.partner_id) == actor.require_partner(), col(Event.livemode) == livemode)
    return list((await session.execute(statement.order_by(col(Event.id).desc()).limit(limit))).scalars())
