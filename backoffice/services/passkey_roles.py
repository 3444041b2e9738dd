"""Roles that sign in with a passkey and with nothing less, as the installation says (`PASSKEY_ROLES`).

Whoever has such a role and no passkey yet makes one on the way in, once they have proven what else they have. The half
of a sign-in that waits for it is told from others by its row, so that a password alone makes none beside an app.
A company's provider that asks for a second factor itself stands for a passkey: what it asks for is the company's.
"""

from backoffice.errors import NotAllowed
from backoffice.i18n import N_
from backoffice.models.members import Member, Origin, Session
from backoffice.services.permissions import stands_for
from backoffice.settings import settings

NEEDED = N_("Your role signs in with a passkey.")
CODE = "passkey_needed"


def asks(role: str) -> bool:
    """Answer whether a role signs in with a passkey only."""
    return role in settings().passkey_roles


def wants(member: Member) -> bool:
    """Answer whether somebody signs in with a passkey only: a role of their company's own is what it may do."""
    return asks(stands_for(member.role, member.granted))


def lacks(member: Member) -> bool:
    """Answer whether somebody has to make a passkey before they are in."""
    return wants(member) and member.passkey_count == 0


def makes_next(member: Member, origin: Origin, *, is_proven: bool) -> bool:
    """Answer whether a passkey is made next: all else is proven, or there is nothing else to prove."""
    return lacks(member) and not origin.has_outside_factor and (is_proven or not member.has_second_factor)


def takes_code(pending: Session, member: Member) -> bool:
    """Answer whether a code leads on: not of who has a passkey to use, or is about to make one."""
    return not pending.awaits_passkey and not (wants(member) and member.passkey_count > 0)


def refuse_code(pending: Session, member: Member) -> None:
    """Refuse a code that does not lead on, before it is used up.

    Raises NotAllowed.
    """
    if not takes_code(pending, member):
        raise NotAllowed(NEEDED, code=CODE)
