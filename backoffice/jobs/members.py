"""Letters to people about invitations and their own logins."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.jobs import letters
from backoffice.services import invitees, password_resets, security_letters
from backoffice.services.access import Actor

SYSTEM = Actor.system(name="letters")


async def mail_invitation(invitation_id: str) -> None:
    """Send the letter of an invitation, and then forget its link; a mail server that is away is asked again later."""
    key = UUID(invitation_id)
    async with transaction(SYSTEM.tenancy) as session:
        found = await invitees.addressed(session, SYSTEM, key)
    await letters.send(found)
    async with transaction(SYSTEM.tenancy) as session:
        await invitees.forget_link(session, SYSTEM, key)


async def mail_factor_reset(member_id: str, at: str, *, is_by_company: bool = True) -> None:
    """Tell somebody that their second factor was reset, and by whom."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.factor_reset(session, SYSTEM, UUID(member_id), at, is_by_company=is_by_company)
    await letters.send(found)


async def mail_password_reset(box: str) -> None:
    """Make the link that somebody asked for and send it; without anybody at the address nothing happens."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await password_resets.addressed(session, SYSTEM, box)
    await letters.send(found)


async def mail_password_changed(member_id: str, at: str) -> None:
    """Tell somebody that their password was changed."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.password_changed(session, SYSTEM, UUID(member_id), at)
    await letters.send(found)


async def mail_second_factor_changed(member_id: str, at: str) -> None:
    """Tell somebody that another app gives their codes."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.second_factor_changed(session, SYSTEM, UUID(member_id), at)
    await letters.send(found)


async def mail_passkey_changed(member_id: str, what: str, at: str) -> None:
    """Tell somebody that a passkey of theirs was added or removed."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.passkey_changed(session, SYSTEM, UUID(member_id), what, at)
    await letters.send(found)


async def mail_new_browser(member_id: str, session_id: str, at: str) -> None:
    """Tell somebody that a browser that was not known signed in to their login."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.new_browser(session, SYSTEM, UUID(member_id), UUID(session_id), at)
    await letters.send(found)


async def mail_recovery_code_used(member_id: str, left: int, at: str) -> None:
    """Tell somebody that a recovery code of theirs was used."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.recovery_code_used(session, SYSTEM, UUID(member_id), left, at)
    await letters.send(found)


async def mail_sso_linked(member_id: str, at: str) -> None:
    """Tell somebody that their company's provider signs in to their login."""
    async with transaction(SYSTEM.tenancy) as session:
        found = await security_letters.sso_linked(session, SYSTEM, UUID(member_id), at)
    await letters.send(found)
