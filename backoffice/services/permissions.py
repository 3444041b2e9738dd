"""What can be done, and which role may do it: one table that every service, page and review reads."""

from collections.abc import Iterable
from enum import StrEnum

from backoffice.i18n import gettext
from backoffice.models.members import SECOND_FACTOR_ROLES, Role


class Permission(StrEnum):
    """One thing that can be done; for API keys the same words are the scopes."""

    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    DOCUMENTS_DECIDE = "documents:decide"
    DOCUMENTS_TAG = "documents:tag"
    PERSONAL_READ = "personal:read"
    APPLICANTS_READ = "applicants:read"
    APPLICANTS_WRITE = "applicants:write"
    APPLICANTS_ERASE = "applicants:erase"
    VERIFICATIONS_READ = "verifications:read"
    VERIFICATIONS_WRITE = "verifications:write"
    EVENTS_READ = "events:read"
    METRICS_READ = "metrics:read"
    USAGE_READ = "usage:read"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    REQUESTS_READ = "requests:read"
    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    ALERTS_MANAGE = "alerts:manage"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    SANDBOX_USE = "sandbox:use"
    QUEUE_READ = "queue:read"
    QUEUE_MANAGE = "queue:manage"
    AUDIT_READ = "audit:read"
    PARTNERS_READ = "partners:read"
    PARTNERS_WRITE = "partners:write"
    WORKSPACES_LOOK = "workspaces:look"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    POLICIES_READ = "policies:read"
    POLICIES_WRITE = "policies:write"
    RETENTION_READ = "retention:read"
    RETENTION_WRITE = "retention:write"
    SECURITY_READ = "security:read"
    SECURITY_WRITE = "security:write"
    SYSTEM = "system"


P = Permission
SCOPES = frozenset(
    {
        P.DOCUMENTS_READ,
        P.DOCUMENTS_WRITE,
        P.APPLICANTS_READ,
        P.APPLICANTS_WRITE,
        P.APPLICANTS_ERASE,
        P.VERIFICATIONS_READ,
        P.VERIFICATIONS_WRITE,
        P.EVENTS_READ,
        P.WEBHOOKS_READ,
        P.WEBHOOKS_WRITE,
        P.PERSONAL_READ,
        P.AUDIT_READ,
        P.METRICS_READ,
        P.USAGE_READ,
        P.BILLING_READ,
        P.KEYS_READ,
        P.KEYS_WRITE,
    }
)
"""What a key can be given."""

