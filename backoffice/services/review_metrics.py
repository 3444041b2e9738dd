"""Review metrics: what a verdict took, written with it; what only a browser can count follows once, or is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Invalid, NotFound
from backoffice.models.documents import Check
from backoffice.models.review_metrics import ReviewMetric
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.services import documents, review_tasks
from backoffice.services.access import Actor

LONGEST_MS = 24 * 3_600_000
MOST = 100_000
LIMITS = {
    "first_input_ms": LONGEST_MS,
    "active_ms": LONGEST_MS,
    "keys": MOST,
    "clicks": MOST,
    "images_opened": 1_000,
    "zoom_used": 1,
    "checks_opened": 1_000,
    "connection_lost_ms": LONGEST_MS,
}
"""Everything that a tally says, and the most that each can be."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one browser counted between the task's appearance and its verdict."""

    first_input_ms: int
    active_ms: int
    keys: int
    clicks: int
    images_opened: int
    zoom_used: int
    checks_opened: int
    connection_lost_ms: int

    @classmethod
    def read(cls, counts: Mapping[str, int]) -> "Tally":
        """Take a tally from a client, which may send anything.

        Raises Invalid for a count that is missing, unknown or out of range.
        """
        if set(counts) != {one.name for one in fields(cls)}:
            raise Invalid("This is not a tally.", code="invalid_tally")
        for name, most in LIMITS.items():
            if type(counts[name]) is not int or not 0 <= counts[name] <= most:
                raise Invalid(f"{name} must lie between 0 and {most}.", code="out_of_range", pointer=f"/{name}")
        return cls(**counts)


async def begin(session: AsyncSession, task: ReviewTask) -> None:
    """Write down the verdict that was just signed on a task; its signature is checked by whoever signs."""
    if task.verdict_id is None or task.verdict_by is None or task.verdict_at is None:
        return
    outcome = Outcome(task.verdict_outcome or "")
    checks = (await documents.checks_of(session, [task.document_id])).get(task.document_id, [])
    session.add(
        ReviewMetric(
            partner_id=task.partner_id,
            verdict_id=task.verdict_id,
            task_id=task.id,
            reviewer_id=task.verdict_by,
            outcome=outcome,
            reason_codes=list(task.verdict_reasons),
            disagreed_with_engine=disagrees(outcome, checks),
            shown_at=task.first_seen_at,
            decided_at=task.verdict_at,
        )
    )
    await session.flush()


def disagrees(outcome: Outcome, checks: Sequence[Check]) -> bool:
    """Whether a person decided against what the checks said; checks that are unsure say nothing."""
    statuses = {check.status for check in checks}
    if outcome == Outcome.APPROVED:
        return "failed" in statuses
    return bool(statuses) and statuses <= {"passed", "not_applicable"}


async def undo(session: AsyncSession, verdict_id: UUID) -> None:
    """Note that a verdict was taken back: it counts no more."""
    await session.execute(update(ReviewMetric).where(col(ReviewMetric.verdict_id) == verdict_id).values(undone=True))


async def note(session: AsyncSession, actor: Actor, verdict_id: UUID, counts: Mapping[str, int]) -> None:
    """Add what the signer's browser counted; the first tally stays.

    Raises NotFound for a verdict of somebody else, Invalid for counts out of range. Nobody is active for longer than
    the task was in front of them, so that the longer times of a slow clock are cut.
    """
    member_id, tally = review_tasks.reviewer(actor), Tally.read(counts)
    statement = select(ReviewMetric).where(
        col(ReviewMetric.verdict_id) == verdict_id, col(ReviewMetric.reviewer_id) == member_id
    )
    row = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no verdict of yours with this id.")
    if row.active_ms is not None:
        return
    span = row.decided_at - (row.shown_at or row.decided_at)
    most = round(span / timedelta(milliseconds=1))
    row.first_input_at = row.decided_at - span + timedelta(milliseconds=min(tally.first_input_ms, most))
    row.active_ms, row.keys, row.clicks = min(tally.active_ms, most), tally.keys, tally.clicks
    row.images_opened, row.zoom_used = tally.images_opened, bool(tally.zoom_used)
    row.checks_opened, row.connection_lost_ms = tally.checks_opened, tally.connection_lost_ms
    await session.flush()
