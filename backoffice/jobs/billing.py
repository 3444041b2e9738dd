"""What billing does by the clock: plans that begin, months that become final, thresholds that are reached."""

from uuid import UUID

from backoffice.adapters.mailer import Message, mailer
from backoffice.db import transaction
from backoffice.services import billing_alerts, invoices, plan_changes
from backoffice.services.access import Actor

ACTOR = Actor.system(name="billing")


async def apply_plans() -> None:
    """Let arranged changes of plan take effect, one partner to a transaction."""
    async with transaction(ACTOR.tenancy) as session:
        due = await plan_changes.due(session, ACTOR)
    for partner_id in due:
        async with transaction(ACTOR.tenancy) as session:
            await plan_changes.apply(session, ACTOR, partner_id)


async def finalize() -> None:
    """Make every month final that is over, one invoice to a transaction, the oldest first."""
    async with transaction(ACTOR.tenancy) as session:
        due = await invoices.due(session, ACTOR)
    for partner_id in due:
        invoice = True
        while invoice:
            async with transaction(ACTOR.tenancy) as session:
                invoice = await invoices.finalize(session, ACTOR, partner_id)


async def check_thresholds() -> None:
    """Tell partners of what they wanted to be told."""
    async with transaction(ACTOR.tenancy) as session:
        watched = await billing_alerts.watched(session, ACTOR)
    for partner_id in watched:
        async with transaction(ACTOR.tenancy) as session:
            await billing_alerts.check(session, ACTOR, partner_id)


async def mail(notice_id: str, member_id: str) -> None:
    """Send one notice to one person; a mail server that is away is asked again later."""
    async with transaction(ACTOR.tenancy) as session:
        found = await billing_alerts.addressed(session, ACTOR, UUID(notice_id), UUID(member_id))
    if found:
        letter = found.letter
        await mailer().send(
            Message(found.address, letter.subject, letter.as_text(), letter.as_html(), found.message_id)
        )
