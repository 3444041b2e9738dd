"""What one search found, as plain values: a few rows of each kind, and how many there are as far as anybody counts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from backoffice.models.api_keys import ApiKey
from backoffice.models.applicants import Applicant
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.policies import PolicyVersion
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.usage import ApiRequest
from backoffice.models.webhooks import WebhookEndpoint

T = TypeVar("T")
SECRET = re.compile(r"kyc_(live|test)_|whsec_", re.IGNORECASE)
"""Begins a key or a signing secret; a text that holds one is not searched for."""


@dataclass(frozen=True)
class Finds(Generic[T]):
    """The newest rows of one kind; there are more of them than are here when `has_more`."""

    rows: Sequence[T] = ()
    has_more: bool = False
    count: int | None = None
    """How many there are in all, where somebody counted."""


class Waiting(NamedTuple):
    """One task that waits for a reviewer."""

    task: ReviewTask
    document: Document
    partner: str


class Ruling(NamedTuple):
    """One version of a policy, and whose it is."""

    version: PolicyVersion
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the actor may read of what matches; what they may not read is not looked for."""

    tasks: Finds[Waiting] = field(default_factory=Finds[Waiting])
    documents: Finds[Document] = field(default_factory=Finds[Document])
    applicants: Finds[Applicant] = field(default_factory=Finds[Applicant])
    api_keys: Finds[ApiKey] = field(default_factory=Finds[ApiKey])
    webhook_endpoints: Finds[WebhookEndpoint] = field(default_factory=Finds[WebhookEndpoint])
    api_requests: Finds[ApiRequest] = field(default_factory=Finds[ApiRequest])
    members: Finds[Member] = field(default_factory=Finds[Member])
    partners: Finds[Partner] = field(default_factory=Finds[Partner])
    policies: Finds[Ruling] = field(default_factory=Finds[Ruling])
    refusal: str = ""
    """Why tasks and documents were not looked for: regions are not searched together."""
