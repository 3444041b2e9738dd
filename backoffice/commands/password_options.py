"""What is typed for the list of breached passwords; the work is in `password_lists.py`."""

from pathlib import Path
from typing import Annotated

import typer

passwords = typer.Typer(no_args_is_help=True, help="Passwords that were stolen elsewhere, which nobody may choose.")


@passwords.command("check-list")
def check_list(
    file: Annotated[Path | None, typer.Argument(help="Another file than BACKOFFICE_BREACHED_PASSWORDS.")] = None,
    *,
    whole: Annotated[bool, typer.Option("--whole", help="Read every line: minutes instead of a moment.")] = False,
) -> None:
    """See that a download of Pwned Passwords is whole and in order, and say how many are in it."""
    from backoffice.commands import password_lists

    password_lists.check(file, is_whole=whole)


@passwords.command("look-up")
def look_up() -> None:
    """Say whether a password that you type would be refused as one that was stolen; it is not shown or kept."""
    from backoffice.commands import password_lists

    password_lists.look_up(typer.prompt("Password", hide_input=True))
