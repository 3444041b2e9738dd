"""Key-encryption keys from the command line: how they stand, a new one, and the end of an old one."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from backoffice.adapters import kms
from backoffice.commands.console import explain, out
from backoffice.db import transaction
from backoffice.jobs import data_keys
from backoffice.services import key_rotations
from backoffice.services.access import Actor
from backoffice.services.key_rotations import Standing

ACTOR = Actor.system(name="command line")


async def show() -> None:
    """Name the keys and how many data keys each wraps."""
    with explain():
        now, file = await _standing(), kms.key_file()
        table = Table("Key", "Wraps", "", box=None, pad_edge=False)
        named = [*(file.ids() if file else []), now.newest]
        for key_id in dict.fromkeys([*sorted(set(now.counts) - set(named)), *named]):
            note = "wraps now" if key_id == now.newest else ""
            table.add_row(key_id or "older than the count", f"{now.counts.get(key_id, 0):,}", note)
        out.print(table)


async def rotate() -> None:
    """Add a key, and wrap everything by it."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            key_id = await key_rotations.rotate(session, ACTOR)
        out.print(f"{key_id} wraps from now on. Back up the key file: without it nothing of this opens.")
    await rewrap()


async def rewrap() -> None:
    """Wrap what an older key wraps, and show how far it is."""
    columns = (TextColumn("Data keys"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with explain():
        left = (await _standing()).left
        with Progress(*columns, console=out, disable=not out.is_terminal) as bar:
            task = bar.add_task("", total=left)
            done = await data_keys.walk(lambda count: bar.advance(task, count))
        still = (await _standing()).left
        out.print(f"{done:,} wrapped again." + (f" {still:,} are left; see the log." if still else ""))


async def retire(key_id: str) -> None:
    """Take an old key out of the file."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            await key_rotations.retire(session, ACTOR, key_id)
        out.print(f"{key_id} is gone from the key file. Delete its copies elsewhere, too.")


async def _standing() -> Standing:
    async with transaction(ACTOR.tenancy) as session:
        return await key_rotations.standing(session, ACTOR)
