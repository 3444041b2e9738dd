"""Notices about a partner's webhooks: an event for their other endpoints and the dashboard, and a letter to people.

A notice never goes to the endpoint that it is about, and the failure of a notice makes no further one: two endpoints
that are both dead would otherwise tell each other so for ever.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue
from backoffice.clock import now
from backoffice.i18n import gettext, pgettext, reworded, speaking
from backoffice.i18n.dates import kept_moment, moment_words
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import events, letter_preferences, members, webhook_endpoints
from backoffice.services.access import Actor, Permission
from backoffice.services.delivery_attempts import Tried
from backoffice.services.letters import Addressed, Letter, subject
from backoffice.settings import settings

MAIL_JOB = "notice.mail"
FAILING = "webhook_endpoint.failing"
RECOVERED = "webhook_endpoint.recovered"
EXHAUSTED = "webhook_endpoint.delivery_exhausted"
DISABLED = "webhook_endpoint.disabled"
FAMILY = "webhook_endpoint."
MOST_READERS = 50
QUIET = timedelta(hours=1)
"""Of deliveries that are given up, people hear once in this time and endpoint; every one has its event."""
LOOKED_BACK = 50
PLACE = "/partner/developers/webhooks"


async def failing(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, tried: Tried) -> None:
    """Tell that an endpoint does not take what we send."""
    await _tell(session, actor, endpoint, FAILING, {"failure": _failure(tried)})


async def recovered(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, since: datetime | None) -> None:
    """Tell that an endpoint takes messages again, after it was told that it does not."""
    await _tell(session, actor, endpoint, RECOVERED, {"failed_since": since.isoformat() if since else None})


async def exhausted(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, tried: Tried) -> None:
    """Tell that a delivery was given up, unless what was given up is a notice itself."""
    if tried.claim.message.type.startswith(FAMILY):
        return
    delivery = {
        "id": public_id(Prefix.DELIVERY, tried.claim.delivery_id),
        "event_id": tried.claim.message.webhook_id,
        "event_type": tried.claim.message.type,
        "attempts": tried.claim.number,
    }
    was_told = await _was_told(session, endpoint.id, EXHAUSTED)
    event = await _emit(session, actor, endpoint, EXHAUSTED, {"delivery": delivery, "failure": _failure(tried)})
    if not was_told:
        await mail(session, event)


async def disabled(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """Write to people that an endpoint was switched off; the event of it exists already."""
    statement = select(Event).where(col(Event.subject_id) == endpoint.id, col(Event.type) == DISABLED)
    event = (await session.execute(statement.order_by(col(Event.sequence).desc()).limit(1))).scalar_one()
    await mail(session, event)


def _failure(tried: Tried) -> dict[str, object]:
    return {"status": tried.answer.status, "error": tried.answer.error_class or "", "attempt": tried.claim.number}


async def _was_told(session: AsyncSession, endpoint_id: UUID, type_: str) -> bool:
    """Look among the last things told of an endpoint whether this was, a short time ago."""
    latest = (
        select(col(Event.type), col(Event.created_at))
        .where(col(Event.subject_id) == endpoint_id)
        .order_by(col(Event.sequence).desc())
        .limit(LOOKED_BACK)
    )
    return any(told == type_ and at > now() - QUIET for told, at in await session.execute(latest))


async def _tell(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, type_: str, detail: dict[str, object]
) -> None:
    await mail(session, await _emit(session, actor, endpoint, type_, detail))


async def _emit(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, type_: str, detail: dict[str, object]
) -> Event:
    subject = webhook_endpoints.subject(endpoint)
    subject.data.update(detail)
    return await events.emit(session, actor, type_, subject, besides=endpoint.id)


async def mail(session: AsyncSession, event: Event) -> None:
    """Have a letter sent to each of the partner's people who see its webhooks, if this transaction commits."""
    readers = (
        select(col(Member.id))
        .where(col(Member.partner_id) == event.partner_id, members.who_may(Permission.WEBHOOKS_READ))
        .where(col(Member.disabled_at).is_(None), ~col(Member.muted_letters).contains([LetterKind.WEBHOOKS]))
        .order_by(col(Member.id))
        .limit(MOST_READERS)
    )
    for member_id in (await session.execute(readers)).scalars():
        arguments = {"event_id": str(event.id), "member_id": str(member_id)}
        await job_queue.enqueue(session, MAIL_JOB, arguments)


