"""Letters about somebody's own login, which nobody can switch off: they are how people notice what is wrong."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.i18n import gettext, pgettext, speaking
from backoffice.i18n.dates import kept_moment
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member
from backoffice.services.access import Actor, Permission
from backoffice.services.letters import Addressed, Letter
from backoffice.settings import settings


async def factor_reset(session: AsyncSession, actor: Actor, member_id: UUID, at: str) -> Addressed | None:
    """Write that an administrator has reset somebody's second factor; None when the person is gone."""
    actor.require(Permission.SYSTEM)
    row = await session.get(Member, member_id)
    if row is None or row.disabled_at is not None:
        return None
    with speaking(row.language):
        letter = _factor_reset(row.email, at)
    return Addressed(row.email, letter, f"factor.{public_id(Prefix.MEMBER, row.id)[-10:]}.{at.replace(':', '')}")


def _factor_reset(address: str, at: str) -> Letter:
    title = gettext("Your second factor was reset")
    return Letter(
        subject=title,
        title=title,
        paragraphs=(
            gettext("An administrator of your company has reset it, and you were signed out everywhere."),
            gettext("At your next sign-in you set up a new one."),
            gettext(
                "If you did not ask for this, tell your administrators at once: whoever knows your password may be "
                "first."
            ),
        ),
        facts=((gettext("Account"), address), (pgettext("fact", "When"), kept_moment(at))),
        link=f"{settings().url}/login",
        link_words=gettext("Sign in"),
        reason=gettext("You get this because it is about your own login. It cannot be switched off."),
    )
