"""What is typed to mask what is stored already; the work is in `masks.py`."""

import asyncio
from typing import Annotated

import typer

mask = typer.Typer(no_args_is_help=True, help="Numbers that must not be kept, on documents that are stored already.")


@mask.command("status")
def mask_status() -> None:
    """Say how many stored files are masked, how many nobody has looked at, and how many could not be read."""
    from backoffice.commands import masks

    asyncio.run(masks.show())


@mask.command("run")
def mask_run(
    again: Annotated[bool, typer.Option("--again", help="Try those that could not be read, too.")] = False,
) -> None:
    """Look at every document from before masking, while the product runs; what is stopped goes on where it was."""
    from backoffice.commands import masks

    asyncio.run(masks.run(is_again=again))
