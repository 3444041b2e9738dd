"""Verdicts that become final when their undo window ends."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.services import decisions
from backoffice.services.access import Actor


async def finalize(task_id: str, verdict_id: str) -> None:
    """Make one verdict final; an undone one is left alone, a second run changes nothing."""
    actor = Actor.system(name="decisions")
    async with transaction(actor.tenancy) as session:
        await decisions.finalize(session, actor, UUID(task_id), UUID(verdict_id))
