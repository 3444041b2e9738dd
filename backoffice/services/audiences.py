"""Who may open a page or send an event: asked by the HTTP door, by the event gate and by the pages themselves."""

from dataclasses import dataclass, field

from backoffice.i18n import N_, gettext
from backoffice.models.members import PARTNER_ROLES, Role
from backoffice.models.viewings import NOTHING_CHANGES
from backoffice.services.access import GRANTED_BY, Actor, Permission, role_names

SIGN_IN_PAGE = "/login"
PARTNERS_PLACE = "/partner"
PARTNERS_LEAST = "/partner/settings"
"""Open to everybody of a partner's: the letters that one gets oneself are chosen there."""
NOT_LOOKED_AT = N_("a login of this company")
ACCOUNT_PAGE = "/account"
HOMES: dict[Role, str] = dict.fromkeys(PARTNER_ROLES, "/partner") | {
    Role.REVIEWER: "/review/queue",
    Role.REVIEW_LEAD: "/review/queue",
    Role.OPERATOR: "/ops",
    Role.AUDITOR: "/ops",
}
"""Where each role begins; the others begin at their account."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody, who is signed in, who has all of some permissions, or who has one of some roles."""

    is_public: bool = False
    permissions: frozenset[Permission] = field(default_factory=frozenset[Permission])
    roles: frozenset[Role] = field(default_factory=frozenset[Role])

    def admits(self, actor: Actor | None) -> bool:
        """Answer whether this actor belongs to the audience."""
        if self.is_public:
            return True
        if actor is None or not self.permissions <= actor.permissions:
            return False
        if actor.is_looking:
            return not self.roles or not self.roles.isdisjoint(PARTNER_ROLES)
        return not self.roles or actor.role in self.roles

    def missing(self, actor: Actor) -> str:
        """Name what the actor lacks, and the roles that have it."""
        if actor.is_looking:
            return gettext(NOT_LOOKED_AT)
        lacks = sorted(self.permissions - actor.permissions)
        if lacks:
            words = N_("the permission {permission}, which comes with the role: {roles}")
            return gettext(words, permission=lacks[0], roles=role_names(GRANTED_BY[lacks[0]]))
        return gettext("one of these roles: {roles}", roles=role_names(sorted(self.roles)))

    def refusal(self, actor: Actor) -> str:
        """Say so in one sentence."""
        if actor.is_looking:
            return gettext(NOTHING_CHANGES)
        return gettext("You need {what}.", what=self.missing(actor))


PUBLIC = Audience(is_public=True)
SIGNED_IN = Audience()


def with_permissions(*permissions: Permission) -> Audience:
    """Make the audience of those who have every one of these."""
    return Audience(permissions=frozenset(permissions))


def with_roles(*roles: Role) -> Audience:
    """Make the audience of those who have one of these roles."""
    return Audience(roles=frozenset(roles))


def home_of(actor: Actor) -> str:
    """Answer the page where this actor begins: with a role of the company's own the first that it opens."""
    home = HOMES.get(actor.role, ACCOUNT_PAGE) if actor.role else ACCOUNT_PAGE
    audience = pages.audience_of(home)
    if audience is None:
        return ACCOUNT_PAGE
    is_open = actor.is_looking or not actor.role_name or audience.admits(actor)
    return home if is_open else pages.first(actor, PARTNERS_PLACE) or PARTNERS_LEAST


def is_partners(path: str) -> bool:
    """Answer whether a path is of the partners' workspace."""
    return path == PARTNERS_PLACE or path.startswith(f"{PARTNERS_PLACE}/")


def local_path(text: str, default: str = "/") -> str:
    """Answer a path of ours to go to next, and the default for anything that could lead elsewhere."""
    is_ours = text.startswith("/") and not text.startswith(("//", "/\\", "/auth/", SIGN_IN_PAGE))
    return text if is_ours and text.isprintable() and "\\" not in text and len(text) <= MAX_PATH else default


MAX_PATH = 500


class Pages:
    """The audience of every browser URL; `routes.py` fills it once."""

    def __init__(self) -> None:
        self._audiences: dict[tuple[str, ...], Audience] = {}

    def add(self, path: str, audience: Audience) -> None:
        """Note one page; a segment in square brackets stands for any text."""
        self._audiences[_segments(path)] = audience

    def audience_of(self, path: str) -> Audience | None:
        """Answer who may open a path, or None when there is no such page."""
        known = self.shape_of(path)
        return None if known is None else self._audiences[known]

    def first(self, actor: Actor, under: str) -> str:
        """Answer the first page of a workspace that is not everybody's and open to the actor; empty for none."""
        places = (
            f"/{'/'.join(known)}" for known, one in self._audiences.items() if one.permissions and one.admits(actor)
        )
        return next((place for place in places if place.startswith(f"{under}/") and "[" not in place), "")

    def shape_of(self, path: str) -> tuple[str, ...] | None:
        """Answer the segments of the page that a path leads to, those in brackets as they were added."""
        asked = _segments(path)
        if asked in self._audiences:
            return asked
        return next((known for known in self._audiences if _matches(known, asked)), None)


def _segments(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _matches(known: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return len(known) == len(asked) and all(
        part == want or part.startswith("[") for part, want in zip(known, asked, strict=True)
    )


pages = Pages()
