"""Goes through everybody's rules by the clock, writes to people, and forgets what is long over."""

from logging import getLogger
from uuid import UUID

from backoffice.adapters import job_queue
from backoffice.clock import wall
from backoffice.db import transaction
from backoffice.jobs import letters
from backoffice.services import alert_checks, alert_letters, alerts
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="alerts")


async def check() -> None:
    """Look at every partner that is due, one to a transaction.

    One that fails keeps nobody waiting, behind it or in the next round: it is tried again by a job of its own.
    """
    before = wall() - alert_checks.EVERY
    while True:
        async with transaction(ACTOR.tenancy) as session:
            taken = await alert_checks.claim(session, ACTOR, before)
        for partner_id in taken:
            try:
                await check_partner(str(partner_id))
            except Exception:  # whatever one partner's data holds, the others are looked at
                log.exception("alerts_failed", extra={"partner_id": str(partner_id)})
                await _again(partner_id)
        if len(taken) < alert_checks.BATCH:
            break


async def _again(partner_id: UUID) -> None:
    """Let a job of its own try a partner again, and be held with its error if that is in vain."""
    async with transaction(ACTOR.tenancy) as session:
        arguments, key = {"partner_id": str(partner_id)}, f"alert.check_partner:{partner_id}"
        await job_queue.enqueue(session, "alert.check_partner", arguments, dedupe_key=key)


async def check_partner(partner_id: str) -> None:
    """Look at one partner now: somebody changed its rules."""
    async with transaction(ACTOR.tenancy) as session:
        await alert_checks.check(session, ACTOR, UUID(partner_id))


async def mail(letter_id: str) -> None:
    """Send one letter; a mail server that is away is asked again later."""
    async with transaction(ACTOR.tenancy) as session:
        found = await alert_letters.addressed(session, ACTOR, UUID(letter_id))
    await letters.send(found)


async def forget() -> None:
    """Delete what has been over for three months, a batch to a transaction."""
    gone = alerts.FORGOTTEN
    while gone == alerts.FORGOTTEN:
        async with transaction(ACTOR.tenancy) as session:
            gone = await alerts.forget(session, ACTOR)
