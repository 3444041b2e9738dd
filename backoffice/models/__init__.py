"""What is true: every table, imported here so that the metadata is whole."""

from backoffice.models import (
    api_keys,
    applicants,
    audit_entries,
    documents,
    erasure_requests,
    events,
    idempotency,
    invitations,
    members,
    partners,
    plans,
    reasons,
    review_tasks,
    usage,
    verifications,
    webhooks,
)

__all__ = [
    "api_keys",
    "applicants",
    "audit_entries",
    "documents",
    "erasure_requests",
    "events",
    "idempotency",
    "invitations",
    "members",
    "partners",
    "plans",
    "reasons",
    "review_tasks",
    "usage",
    "verifications",
    "webhooks",
]
