"""Quality: how good decisions are, beside how fast; reviewers see their own figures, leads everybody's, unranked.

A decision with two signatures counts for both people and once for everybody. Only live documents count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    Subquery,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.base import floor_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.quality_counts import Agreement, Effort, Figures, Pace, Person, Rate, Reason, Week
from backoffice.models.review_metrics import ReviewMetric
from backoffice.models.review_tasks import DeciderType, Decision, Outcome, ReviewTask
from backoffice.models.samples import GoldDocument, Sample
from backoffice.services import agreement
from backoffice.services.access import Actor, Permission
from backoffice.services.review_tasks import reviewer

MOST_DAYS = 730
WEEKS = 4
LONGEST_SIGNING = timedelta(days=1)
"""A decision has the key of its verdict, which is signed a little earlier; keys are what the index knows by time."""
Pairs = dict[tuple[str, str], int]
Key = UUID | None
"""A person, or None for everybody together."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose decisions, and since when; without a person everybody's together, or by person."""

    since: datetime
    person: UUID | None = None
    is_by_person: bool = False

    def key(self, column: Any) -> ColumnElement[Any]:  # noqa: ANN401 a column of ids
        """Group by a person's column, or not at all."""
        return column if self.person or self.is_by_person else cast(null(), Uuid())

    def mine(self, column: Any) -> ColumnElement[bool]:  # noqa: ANN401 a column of ids
        """Narrow to the person, if there is one."""
        return column == self.person if self.person else literal(value=True)


def whose(actor: Actor, person: UUID | None) -> UUID | None:
    """Answer whose figures an actor gets: a reviewer their own, a lead whom they ask for, or everybody's.

    Raises NotAllowed for a colleague's.
    """
    member_id = reviewer(actor)
    if actor.can(Permission.QUEUE_MANAGE):
        return person
    if person not in {None, member_id}:
        raise NotAllowed("You see your own figures. A lead sees everybody's.", code="not_yours")
    return member_id


async def figures(session: AsyncSession, actor: Actor, *, days: int, person: UUID | None = None) -> Figures:
    """Count one person's work of the last days, or everybody's.

    Raises NotAllowed for a colleague's, Invalid for a span out of range.
    """
    scope = Scope(since(days), whose(actor, person))
    return (await _figures(session, scope)).get(scope.person, Figures())


async def people(session: AsyncSession, actor: Actor, *, days: int) -> list[Person]:
    """Count everybody's work apart, by name: it is no ranking.

    Raises NotAllowed for who does not lead.
    """
    actor.require(Permission.QUEUE_MANAGE)
    found = await _figures(session, Scope(since(days), is_by_person=True))
    statement = select(col(Member.id), col(Member.name)).where(col(Member.id).in_([key for key in found if key]))
    names = await session.execute(statement.order_by(col(Member.name), col(Member.id)))
    return [Person(row.id, row.name, found[row.id]) for row in names]