async def addressed(session: AsyncSession, actor: Actor, event_id: UUID, member_id: UUID) -> Addressed | None:
    """Write the letter of a notice to one person; None when there is nobody to write to any more."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(Event, Partner, WebhookEndpoint, Member)
        .join(Partner, col(Partner.id) == col(Event.partner_id))
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(Event.subject_id))
        .join(Member, col(Member.partner_id) == col(Event.partner_id))
        .where(col(Event.id) == event_id, col(Member.id) == member_id, col(Member.disabled_at).is_(None))
        .where(~col(Member.muted_letters).contains([LetterKind.WEBHOOKS]), members.who_may(Permission.WEBHOOKS_READ))
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    event, partner, endpoint, member = row
    name = f"{public_id(Prefix.EVENT, event.id)}.{public_id(Prefix.MEMBER, member.id)[-10:]}"
    stop = letter_preferences.link(member.id, LetterKind.WEBHOOKS)
    with speaking(member.language):
        return Addressed(member.email, replace(letter(event, endpoint, partner.name), unsubscribe=stop), name)


def letter(event: Event, endpoint: WebhookEndpoint, partner_name: str) -> Letter:
    """Say in plain words what happened and what to do."""
    data: dict[str, Any] = event.data["object"]  # pyright: ignore[reportAssignmentType] JSON
    title, paragraphs = _words(event.type, data)
    return Letter(
        subject=subject(title, endpoint.description or _shown(endpoint.url), livemode=event.livemode)[:200],
        title=title,
        paragraphs=paragraphs,
        facts=_facts(event, endpoint, partner_name, data),
        link=f"{settings().url}{PLACE}/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}",
        link_words=gettext("Open the endpoint"),
        reason=gettext(
            "You get this because you are an administrator or a developer of {partner}.", partner=partner_name
        ),
    )


def _shown(url: str) -> str:
    """Leave out what follows the path: some receivers expect their password there."""
    return url.partition("?")[0]


def _words(type_: str, data: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    if type_ == FAILING:
        return gettext("A webhook endpoint is failing"), (
            gettext("One message has failed four times now."),
            gettext(
                "We keep trying by the schedule, for about three days for each message; nothing is lost meanwhile. "
                "After five days of nothing but failures we switch an endpoint off."
            ),
        )
    if type_ == RECOVERED:
        said = gettext("It took a message. What waits is sent now.")
        return gettext("A webhook endpoint works again"), (said,)
    if type_ == EXHAUSTED:
        tried = data["delivery"]["attempts"]
        return gettext("A webhook was given up"), (
            gettext("We tried {count} times and do not try this message any more.", count=tried),
            gettext(
                "Once your receiver works again, “Send missed” sends everything again that was given up. We write "
                "at most once an hour about this endpoint; the log has every message."
            ),
        )
    return gettext("A webhook endpoint was switched off"), (
        reworded(str(data["disabled_reason"])),
        gettext(
            "Nothing is sent to it any more, and new events are not kept. What it is owed waits until you switch it on."
        ),
    )


def _facts(
    event: Event, endpoint: WebhookEndpoint, partner_name: str, data: dict[str, Any]
) -> tuple[tuple[str, str], ...]:
    failure: dict[str, Any] = data.get("failure") or {}
    delivery: dict[str, Any] = data.get("delivery") or {}
    facts = (
        (gettext("Company"), partner_name),
        (gettext("Endpoint"), _shown(endpoint.url)),
        (gettext("Mode"), pgettext("mode", "Live") if event.livemode else pgettext("mode", "Test")),
        (gettext("Message"), f"{delivery['event_type']} {delivery['event_id']}" if delivery else ""),
        (gettext("Last answer"), str(failure.get("status") or failure.get("error") or "")),
        (gettext("Failed since"), kept_moment(str(data.get("failed_since") or ""))),
        (pgettext("fact", "When"), moment_words(event.created_at)),
    )
    return tuple((name, value) for name, value in facts if value)
