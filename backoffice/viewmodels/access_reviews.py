"""Roles and permissions in words: a matrix, and the lines of an access review."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backoffice.i18n import N_
from backoffice.models.access_counts import Access, CustomRoleUse, RoleCount
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import SECOND_FACTOR_ROLES, STAFF_ROLES, Role
from backoffice.viewmodels.people import ABOUT, NAMES, PLACE
from backoffice.viewmodels.times import iso

WORDS = {
    N_("Documents"): {
        "documents:read": N_("see documents, without personal data"),
        "documents:write": N_("submit, cancel and change documents"),
        "documents:decide": "decide documents in review",
        "documents:tag": N_("tag documents"),
        "personal:read": N_("show personal data, with a purpose or in a review"),
        "applicants:read": N_("see applicants, without personal data"),
        "applicants:write": "add and change applicants",
        "applicants:erase": N_("erase applicants"),
        "verifications:read": N_("see verifications"),
        "verifications:write": "begin and withdraw verifications",
    },
    "Review": {
        "queue:read": "see the queue and take tasks",
        "queue:manage": "assign, transfer, decide what was escalated",
    },
    N_("Numbers and money"): {
        "metrics:read": N_("see numbers"),
        "usage:read": N_("see usage and quotas"),
        "billing:read": N_("see invoices"),
        "billing:write": N_("change billing and plans"),
        "alerts:read": N_("see alerts"),
        "alerts:write": N_("answer alerts, choose one's own letters"),
        "alerts:manage": N_("set the rules of alerts"),
    },
    N_("Integration"): {
        "events:read": N_("read events"),
        "requests:read": N_("read the log of API requests"),
        "keys:read": N_("see API keys"),
        "keys:write": N_("make, change and revoke API keys"),
        "webhooks:read": N_("see webhooks and deliveries"),
        "webhooks:write": N_("change webhooks, send again"),
        "sandbox:use": N_("use the sandbox"),
    },
    N_("People and the house"): {
        "members:read": N_("see people"),
        "members:write": "invite, change and remove people",
        "audit:read": N_("read and verify the audit trail"),
        "partners:read": "see partners",
        "partners:write": "take partners on, change plans, suspend",
        "workspaces:look": "look at a partner's workspace for a while, with a purpose, changing nothing",
        "policies:read": "see policies, engines and SLA",
        "policies:write": "draft and publish policies",
        "retention:read": "see retention rules, holds and erasures",
        "retention:write": "change retention rules, place and release holds",
        "security:read": "see security alerts",
        "security:write": "answer security alerts and set their rules",
        "jobs:read": "see the health of every part",
        "jobs:write": "let failed jobs run again",
    },
}
"""Every permission that a person can have, and what it lets them do."""
NAMES_IN_ORDER = sorted(NAMES, key=lambda role: Role(role) not in STAFF_ROLES)
"""Roles as they stand beside each other, those of staff first."""
HEAD = (
    "kind", "name", "login", "partner", "role", "permissions", "second_factor", "state", "created_at", "last_used_at"
)  # fmt: skip


@dataclass(frozen=True)
class RoleCard:
    """One role, and who has it."""

    role: str = ""
    words: str = ""
    about: str = ""
    house: str = ""
    people: str = ""
    factor: str = ""
    factor_tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class CustomRoleCard:
    """One role that a partner made for itself."""

    id: str = ""
    name: str = ""
    partner: str = ""
    partner_href: str = ""
    about: str = ""
    people: str = ""
    factor: str = ""
    factor_tone: str = ""


@dataclass(frozen=True)
class Grant:
    """Whether one role grants one permission."""

    role: str = ""
    words: str = ""
    is_granted: bool = False


@dataclass(frozen=True)
class PermissionRow:
    """One permission and the roles that grant it."""

    permission: str = ""
    words: str = ""
    family: str = ""
    grants: list[Grant] = field(default_factory=list[Grant])


def role_cards(counts: Sequence[RoleCount]) -> list[RoleCard]:
    """Show the roles, those of staff first."""
    by_role = {one.role: one for one in counts}
    return [_card(role, by_role[role]) for role in NAMES_IN_ORDER if role in by_role]


def _card(role: str, one: RoleCount) -> RoleCard:
    factor, tone = _factor(one.people, one.with_second_factor, needs=Role(role) in SECOND_FACTOR_ROLES)
    return RoleCard(
        role=role,
        words=NAMES[role],
        about=ABOUT[role],
        house="staff" if Role(role) in STAFF_ROLES else "partner",
        people=_people(one.people),
        factor=factor,
        factor_tone=tone,
        href=f"{PLACE}?role={role}",
    )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _factor(people: int, with_one: int, *, needs: bool) -> tuple[str, str]:
    without = people - with_one
    if without:
        return f"{without:,} without a second factor", "red" if needs else "amber"
    return "all with a second factor" if people else "nobody", "neutral"


def custom_role_cards(found: Sequence[CustomRoleUse]) -> list[CustomRoleCard]:
    """Show the roles that partners made for themselves, each with what it really grants."""
    return [_custom_card(one) for one in found]


def _custom_card(one: CustomRoleUse) -> CustomRoleCard:
    factor, tone = _factor(one.people, one.with_second_factor, needs=one.asks_second_factor)
    granted = [words for family in WORDS.values() for name, words in family.items() if name in one.permissions]
    return CustomRoleCard(
        id=str(one.id),
        name=one.name,
        partner=one.partner,
        partner_href=f"/ops/partners/{public_id(Prefix.PARTNER, one.partner_id)}?tab=users",
        about="; ".join(granted),
        people=_people(one.people),
        factor=factor,
        factor_tone=tone,
    )


def permission_rows(granted: dict[str, frozenset[str]], family: str = "") -> list[PermissionRow]:
    """Show the matrix, or one family of it."""
    return [
        PermissionRow(
            name,
            words[0].upper() + words[1:],
            kind,
            [Grant(role, NAMES[role], name in granted[role]) for role in NAMES_IN_ORDER],
        )
        for kind, permissions in WORDS.items()
        if not family or kind == family
        for name, words in permissions.items()
    ]


def csv_lines(found: Iterable[Access]) -> list[list[str]]:
    """Write an access review as rows of a table, with its head; a spreadsheet must take no cell for a formula."""
    return [list(HEAD), *([_plain(cell) for cell in _cells(one)] for one in found)]


def _cells(one: Access) -> list[str]:
    factor = "" if one.second_factor is None else "yes" if one.second_factor else "no"
    spans = (iso(one.created_at), iso(one.last_used_at))
    permissions = " ".join(one.permissions)
    return [one.kind, one.name, one.login, one.partner or "staff", one.role, permissions, factor, one.state, *spans]


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
