"""Policies as staff see them: versions, rules in words, what changes, what a shadow and a back-test found."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backoffice.models.base import Prefix, public_id
from backoffice.models.policies import Backtest, BacktestStatus, PolicyVersion, VersionStatus
from backoffice.models.policy_counts import BETWEEN, Day, PartnerRuling, Summary, Tally, TrialPair
from backoffice.screening.policy_language import Fault
from backoffice.viewmodels.policy_words import OUTCOMES, TONES
from backoffice.viewmodels.times import NOTHING, iso
from backoffice.viewmodels.words import plain

PLACE = "/ops/policies"
MOST_FAULTS = 10
OPEN = {VersionStatus.DRAFT, VersionStatus.SHADOW}


@dataclass(frozen=True)
class VersionView:
    """One version of a policy."""

    id: str = ""
    href: str = ""
    number: int = 0
    revision: int = 0
    title: str = ""
    scope: str = ""
    status: str = ""
    note: str = ""
    source: str = ""
    authors: str = ""
    publisher: str = ""
    published_at: str = ""
    shadow_since: str = ""
    ended_at: str = ""
    created_at: str = ""
    is_draft: bool = False
    is_open: bool = False
    is_own: bool = False
    """The viewer wrote at it, so somebody else has to publish it."""


def version_view(
    version: PolicyVersion, names: Mapping[UUID, str], *, scope: str, viewer: UUID | None = None
) -> VersionView:
    """Show one version; `scope` says whose it is."""
    return VersionView(
        id=public_id(Prefix.POLICY, version.id),
        href=f"{PLACE}/{version.label}",
        number=version.number,
        revision=version.revision,
        title=f"Version {version.number}",
        scope=scope,
        status=version.status,
        note=version.note or "Without a note",
        source=version.source,
        authors=", ".join(names.get(one, "Somebody") for one in version.authors),
        publisher=names.get(version.published_by, "") if version.published_by else "",
        published_at=iso(version.published_at),
        shadow_since=iso(version.shadow_since),
        ended_at=iso(version.ended_at),
        created_at=iso(version.created_at),
        is_draft=version.status == VersionStatus.DRAFT,
        is_open=version.status in OPEN,
        is_own=viewer in version.authors,
    )


@dataclass(frozen=True)
class DiffLine:
    """One line of the difference to the version in force."""

    text: str
    tone: str = ""
    """green is new, red is gone, gray says where."""


def diff(before: str, after: str) -> list[DiffLine]:
    """Compare two wordings line by line; nothing when they are the same."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    tones = {"+": "green", "-": "red", "@": "gray"}
    return [DiffLine(line or " ", tones.get(line[:1], "")) for line in lines if line[:3] not in {"+++", "---"}]


@dataclass(frozen=True)
class MoveRow:
    """So many documents that would go another way, or the same."""

    was: str
    was_tone: str
    would: str
    would_tone: str
    count: str
    share: float
    is_change: bool
    examples: list[str] = field(default_factory=list)
    has_examples: bool = False


@dataclass(frozen=True)
class BacktestView:
    """A back-test as far as it has come."""

    id: str = ""
    status: str = ""
    done: int = 0
    total: int = 0
    span: str = ""
    started_at: str = ""
    automatic: str = ""
    automatic_note: str = ""
    approvals: str = ""
    approvals_note: str = ""
    agreement: str = ""
    agreement_note: str = ""
    hours: str = ""
    hours_note: str = ""
    moves: list[MoveRow] = field(default_factory=list)
    is_running: bool = False
    is_stale: bool = False
    """The draft was saved since."""


def backtest_view(row: Backtest | None, said: Summary | None, *, source: str) -> BacktestView:
    """Show a back-test; without one there is nothing."""
    if row is None or said is None:
        return BacktestView()
    share = _percent(said.automatic_after, said.documents)
    before = _percent(said.automatic_before, said.documents)
    return BacktestView(
        id=str(row.id),
        status=row.status,
        done=row.done,
        total=max(row.total, 1),
        span=f"{row.since:%-d %b} to {row.until:%-d %b %Y}",
        started_at=iso(row.created_at),
        automatic=share,
        automatic_note=f"was {before} of {said.documents:,}",
        approvals=f"{said.approvals_after:,}",
        approvals_note=f"{said.newly_approved:,} new, {said.no_longer_approved:,} no longer",
        agreement=NOTHING if said.agreement is None else f"{said.agreement * 100:.1f} %",
        agreement_note=f"of {said.judged:,} that people decided; {said.wrongly_approved:,} approved against them",
        hours=f"{said.saved_hours:+,.1f} h",
        hours_note="of reviewers' time saved" if said.saved_hours >= 0 else "of reviewers' time more",
        moves=_moves(Tally.model_validate(row.tally)),
        is_running=row.status == BacktestStatus.RUNNING,
        is_stale=row.source != source,
    )


