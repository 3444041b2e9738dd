"""How a month becomes lines: stretches of one plan and one price list, tiers that count from the month's first unit.

Pure: numbers in, lines out, so that every rule of money is tested without a database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backoffice.models.invoices import Line, LineKind, Month
from backoffice.models.money import rounded
from backoffice.models.partners import Plan
from backoffice.models.plans import PLAN_WORDS
from backoffice.models.prices import PlanPrices, Tier
from backoffice.models.usage_records import KIND_WORDS, UsageKind

FREE = (Tier(None, Decimal(0)),)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a month in which plan and prices stay the same."""

    starts: datetime
    ends: datetime
    plan: Plan
    prices: PlanPrices
    since: datetime
    """From when on records count here; earlier than `starts` in a month's first stretch."""
    counts: Mapping[UsageKind, int] = field(default_factory=dict[UsageKind, int])


@dataclass(frozen=True, slots=True)
class Credit:
    """Something given back."""

    id: UUID
    number: str
    """Of the invoice that it is about."""
    amount: int
    reason: str
    at: datetime


def stretches(month: Month, marks: Sequence[tuple[datetime, Plan, PlanPrices]], since: datetime) -> list[Stretch]:
    """Cut a month at its marks, each of which says what holds from then on; neighbours that are the same are joined.

    `since` is from when on records count that no earlier invoice has.
    """
    found = list[Stretch]()
    for place, (at, plan, prices) in enumerate(marks):
        starts = max(at, month.starts)
        ends = min(marks[place + 1][0], month.ends) if place + 1 < len(marks) else month.ends
        if starts >= ends:
            continue
        if found and (found[-1].plan, found[-1].prices, found[-1].ends) == (plan, prices, starts):
            found[-1] = replace(found[-1], ends=ends)
        else:
            found.append(Stretch(starts, ends, plan, prices, starts if found else min(since, starts)))
    return found


def lines(month: Month, parts: Sequence[Stretch], credits_: Sequence[Credit] = ()) -> tuple[Line, ...]:
    """Write the lines of a month: what the plans cost, what was used by kind and tier, what is given back."""
    found = [*_fees(month, parts), *_usage(parts), *_credits(month, credits_)]
    return tuple(replace(line, position=number) for number, line in enumerate(found, 1))


def _fees(month: Month, parts: Sequence[Stretch]) -> Iterator[Line]:
    for part in parts:
        amount = _due(month, part.prices.monthly, part.ends) - _due(month, part.prices.monthly, part.starts)
        if part.prices.monthly:
            name = f"Plan {PLAN_WORDS[part.plan]}"
            is_whole = (part.starts, part.ends) == (month.starts, month.ends)
            description = (
                name if is_whole else f"{name}, {_days(part.starts, part.ends)} of {_days(month.starts, month.ends)}"
            )
            yield Line(
                0, LineKind.PLAN_FEE, description, 1, Decimal(amount), amount, part.starts, part.ends, part.starts,
                part.plan,
            )  # fmt: skip


def _due(month: Month, monthly: int, until: datetime) -> int:
    """Say how much of a month's price is due up to a moment: differences of this add up to the whole to the cent."""
    share = Decimal((until - month.starts).total_seconds()) / Decimal((month.ends - month.starts).total_seconds())
    return rounded(monthly * share)


def _days(starts: datetime, ends: datetime) -> str:
    days = Decimal((ends - starts).total_seconds()) / 86_400
    shown = f"{days:.1f}".removesuffix(".0")
    return f"{shown} day" if shown == "1" else f"{shown} days"


def _usage(parts: Sequence[Stretch]) -> Iterator[Line]:
    for kind in UsageKind:
        before = 0
        for part in parts:
            count = part.counts.get(kind, 0)
            yield from _tiers(kind, part, before, before + count)
            before += count


def _tiers(kind: UsageKind, part: Stretch, first: int, last: int) -> Iterator[Line]:
    """Split the month's units `first + 1` to `last` by the tiers of the plan that was in force."""
    floor = 0
    tiers = part.prices.tiers.get(kind, FREE)
    for tier in tiers:
        top = last if tier.up_to is None else min(last, tier.up_to)
        begin = max(first, floor)
        if top > begin:
            quantity = top - begin
            yield Line(
                0, LineKind(kind), _words(kind, tier, floor, is_only=len(tiers) == 1), quantity, tier.each,
                rounded(quantity * tier.each), part.starts, part.ends, part.since, part.plan, begin - first, floor + 1,
                tier.up_to,
            )  # fmt: skip
        floor = tier.up_to or last


def _words(kind: UsageKind, tier: Tier, floor: int, *, is_only: bool) -> str:
    if is_only:
        return KIND_WORDS[kind]
    return (
        f"{KIND_WORDS[kind]}, {floor + 1:,} to {tier.up_to:,}" if tier.up_to else f"{KIND_WORDS[kind]}, above {floor:,}"
    )


def _credits(month: Month, credits_: Sequence[Credit]) -> Iterator[Line]:
    for one in credits_:
        description = f"Credit for {one.number}: {one.reason}"
        yield Line(
            0, LineKind.CREDIT, description, 1, Decimal(-one.amount), -one.amount, month.starts, month.ends, one.at,
            credit_id=one.id,
        )  # fmt: skip
