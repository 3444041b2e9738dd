"""The machinery in words: parts, workers, queues and what failed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from backoffice.adapters.beats import Beat
from backoffice.adapters.job_queue import Depth, FailedJob
from backoffice.models.health_counts import Part, PartStatus
from backoffice.viewmodels.times import NOTHING, iso, span

HREFS = {"Webhooks": "/ops/partners?need=webhooks", "Engines": "/ops/engines"}
LATE = 60.0


@dataclass(frozen=True)
class PartRow:
    """One part."""

    name: str
    status: str
    detail: str
    took: str
    href: str


@dataclass(frozen=True)
class WorkerRow:
    """One worker that lives."""

    name: str
    started_at: str
    seen_at: str


@dataclass(frozen=True)
class QueueRow:
    """The jobs of one name."""

    name: str
    due: int
    later: int
    running: int
    failed: int
    oldest: str
    is_late: bool


@dataclass(frozen=True)
class FailedRow:
    """One job that waits for a person."""

    id: int = 0
    name: str = ""
    arguments: str = ""
    attempts: int = 0
    failed_at: str = ""
    reason: str = ""


def part_rows(found: Sequence[Part]) -> list[PartRow]:
    """Show the parts."""
    return [
        PartRow(one.name, one.status, one.detail, f"{one.milliseconds:.0f} ms", HREFS.get(one.name, ""))
        for one in found
    ]


def whole(found: Sequence[Part]) -> str:
    """Say how all of it does: as its worst part."""
    known = {one.status for one in found}
    order = (PartStatus.DOWN, PartStatus.DEGRADED)
    return next((status for status in order if status in known), PartStatus.OK)


def worker_rows(found: Sequence[Beat]) -> list[WorkerRow]:
    """Show the workers."""
    return [WorkerRow(one.name, _moment(one.started_at), _moment(one.seen_at)) for one in found]


def _moment(seconds: float) -> str:
    return iso(datetime.fromtimestamp(seconds, UTC))


def queue_rows(found: Sequence[Depth]) -> list[QueueRow]:
    """Show the queues."""
    return [
        QueueRow(
            one.name,
            one.due,
            one.later,
            one.running,
            one.failed,
            span(one.oldest_seconds) if one.due else NOTHING,
            one.oldest_seconds > LATE,
        )
        for one in found
    ]


def failed_row(job: FailedJob) -> FailedRow:
    """Show one failed job; what it was given are ids."""
    return FailedRow(
        job.id,
        job.name,
        ", ".join(f"{name} {_short(value)}" for name, value in job.arguments.items()),
        job.attempts,
        iso(job.failed_at),
        job.reason or "no reason was kept",
    )


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
