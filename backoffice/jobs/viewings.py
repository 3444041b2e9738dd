"""Looks at partners' workspaces whose time is over: they show nothing any more, and the trail says when they ended."""

from backoffice.db import transaction
from backoffice.services import viewings
from backoffice.services.access import Actor


async def end_overdue() -> None:
    """Write down what ended by itself, a batch to a transaction."""
    actor = Actor.system(name="viewings")
    ended = viewings.BATCH
    while ended == viewings.BATCH:
        async with transaction(actor.tenancy) as session:
            ended = await viewings.end_overdue(session, actor)