_PARTNER = frozenset(
    {
        P.DOCUMENTS_READ,
        P.DOCUMENTS_TAG,
        P.APPLICANTS_READ,
        P.VERIFICATIONS_READ,
        P.EVENTS_READ,
        P.METRICS_READ,
        P.USAGE_READ,
        P.ALERTS_READ,
    }
)
_REVIEW = frozenset({P.DOCUMENTS_READ, P.DOCUMENTS_DECIDE, P.PERSONAL_READ, P.APPLICANTS_READ, P.QUEUE_READ})
_SEE_ALL = frozenset(
    {
        P.DOCUMENTS_READ,
        P.EVENTS_READ,
        P.METRICS_READ,
        P.USAGE_READ,
        P.REQUESTS_READ,
        P.PARTNERS_READ,
        P.MEMBERS_READ,
        P.KEYS_READ,
        P.WEBHOOKS_READ,
        P.JOBS_READ,
    }
)
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PARTNER_ADMIN: _PARTNER
    | {
        P.DOCUMENTS_WRITE,
        P.PERSONAL_READ,
        P.APPLICANTS_ERASE,
        P.BILLING_READ,
        P.BILLING_WRITE,
        P.REQUESTS_READ,
        P.ALERTS_WRITE,
        P.ALERTS_MANAGE,
        P.KEYS_READ,
        P.KEYS_WRITE,
        P.WEBHOOKS_READ,
        P.WEBHOOKS_WRITE,
        P.SANDBOX_USE,
        P.MEMBERS_READ,
        P.MEMBERS_WRITE,
        P.AUDIT_READ,
    },
    Role.PARTNER_DEVELOPER: _PARTNER
    | {
        P.REQUESTS_READ,
        P.ALERTS_WRITE,
        P.KEYS_READ,
        P.KEYS_WRITE,
        P.WEBHOOKS_READ,
        P.WEBHOOKS_WRITE,
        P.SANDBOX_USE,
    },
    Role.PARTNER_ANALYST: _PARTNER,
    Role.REVIEWER: _REVIEW,
    Role.REVIEW_LEAD: _REVIEW | {P.QUEUE_MANAGE, P.METRICS_READ, P.POLICIES_READ, P.POLICIES_WRITE},
    Role.OPERATOR: _SEE_ALL
    | {
        P.PARTNERS_WRITE,
        P.WORKSPACES_LOOK,
        P.JOBS_WRITE,
        P.MEMBERS_WRITE,
        P.KEYS_WRITE,
        P.AUDIT_READ,
        P.POLICIES_READ,
        P.POLICIES_WRITE,
        P.BILLING_READ,
        P.BILLING_WRITE,
        P.RETENTION_READ,
        P.RETENTION_WRITE,
        P.SECURITY_READ,
        P.SECURITY_WRITE,
    },
    Role.AUDITOR: _SEE_ALL | {P.AUDIT_READ, P.POLICIES_READ, P.BILLING_READ, P.RETENTION_READ, P.SECURITY_READ},
}
LOOKING = frozenset(
    {
        P.DOCUMENTS_READ,
        P.APPLICANTS_READ,
        P.VERIFICATIONS_READ,
        P.EVENTS_READ,
        P.METRICS_READ,
        P.USAGE_READ,
        P.BILLING_READ,
        P.REQUESTS_READ,
        P.ALERTS_READ,
        P.KEYS_READ,
        P.WEBHOOKS_READ,
        P.MEMBERS_READ,
        P.AUDIT_READ,
    }
)
"""What an operator may who looks at a partner's workspace: read what its administrators read, never personal data."""
GIVEABLE = ROLE_PERMISSIONS[Role.PARTNER_ADMIN] - {P.MEMBERS_WRITE}
"""What a role of a partner's own can have. Who may change people, roles and the ways in could make themselves anything:
that stays with administrators."""
_TOLD = frozenset({P.DOCUMENTS_READ, P.APPLICANTS_READ, P.VERIFICATIONS_READ})
"""What events tell of."""
NEEDS: dict[Permission, frozenset[Permission]] = {
    P.EVENTS_READ: _TOLD,
    P.WEBHOOKS_READ: _TOLD | {P.EVENTS_READ},
    P.DOCUMENTS_WRITE: frozenset({P.DOCUMENTS_READ}),
    P.DOCUMENTS_TAG: frozenset({P.DOCUMENTS_READ}),
    P.PERSONAL_READ: frozenset({P.DOCUMENTS_READ, P.APPLICANTS_READ}),
    P.APPLICANTS_ERASE: frozenset({P.APPLICANTS_READ}),
    P.BILLING_READ: frozenset({P.USAGE_READ}),
    P.REQUESTS_READ: frozenset({P.KEYS_READ}),
    P.BILLING_WRITE: frozenset({P.BILLING_READ, P.USAGE_READ}),
    P.ALERTS_WRITE: frozenset({P.ALERTS_READ}),
    P.ALERTS_MANAGE: frozenset({P.ALERTS_READ}),
    P.KEYS_WRITE: frozenset({P.KEYS_READ}),
    P.WEBHOOKS_WRITE: _TOLD | {P.EVENTS_READ, P.WEBHOOKS_READ, P.KEYS_READ, P.ALERTS_READ},
    P.SANDBOX_USE: frozenset({P.DOCUMENTS_READ}),
}
"""What makes no sense, or gives away what it lacks, without something else: an endpoint receives events."""
GRANTED_BY: dict[Permission, tuple[Role, ...]] = {
    permission: tuple(role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions)
    for permission in Permission
}
"""Which roles grant a permission: what a denied page tells."""


def role_names(roles: Iterable[Role]) -> str:
    """Name the roles that somebody would need."""
    return ", ".join(gettext(role.replace("_", " ")) for role in roles) or gettext("nobody")


def permissions_of(role: str, granted: Iterable[str] | None) -> frozenset[Permission]:
    """Say what somebody may: what their role says, or what a role of their company's own grants them in its place.

    A word that is no permission of a partner's any more, or never was, grants nothing.
    """
    if granted is None:
        return ROLE_PERMISSIONS[Role(role)]
    words = set(granted)
    return frozenset(permission for permission in GIVEABLE if permission in words)


def stands_for(role: str, granted: Iterable[str] | None) -> Role:
    """Name the least of our roles that may all of it: how somebody signs in depends on what they may, not on a name."""
    if granted is None:
        return Role(role)
    held = permissions_of(role, granted)
    lesser = (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER)
    return next((one for one in lesser if held <= ROLE_PERMISSIONS[one]), Role.PARTNER_ADMIN)


def asks_second_factor(role: str, granted: Iterable[str] | None) -> bool:
    """Answer whether somebody signs in with more than a password, for what they may do."""
    return stands_for(role, granted) in SECOND_FACTOR_ROLES
