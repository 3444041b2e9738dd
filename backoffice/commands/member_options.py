"""What is typed about people who sign in; the work is in `admin.py`."""

import asyncio
from typing import Annotated

import typer

from backoffice.models.members import Role

member = typer.Typer(no_args_is_help=True, help="People who sign in.")


@member.command("invite")
def member_invite(email: str, name: str, role: Role, partner_slug: str = "") -> None:
    """Invite a person and print their link, once; it is good for a week."""
    from backoffice.commands import admin

    asyncio.run(admin.invite_member(email, name, role, partner_slug))


@member.command("reset-link")
def member_reset_link(email: str) -> None:
    """Print a link at which somebody chooses a new password, once; it is good for an hour."""
    from backoffice.commands import admin

    asyncio.run(admin.reset_link(email))


@member.command("reset-factor")
def member_reset_factor(email: str, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Forget somebody's app, recovery codes and passkeys and sign them out; they set up anew on the way in."""
    from backoffice.commands import admin

    if not yes:
        words = f"Until {email} has set up a new one, the password alone protects the login. Go on?"
        typer.confirm(words, abort=True)
    asyncio.run(admin.reset_factor(email))
