"""What the documentation shows, one file per noun: an example of each answer, and every refusal it can give."""

from backoffice.api.examples import (
    api_keys,
    applicants,
    audit_entries,
    documents,
    erasure_requests,
    events,
    invoices,
    questions,
    requests,
    sandbox,
    uploads,
    usage,
    verifications,
    webhook_endpoints,
)

_NOUNS = (
    documents,
    uploads,
    applicants,
    verifications,
    events,
    webhook_endpoints,
    usage,
    invoices,
    api_keys,
    questions,
    requests,
    erasure_requests,
    audit_entries,
    sandbox,
)
CODES: dict[str, tuple[str, ...]] = {name: codes for noun in _NOUNS for name, codes in noun.CODES.items()}
"""The codes that each operation can answer, by `noun.verb`."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    place: answer for noun in _NOUNS for place, answer in noun.SUCCESSES.items()
}
"""What each operation answers; set after the framework has written its document, because it drops every null."""
