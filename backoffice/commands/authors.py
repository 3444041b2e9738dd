"""In whose name a command acts: what somebody has to answer for needs a person, also on the command line."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import NotFound
from backoffice.services import members
from backoffice.services.access import Actor


async def author(session: AsyncSession, email: str) -> Actor:
    """Act in a person's name, with that person's rights.

    Raises NotFound.
    """
    member = await members.by_email(session, email)
    if member is None or member.disabled_at:
        raise NotFound(f"Nobody signs in as {email}.")
    return replace(Actor.of(member), name=f"{member.name}, by command line")