def _percent(part: int, whole: int) -> str:
    return f"{part / whole * 100:.0f} %" if whole else NOTHING


def _moves(tally: Tally) -> list[MoveRow]:
    most = max(tally.moves.values(), default=1)
    rows: list[MoveRow] = []
    for move, count in sorted(tally.moves.items(), key=lambda one: -one[1]):
        was, _, would = move.partition(BETWEEN)
        rows.append(_move(was, would, count, count / most, tally.examples.get(move, [])))
    return sorted(rows, key=lambda row: not row.is_change)


def _move(was: str, would: str, count: int, share: float, examples: list[str]) -> MoveRow:
    return MoveRow(
        was=OUTCOMES.get(was, plain(was)),
        was_tone=TONES.get(was, "gray"),
        would=OUTCOMES.get(would, plain(would)),
        would_tone=TONES.get(would, "gray"),
        count=f"{count:,}",
        share=round(share * 100, 1),
        is_change=was != would,
        examples=examples[:3],
        has_examples=bool(examples),
    )


@dataclass(frozen=True)
class ShadowView:
    """What a version did in shadow."""

    documents: int = 0
    same: str = NOTHING
    people: str = NOTHING
    people_note: str = ""
    moves: list[MoveRow] = field(default_factory=list)


def shadow_view(pairs: Sequence[TrialPair]) -> ShadowView:
    """Sum what a shadow did."""
    whole = sum(pair.documents for pair in pairs)
    moves: dict[tuple[str, str], int] = {}
    for pair in pairs:
        moves[pair.actual, pair.would] = moves.get((pair.actual, pair.would), 0) + pair.documents
    judged = sum(pair.documents for pair in pairs if pair.human and pair.would != "review")
    agreed = sum(pair.documents for pair in pairs if pair.human and pair.would == pair.human)
    most = max(moves.values(), default=1)
    rows = sorted(moves.items(), key=lambda one: (one[0][0] == one[0][1], -one[1]))
    return ShadowView(
        documents=whole,
        same=_percent(sum(pair.documents for pair in pairs if pair.actual == pair.would), whole),
        people=_percent(agreed, judged),
        people_note=f"of {judged:,} that people decided",
        moves=[_move(actual, would, count, count / most, []) for (actual, would), count in rows],
    )


@dataclass(frozen=True)
class PartnerRow:
    """How one partner's documents are ruled."""

    id: str
    name: str
    policy: str
    href: str
    wants_person: bool
    share: str


def partner_row(row: PartnerRuling) -> PartnerRow:
    """Show one partner."""
    return PartnerRow(
        id=public_id(Prefix.PARTNER, row.partner_id),
        name=row.name,
        policy=f"Its own, version {row.own.number}" if row.own else "The house's",
        href=f"{PLACE}/{row.own.label}" if row.own else "",
        wants_person=row.wants_person,
        share=f"{_percent(row.by_policy, row.decided)} of {row.decided:,}" if row.decided else NOTHING,
    )


@dataclass(frozen=True)
class Decided:
    """Who decided how much on the last days, as a chart takes it."""

    labels: list[str] = field(default_factory=list)
    by_policy: list[int] = field(default_factory=list)
    by_people: list[int] = field(default_factory=list)
    share: str = NOTHING
    """Of the last seven days."""
    share_percent: float = 0.0
    week: int = 0


def decided(days: Sequence[Day]) -> Decided:
    """Show who decided how much."""
    week = days[-7:]
    alone, all_ = sum(day.by_policy for day in week), sum(day.by_policy + day.by_people for day in week)
    return Decided(
        labels=[f"{day.day:%-d %b}" for day in days],
        by_policy=[day.by_policy for day in days],
        by_people=[day.by_people for day in days],
        share=_percent(alone, all_),
        share_percent=round(alone / all_ * 100, 1) if all_ else 0.0,
        week=all_,
    )


@dataclass(frozen=True)
class FaultView:
    """What is wrong with a wording, and where."""

    line: int
    message: str


def fault_views(faults: Sequence[Fault]) -> list[FaultView]:
    """Show the first faults: whoever mends ten looks again anyway."""
    return [FaultView(fault.line, fault.message) for fault in faults[:MOST_FAULTS]]


def tally_of(row: Backtest | None, source: str) -> Tally | None:
    """Read what a back-test counted per rule, as long as it was of this very wording."""
    return Tally.model_validate(row.tally) if row and row.source == source else None
