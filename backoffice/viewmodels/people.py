"""People of all partners and of staff in words."""

from dataclasses import dataclass

from backoffice.models.base import Prefix, public_id
from backoffice.models.colleague_counts import Person
from backoffice.models.members import PARTNER_ROLES, STAFF_ROLES, Role
from backoffice.viewmodels.colleagues import ROLES
from backoffice.viewmodels.times import iso

PLACE = "/ops/users"
STAFF = {
    Role.REVIEWER: ("Reviewer", "Decides documents; sees personal data while reviewing."),
    Role.REVIEW_LEAD: ("Review lead", "All queues, assignment, quality, policies."),
    Role.OPERATOR: ("Operator", "Partners, people, jobs, prices, policies; no personal data of applicants."),
    Role.AUDITOR: ("Auditor", "Reads everything that operators read, and changes nothing."),
}
NAMES = {str(role): f"Partner {words.lower()}" for role, (words, _) in ROLES.items()} | {
    str(role): words for role, (words, _) in STAFF.items()
}
ABOUT = {str(role): about for role, (_, about) in (*STAFF.items(), *ROLES.items())}
HOUSES = {True: sorted(STAFF_ROLES, key=list(STAFF).index), False: sorted(PARTNER_ROLES, key=list(ROLES).index)}


@dataclass(frozen=True)
class PersonRow:
    """One person."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    role_words: str = ""
    partner: str = ""
    partner_href: str = ""
    is_staff: bool = False
    is_suspended: bool = False
    is_disabled: bool = False
    factor: str = ""
    factor_tone: str = ""
    sessions: int = 0
    last_active_at: str = ""
    is_oneself: bool = False


@dataclass(frozen=True)
class RoleChoice:
    """One role that somebody can get."""

    role: str
    words: str
    about: str


def person_row(one: Person) -> PersonRow:
    """Show one person."""
    missing = "At next sign-in" if one.asks_second_factor else "Off"
    return PersonRow(
        id=public_id(Prefix.MEMBER, one.id),
        name=one.name,
        email=one.email,
        role=one.role,
        role_words=one.role_name or NAMES.get(one.role, one.role),
        partner=one.partner or "Staff",
        partner_href=f"/ops/partners/{public_id(Prefix.PARTNER, one.partner_id)}?tab=users" if one.partner_id else "",
        is_staff=one.partner_id is None,
        is_suspended=one.is_suspended,
        is_disabled=one.is_disabled,
        factor="On" if one.has_second_factor else missing,
        factor_tone="green" if one.has_second_factor else "amber",
        sessions=one.sessions,
        last_active_at=iso(one.last_active_at),
        is_oneself=one.is_oneself,
    )


def role_choices(*, is_staff: bool) -> list[RoleChoice]:
    """Offer the roles of one house."""
    return [RoleChoice(str(role), NAMES[role], ABOUT[role]) for role in HOUSES[is_staff]]
