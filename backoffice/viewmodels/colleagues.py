"""A partner's people in words: who they are, whether they can come in, and what a change of role means."""

from collections.abc import Collection
from dataclasses import dataclass, field

from backoffice.i18n import N_, gettext, pgettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.colleague_counts import Colleague, Invitee
from backoffice.models.members import Role
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import plain

ROLES = {
    Role.PARTNER_ADMIN: (N_("Admin"), N_("Everything, also people, settings, the audit trail and personal data.")),
    Role.PARTNER_DEVELOPER: (
        N_("Developer"),
        N_("API keys, webhooks, sandbox, request log; documents without personal data."),
    ),
    Role.PARTNER_ANALYST: (N_("Analyst"), N_("Documents, numbers and exports without personal data.")),
}
"""What each role is called, and what it may do."""
RIGHTS = {
    "documents:read": N_("see documents"),
    "documents:write": N_("act on documents"),
    "documents:tag": N_("tag documents"),
    "personal:read": N_("show personal data"),
    "applicants:read": N_("see applicants"),
    "applicants:erase": N_("erase applicants"),
    "verifications:read": N_("see verifications"),
    "metrics:read": N_("see numbers"),
    "usage:read": N_("see usage and quotas"),
    "billing:read": N_("see invoices"),
    "billing:write": N_("change billing and plans"),
    "events:read": N_("read events"),
    "alerts:read": N_("see alerts"),
    "alerts:write": N_("answer alerts"),
    "alerts:manage": N_("set the rules of alerts"),
    "keys:read": N_("see API keys"),
    "keys:write": N_("make and revoke API keys"),
    "webhooks:read": N_("see webhooks and deliveries"),
    "webhooks:write": N_("change webhooks"),
    "requests:read": N_("read the log of requests"),
    "sandbox:use": N_("use the sandbox"),
    "members:read": N_("see people"),
    "members:write": N_("invite, change and remove people"),
    "audit:read": N_("read the audit trail"),
}
"""What somebody notices who gains or loses a permission."""


@dataclass(frozen=True)
class ColleagueRow:
    """One person of the list."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    """One of ours, or the key of one of the company's own."""
    role_words: str = ""
    is_own_role: bool = False
    permissions: list[str] = field(default_factory=list[str])
    factor: str = ""
    factor_tone: str = ""
    last_active_at: str = ""
    joined_at: str = ""
    sessions: int = 0
    api_keys: int = 0
    is_oneself: bool = False
    is_removed: bool = False
    has_factor: bool = False


@dataclass(frozen=True)
class InviteeRow:
    """One person who was invited and has not come yet."""

    id: str
    name: str
    email: str
    role_words: str
    invited_by: str
    invited_at: str
    expires_at: str
    is_expired: bool


@dataclass(frozen=True)
class RoleChange:
    """What another role would mean for one person."""

    words: str = ""
    gains: str = ""
    loses: str = ""
    enrols: bool = False
    """Whether they have to set up a second factor at their next sign-in."""


def role_words(role: str) -> str:
    """Name a role as a partner's people do."""
    return gettext(ROLES[Role(role)][0]) if role in ROLES else plain(role)


def colleague_row(one: Colleague) -> ColleagueRow:
    """Show one person."""
    return ColleagueRow(
        id=public_id(Prefix.MEMBER, one.id),
        name=one.name,
        email=one.email,
        role=one.role,
        role_words=one.role_name or role_words(one.role),
        is_own_role=one.role_name != "",
        permissions=list(one.permissions),
        factor=_factor(one),
        factor_tone="green" if one.has_second_factor else "amber",
        last_active_at=iso(one.last_active_at),
        joined_at=iso(one.joined_at),
        sessions=one.sessions,
        api_keys=one.keys,
        is_oneself=one.is_oneself,
        is_removed=one.is_removed,
        has_factor=one.has_second_factor,
    )


def _factor(one: Colleague) -> str:
    if one.has_second_factor:
        return pgettext("second factor", "On")
    return gettext("At next sign-in") if one.asks_second_factor else gettext("Off")


def invitee_row(one: Invitee) -> InviteeRow:
    """Show one open invitation."""
    return InviteeRow(
        id=str(one.id),
        name=one.name,
        email=one.email,
        role_words=one.role_name or role_words(one.role),
        invited_by=one.invited_by or gettext("Our people"),
        invited_at=iso(one.invited_at),
        expires_at=iso(one.expires_at),
        is_expired=one.is_expired,
    )


def role_change(row: ColleagueRow, called: str, after: Collection[str], *, asks_factor: bool) -> RoleChange:
    """Say what somebody may do with another role and what no more."""
    return RoleChange(
        words=f"{row.role_words} → {called}",
        gains=_rights(set(after) - set(row.permissions)),
        loses=_rights(set(row.permissions) - set(after)),
        enrols=not row.has_factor and asks_factor,
    )


def _rights(permissions: Collection[str]) -> str:
    return ", ".join(gettext(words) for name, words in RIGHTS.items() if name in permissions)
