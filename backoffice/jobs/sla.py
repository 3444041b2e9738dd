"""What is said by the clock of reviews that take long."""

from uuid import UUID

from backoffice.adapters.mailer import Message, mailer
from backoffice.db import transaction
from backoffice.services import sla, sla_alerts
from backoffice.services.access import Actor


async def check(*, batch: int = sla.BATCH) -> None:
    """Go through everything that became due, a batch to a transaction."""
    actor = Actor.system(name="sla")
    while True:
        async with transaction(actor.tenancy) as session:
            told = await sla.check(session, actor, batch=batch)
        if told < batch:
            return


async def apply(version: int, *, batch: int = sla.BATCH) -> None:
    """Move the deadlines of open tasks to where a version puts them, a batch to a transaction."""
    actor = Actor.system(name="sla")
    while True:
        async with transaction(actor.tenancy) as session:
            looked = await sla.apply(session, actor, version, batch=batch)
        if looked < batch:
            return


async def alert_leads() -> None:
    """Tell leads what is late."""
    actor = Actor.system(name="sla")
    async with transaction(actor.tenancy) as session:
        await sla_alerts.send(session, actor)


async def mail_alert(alert_id: str, member_id: str) -> None:
    """Send one alert to one lead; a mail server that is away is asked again later."""
    actor = Actor.system(name="sla")
    async with transaction(actor.tenancy) as session:
        found = await sla_alerts.addressed(session, actor, UUID(alert_id), UUID(member_id))
    if found:
        letter = found.letter
        await mailer().send(
            Message(found.address, letter.subject, letter.as_text(), letter.as_html(), found.message_id)
        )
