"""A partner's people in words: who they are, whether they can come in, and what a change of role means."""

from collections.abc import Collection
from dataclasses import dataclass

from backoffice.i18n import N_, gettext, pgettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.colleague_counts import Colleague, Invitee
from backoffice.models.members import SECOND_FACTOR_ROLES, Role
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
    "documents:write": N_("act on documents"),
    "personal:read": N_("show personal data"),
    "applicants:erase": N_("erase applicants"),
    "keys:write": N_("make and revoke API keys"),
    "webhooks:write": N_("change webhooks"),
    "requests:read": N_("read the log of requests"),
    "sandbox:use": N_("use the sandbox"),
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
    role_words: str = ""
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
        role_words=role_words(one.role),
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
    return gettext("At next sign-in") if one.role in SECOND_FACTOR_ROLES else gettext("Off")


def invitee_row(one: Invitee) -> InviteeRow:
    """Show one open invitation."""
    return InviteeRow(
        id=str(one.id),
        name=one.name,
        email=one.email,
        role_words=role_words(one.role),
        invited_by=one.invited_by or gettext("Our people"),
        invited_at=iso(one.invited_at),
        expires_at=iso(one.expires_at),
        is_expired=one.is_expired,
    )


def role_change(row: ColleagueRow, role: str, before: Collection[str], after: Collection[str]) -> RoleChange:
    """Say what somebody may do with another role and what no more; nothing for the role that they have."""
    if role == row.role or role not in ROLES:
        return RoleChange()
    return RoleChange(
        words=f"{row.role_words} → {role_words(role)}",
        gains=_rights(set(after) - set(before)),
        loses=_rights(set(before) - set(after)),
        enrols=not row.has_factor and role in SECOND_FACTOR_ROLES,
    )


def _rights(permissions: Collection[str]) -> str:
    return ", ".join(gettext(words) for name, words in RIGHTS.items() if name in permissions)
