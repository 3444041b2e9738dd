"""Retention in words: rules, what goes soon, holds, erasures under way, and what went."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from backoffice.models.base import Prefix, public_id
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.models.legal_holds import HoldSubject, LegalHold
from backoffice.models.retention_counts import Forecast
from backoffice.models.retention_rules import Draft, RetentionRule
from backoffice.models.retention_runs import RetentionRun
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import TYPES

ANSWER_DAYS = 30
"""A month to answer who asks for erasure (GDPR article 12(3))."""
YEAR = 365.25
ENDINGS = {
    "": "Anything that ended",
    "approved": "Approved",
    "rejected": "Rejected or replaced",
    "abandoned": "Never submitted",
    "canceled": "Taken back",
}
PLACES = {"": "Anywhere", "EU": "European Union", "EEA": "European Economic Area"}
INSTALLATION = "The installation"
EVERY_PARTNER = "Every partner"
SUBJECTS = {
    HoldSubject.DOCUMENT: ("Document", Prefix.DOCUMENT),
    HoldSubject.APPLICANT: ("Applicant", Prefix.APPLICANT),
    HoldSubject.PARTNER: ("Everything of the partner", Prefix.PARTNER),
}
Names = Mapping[UUID, str]


@dataclass(frozen=True)
class RuleRow:
    """One rule in force."""

    id: str = ""
    partner: str = EVERY_PARTNER
    partner_id: str = ""
    ending: str = ENDINGS[""]
    ending_code: str = ""
    place: str = PLACES[""]
    place_code: str = ""
    type: str = ""
    type_code: str = ""
    keeps: str = ""
    days: str = ""
    basis: str = ""
    is_duty: bool = False
    version: int = 0
    by: str = ""
    at: str = ""


@dataclass(frozen=True)
class GoingRow:
    """Documents of one partner and type that go soon."""

    key: str
    partner: str
    type: str
    documents: int
    held: int


@dataclass(frozen=True)
class ForecastView:
    """What goes in the next days."""

    documents: int = 0
    held: int = 0
    counted_at: str = ""
    is_capped: bool = False
    labels: list[str] = field(default_factory=list)
    going: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    rows: list[GoingRow] = field(default_factory=list)


@dataclass(frozen=True)
class HoldRow:
    """One hold that stands."""

    id: str = ""
    kind: str = ""
    subject: str = ""
    partner: str = ""
    owner: str = ""
    reason: str = ""
    basis: str = ""
    ends_at: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True)
class ErasureRow:
    """One erasure that was asked for."""

    id: str
    applicant: str
    partner: str
    href: str
    status: str
    asked_at: str
    due_at: str
    held_until: str
    basis: str
    is_done: bool


@dataclass(frozen=True)
class RunRow:
    """One run that deleted something."""

    id: str
    at: str
    documents: int
    objects: int
    held: int
    partners: str
    is_whole: bool


def keeps(days: int) -> str:
    """Say a number of days as people do: 90 days, 5 years."""
    years = round(days / YEAR)
    if years >= 1 and abs(days - years * YEAR) <= max(1.5, years / 2):
        return f"{years} year" if years == 1 else f"{years} years"
    return f"{days} day" if days == 1 else f"{days} days"


def rule_row(row: RetentionRule, partners: Names, people: Names) -> RuleRow:
    """Show one rule."""
    return RuleRow(
        id=str(row.id),
        partner=partners.get(row.partner_id, "") if row.partner_id else EVERY_PARTNER,
        partner_id=str(row.partner_id or ""),
        ending=ENDINGS.get(row.ending, row.ending),
        ending_code=row.ending,
        place=PLACES.get(row.place, row.place),
        place_code=row.place,
        type=TYPES.get(row.type, "Any type"),
        type_code=row.type,
        keeps=keeps(row.days),
        days=str(row.days),
        basis=row.basis,
        is_duty=row.is_duty,
        version=row.version,
        by=people.get(row.created_by, "") if row.created_by else INSTALLATION,
        at=iso(row.created_at),
    )


def draft_row(draft: Draft, partner: str) -> RuleRow:
    """Show a rule that is not in force."""
    return RuleRow(
        partner=partner,
        partner_id=str(draft.partner_id or ""),
        ending=ENDINGS.get(draft.ending, draft.ending),
        ending_code=draft.ending,
        place=PLACES.get(draft.place, draft.place),
        place_code=draft.place,
        type=TYPES.get(draft.type, "Any type"),
        type_code=draft.type,
        keeps=keeps(draft.days),
        days=str(draft.days),
        basis=draft.basis,
        is_duty=draft.is_duty,
    )


def forecast_view(one: Forecast) -> ForecastView:
    """Show what goes, by day and by partner and type; the largest first."""
    first = one.counted_at.date()
    days = [first + timedelta(days=number) for number in range(one.days + 1)]
    by_day, held_by_day = Counter[object](), Counter[object]()
    by_kind, held_by_kind = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for group in one.groups:
        by_day[group.day] += group.documents
        held_by_day[group.day] += group.held
        by_kind[group.partner, group.type] += group.documents
        held_by_kind[group.partner, group.type] += group.held
    rows = [
        GoingRow(f"{partner}/{kind}", partner, TYPES.get(kind, "Type unknown"), count, held_by_kind[partner, kind])
        for (partner, kind), count in by_kind.most_common(100)
    ]
    return ForecastView(
        documents=one.documents - one.held,
        held=one.held,
        counted_at=iso(one.counted_at),
        is_capped=one.is_capped,
        labels=["today", *(f"{day:%-d %b}" for day in days[1:])],
        going=[float(by_day[day] - held_by_day[day]) for day in days],
        kept=[float(held_by_day[day]) for day in days],
        rows=rows,
    )


def hold_row(row: LegalHold, partners: Names, people: Names) -> HoldRow:
    """Show one hold."""
    kind, prefix = SUBJECTS[HoldSubject(row.subject_type)]
    return HoldRow(
        id=str(row.id),
        kind=kind,
        subject=public_id(prefix, row.subject_id),
        partner=partners.get(row.partner_id, ""),
        owner=row.owner,
        reason=row.reason,
        basis=row.basis,
        ends_at=iso(row.ends_at),
        by=people.get(row.placed_by, "") if row.placed_by else "A command",
        at=iso(row.created_at),
    )


def erasure_row(row: ErasureRequest, partners: Names) -> ErasureRow:
    """Show one erasure with its clock."""
    is_done = row.completed_at is not None
    return ErasureRow(
        id=public_id(Prefix.ERASURE_REQUEST, row.id),
        applicant=public_id(Prefix.APPLICANT, row.applicant_id),
        partner=partners.get(row.partner_id, ""),
        href=f"/ops/partners/{public_id(Prefix.PARTNER, row.partner_id)}",
        status=row.status,
        asked_at=iso(row.created_at),
        due_at="" if is_done else iso(row.created_at + timedelta(days=ANSWER_DAYS)),
        held_until=iso(row.held_until),
        basis=row.hold_basis,
        is_done=is_done,
    )


def run_row(row: RetentionRun, partners: Names) -> RunRow:
    """Show one run with what went of whom."""
    named = {public_id(Prefix.PARTNER, key): name for key, name in partners.items()}
    parts = sorted(row.by_partner.items(), key=lambda part: -int(str(part[1])))
    return RunRow(
        id=str(row.id),
        at=iso(row.created_at),
        documents=row.documents,
        objects=row.objects,
        held=row.held,
        partners=", ".join(f"{named.get(key, key)} {count}" for key, count in parts),
        is_whole=row.ended_at is not None,
    )


def rule_rows(rows: Sequence[RetentionRule], partners: Names, people: Names) -> list[RuleRow]:
    """Show rules, those that count first at the top."""
    return [rule_row(row, partners, people) for row in rows]
