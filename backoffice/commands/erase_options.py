"""What is typed to erase a person; the work is in `erase.py`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer


def erase(  # noqa: PLR0913, PLR0917 what is erased, why, in whose name, and how it is followed
    applicant: Annotated[str, typer.Argument(help="The id of the applicant: app_…")],
    reason: Annotated[str, typer.Option(help="Why; the audit trail keeps it, and the partner can read it there.")],
    partner_slug: Annotated[str, typer.Option("--partner", help="Short name of whose applicant it must be.")] = "",
    author: Annotated[str, typer.Option("--as", help="E-mail of the operator who does it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it to the end and print the signed receipt.")] = False,
    receipt: Annotated[Path | None, typer.Option(help="Write the receipt here, its keys beside it; waits.")] = None,
) -> None:
    """Erase one person for good: data, files, and the key that opens every copy; asking again answers the same."""
    from backoffice.commands import erase as command

    asked = command.Asked(
        applicant=applicant,
        reason=reason,
        partner=partner_slug,
        email=author,
        is_sure=yes,
        waits=wait,
        receipt=receipt,
    )
    asyncio.run(command.erase(asked))
