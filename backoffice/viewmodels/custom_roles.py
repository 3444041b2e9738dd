"""A partner's own roles in words: what each may do, who has it, and what a change of one would mean."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from backoffice.i18n import gettext, ngettext
from backoffice.models.custom_roles import RoleInUse
from backoffice.models.members import Role
from backoffice.viewmodels.access_reviews import WORDS
from backoffice.viewmodels.colleagues import ROLES


@dataclass(frozen=True)
class OwnRoleRow:
    """One role of the company, ours or its own."""

    id: str = ""
    """A key for one of its own, our name for one of ours."""
    name: str = ""
    about: str = ""
    people: int = 0
    invited: int = 0
    is_own: bool = False
    version: int = 0
    permissions: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Tick:
    """One permission of the checklist."""

    permission: str
    words: str
    is_on: bool


@dataclass(frozen=True)
class Family:
    """Some permissions that belong together."""

    name: str
    ticks: list[Tick] = field(default_factory=list[Tick])


@dataclass(frozen=True)
class RoleDiff:
    """What saving would change."""

    gains: str = ""
    loses: str = ""
    who: str = ""
    """How many sign in again; empty when nobody has to."""
    enrols: bool = False


def built_in_rows(people: dict[str, int]) -> list[OwnRoleRow]:
    """Show our own roles, those with most rights first."""
    return [
        OwnRoleRow(str(role), gettext(name), gettext(about), people.get(str(role), 0))
        for role, (name, about) in ROLES.items()
    ]


def own_role_row(one: RoleInUse) -> OwnRoleRow:
    """Show one of the company's own."""
    return OwnRoleRow(
        id=str(one.id),
        name=one.name,
        about=_sentence(rights(one.permissions)),
        people=one.people,
        invited=one.invited,
        is_own=True,
        version=one.version,
        permissions=list(one.permissions),
    )


def rights(permissions: Collection[str]) -> str:
    """Say in plain words what permissions let somebody do."""
    return "; ".join(
        gettext(words) for family in WORDS.values() for name, words in family.items() if name in permissions
    )


def families(giveable: Collection[str], chosen: Collection[str]) -> list[Family]:
    """Make the checklist of what a role can have."""
    found: list[Family] = []
    for kind, permissions in WORDS.items():
        ticks = [
            Tick(name, _sentence(gettext(words)), name in chosen)
            for name, words in permissions.items()
            if name in giveable
        ]
        if ticks:
            found.append(Family(gettext(kind), ticks))
    return found


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def role_diff(row: OwnRoleRow, chosen: Collection[str], *, enrols: bool) -> RoleDiff:
    """Say what saving would change; of a new role what it may do."""
    before, after = set(row.permissions), set(chosen)
    if before == after:
        return RoleDiff()
    sentence = ngettext("{count} person signs in again.", "{count} people sign in again.", row.people)
    return RoleDiff(rights(after - before), rights(before - after), sentence if row.people else "", enrols=enrols)


def counted(held: Sequence[str]) -> dict[str, int]:
    """Count people by one of our roles."""
    return {str(role): sum(one == role for one in held) for role in Role}
