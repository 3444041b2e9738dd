"""Limits in words: what holds for a partner and where it comes from, and the plans side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.models.base import Prefix, public_id
from backoffice.models.fleet_counts import FleetLine
from backoffice.models.limit_counts import Granted, PlanCount, Tiers
from backoffice.models.money import written
from backoffice.models.partners import Plan
from backoffice.models.plans import PLAN_WORDS, PLANS, TOGETHER, LimitException, LimitName, Terms, on_plan
from backoffice.models.prices import PriceList
from backoffice.models.sla import Lane
from backoffice.models.usage_records import KIND_WORDS, UsageKind
from backoffice.viewmodels.billing import price_words
from backoffice.viewmodels.fleet import PLACE
from backoffice.viewmodels.sla import LANE_WORDS, length_text

WORDS: dict[LimitName, str] = {
    LimitName.DOCUMENTS_PER_MONTH: "Live documents a month",
    LimitName.PER_SECOND: "Requests a second, per key",
    LimitName.BURST: "Requests at once, per key",
    LimitName.PER_DAY: "Requests a day, per key",
    LimitName.STREAMS: "Event streams at once, per key",
}
WRITES = "Changing requests at once, per key"
NOTHING = "-"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class LimitRow:
    """One limit: what holds, what the plan says, and where it comes from."""

    key: str = ""
    name: str = ""
    value: str = ""
    used: str = ""
    usual: str = ""
    """What the plan says."""
    origin: str = ""
    why: str = ""
    """Of an exception: who made it, until when, and the reason."""
    is_exception: bool = False
    given: str = ""
    """The value as a form takes it."""
    last_day: str = ""
    reason: str = ""


@dataclass(frozen=True)
class TierValue:
    """What one plan says."""

    plan: str
    words: str


@dataclass(frozen=True)
class TierRow:
    """One thing that hangs on a plan, for each plan; a heading stands over those below it."""

    key: str
    name: str
    cells: list[TierValue]
    is_heading: bool = False


@dataclass(frozen=True)
class GrantedRow:
    """One exception, with whose it is."""

    key: str
    partner: str
    href: str
    plan: str
    name: str
    usual: str
    value: str
    why: str


def limit_rows(one: FleetLine, *, since: datetime | None) -> list[LimitRow]:
    """Say what holds for a partner, and whether it comes from its plan or is an exception."""
    moment = f" since {since:%-d %b %Y}" if since else ""
    plan = f"Plan {PLAN_WORDS[one.plan]}{moment}"
    rows = [_limit_row(one.terms, name, plan, _used(one) if name in MONTHLY else "") for name in LimitName]
    return [*rows, *_together(one.terms)]


def _together(held: Terms) -> list[LimitRow]:
    """Say what follows for requests that write, and for all keys together; there are no exceptions from these."""
    found, usual, times = held.limits, PLANS[held.plan], f"{TOGETHER} times one key's"
    lines = (
        (WRITES, found.writing, usual.writing, "as many as of all, counted apart"),
        ("Requests at once, all keys", found.together[0], usual.together[0], times),
        ("Requests a day, all keys", found.together[1], usual.together[1], times),
        ("Changing requests at once, all keys", found.writing_together, usual.writing_together, times),
    )
    return [
        LimitRow(name=name, value=f"{now.quota:,}", usual=f"{was.quota:,}", origin=origin)
        for name, now, was, origin in lines
    ]


MONTHLY = frozenset({LimitName.DOCUMENTS_PER_MONTH})


def _used(one: FleetLine) -> str:
    return f"{one.used:,} ({one.quota * 100:.0f} %)"


def _limit_row(held: Terms, name: LimitName, plan: str, used: str) -> LimitRow:
    value, usual, exception = held.limits.of(name), PLANS[held.plan].of(name), held.exceptions.get(name)
    row = LimitRow(str(name), WORDS[name], f"{value:,}", used, f"{usual:,}", plan, given=str(value))
    if exception is None:
        return row
    return LimitRow(
        row.key, row.name, row.value, row.used, row.usual, "Exception", _why(exception), True, row.given,
        last_day(exception), exception.reason,
    )  # fmt: skip


def last_day(one: LimitException) -> str:
    """Say the last day, in UTC, as a form takes it."""
    return (one.until - DAY).date().isoformat() if one.until else ""


def _why(one: LimitException) -> str:
    until = f"to the end of {one.until - DAY:%-d %b %Y}" if one.until else "until it is taken back"
    return f"{one.by}, {one.at:%-d %b %Y}, {until}: {one.reason}"


def plan_effects(one: FleetLine, plan: Plan) -> list[LimitRow]:
    """Say what another plan would change; exceptions stay, but for those that the new plan makes needless."""
    after = on_plan(one.terms, plan)
    return [
        LimitRow(str(name), WORDS[name], f"{after.limits.of(name):,}", f"{one.terms.limits.of(name):,}")
        for name in LimitName
    ]


def granted_rows(found: Sequence[Granted]) -> list[GrantedRow]:
    """List exceptions."""
    return [_granted_row(one) for one in found]


def _granted_row(one: Granted) -> GrantedRow:
    partner = public_id(Prefix.PARTNER, one.partner_id)
    return GrantedRow(
        key=f"{partner}.{one.name}",
        partner=one.partner,
        href=f"{PLACE}/{partner}?tab=limits",
        plan=PLAN_WORDS[one.plan],
        name=WORDS[one.name],
        usual=f"{one.usual:,}",
        value=f"{one.exception.value:,}",
        why=_why(one.exception),
    )


def tier_rows(found: Tiers) -> list[TierRow]:
    """Put the plans side by side: who is on them, limits, promises, prices."""
    parts = [
        *_rows("Partners", _counts(found)),
        *_rows("Limits", [*((WORDS[name], _limit(name)) for name in LimitName), (WRITES, _writing)]),
        *_rows("Reviewed within", [(LANE_WORDS[lane], _target(found, lane)) for lane in Lane]),
    ]
    for words, prices in (("Prices", found.prices), ("Prices from", found.coming)):
        if prices:
            for currency in prices.plans:
                parts += _rows(_family(words, prices, currency), _prices(prices, currency))
    return parts


def _family(words: str, prices: PriceList, currency: str) -> str:
    since = f"{prices.valid_from:%-d %b %Y}"
    return f"{words}, {currency}" if words == "Prices" else f"{words} {since}, {currency}"


Said = Callable[[Plan], str]


def _rows(family: str, lines: Sequence[tuple[str, Said]]) -> list[TierRow]:
    rows = [
        TierRow(f"{family}.{name}", name, [TierValue(PLAN_WORDS[each], said(each)) for each in Plan])
        for name, said in lines
    ]
    return [TierRow(family, family, [], is_heading=True), *rows]


def _counts(found: Tiers) -> list[tuple[str, Said]]:
    def of(plan: Plan) -> PlanCount:
        return found.counts.get(plan, PlanCount())

    return [
        ("On this plan", lambda plan: f"{of(plan).partners:,}"),
        ("Suspended", lambda plan: f"{of(plan).suspended:,}"),
        ("Live documents this month", lambda plan: f"{of(plan).documents:,}"),
        ("Near their quota", lambda plan: f"{of(plan).near:,}"),
    ]


def _limit(name: LimitName) -> Said:
    return lambda plan: f"{PLANS[plan].of(name):,}"


def _writing(plan: Plan) -> str:
    return f"{PLANS[plan].writing.quota:,}"


def _target(found: Tiers, lane: Lane) -> Said:
    def said(plan: Plan) -> str:
        target = found.targets.target(plan, lane)
        if target is None:
            return NOTHING
        return f"{length_text(target.length)}, {target.calendar}" if target.calendar else length_text(target.length)

    return said


def _prices(prices: PriceList, currency: str) -> list[tuple[str, Said]]:
    def monthly(plan: Plan) -> str:
        return written(prices.of(currency, plan).monthly, currency)

    return [("A month", monthly), *((KIND_WORDS[kind], _price(prices, currency, kind)) for kind in UsageKind)]


def _price(prices: PriceList, currency: str, kind: UsageKind) -> Said:
    return lambda plan: price_words(prices.of(currency, plan), kind, currency)
