"""An access review as a file: everybody and every key with what it may do, for auditors."""

import csv
from pathlib import Path

from backoffice.commands.console import explain, out
from backoffice.db import transaction
from backoffice.services import access_reviews
from backoffice.services.access import Actor
from backoffice.viewmodels.access_reviews import csv_lines

ACTOR = Actor.system(name="command line")


async def export(file: Path) -> None:
    """Write it as CSV; a file appears when it is whole."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            found = await access_reviews.everybody(session, ACTOR)
    draft = file.with_name(f".{file.name}.part")
    with draft.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows(csv_lines(found))
    draft.replace(file)
    out.print(f"{len(found):,} people and keys are in {file}.", soft_wrap=True)
