"""Usage in words: meters with where they lead, what was counted, and how near requests come to their limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from backoffice.models.base import Prefix, public_id
from backoffice.models.invoices import Month
from backoffice.models.usage_counts import Breakdown, Load, Meter
from backoffice.models.usage_records import KIND_WORDS, UsageKind, UsageRecord
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import TYPES

PLACE = "/partner/usage/records"
NO_KEY = "Not by a key"
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
    projection, pace, warning = found.projection, "Too few days yet to say where this leads.", ""
    if projection:
        spread = max(projection.expected - projection.low, projection.high - projection.expected)
        pace = f"At this pace {projection.expected:,} ± {spread:,} by {_day(found.ends.date())}."
        if projection.exhausted_on:
            word = "Reached the limit" if found.used >= found.limit else "Reaches the limit on"
            warning = word if found.used >= found.limit else f"{word} {_day(projection.exhausted_on)}"
    elif found.used >= found.limit:
        warning = "Reached the limit"
    tone = "red" if found.used >= found.limit else "amber" if percent >= ENOUGH or warning else ""
    shown = f"{found.used:,} of {found.limit:,}"
    return MeterView(found.used, found.limit, shown, _percent(percent), pace, warning, tone)


def _percent(percent: float) -> str:
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else "less than 1 %"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def kind_rows(found: Breakdown, month: Month) -> list[KindRow]:
    """Show what was counted by kind."""
    whole = sum(found.total(kind) for kind in UsageKind) or 1
    return [
        KindRow(kind, KIND_WORDS[kind], f"{found.total(kind):,}", round(found.total(kind) * 100 / whole, 1),
                records_url(month=month.label, kind=kind))
        for kind in UsageKind
    ]  # fmt: skip


def type_rows(found: Breakdown, month: Month) -> list[PartRow]:
    """Show what was counted by type of document."""
    return [
        _part(TYPES.get(type_, "Not known"), counts, records_url(month=month.label, type=type_))
        for type_, counts in found.by_type
    ]


def key_rows(found: Breakdown, names: Mapping[UUID, str], month: Month) -> list[PartRow]:
    """Show what was counted by API key."""
    return [
        _part(
            names.get(key_id, public_id(Prefix.API_KEY, key_id)) if key_id else NO_KEY,
            counts,
            records_url(month=month.label, key=public_id(Prefix.API_KEY, key_id)),
        )
        for key_id, counts in found.by_key
    ]


def _part(name: str, counts: Mapping[UsageKind, int], href: str) -> PartRow:
    numbers = [f"{counts.get(kind, 0):,}" for kind in UsageKind]
    return PartRow(name, numbers[0], numbers[1], numbers[2], href)


def day_chart(found: Breakdown) -> DayChart:
    """Write the days as the chart and its table read them."""
    values = {kind: [float(count) for count in found.by_day[kind]] for kind in UsageKind}
    return DayChart(
        [f"{day.day} {day:%b}" for day in found.days],
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
        f"peak {found.peak:,} of {found.burst:,}",
        f"{found.p95:,} in 19 of 20 seconds, {found.per_second:,} refill each second",
        f"{found.throttled:,} refused",
        "red" if found.throttled else "amber" if percent >= ENOUGH else "",
        iso(found.since),
    )


def load_rows(found: Load, names: Mapping[UUID, str]) -> list[LoadRow]:
    """Show what each key asked."""
    return [
        LoadRow(
            names.get(one.key_id, public_id(Prefix.API_KEY, one.key_id)),
            f"{one.requests:,}",
            f"{one.failed:,}",
            f"{one.throttled:,}",
            f"{one.p95_ms:,.0f} ms",
            f"/partner/developers/requests?key={public_id(Prefix.API_KEY, one.key_id)}",
        )
        for one in found.keys
    ]


def month_links(chosen: Month, months: Sequence[Month]) -> list[MonthLink]:
    """Offer the months that can be looked at."""
    return [MonthLink(f"{one.first:%b %Y}", f"/partner/usage?month={one.label}", one == chosen) for one in months]


def record_row(row: UsageRecord, names: Mapping[UUID, str]) -> RecordRow:
    """Show one record."""
    document_id = public_id(Prefix.DOCUMENT, row.document_id)
    return RecordRow(
        public_id(Prefix.USAGE_RECORD, row.id),
        row.kind,
        KIND_WORDS[UsageKind(row.kind)],
        document_id,
        TYPES.get(row.document_type or "", "Not known"),
        names.get(row.key_id, public_id(Prefix.API_KEY, row.key_id)) if row.key_id else NO_KEY,
        iso(row.created_at),
        f"/partner/documents/{document_id}",
    )


def records_url(**asked: str) -> str:
    """Write the address of a list of records."""
    given = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE
