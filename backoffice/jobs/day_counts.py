"""Keeping the counts of days up to date."""

from backoffice.db import transaction
from backoffice.services import day_counts
from backoffice.services.access import Actor

SYSTEM = Actor.system(name="day_counts")


async def roll() -> None:
    """Count the days again on which something changed; each is a transaction, and the mark moves when all are done."""
    async with transaction(SYSTEM.tenancy) as session:
        moment, days = await day_counts.touched(session, SYSTEM)
    for day in days:
        async with transaction(SYSTEM.tenancy) as session:
            await day_counts.count(session, SYSTEM, day)
    async with transaction(SYSTEM.tenancy) as session:
        await day_counts.finish(session, SYSTEM, moment)
