"""What is typed about the master secret and the pepper; the work is in `secret_rotations.py`."""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer


class Secret(StrEnum):
    """What can be changed."""

    MASTER = "master"
    PEPPER = "pepper"


Which = Annotated[Secret, typer.Argument(help="The master secret, or the pepper of API keys, passwords and codes.")]
secrets = typer.Typer(no_args_is_help=True, help="The master secret, and the pepper of what is hashed.")


@secrets.command("list")
def secrets_list(
    keys: Annotated[bool, typer.Option("--keys", help="Name the API keys that are under the older pepper.")] = False,
) -> None:
    """Show what is under which secret, and how much is still under an older one."""
    from backoffice.commands import secret_rotations

    asyncio.run(secret_rotations.show_keys() if keys else secret_rotations.show())


@secrets.command("rotate")
def secrets_rotate(which: Which) -> None:
    """Begin a change, while the product runs; what is sealed moves at once, what is hashed when it is used."""
    from backoffice.commands import secret_rotations

    asyncio.run(secret_rotations.rotate_master() if which == Secret.MASTER else secret_rotations.rotate_pepper())


@secrets.command("reseal")
def secrets_reseal() -> None:
    """Seal again at once what an older secret still seals; the workers do it by themselves within a minute."""
    from backoffice.commands import secret_rotations

    asyncio.run(secret_rotations.reseal())


@secrets.command("retire")
def secrets_retire(
    which: Which,
    by: Annotated[
        datetime | None,
        typer.Option("--by", formats=["%Y-%m-%d"], help="The day (UTC) on which what is under the older pepper ends."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """End a change: the secret before opens no more. Refused while something depends on it, with what and how many."""
    from backoffice.commands import secret_rotations

    if by is not None and which == Secret.MASTER:
        raise typer.BadParameter("Only what is under a pepper can have a last day.", param_hint="--by")
    if not yes:
        typer.confirm("Copies of the database from before need the secret before. Is it kept with them?", abort=True)
    if by is not None:
        asyncio.run(secret_rotations.set_last_day(by))
    else:
        asyncio.run(secret_rotations.retire_master() if which == Secret.MASTER else secret_rotations.retire_pepper())
