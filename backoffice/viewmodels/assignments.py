"""What screens show of assigning: whom there is, what was refused, and how a reviewer is set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from babel import Locale

from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.reviewers import Availability, Reviewer
from backoffice.viewmodels.words import TYPES

EVERYTHING = "Everything"
TONGUES: Mapping[str, str] = dict(Locale("en").languages)


@dataclass(frozen=True)
class Person:
    """One who can be given a task, with what they have already."""

    id: str
    label: str


@dataclass(frozen=True)
class Outcome:
    """One task that was refused, and why."""

    task_id: str
    reference: str
    refusal: str


@dataclass(frozen=True)
class BarView:
    """One partner from which a person is barred, and why."""

    partner_id: str
    partner: str
    reason: str


@dataclass(frozen=True)
class ReviewerRow:
    """One person who reviews, as a lead sets them."""

    id: str
    name: str
    role: str
    is_available: bool
    load: int
    capacity: int
    share_percent: int
    is_full: bool
    skills: str
    document_types: str
    countries: str
    languages: str
    bars: list[BarView]


def people(found: Iterable[tuple[UUID, str, str, int, int]]) -> list[Person]:
    """List whom a task can be given, with how much they have."""
    return [
        Person(public_id(Prefix.MEMBER, key), f"{name} · {_state(availability)} · {load} of {capacity}")
        for key, name, availability, load, capacity in found
    ]


def _state(availability: str) -> str:
    return "available" if availability == Availability.AVAILABLE else "away"


def outcomes(refused: Mapping[str, str], names: Mapping[str, str]) -> list[Outcome]:
    """List what was refused, by what the row is called."""
    return [Outcome(task_id, names.get(task_id, task_id), why) for task_id, why in refused.items()]


def reviewer_row(profile: Reviewer, *, name: str, role: str, load: int, bars: Sequence[BarView]) -> ReviewerRow:
    """Say of one person what they read, how much they take and have, and whom they must not judge."""
    kinds = [TYPES.get(one, one) for one in profile.document_types]
    tongues = [TONGUES.get(code, code) for code in profile.languages]
    parts = [", ".join(part) for part in (kinds, profile.countries, tongues) if part]
    return ReviewerRow(
        id=public_id(Prefix.MEMBER, profile.member_id),
        name=name,
        role="Lead" if role == Role.REVIEW_LEAD else "Reviewer",
        is_available=profile.availability == Availability.AVAILABLE,
        load=load,
        capacity=profile.capacity,
        share_percent=min(100, round(100 * load / profile.capacity)) if profile.capacity else 100,
        is_full=load >= profile.capacity,
        skills=" · ".join(parts) or EVERYTHING,
        document_types=", ".join(profile.document_types),
        countries=", ".join(profile.countries),
        languages=", ".join(profile.languages),
        bars=list(bars),
    )
