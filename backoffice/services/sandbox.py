"""The sandbox by hand: what a developer does with a test key, done from a page by the same services.

A person gets the hand of a test key for as long as one call lasts: test data of their own partner, by its test clock.
Whoever may use it could make a test key with the same rights.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.documents import Document, Side
from backoffice.models.reasons import Reason
from backoffice.services import (
    documents,
    idempotency,
    intake,
    magic_documents,
    simulations,
    test_clocks,
    webhook_endpoints,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.idempotency import Attempt, fingerprint
from backoffice.services.simulations import Fate

SENT, ADVANCED, TESTED = "sandbox.send", "sandbox.advance", "sandbox.test_event"
"""Under which a repeated press is known, beside the routes of the API."""
MOST_SHOWN = 10
HAND = frozenset({Permission.DOCUMENTS_WRITE, Permission.APPLICANTS_WRITE, Permission.VERIFICATIONS_WRITE})
"""What a person may do to test data beyond what they may do to live data."""


@dataclass(frozen=True, slots=True)
class Clock:
    """In which time the partner's test data lives."""

    now: datetime
    ahead: timedelta


def hand_of(actor: Actor) -> Actor:
    """Let a person act as their test key would.

    Raises NotAllowed for who may not use the sandbox, and for staff, who have none.
    """
    actor.require(Permission.SANDBOX_USE)
    actor.require_partner()
    return replace(actor, livemode=False, permissions=actor.permissions | HAND)


async def _time_of(actor: Actor) -> AbstractContextManager[None]:
    async with transaction(actor.tenancy) as session:
        return await test_clocks.time_of(session, actor.require_partner(), livemode=False)


async def send(actor: Actor, name: str, once: str) -> UUID:
    """Submit one of our pictures as a test document, as `POST /documents` does; the same `once` sends it one time.

    Raises NotFound for a picture that there is not.
    """
    hand, magic = hand_of(actor), magic_documents.named(name)
    attempt = Attempt(SENT, once, fingerprint([name]))
    with await _time_of(hand):
        async with transaction(hand.tenancy) as session:
            earlier = await idempotency.recall(session, hand, attempt)
        if earlier:
            return parse_public_id(Prefix.DOCUMENT, earlier.body["id"])
        front = intake.Upload(Side.FRONT, BytesIO(magic.read()))
        wanted = intake.Submission(
            uploads=[front], personal=dict(magic.applicant), has_applicant=True, metadata={"sandbox": name}
        )
        return await _keep(hand, attempt, await intake.store(hand, wanted))


async def _keep(hand: Actor, attempt: Attempt, stored: intake.Stored[intake.File]) -> UUID:
    """Write the rows once; whoever comes second gives the files back."""
    is_kept = False
    try:
        async with transaction(hand.tenancy) as session:
            earlier = await idempotency.begin(session, hand, attempt)
            if earlier:
                return parse_public_id(Prefix.DOCUMENT, earlier.body["id"])
            document = await intake.keep(session, hand, stored)
            body = {"id": public_id(Prefix.DOCUMENT, document.id)}
            await idempotency.remember(session, hand, attempt, 201, body)
            is_kept = True
            return document.id
    finally:
        if not is_kept:
            await intake.discard(stored.files)


async def recent(session: AsyncSession, actor: Actor) -> Sequence[Document]:
    """List the partner's latest test documents."""
    hand = hand_of(actor)
    return (await documents.page(session, hand, documents.Filter(livemode=False, limit=MOST_SHOWN))).rows


async def simulate(actor: Actor, document_id: UUID, fate: Fate, codes: Sequence[str] = ()) -> Document:
    """Decide a test document, as `POST /test/simulate` does. Raises as `simulations.force` does."""
    hand = hand_of(actor)
    with await _time_of(hand):
        async with transaction(hand.tenancy) as session:
            return await simulations.force(session, hand, document_id, fate, codes)


async def send_test(actor: Actor, endpoint_id: UUID, once: str) -> None:
    """Send an endpoint of test data `webhook_endpoint.test`, one time for the same `once`.

    Raises as `webhook_endpoints.send_test` does.
    """
    hand = hand_of(actor)
    hand.require(Permission.WEBHOOKS_WRITE)
    attempt = Attempt(TESTED, once, fingerprint([str(endpoint_id)]))
    with await _time_of(hand):
        async with transaction(hand.tenancy) as session:
            if await idempotency.begin(session, hand, attempt) is None:
                event = await webhook_endpoints.send_test(session, hand, endpoint_id)
                await idempotency.remember(session, hand, attempt, 200, {"id": public_id(Prefix.EVENT, event.id)})


async def reasons(session: AsyncSession, actor: Actor) -> Sequence[Reason]:
    """Read the catalogue: the sandbox stands for rules and the clock, too, so it may give any reason."""
    hand_of(actor)
    return (await session.execute(select(Reason).order_by(col(Reason.position)))).scalars().all()


async def clock(session: AsyncSession, actor: Actor) -> Clock:
    """Say in which time the partner's test data lives."""
    ahead = await test_clocks.read(session, hand_of(actor))
    return Clock(present() + ahead, ahead)


async def advance(actor: Actor, by: timedelta, once: str) -> Clock:
    """Let time pass for the partner's test data, one time for the same `once`. Raises as `test_clocks.advance` does."""
    hand = hand_of(actor)
    attempt = Attempt(ADVANCED, once, fingerprint([by.total_seconds()]))
    with await _time_of(hand):
        async with transaction(hand.tenancy) as session:
            earlier = await idempotency.begin(session, hand, attempt)
            if earlier:
                ahead = timedelta(seconds=earlier.body["ahead"])
            else:
                ahead = await test_clocks.advance(session, hand, by)
                await idempotency.remember(session, hand, attempt, 200, {"ahead": ahead.total_seconds()})
    return Clock(present() + ahead, ahead)
