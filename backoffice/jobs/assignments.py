"""Handing waiting tasks to the reviewers who are there."""

from backoffice.db import transaction
from backoffice.services import assignments
from backoffice.services.access import Actor


async def hand_out() -> None:
    """Hand out until nothing more can be given."""
    actor = Actor.system(name="assignment")
    while True:
        async with transaction(actor.tenancy) as session:
            given = await assignments.hand_out(session, actor)
        if not given:
            return
