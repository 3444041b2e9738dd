"""What billing does by the clock: plans that begin, months that become final, thresholds that are reached."""

from collections.abc import Awaitable, Callable, Iterable
from logging import getLogger
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters.mailer import Message, mailer
from backoffice.db import transaction
from backoffice.services import billing_alerts, invoices, plan_changes
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="billing")


async def apply_plans() -> None:
    """Let arranged changes of plan take effect, one partner to a transaction."""
    async with transaction(ACTOR.tenancy) as session:
        due = await plan_changes.due(session, ACTOR)
    await _each(due, plan_changes.apply)


async def finalize() -> None:
    """Make every month final that is over, one invoice to a transaction, the oldest first."""
    async with transaction(ACTOR.tenancy) as session:
        due = await invoices.due(session, ACTOR)
    await _each(due, invoices.finalize, again=True)


async def check_thresholds() -> None:
    """Tell partners of what they wanted to be told."""
    async with transaction(ACTOR.tenancy) as session:
        watched = await billing_alerts.watched(session, ACTOR)
    await _each(watched, billing_alerts.check)


async def _each(
    partner_ids: Iterable[UUID], work: Callable[[AsyncSession, Actor, UUID], Awaitable[object]], *, again: bool = False
) -> None:
    """Do something for each partner in a transaction of its own, `again` as long as there was something to do.

    One that fails keeps nobody behind it waiting; the first failure is raised when all have had their turn.
    """
    failures: list[Exception] = []
    for partner_id in partner_ids:
        try:
            is_going = True
            while is_going:
                async with transaction(ACTOR.tenancy) as session:
                    done = await work(session, ACTOR, partner_id)
                is_going = again and bool(done)
        except Exception as error:  # whatever one partner's books hold, the others' are done
            log.exception("billing_failed", extra={"partner_id": str(partner_id)})
            failures.append(error)
    if failures:
        raise failures[0]


async def mail(notice_id: str, member_id: str) -> None:
    """Send one notice to one person; a mail server that is away is asked again later."""
    async with transaction(ACTOR.tenancy) as session:
        found = await billing_alerts.addressed(session, ACTOR, UUID(notice_id), UUID(member_id))
    if found:
        letter = found.letter
        await mailer().send(
            Message(found.address, letter.subject, letter.as_text(), letter.as_html(), found.message_id)
        )
