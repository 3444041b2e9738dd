"""Usage in words: meters with where they lead, what was counted, and how near requests come to their limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from backoffice.i18n import N_, gettext, number
from backoffice.i18n.dates import short_day, short_month
from backoffice.models.base import Prefix, public_id
from backoffice.models.invoices import Month
from backoffice.models.usage_counts import Breakdown, Load, Meter
from backoffice.models.usage_records import KIND_WORDS, UsageKind, UsageRecord
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import TYPES

PLACE = "/partner/usage/records"
NO_KEY = N_("Not by a key")
UNKNOWN = N_("Not known")
ENOUGH = 80
"""Percent of a limit from which on a meter is amber."""


@dataclass(frozen=True)
class MeterView:
    """One meter."""

    used: int = 0
    limit: int = 1
    shown: str = ""
    percent: str = ""
    pace: str = ""
    warning: str = ""
    tone: str = ""


@dataclass(frozen=True)
class KindRow:
    """What was counted of one kind, with the list behind it."""

    kind: str
    words: str
    count: str
    share: float
    href: str


@dataclass(frozen=True)
class PartRow:
    """What was counted of one type of document, or of one key."""

    name: str
    screened: str
    faces: str
    reviews: str
    href: str


@dataclass(frozen=True)
class DayChart:
    """Bars by day, one value per label in each list."""

    labels: list[str] = field(default_factory=list)
    screened: list[float] = field(default_factory=list)
    faces: list[float] = field(default_factory=list)
    reviews: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class LoadRow:
    """What one key asked in a day."""

    name: str
    requests: str
    failed: str
    throttled: str
    p95: str
    href: str


@dataclass(frozen=True)
class LoadView:
    """How near requests come to their limit."""

    peak: int = 0
    limit: int = 1
    shown: str = ""
    p95: str = ""
    throttled: str = ""
    tone: str = ""
    since: str = ""


@dataclass(frozen=True)
class MonthLink:
    """A month that can be looked at."""

    label: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class RecordRow:
    """One line of the list of records."""

    id: str
    kind: str
    words: str
    document_id: str
    type: str
    key: str
    at: str
    href: str


def meter_view(found: Meter) -> MeterView:
    """Show the month's documents."""
    percent = found.used * 100 / found.limit
    warning = _warning(found)
    tone = "red" if found.used >= found.limit else "amber" if percent >= ENOUGH or warning else ""
    shown = gettext("{number} of {count}", number=number(found.used), count=number(found.limit))
    return MeterView(found.used, found.limit, shown, _percent(percent), _pace(found), warning, tone)


def _pace(found: Meter) -> str:
    if not found.projection:
        return gettext("Too few days yet to say where this leads.")
    expected, low, high = found.projection.expected, found.projection.low, found.projection.high
    spread, day = max(expected - low, high - expected), short_day(found.ends.date())
    said = {"number": number(expected), "spread": number(spread), "day": day}
    return gettext("At this pace {number} ± {spread} by {day}.", **said)


def _warning(found: Meter) -> str:
    projection, is_reached = found.projection, found.used >= found.limit
    if is_reached:
        return gettext("Reached the limit") if not projection or projection.exhausted_on else ""
    if not projection or not projection.exhausted_on:
        return ""
    return gettext("Reaches the limit on {day}", day=short_day(projection.exhausted_on))


def _percent(percent: float) -> str:
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else gettext("less than 1 %")


def kind_rows(found: Breakdown, month: Month) -> list[KindRow]:
    """Show what was counted by kind."""
    whole = sum(found.total(kind) for kind in UsageKind) or 1
    return [
        KindRow(
            kind,
            gettext(KIND_WORDS[kind]),
            number(found.total(kind)),
            round(found.total(kind) * 100 / whole, 1),
            records_url(month=month.label, kind=kind),
        )
        for kind in UsageKind
    ]


def type_rows(found: Breakdown, month: Month) -> list[PartRow]:
    """Show what was counted by type of document."""
    return [
        _part(gettext(TYPES.get(type_, UNKNOWN)), counts, records_url(month=month.label, type=type_))
        for type_, counts in found.by_type
    ]


def key_rows(found: Breakdown, names: Mapping[UUID, str], month: Month) -> list[PartRow]:
    """Show what was counted by API key."""
    return [
        _part(
            names.get(key_id, public_id(Prefix.API_KEY, key_id)) if key_id else gettext(NO_KEY),
            counts,
            records_url(month=month.label, key=public_id(Prefix.API_KEY, key_id)),
        )
        for key_id, counts in found.by_key
    ]


def _part(name: str, counts: Mapping[UsageKind, int], href: str) -> PartRow:
    numbers = [number(counts.get(kind, 0)) for kind in UsageKind]
    return PartRow(name, numbers[0], numbers[1], numbers[2], href)


def day_chart(found: Breakdown) -> DayChart:
    """Write the days as the chart and its table read them."""
    values = {kind: [float(count) for count in found.by_day[kind]] for kind in UsageKind}
    return DayChart(
        [short_day(day) for day in found.days],
        values[UsageKind.DOCUMENT_SCREENED],
        values[UsageKind.FACE_MATCH],
        values[UsageKind.HUMAN_REVIEW],
    )


def load_view(found: Load) -> LoadView:
    """Show the headroom of the busiest key."""
    percent = found.peak * 100 / found.burst
    return LoadView(
        found.peak,
        found.burst,
        gettext("peak {number} of {count}", number=number(found.peak), count=number(found.burst)),
        _rate(found),
        gettext("{number} refused", number=number(found.throttled)),
        "red" if found.throttled else "amber" if percent >= ENOUGH else "",
        iso(found.since),
    )


def _rate(found: Load) -> str:
    p95, refill = number(found.p95), number(found.per_second)
    return gettext("{number} in 19 of 20 seconds, {refill} refill each second", number=p95, refill=refill)


def load_rows(found: Load, names: Mapping[UUID, str]) -> list[LoadRow]:
    """Show what each key asked."""
    return [
        LoadRow(
            names.get(one.key_id, public_id(Prefix.API_KEY, one.key_id)),
            number(one.requests),
            number(one.failed),
            number(one.throttled),
            f"{number(round(one.p95_ms))} ms",
            f"/partner/developers/requests?key={public_id(Prefix.API_KEY, one.key_id)}",
        )
        for one in found.keys
    ]


def month_links(chosen: Month, months: Sequence[Month]) -> list[MonthLink]:
    """Offer the months that can be looked at."""
    return [MonthLink(short_month(one.first), f"/partner/usage?month={one.label}", one == chosen) for one in months]


def record_row(row: UsageRecord, names: Mapping[UUID, str]) -> RecordRow:
    """Show one record."""
    document_id = public_id(Prefix.DOCUMENT, row.document_id)
    return RecordRow(
        public_id(Prefix.USAGE_RECORD, row.id),
        row.kind,
        gettext(KIND_WORDS[UsageKind(row.kind)]),
        document_id,
        gettext(TYPES.get(row.document_type or "", UNKNOWN)),
        names.get(row.key_id, public_id(Prefix.API_KEY, row.key_id)) if row.key_id else gettext(NO_KEY),
        iso(row.created_at),
        f"/partner/documents/{document_id}",
    )


def records_url(**asked: str) -> str:
    """Write the address of a list of records."""
    given = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE
