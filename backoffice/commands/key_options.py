"""What is typed about the keys that encrypt what is stored; the work is in `key_rotations.py`."""

import asyncio
from typing import Annotated

import typer

from backoffice.settings import DEFAULT_REGION

OfRegion = Annotated[str, typer.Option("--region", help="Whose keys: as KEK_URL_<REGION> names it.")]
keys = typer.Typer(no_args_is_help=True, help="The keys that encrypt what is stored.")


@keys.command("create")
def keys_create(region: OfRegion = DEFAULT_REGION) -> None:
    """Make the key file of a new installation or region, once: KEK_URL, or in the data folder. Back it up."""
    from backoffice.adapters import kms
    from backoffice.commands.places import data_dir

    data_dir()
    typer.echo(kms.create_key_file(region.lower()))


@keys.command("list")
def keys_list() -> None:
    """Name the keys that encrypt, the newest last, and how much each of them still opens."""
    from backoffice.commands import key_rotations

    asyncio.run(key_rotations.show())


@keys.command("rotate")
def keys_rotate(region: OfRegion = DEFAULT_REGION) -> None:
    """Add a new key and wrap everything by it, while the product runs; what is stopped goes on by itself."""
    from backoffice.commands import key_rotations

    asyncio.run(key_rotations.rotate(region.lower()))


@keys.command("rewrap")
def keys_rewrap() -> None:
    """Wrap by the newest key what an older one still wraps: after a move to other keys, or at once."""
    from backoffice.commands import key_rotations

    asyncio.run(key_rotations.rewrap())


@keys.command("retire")
def keys_retire(
    key_id: Annotated[str, typer.Argument(help="As `keys list` names it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take an old key out of the key file for good: old copies of the database open no more by it."""
    from backoffice.commands import key_rotations

    if not yes:
        typer.confirm(f"What only {key_id} opens, in copies of the database too, is lost for ever. Go on?", abort=True)
    asyncio.run(key_rotations.retire(key_id))
