"""Letters about somebody's own login, which nobody can switch off: they are how people notice what is wrong."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.i18n import gettext, pgettext, speaking
from backoffice.i18n.browsers import browser_words, named
from backoffice.i18n.dates import kept_moment, moment_words
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member, Session
from backoffice.services.access import Actor, Permission
from backoffice.services.letters import Addressed, Letter
from backoffice.settings import settings

Writing = Callable[[str], Letter]
"""Writes a letter to an address, in the language that is spoken then."""


async def factor_reset(
    session: AsyncSession, actor: Actor, member_id: UUID, at: str, *, is_by_company: bool
) -> Addressed | None:
    """Write that somebody's second factor was reset, and by whom; None when the person is gone."""
    written = partial(_factor_reset, at=at, is_by_company=is_by_company)
    return await _to(session, actor, member_id, written, f"factor.{{}}.{at}")


async def password_changed(session: AsyncSession, actor: Actor, member_id: UUID, at: str) -> Addressed | None:
    """Write that somebody's password was changed; None when the person is gone."""
    return await _to(session, actor, member_id, lambda address: _password_changed(address, at), f"password.{{}}.{at}")


async def second_factor_changed(session: AsyncSession, actor: Actor, member_id: UUID, at: str) -> Addressed | None:
    """Write that somebody's second factor is another one now; None when the person is gone."""
    return await _to(session, actor, member_id, lambda address: _second_factor_changed(address, at), f"app.{{}}.{at}")


async def passkey_changed(session: AsyncSession, actor: Actor, member_id: UUID, what: str, at: str) -> Addressed | None:
    """Write that a passkey of somebody's was added or removed; None when the person is gone."""
    written = partial(_passkey_changed, what=what, at=at)
    return await _to(session, actor, member_id, written, f"passkey.{{}}.{at}")


async def sso_linked(session: AsyncSession, actor: Actor, member_id: UUID, at: str) -> Addressed | None:
    """Write that somebody's login is linked with their company's provider now; None when the person is gone."""
    return await _to(session, actor, member_id, lambda address: _sso_linked(address, at), f"sso.{{}}.{at}")


async def new_browser(
    session: AsyncSession, actor: Actor, member_id: UUID, session_id: UUID, at: str
) -> Addressed | None:
    """Write that somebody signed in with a browser that was not known for them; None when the person is gone."""
    row = await session.get(Session, session_id)
    written = partial(_new_browser, agent=row.user_agent if row else "", ip=row.ip if row else "", at=at)
    return await _to(session, actor, member_id, written, f"browser.{{}}.{session_id.hex}")


async def recovery_code_used(
    session: AsyncSession, actor: Actor, member_id: UUID, left: int, at: str
) -> Addressed | None:
    """Write that somebody came in with a recovery code, and how many are left; None when the person is gone."""
    written = partial(_recovery_code_used, left=left, at=at)
    return await _to(session, actor, member_id, written, f"recovery.{{}}.{at}")


async def _to(
    session: AsyncSession, actor: Actor, member_id: UUID, write: Writing, message_id: str
) -> Addressed | None:
    """Write to a person who still has a login, in their language; `{}` in the id of the letter is the person."""
    actor.require(Permission.SYSTEM)
    row = await session.get(Member, member_id)
    if row is None or row.disabled_at is not None:
        return None
    with speaking(row.language):
        letter = write(row.email)
    person = public_id(Prefix.MEMBER, row.id)[-10:]
    return Addressed(row.email, letter, message_id.format(person).replace(":", ""))


def password_reset(member: Member, link: str, reset_id: UUID, until: datetime) -> Addressed:
    """Write the letter with the link that sets a new password."""
    with speaking(member.language):
        letter = _password_reset(member.email, link, until)
    return Addressed(member.email, letter, f"reset.{reset_id.hex}")


def _password_reset(address: str, link: str, until: datetime) -> Letter:
    return _own_login(
        gettext("Choose a new password"),
        gettext("Somebody asked for a new password for your login. The link works once."),
        gettext("Your second factor stays as it is. If it was not you, do nothing: your password stays as it is."),
        facts=(_account(address), (pgettext("fact", "Until"), moment_words(until))),
        link=link,
        link_words=gettext("Choose a password"),
    )


def _password_changed(address: str, at: str) -> Letter:
    return _own_login(
        gettext("Your password was changed"),
        *_everybody_else_left(),
        facts=(_account(address), _when(at)),
        link=f"{settings().url}/reset",
        link_words=gettext("It was not me"),
    )


def _second_factor_changed(address: str, at: str) -> Letter:
    title = gettext("Another app gives your codes now")
    return _own_login(title, *_everybody_else_left(), facts=(_account(address), _when(at)))


def _passkey_changed(address: str, what: str, at: str) -> Letter:
    is_new = what == "added"
    title = gettext("A passkey signs in to your login now") if is_new else gettext("A passkey was removed")
    return _own_login(title, *_everybody_else_left(), facts=(_account(address), _when(at)))


def _sso_linked(address: str, at: str) -> Letter:
    return _own_login(
        gettext("Your company's provider signs in to your login now"),
        gettext("Somebody signed in with your address by single sign-on for the first time."),
        gettext("If it was not you, tell your administrators at once."),
        facts=(_account(address), _when(at)),
    )


def _new_browser(address: str, agent: str, ip: str, at: str) -> Letter:
    where = ((pgettext("fact", "Address"), ip),) if ip else ()
    return _own_login(
        gettext("A new browser signed in to your login"),
        gettext("You have not signed in with this browser before, or it was forgotten since. It is known from now on."),
        _tell_them(),
        facts=(_account(address), _when(at), (gettext("Browser"), browser_words(*named(agent))), *where),
        link=f"{settings().url}/account",
        link_words=gettext("Look at my browsers"),
    )


def _recovery_code_used(address: str, left: int, at: str) -> Letter:
    return _own_login(
        gettext("A recovery code was used to sign in"),
        gettext("It took the place of the code from your app, and works no second time."),
        _tell_them(),
        facts=(_account(address), _when(at), (gettext("Codes left"), str(left))),
    )


def _factor_reset(address: str, at: str, *, is_by_company: bool) -> Letter:
    done = (
        gettext("An administrator of your company has reset it, and you were signed out everywhere.")
        if is_by_company
        else gettext("The people who run this installation have reset it, and you were signed out everywhere.")
    )
    return _own_login(
        gettext("Your second factor was reset"),
        done,
        gettext("At your next sign-in you set up a new one."),
        gettext(
            "If you did not ask for this, tell your administrators at once: whoever knows your password may be first."
        ),
        facts=(_account(address), _when(at)),
        link=f"{settings().url}/login",
        link_words=gettext("Sign in"),
    )


def _own_login(
    title: str, *paragraphs: str, facts: tuple[tuple[str, str], ...], link: str = "", link_words: str = ""
) -> Letter:
    """Write such a letter; it leads to where one looks at one's login unless it says another place."""
    return Letter(
        subject=title,
        title=title,
        paragraphs=paragraphs,
        facts=facts,
        link=link or f"{settings().url}/account/security",
        link_words=link_words or gettext("Look at my login"),
        reason=gettext("You get this because it is about your own login. It cannot be switched off."),
    )


def _everybody_else_left() -> tuple[str, str]:
    return gettext("You were signed out everywhere else."), _tell_them()


def _tell_them() -> str:
    return gettext("If it was not you, choose a new password now and tell your administrators.")


def _account(address: str) -> tuple[str, str]:
    return gettext("Account"), address


def _when(at: str) -> tuple[str, str]:
    return pgettext("fact", "When"), kept_moment(at)
