"""Deciding many tasks that a person has chosen, one after the other."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.services import bulk_actions
from backoffice.services.access import Actor


async def run(action_id: str) -> None:
    """Walk one action to its end; dying half-way costs nothing, because each task is a transaction."""
    actor, key = Actor.system(name="bulk"), UUID(action_id)
    is_going = True
    while is_going:
        async with transaction(actor.tenancy) as session:
            is_going = await bulk_actions.step(session, actor, key)


async def enqueue_lost() -> None:
    """Go on with actions whose worker died."""
    actor = Actor.system(name="bulk")
    async with transaction(actor.tenancy) as session:
        await bulk_actions.enqueue_lost(session, actor)
