"""Key-encryption keys from the command line: how they stand, a new one, and the end of an old one."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from backoffice.adapters import kms
from backoffice.commands.console import explain, out
from backoffice.db import transaction
from backoffice.jobs import data_keys
from backoffice.services import key_rotations, regions
from backoffice.services.access import Actor
from backoffice.services.key_rotations import Standing
from backoffice.settings import DEFAULT_REGION

ACTOR = Actor.system(name="command line")


async def show() -> None:
    """Name the keys and how many data keys each wraps."""
    with explain():
        found = await _standing()
        table = Table("Key", "Wraps", "", *(["Region"] if len(found) > 1 else []), box=None, pad_edge=False)
        for now in found:
            _add(table, now, *([now.region] if len(found) > 1 else []))
        out.print(table)


def _add(table: Table, now: Standing, *region: str) -> None:
    if not now.newest:
        table.add_row("[red]cannot be used[/red]", f"{now.total:,}", regions.missing(now.region), *region)
        return
    file = kms.key_file(now.region)
    named = [*(file.ids() if file else []), now.newest]
    for key_id in dict.fromkeys([*sorted(set(now.counts) - set(named)), *named]):
        note = "wraps now" if key_id == now.newest else ""
        table.add_row(key_id or "older than the count", f"{now.counts.get(key_id, 0):,}", note, *region)


async def rotate(region: str = DEFAULT_REGION) -> None:
    """Add a key to a region's keys, and wrap everything by it."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            key_id = await key_rotations.rotate(session, ACTOR, region)
        out.print(f"{key_id} wraps from now on. Back up the key file: without it nothing of this opens.")
    await rewrap()


async def rewrap() -> None:
    """Wrap what an older key wraps, and show how far it is."""
    columns = (TextColumn("Data keys"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with explain():
        left = await _left()
        with Progress(*columns, console=out, disable=not out.is_terminal) as bar:
            task = bar.add_task("", total=left)
            done = await data_keys.walk(lambda count: bar.advance(task, count))
        still = await _left()
        out.print(f"{done:,} wrapped again." + (f" {still:,} are left; see the log." if still else ""))


async def retire(key_id: str) -> None:
    """Take an old key out of the file."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            await key_rotations.retire(session, ACTOR, key_id)
        out.print(f"{key_id} is gone from the key file. Delete its copies elsewhere, too.")


async def _left() -> int:
    return sum(one.left for one in await _standing())


async def _standing() -> list[Standing]:
    async with transaction(ACTOR.tenancy) as session:
        return await key_rotations.standing(session, ACTOR)
