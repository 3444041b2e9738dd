"""What is true: every table, imported here so that the metadata is whole."""

from backoffice.models import (
    api_keys,
    applicants,
    audit_entries,
    documents,
    events,
    idempotency,
    members,
    partners,
    reasons,
    review_tasks,
    verifications,
    webhooks,
)

__all__ = [
    "api_keys",
    "applicants",
    "audit_entries",
    "documents",
    "events",
    "idempotency",
    "members",
    "partners",
    "reasons",
    "review_tasks",
    "verifications",
    "webhooks",
]
