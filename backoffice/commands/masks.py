"""Masking from the command line: how stored files stand, and a walk over those from before."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backoffice.commands.console import explain, out
from backoffice.db import transaction
from backoffice.jobs import documents, file_masks
from backoffice.services import stored_masks
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")


async def show() -> None:
    """Count how the stored files stand."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            now = await stored_masks.progress(session, ACTOR)
        out.print(f"{now.masked:,} files are masked, {now.left:,} are from before and not looked at yet.")
        if now.unknown:
            out.print(f"{now.unknown:,} could not be read; nobody sees them. Try them with --again.")


async def run(*, is_again: bool) -> None:
    """Look at every stored document that nobody has looked at, and show how far it is."""
    columns = (TextColumn("Documents"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            total = await stored_masks.count(session, ACTOR, is_again=is_again)
        try:
            with Progress(*columns, console=out, disable=not out.is_terminal) as bar:
                task = bar.add_task("", total=total)
                done = await file_masks.walk(lambda: bar.advance(task), is_again=is_again)
                people = bar.add_task("of applicants", total=None)
                await file_masks.walk_applicants(lambda: bar.advance(people))
            await file_masks.discard_replaced()
        finally:
            await documents.close()
        out.print(f"{done:,} documents were looked at.")
    await show()
