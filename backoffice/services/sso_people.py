"""What is kept of a person whom a provider vouches for: tidied, and never more than fits."""

from collections.abc import Iterable

from backoffice.adapters.id_tokens import untrusted
from backoffice.errors import NotAllowed
from backoffice.i18n import N_
from backoffice.models.single_sign_on import MAX_SUBJECT
from backoffice.services import members

NO_ADDRESS = N_("Your company's provider does not vouch for your e-mail address, so you cannot be let in.")
MAX_AMR, MAX_WORD = 10, 32


def subject(told: object) -> str:
    """Take a subject as it is. Raises NotAllowed for what cannot be one."""
    if not isinstance(told, str) or not 0 < len(told) <= MAX_SUBJECT or not told.isprintable():
        raise untrusted("wrong_sub")
    return told


def address(told: object) -> str:
    """Tidy an e-mail address. Raises NotAllowed for what is none."""
    tidy = told.strip().lower() if isinstance(told, str) and told.isascii() else ""
    if not members.EMAIL.fullmatch(tidy):
        raise NotAllowed(NO_ADDRESS, code="sso_no_email")
    return tidy


def name(told: object, email: str) -> str:
    """Tidy a name; the address stands in for one that cannot be shown."""
    tidy = " ".join(told.split())[: members.MAX_NAME] if isinstance(told, str) else ""
    return tidy if tidy and tidy.isprintable() else email.partition("@")[0]


def methods(told: Iterable[object]) -> tuple[str, ...]:
    """Keep short words of how somebody was asked."""
    words = list(told)[:MAX_AMR]
    return tuple(one for one in words if isinstance(one, str) and 0 < len(one) <= MAX_WORD and one.isprintable())
