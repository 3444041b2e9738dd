"""Who is signed in, as the shell and the account page show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice.i18n import N_, gettext
from backoffice.i18n.browsers import browser_words, named
from backoffice.models.base import Prefix, public_id
from backoffice.models.known_browsers import KnownBrowser
from backoffice.models.members import Member, Session
from backoffice.models.single_sign_on import WAY
from backoffice.models.viewings import Viewing
from backoffice.viewmodels.fleet import PLACE
from backoffice.viewmodels.times import age, iso
from backoffice.viewmodels.words import plain


@dataclass(frozen=True)
class Viewer:
    """The person at the screen; `permissions` decide what is offered, never what is allowed."""

    name: str = ""
    initials: str = ""
    role: str = ""
    role_words: str = ""
    role_name: str = ""
    """How the company calls it, where the role is one of its own."""
    partner: str = ""
    is_staff: bool = False
    home: str = "/"
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkspaceLink:
    """One workspace that is open to the viewer."""

    key: str
    label: str
    href: str


@dataclass(frozen=True)
class Look:
    """At whom one of our people looks, and until when."""

    company: str = ""
    until: str = ""
    purpose: str = ""
    href: str = ""
    """The company's page in the console."""


WORKSPACES = (
    WorkspaceLink("partner", N_("Partner"), "/partner"),
    WorkspaceLink("review", N_("Review"), "/review/queue"),
    WorkspaceLink("ops", N_("Operations"), "/ops/policies"),
)


@dataclass(frozen=True)
class SessionRow:
    """One browser in which the viewer is signed in."""

    id: str
    device: str
    way: str
    """How its person came in, where the session knows."""
    ip: str
    signed_in_at: str
    last_seen: str
    last_seen_at: str
    is_this: bool


@dataclass(frozen=True)
class BrowserRow:
    """One browser that is known for the viewer."""

    id: str
    device: str
    first_seen_at: str
    last_seen_at: str
    is_this: bool


@dataclass(frozen=True)
class Profile:
    """A member's own account."""

    name: str = ""
    email: str = ""
    role_words: str = ""
    time_zone: str = ""
    second_factor: str = ""
    signed_in_at: str = ""


def profile(member: Member) -> Profile:
    """Show a member to themselves."""
    return Profile(
        name=member.name,
        email=member.email,
        role_words=member.role_name or plain(member.role),
        time_zone=member.time_zone,
        second_factor=_factor(member),
        signed_in_at=iso(member.last_sign_in_at),
    )


def _factor(member: Member) -> str:
    passkeys = [gettext("Passkey")] if member.passkey_count else []
    app = [gettext("Authenticator app")] if member.totp_secret_box is not None else []
    return ", ".join(passkeys + app) or gettext("Not set up")


def viewer(  # noqa: PLR0913 what the frame shows of somebody
    *, name: str, role: str, partner: str, home: str, permissions: Iterable[str], role_name: str = ""
) -> Viewer:
    """Show the person at the screen to themselves."""
    return Viewer(
        name=name,
        initials=initials(name),
        role=role,
        role_words=role_name or plain(role),
        role_name=role_name,
        partner=partner,
        is_staff=not partner,
        home=home,
        permissions=tuple(sorted(permissions)),
    )


def look(viewing: Viewing, company: str) -> Look:
    """Show to who looks that they do."""
    href = f"{PLACE}/{public_id(Prefix.PARTNER, viewing.partner_id)}"
    return Look(company, iso(viewing.until), viewing.purpose, href)


def initials(name: str) -> str:
    """Shorten a name to the one or two letters of an avatar."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def session_row(session: Session, *, current: UUID | None, at: datetime) -> SessionRow:
    """Show one session in words."""
    return SessionRow(
        id=str(session.id),
        device=device(session.user_agent),
        way=gettext("by single sign-on") if session.way == WAY else "",
        ip=session.ip,
        signed_in_at=iso(session.created_at),
        last_seen=age(session.last_seen_at, at),
        last_seen_at=iso(session.last_seen_at),
        is_this=session.id == current,
    )


def browser_row(known: KnownBrowser, *, current: UUID | None) -> BrowserRow:
    """Show one known browser in words; `current` is the one that the viewer sits at."""
    return BrowserRow(
        id=str(known.id),
        device=browser_words(known.browser, known.system),
        first_seen_at=iso(known.first_seen_at),
        last_seen_at=iso(known.last_seen_at),
        is_this=known.id == current,
    )


def device(user_agent: str) -> str:
    """Name browser and system; what is unknown is called a program."""
    return browser_words(*named(user_agent))
