"""Roles and permissions in words: a matrix, and the lines of an access review."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backoffice.models.access_counts import Access, RoleCount
from backoffice.models.members import SECOND_FACTOR_ROLES, STAFF_ROLES, Role
from backoffice.viewmodels.people import ABOUT, NAMES, PLACE
from backoffice.viewmodels.times import iso

WORDS = {
    "Documents": {
        "documents:read": "see documents, without personal data",
        "documents:write": "submit, cancel and change documents",
        "documents:decide": "decide documents in review",
        "documents:tag": "tag documents",
        "personal:read": "show personal data, with a purpose or in a review",
        "applicants:read": "see applicants, without personal data",
        "applicants:write": "add and change applicants",
        "applicants:erase": "erase applicants",
        "verifications:read": "see verifications",
        "verifications:write": "begin and withdraw verifications",
    },
    "Review": {
        "queue:read": "see the queue and take tasks",
        "queue:manage": "assign, transfer, decide what was escalated",
    },
    "Numbers and money": {
        "metrics:read": "see numbers",
        "usage:read": "see usage and quotas",
        "billing:read": "see invoices",
        "billing:write": "change billing and plans",
        "alerts:read": "see alerts",
        "alerts:write": "answer alerts, choose one's own letters",
        "alerts:manage": "set the rules of alerts",
    },
    "Integration": {
        "events:read": "read events",
        "requests:read": "read the log of API requests",
        "keys:read": "see API keys",
        "keys:write": "make, change and revoke API keys",
        "webhooks:read": "see webhooks and deliveries",
        "webhooks:write": "change webhooks, send again",
        "sandbox:use": "use the sandbox",
    },
    "People and the house": {
        "members:read": "see people",
        "members:write": "invite, change and remove people",
        "audit:read": "read and verify the audit trail",
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
    without, needs = one.people - one.with_second_factor, Role(role) in SECOND_FACTOR_ROLES
    said = "all with a second factor" if one.people else "nobody"
    return RoleCard(
        role=role,
        words=NAMES[role],
        about=ABOUT[role],
        house="staff" if Role(role) in STAFF_ROLES else "partner",
        people="1 person" if one.people == 1 else f"{one.people:,} people",
        factor=f"{without:,} without a second factor" if without else said,
        factor_tone=("red" if needs else "amber") if without else "neutral",
        href=f"{PLACE}?role={role}",
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
