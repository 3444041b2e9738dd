"""Goes through everybody's rules by the clock, writes to people, and forgets what is long over."""

from logging import getLogger
from uuid import UUID

from backoffice.db import transaction
from backoffice.jobs import letters
from backoffice.services import alert_checks, alert_letters, alerts
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="alerts")


async def check() -> None:
    """Look at every partner that is due, one to a transaction.

    One that fails keeps nobody behind it waiting; the first failure is raised when all have had their turn.
    """
    failures: list[Exception] = []
    while True:
        async with transaction(ACTOR.tenancy) as session:
            taken = await alert_checks.claim(session, ACTOR)
        for partner_id in taken:
            try:
                await check_partner(str(partner_id))
            except Exception as error:  # whatever one partner's data holds, the others are looked at
                log.exception("alerts_failed", extra={"partner_id": str(partner_id)})
                failures.append(error)
        if len(taken) < alert_checks.BATCH:
            break
    if failures:
        raise failures[0]


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
