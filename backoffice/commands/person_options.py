"""What is typed about the data of one person; the work is in `person.py`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

person = typer.Typer(no_args_is_help=True, help="The data of one person, for who may ask what is held about them.")


@person.callback()
def _person() -> None:
    """Keep `export` a command of its own, also while it is the only one."""


@person.command("export")
def person_export(
    applicant: Annotated[str, typer.Argument(help="The id of the applicant: app_…")],
    file: Annotated[Path, typer.Argument(help="Where the sealed archive goes.")],
    recipient: Annotated[str, typer.Option(help="age1…: only this key opens it; `backoffice backup-key` makes one.")],
    author: Annotated[str, typer.Option("--as", help="E-mail of the operator who does it.")],
) -> None:
    """Write all that is held about a person, JSON and files, into an archive that one key opens."""
    from backoffice.commands import person as command

    asyncio.run(command.export(applicant, file, recipient, author))
