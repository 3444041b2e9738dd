"""A partner's live numbers: one round trip, every part of it read from an index.

A number and the list it links to share one filter (`received_today`, `decided_today` …), so that they agree.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.clock import now
from backoffice.errors import NotFound
from backoffice.models.base import floor_id
from backoffice.models.documents import IN_PROGRESS, DocumentStatus
from backoffice.models.metrics import Numbers, Point
from backoffice.models.webhooks import BY_HAND
from backoffice.services.access import Actor, Permission
from backoffice.services.documents import Filter

NUMBERS = text("""
with open as (
    select status, count(*) as documents, min(coalesce(submitted_at, created_at)) as oldest from documents
    where partner_id = :partner and livemode = :livemode
        and status in ('awaiting_upload', 'submitted', 'processing', 'in_review')
    group by status
), decided as (
    select count(*) filter (where status = 'approved') as approved,
        count(*) filter (where status = 'rejected') as rejected,
        count(*) filter (where status = 'resubmission_requested') as resubmission_requested,
        percentile_cont(array[0.5, 0.95]) within group (
            order by extract(epoch from completed_at - coalesce(submitted_at, created_at)))
            filter (where status in ('approved', 'rejected', 'resubmission_requested')) as seconds
    from documents
    where partner_id = :partner and livemode = :livemode and completed_at >= :today
), received as (
    select count(*) as documents from documents
    where partner_id = :partner and livemode = :livemode and id >= :first_today and created_at >= :today
), told as (
    select count(*) filter (where d.state = 'delivered') as delivered,
        count(*) filter (where d.state = 'exhausted' or d.state in ('pending', 'canceled') and d.attempts > 0) as failed
    from webhook_endpoints e join deliveries d on d.endpoint_id = e.id and d.id >= :first_told
    where e.partner_id = :partner and e.livemode = :livemode and e.deleted_at is null
), failing as (
    select count(*) as endpoints from webhook_endpoints
    where partner_id = :partner and livemode = :livemode and deleted_at is null
        and (failing_since is not null or status = 'disabled' and disabled_reason not in ('', :by_hand))
)
select
    coalesce((select jsonb_object_agg(status, documents) from open), '{}') as open,
    (select oldest from open where status = 'in_review') as oldest,
    (select documents from received) as received,
    (select endpoints from failing) as failing,
    exists (select 1 from documents where partner_id = :partner and livemode = :livemode) as has_documents,
    decided.*, told.*
from decided, told
""")
SERIES = text("""
with slot as (
    select generate_series(cast(:start as timestamptz), cast(:end as timestamptz), cast(:step as interval)) as start
), received as (
    select date_bin(cast(:step as interval), created_at, cast(:start as timestamptz)) as start, count(*) as documents
    from documents
    where partner_id = :partner and livemode = :livemode and id >= :first and created_at >= :start
    group by 1
), decided as (
    select date_bin(cast(:step as interval), completed_at, cast(:start as timestamptz)) as start,
        count(*) filter (where status = 'approved') as approved,
        count(*) filter (where status = 'rejected') as rejected
    from documents
    where partner_id = :partner and livemode = :livemode and completed_at >= :start
    group by 1
)
select slot.start, coalesce(received.documents, 0), coalesce(approved, 0), coalesce(rejected, 0)
from slot left join received using (start) left join decided using (start) order by slot.start
""")
WEBHOOK_WINDOW = timedelta(hours=24)
CLOCKS_APART = timedelta(minutes=1)
"""A key is drawn a moment before its row's time."""


class Period(StrEnum):
    """What the throughput chart spans."""

    DAY = "24h"
    MONTH = "30d"


def today() -> datetime:
    """Say when the present day began, in UTC: the broadcast numbers are the same for every viewer."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0)


def received_today(*, livemode: bool) -> Filter:
    """Name the documents behind the number `received`."""
    return Filter(livemode=livemode, created_after=today())


def in_progress(*, livemode: bool) -> Filter:
    """Name the documents behind the number `in_progress`."""
    return Filter(livemode=livemode, statuses=tuple(sorted(IN_PROGRESS)))


def awaiting_review(*, livemode: bool) -> Filter:
    """Name the documents behind the number `awaiting_review`."""
    return Filter(livemode=livemode, statuses=(DocumentStatus.IN_REVIEW,))


def decided_today(status: DocumentStatus, *, livemode: bool) -> Filter:
    """Name the documents behind the numbers `approved`, `rejected` and `resubmission_requested`."""
    return Filter(livemode=livemode, statuses=(status,), completed_after=today())


async def numbers(session: AsyncSession, actor: Actor, partner_id: UUID, *, livemode: bool) -> Numbers:
    """Count everything that the dashboard shows of one partner.

    Raises NotAllowed for an actor that may not see this partner.
    """
    _may(actor, partner_id, livemode)
    moment = now()
    arguments = {
        "partner": partner_id,
        "livemode": livemode,
        "today": today(),
        "first_today": floor_id(today() - CLOCKS_APART),
        "first_told": floor_id(moment - WEBHOOK_WINDOW),
        "by_hand": BY_HAND,
    }
    row = (await session.execute(NUMBERS, arguments)).mappings().one()
    waiting: dict[str, int] = row["open"]
    seconds: list[float | None] = row["seconds"] or [None, None]
    return Numbers(
        as_of=moment,
        has_documents=row["has_documents"],
        received=row["received"],
        awaiting_upload=waiting.get(DocumentStatus.AWAITING_UPLOAD, 0),
        submitted=waiting.get(DocumentStatus.SUBMITTED, 0),
        processing=waiting.get(DocumentStatus.PROCESSING, 0),
        awaiting_review=waiting.get(DocumentStatus.IN_REVIEW, 0),
        oldest_seconds=(moment - row["oldest"]).total_seconds() if row["oldest"] else None,
        approved=row["approved"],
        rejected=row["rejected"],
        resubmission_requested=row["resubmission_requested"],
        median_seconds=seconds[0],
        p95_seconds=seconds[1],
        webhooks_delivered=row["delivered"],
        webhooks_failed=row["failed"],
        webhooks_failing=row["failing"],
    )


def _may(actor: Actor, partner_id: UUID, livemode: bool) -> None:
    actor.require(Permission.METRICS_READ)
    if not actor.owns(partner_id, livemode=livemode):
        raise NotFound("There is no partner with this id.")


async def series(
    session: AsyncSession, actor: Actor, partner_id: UUID, period: Period, *, livemode: bool
) -> list[Point]:
    """Count what came in and what was decided per hour of the last day, or per day of the last thirty."""
    _may(actor, partner_id, livemode)
    step = timedelta(hours=1) if period == Period.DAY else timedelta(days=1)
    end = now().replace(minute=0, second=0, microsecond=0) if period == Period.DAY else today()
    start = end - step * (23 if period == Period.DAY else 29)
    arguments = {
        "partner": partner_id,
        "livemode": livemode,
        "start": start,
        "end": end,
        "step": step,
        "first": floor_id(start - CLOCKS_APART),
    }
    return [Point(*row) for row in await session.execute(SERIES, arguments)]
