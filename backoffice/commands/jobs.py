"""Jobs from the command line: how they stand, and another try for those that failed."""

from collections.abc import Iterable

from rich.table import Table

from backoffice.commands.console import out
from backoffice.db import transaction
from backoffice.services import job_desks
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")


async def show() -> None:
    """Say by name what waits and runs, and list what failed."""
    async with transaction(ACTOR.tenancy) as session:
        queues, failed = await job_desks.queues(session, ACTOR), await job_desks.failed(session, ACTOR)
    table = Table("Job", "Due", "Later", "Running", "Failed", "Oldest", box=None, pad_edge=False)
    for one in queues:
        numbers = (one.due, one.later, one.running, one.failed)
        table.add_row(one.name, *map(str, numbers), f"{one.oldest_seconds:.0f} s" if one.due else "-")
    out.print(table if queues else "Nothing waits, runs or failed.")
    for job in failed:
        when = f"{job.failed_at:%Y-%m-%d %H:%M} UTC"
        out.print(f"{job.id}  {job.name}  after {job.attempts} tries, {when}: {job.reason}", soft_wrap=True)


async def retry(job_ids: Iterable[int]) -> None:
    """Let failed jobs run again."""
    async with transaction(ACTOR.tenancy) as session:
        for job_id in job_ids:
            name = await job_desks.retry(session, ACTOR, job_id)
            out.print(f"{job_id}  {name} runs again.")
