"""The master secret and the pepper from the command line: how they stand, a change, and its end."""

from datetime import UTC, datetime

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from backoffice.commands.console import explain, out
from backoffice.db import transaction
from backoffice.jobs import secrets
from backoffice.models.base import Prefix, public_id
from backoffice.models.secret_counts import RootStanding, SecretStanding
from backoffice.models.secret_roots import RootFamily
from backoffice.services import secret_rotations
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")
FOR_GOOD = "Search, signatures, …"


async def show() -> None:
    """Show the secrets, each use, and how much of it is under an older one."""
    with explain():
        now = await _standing()
        out.print(f"The master secret {now.secret_id} opens every root.")
        for name, count in sorted(now.others.items()):
            out.print(f"The master secret {name} opens {count} roots, too.")
        table = Table("What", "Under", "Older", "Moves", box=None, pad_edge=False)
        for root in now.roots:
            _add(table, root)
        out.print(table)


def _add(table: Table, root: RootStanding) -> None:
    if root.family == RootFamily.LASTING:
        table.add_row(FOR_GOOD, f"{root.family} {root.newest}", "", "stays for good")
    for use in root.uses:
        until = f", ends {root.ends_at:%Y-%m-%d}" if use.older and root.ends_at else ""
        table.add_row(use.name, f"{root.family} {root.newest}", f"{use.older:,}{until}", use.moves)


async def show_keys() -> None:
    """Name the API keys that were not used since the pepper was turned."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            found = await secret_rotations.unused_keys(session, ACTOR)
        table = Table("Partner", "Key", "Last used", box=None, pad_edge=False)
        for partner_id, name, used_at in found:
            table.add_row(public_id(Prefix.PARTNER, partner_id), name, f"{used_at:%Y-%m-%d}" if used_at else "never")
        out.print(table)


async def rotate_master() -> None:
    """Let a new master secret open everything, and seal everything anew."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            name = await secret_rotations.rotate_master(session, ACTOR)
        secret_rotations.turn_file()
        out.print(f"The master secret {name} opens everything from now on. Keep it where you keep the one before.")
    await reseal()


async def rotate_pepper() -> None:
    """Hash under a new pepper from now on."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            version = await secret_rotations.rotate_pepper(session, ACTOR)
        out.print(f"Pepper {version} holds within two minutes. Keys, passwords and browsers move when they are used.")


async def reseal() -> None:
    """Seal again what an older secret seals, and show how far it is."""
    columns = (TextColumn("Boxes"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with explain():
        left = _boxes_left(await _standing())
        with Progress(*columns, console=out, disable=not out.is_terminal) as bar:
            task = bar.add_task("", total=left)
            done = await secrets.walk(lambda count: bar.advance(task, count))
        still = _boxes_left(await _standing())
        out.print(f"{done:,} sealed again." + (f" {still:,} are left; see the log." if still else ""))


def _boxes_left(now: SecretStanding) -> int:
    return sum(root.left for root in now.roots if root.family == RootFamily.WORKING)


async def retire_master() -> None:
    """Let go of the master secret before."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            gone = await secret_rotations.retire_master(session, ACTOR)
        named = ", ".join(gone) or "The one before"
        out.print(f"{named} opens nothing any more. Take BACKOFFICE_SECRET_KEY_PREVIOUS away where it is set.")


async def retire_pepper() -> None:
    """Let go of the older pepper."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            await secret_rotations.retire_pepper(session, ACTOR)
        out.print("The older pepper is gone.")


async def set_last_day(day: datetime) -> None:
    """Let what is under the older pepper end on a day."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            told = await secret_rotations.set_last_day(session, ACTOR, day.replace(tzinfo=UTC))
        out.print(f"{told:,} API keys end on {day:%Y-%m-%d} unless they are used before; their partners were told.")


async def _standing() -> SecretStanding:
    async with transaction(ACTOR.tenancy) as session:
        return await secret_rotations.standing(session, ACTOR)