def since(days: int) -> datetime:
    """Answer when the last days began.

    Raises Invalid for a span out of range.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"From 1 to {MOST_DAYS} days.", code="out_of_range", pointer="/days")
    return now() - timedelta(days=days)


def _signed(scope: Scope) -> Subquery:
    """List live decisions of people once for each of their signers, or once altogether."""
    names = ("id", "created_at", "document_id", "review_task_id", "outcome", "reasons")
    shown = [col(getattr(Decision, name)) for name in names]

    def of(person: Any) -> Any:  # noqa: ANN401 a select of many columns
        return (
            select(*shown, scope.key(person).label("person"))
            .join(Document, col(Document.id) == col(Decision.document_id))
            .where(col(Decision.created_at).between(scope.since, now()), col(Document.livemode))
            .where(col(Decision.id) >= floor_id(scope.since - LONGEST_SIGNING))
            .where(col(Decision.decided_by_type) == DeciderType.REVIEWER, person.is_not(None), scope.mine(person))
        )

    first = of(col(Decision.member_id))
    if not scope.person and not scope.is_by_person:
        return first.subquery()
    return union_all(first, of(col(Decision.second_member_id))).subquery()


@dataclass(slots=True)
class _Gathered:
    """What the statements found of one person."""

    pairs: Pairs = field(default_factory=dict[tuple[str, str], int])
    counts: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    pace: Pace = field(default_factory=Pace)
    effort: Effort = field(default_factory=Effort)


async def _figures(session: AsyncSession, scope: Scope) -> dict[Key, Figures]:
    gathered: dict[Key, _Gathered] = {}

    def of(key: Key) -> _Gathered:
        return gathered.setdefault(key, _Gathered())

    for row in await session.execute(_pairs(scope)):
        of(row.person).pairs[row.first, row.second] = row.many
    for name, statement in (("decided", _decided), ("disputed", _disputed), ("gold", _gold), ("verdicts", _verdicts)):
        for key, *numbers in await session.execute(statement(scope)):
            of(key).counts |= dict(zip(_NAMES[name], zip(numbers[::2], numbers[1::2], strict=True), strict=True))
    for key, *numbers in await session.execute(_efforts(scope)):
        of(key).pace = Pace(*(one or 0 for one in numbers[:4]))
        of(key).effort = Effort(*(one or 0 for one in numbers[4:]))
    return {key: _read(one) for key, one in gathered.items()}


_NAMES = {
    "decided": ("overturned", "in_time"),
    "disputed": ("disputed",),
    "gold": ("gold",),
    "verdicts": ("against_engine", "undone"),
}
"""What each statement counts, as pairs of part and whole."""


def _read(one: _Gathered) -> Figures:
    def rate(*names: str) -> Rate:
        found = [one.counts.get(name, (0, 0)) for name in names]
        return _rate(sum(part for part, _ in found), sum(whole for _, whole in found))

    return Figures(
        decided=one.counts.get("overturned", (0, 0))[1],
        agreement=_agreement(one.pairs),
        overturned=rate("overturned", "disputed"),
        gold=rate("gold"),
        in_time=rate("in_time"),
        against_engine=rate("against_engine"),
        undone=rate("undone"),
        pace=one.pace,
        effort=one.effort,
    )


def _rate(part: int, whole: int) -> Rate:
    return Rate(part, whole, agreement.share(part, whole))


def _agreement(pairs: Pairs) -> Agreement:
    approved = {pair: count for pair, count in pairs.items() if pair[0] == Outcome.APPROVED}
    refused = {pair: count for pair, count in pairs.items() if pair[0] != Outcome.APPROVED}
    let_in = sum(count for (_, second), count in refused.items() if second == Outcome.APPROVED)
    return Agreement(
        rate=_rate(agreement.agreed(pairs), sum(pairs.values())),
        kappa=agreement.kappa(pairs),
        false_approvals=_rate(sum(approved.values()) - agreement.agreed(approved), sum(approved.values())),
        false_refusals=_rate(let_in, sum(refused.values())),
    )


def _pairs(scope: Scope) -> Any:  # noqa: ANN401 a select of many columns
    signed = _signed(scope)
    return (
        select(
            signed.c.person,
            signed.c.outcome.label("first"),
            cast(col(Sample.outcome), Text).label("second"),
            func.count().label("many"),
        )
        .join(Sample, col(Sample.decision_id) == signed.c.id)
        .where(col(Sample.answered_at).is_not(None), col(Sample.gold_id).is_(None))
        .group_by(signed.c.person, signed.c.outcome, col(Sample.outcome))
    )


def _decided(scope: Scope) -> Any:  # noqa: ANN401 a select of many columns
    """Count decisions, those that a later one changed, and how many were signed in time."""
    signed, later = _signed(scope), aliased(Decision)
    changed = (
        select(literal(1))
        .where(col(later.supersedes_id) == signed.c.id, col(later.outcome) != signed.c.outcome)
        .correlate(signed)
        .exists()
    )
    due = col(ReviewTask.due_at)
    in_time = func.coalesce(col(ReviewTask.verdict_at), col(ReviewTask.completed_at)) <= due
    return (
        select(
            signed.c.person,
            func.count().filter(changed),
            func.count(),
            func.count().filter(in_time),
            func.count(due),
        )
        .join(ReviewTask, col(ReviewTask.id) == signed.c.review_task_id)
        .group_by(signed.c.person)
    )


def _disputed(scope: Scope) -> Any:  # noqa: ANN401 a select of many columns
    """Count first signatures that a second signer disputed, and those that the lead then changed."""
    person = col(ReviewTask.first_by)
    return (
        select(
            scope.key(person),
            func.count().filter(col(Decision.outcome) != col(ReviewTask.first_outcome)),
            func.count(),
        )
        .select_from(ReviewTask)
        .join(Decision, col(Decision.review_task_id) == col(ReviewTask.id))
        .join(Document, col(Document.id) == col(ReviewTask.document_id))
        .where(col(ReviewTask.second_by).is_not(None), col(Document.livemode), scope.mine(person))
        .where(col(Decision.created_at).between(scope.since, now()))
        .group_by(scope.key(person))
    )


def _gold(scope: Scope) -> Any:  # noqa: ANN401 a select of many columns
    person = col(Sample.taken_by)
    return (
        select(scope.key(person), func.count().filter(col(Sample.outcome) == col(GoldDocument.outcome)), func.count())
        .select_from(Sample)
        .join(GoldDocument, col(GoldDocument.id) == col(Sample.gold_id))
        .where(col(Sample.answered_at).between(scope.since, now()), scope.mine(person))
        .group_by(scope.key(person))
    )


def _metrics(scope: Scope) -> ColumnElement[bool]:
    live = (
        select(literal(1))
        .where(col(ReviewTask.id) == col(ReviewMetric.task_id), col(Document.id) == col(ReviewTask.document_id))
        .where(col(Document.livemode))
        .correlate(ReviewMetric)
        .exists()
    )
    span = col(ReviewMetric.decided_at).between(scope.since, now())
    return span & live & scope.mine(col(ReviewMetric.reviewer_id))


def _verdicts(scope: Scope) -> Any:  # noqa: ANN401 a select of many columns
    kept, key = ~col(ReviewMetric.undone), scope.key(col(ReviewMetric.reviewer_id))
    against = kept & col(ReviewMetric.disagreed_with_engine)
    counts = (func.count().filter(against), func.count().filter(kept), func.count().filter(~kept), func.count())
    return select(key, *counts).where(_metrics(scope)).group_by(key)


def _efforts(scope: Scope) -> Any:  # noqa: ANN401 a select of many columns
    """Measure verdicts that were not taken back."""
    key = scope.key(col(ReviewMetric.reviewer_id))
    seconds = func.extract("epoch", col(ReviewMetric.decided_at) - col(ReviewMetric.shown_at))
    active = cast(col(ReviewMetric.active_ms), Float) / 1000
    return (
        select(
            key,
            func.count(seconds),
            *(func.percentile_cont(at).within_group(cast(seconds, Float)) for at in (0.5, 0.75, 0.95)),
            func.count(active),
            *(func.percentile_cont(at).within_group(active) for at in (0.5, 0.95)),
            func.avg(cast(col(ReviewMetric.keys), Float)),
            func.avg(cast(col(ReviewMetric.clicks), Float)),
            cast(func.count().filter(col(ReviewMetric.zoom_used).is_(True)), Float)
            / func.nullif(func.count(active), 0),
        )
        .where(_metrics(scope), ~col(ReviewMetric.undone))
        .group_by(key)
    )


async def reasons(session: AsyncSession, actor: Actor, *, days: int, person: UUID | None = None) -> list[Reason]:
    """Count per reason how often the blind second look gave it, too; the most given first.

    Raises as `figures` does.
    """
    signed = _signed(Scope(since(days), whose(actor, person)))
    given = func.unnest(signed.c.reasons).table_valued("code").render_derived(name="given")
    code = given.c.code
    confirmed = func.count().filter(code == any_(col(Sample.reasons)))
    statement = (
        select(code, confirmed, func.count())
        .select_from(signed)
        .join(Sample, col(Sample.decision_id) == signed.c.id)
        .join(given, literal(value=True))
        .where(col(Sample.answered_at).is_not(None), col(Sample.gold_id).is_(None))
        .group_by(code)
        .order_by(func.count().desc(), code)
    )
    return [Reason(row[0], _rate(row[1], row[2])) for row in await session.execute(statement)]


async def weeks(session: AsyncSession, actor: Actor, *, days: int, person: UUID | None = None) -> list[Week]:
    """Count agreement at the end of each week, over four weeks each, so that drift shows and chance does not.

    Raises as `figures` does.
    """
    signed = _signed(Scope(since(days), whose(actor, person)))
    week = cast(func.date_trunc("week", signed.c.created_at), Date)
    same = func.count().filter(col(Sample.outcome) == signed.c.outcome)
    statement = (
        select(week, same, func.count())
        .join(Sample, col(Sample.decision_id) == signed.c.id)
        .where(col(Sample.answered_at).is_not(None), col(Sample.gold_id).is_(None))
        .group_by(week)
        .order_by(week)
    )
    return rolling({row[0]: (row[1], row[2]) for row in await session.execute(statement)})


def rolling(by_week: Mapping[date, tuple[int, int]]) -> list[Week]:
    """Add each week and the three before it up, from the first week to the last."""
    if not by_week:
        return []
    starts = [min(by_week)]
    while starts[-1] < max(by_week):
        starts.append(starts[-1] + timedelta(days=7))
    rows: list[Week] = []
    for place, start in enumerate(starts):
        span = [by_week.get(one, (0, 0)) for one in starts[max(0, place - WEEKS + 1) : place + 1]]
        rows.append(Week(start, _rate(sum(part for part, _ in span), sum(whole for _, whole in span))))
    return rows
