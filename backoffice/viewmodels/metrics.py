"""What a partner's dashboard shows in numbers: plain figures, no personal data, broadcast as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.i18n import gettext
from backoffice.i18n.dates import short_day
from backoffice.models.metrics import Numbers, Point
from backoffice.viewmodels.times import NOTHING, iso, span
from backoffice.viewmodels.words import fixed


@dataclass(frozen=True, slots=True)
class LiveNumbers:
    """Every figure of the dashboard with its words; `as_of` is an ISO time."""

    received: int = 0
    awaiting_upload: int = 0
    submitted: int = 0
    processing: int = 0
    in_progress: int = 0
    awaiting_review: int = 0
    oldest: str = ""
    approved: int = 0
    rejected: int = 0
    resubmission_requested: int = 0
    decided: int = 0
    approved_text: str = NOTHING
    decision_seconds: float = 0.0
    decision_text: str = NOTHING
    decision_p95_text: str = ""
    webhook_percent: float = 100.0
    webhook_text: str = NOTHING
    webhooks_failing: int = 0
    has_documents: bool = True
    as_of: str = ""
    today: str = ""
    """The day in UTC that these numbers are of, as the lists behind them take it."""


def live_numbers(numbers: Numbers) -> LiveNumbers:
    """Put the words to the figures."""
    share, success = numbers.approved_share, numbers.webhook_success
    return LiveNumbers(
        received=numbers.received,
        awaiting_upload=numbers.awaiting_upload,
        submitted=numbers.submitted,
        processing=numbers.processing,
        in_progress=numbers.in_progress,
        awaiting_review=numbers.awaiting_review,
        oldest=_oldest(numbers.oldest_seconds),
        approved=numbers.approved,
        rejected=numbers.rejected,
        resubmission_requested=numbers.resubmission_requested,
        decided=numbers.decided,
        approved_text=_percent_text(share),
        decision_seconds=round(numbers.median_seconds or 0.0, 1),
        decision_text=NOTHING if numbers.median_seconds is None else span(numbers.median_seconds),
        decision_p95_text=_p95(numbers.p95_seconds),
        webhook_percent=_percent(success, otherwise=100.0),
        webhook_text=_percent_text(success),
        webhooks_failing=numbers.webhooks_failing,
        has_documents=numbers.has_documents,
        as_of=iso(numbers.as_of),
        today=numbers.as_of.date().isoformat(),
    )


def _oldest(seconds: float | None) -> str:
    return gettext("nobody waits") if seconds is None else gettext("oldest {age}", age=span(seconds))


def _p95(seconds: float | None) -> str:
    return gettext("none decided yet") if seconds is None else gettext("p95 {length}", length=span(seconds))


def _percent(share: float | None, *, otherwise: float) -> float:
    return otherwise if share is None else round(share * 100, 2)


def _percent_text(share: float | None) -> str:
    """Never round a failure away: 99.996 % is not 100 %."""
    if share is None:
        return NOTHING
    if 0.999 < share < 1:  # noqa: PLR2004 where one decimal would say 100.0
        return f"{fixed(min(share * 100, 99.99), 2)} %"
    return f"{fixed(share * 100, 1)} %"


@dataclass(frozen=True, slots=True)
class Throughput:
    """The chart: one value per label in each list."""

    labels: list[str] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    approved: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)


def throughput(points: Sequence[Point], *, is_hourly: bool) -> Throughput:
    """Write the series as the chart and its table read it."""
    return Throughput(
        labels=[f"{point.start:%H:%M}" if is_hourly else short_day(point.start, digits=2) for point in points],
        received=[point.received for point in points],
        approved=[point.approved for point in points],
        rejected=[point.rejected for point in points],
    )
