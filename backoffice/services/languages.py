"""The language of a person's own screens and letters."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Invalid
from backoffice.i18n.catalogue import catalogues
from backoffice.services import members
from backoffice.services.access import Actor


async def choose(session: AsyncSession, actor: Actor, code: str) -> None:
    """Keep the actor's own language, as a code of BCP 47.

    Raises Invalid for a language that we do not have.
    """
    if code not in catalogues():
        raise Invalid(f"We speak {', '.join(catalogues())}.", code="invalid_value", pointer="/language")
    member = await members.myself(session, actor)
    member.language = code
    await session.flush()
