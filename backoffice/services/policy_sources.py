"""Wordings to begin a draft from: what rules now, and what we ship."""

from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import screening
from backoffice.errors import Invalid
from backoffice.services import policies
from backoffice.services.access import Actor, Permission

FOLDER = Path(screening.__file__).parent / "policies"
CURRENT = "current"
SHIPPED = ("recommended", "everything_to_people")


async def beginning(session: AsyncSession, actor: Actor, start: str, partner_id: UUID | None) -> str:
    """Answer the wording that a new draft begins with; `current` is what rules those documents now.

    Raises Invalid for a start that does not exist.
    """
    actor.require(Permission.POLICIES_WRITE)
    if start == CURRENT:
        own = await policies.ruling(session, actor, partner_id)
        version = own or await policies.ruling(session, actor, None)
        return version.source if version else shipped("everything_to_people")
    if start not in SHIPPED:
        raise Invalid("Choose what the draft begins with.", code="start_unknown", pointer="/start")
    return shipped(start)


def shipped(name: str) -> str:
    """Read a wording that comes with the product."""
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
