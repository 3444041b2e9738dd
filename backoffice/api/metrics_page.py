"""`GET /metrics`: this process's own counts, and what the database and Redis know of the queues at that moment."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from logging import getLogger
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backoffice.adapters import job_queue, metrics, tallies
from backoffice.adapters.job_queue import QueueState
from backoffice.db import Tenancy, transaction
from backoffice.services import delivery_metrics
from backoffice.services.delivery_metrics import BOUNDS, Sent, Standing
from backoffice.settings import settings

log = getLogger(__name__)
BUDGET_SECONDS = 2.0
T = TypeVar("T")


async def metrics_page(request: Request) -> Response:
    """Answer Prometheus; outside the demo only with the token, and not at all when none is set.

    What cannot be read just now is left out: a missing number alerts better than a failed scrape.
    """
    if not settings().demo and not _has_token(request):
        return PlainTextResponse("Not found", 404)
    standing, jobs, sent = await asyncio.gather(_read(_standing), _read(_jobs), _read(_sent))
    families = [
        *(_standing_families(standing) if standing else ()),
        *(_job_families(jobs) if jobs else ()),
        *(_sent_families(sent) if sent else ()),
    ]
    return Response(metrics.generate_latest() + metrics.written(families), media_type=metrics.CONTENT_TYPE_LATEST)


def _has_token(request: Request) -> bool:
    token = settings().metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return token is not None and hmac.compare_digest(given.encode(), token.get_secret_value().encode())


async def _read(part: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            return await part()
    except Exception as error:  # noqa: BLE001 whatever a vendor raises, the other numbers are told
        log.warning("metrics_unread", extra={"part": part.__name__, "error": type(error).__name__})
        return None


async def _standing() -> Standing:
    async with transaction(Tenancy.everyone()) as session:
        return await delivery_metrics.standing(session)


async def _jobs() -> QueueState:
    async with transaction(Tenancy.everyone()) as session:
        return await job_queue.queue_state(session)


async def _sent() -> Sent:
    return delivery_metrics.sent(await tallies.read())


def _standing_families(standing: Standing) -> list[metrics.Metric]:
    lag = {"healthy": standing.lag_seconds, "failing": standing.failing_lag_seconds}
    depth = {"due": standing.due, "pending": standing.pending, "under_way": standing.under_way}
    return [
        metrics.gauge("kyc_webhook_lag_seconds", "Age of the oldest delivery that is due.", lag, label="endpoints"),
        metrics.gauge("kyc_webhook_deliveries", "Deliveries that are owed, at most 100000.", depth, label="state"),
    ]


def _job_families(jobs: QueueState) -> list[metrics.Metric]:
    many = {"waiting": jobs.waiting, "running": jobs.running, "failed": jobs.failed}
    return [
        metrics.gauge("kyc_jobs", "Jobs in the queue.", many, label="state"),
        metrics.gauge("kyc_jobs_lag_seconds", "Age of the oldest job that is due.", {"": jobs.lag_seconds}),
    ]


def _sent_families(sent: Sent) -> list[metrics.Metric]:
    return [
        metrics.counter("kyc_webhook_attempts", "Tries, by what came of them.", sent.attempts, label="outcome"),
        metrics.histogram(
            "kyc_webhook_first_attempt_seconds",
            "From the change to the first try of telling it, where nothing but us decides when.",
            BOUNDS,
            sent.first,
            sent.first_seconds,
        ),
    ]
