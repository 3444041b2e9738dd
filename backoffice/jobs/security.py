"""Looks for attacks by the clock, writes to operators, and forgets what no window reaches any more."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.jobs import letters
from backoffice.services import security_alerts, security_watches
from backoffice.services.access import Actor

ACTOR = Actor.system(name="security")


async def watch() -> None:
    """Look at what was written since the last time, a batch to a transaction."""
    while True:
        async with transaction(ACTOR.tenancy) as session:
            looked = await security_watches.watch(session, ACTOR)
        if looked < security_watches.BATCH:
            return


async def mail(alert_id: str, member_id: str) -> None:
    """Send one alert to one operator; a mail server that is away is asked again later."""
    async with transaction(ACTOR.tenancy) as session:
        found = await security_alerts.addressed(session, ACTOR, UUID(alert_id), UUID(member_id))
    await letters.send(found)


async def forget() -> None:
    """Delete old marks and alerts, a batch to a transaction."""
    gone = security_watches.MOST_FORGOTTEN
    while gone == security_watches.MOST_FORGOTTEN:
        async with transaction(ACTOR.tenancy) as session:
            gone = await security_watches.forget(session, ACTOR)
