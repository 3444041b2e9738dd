"""`/quota` and `/usage`: what the plan allows, and what was used of it."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.description import problems
from backoffice.api.v1.representation import moment
from backoffice.api.v1.schemas import NoQuery
from backoffice.api.v1.usage_schemas import QuotaOut, UsageOut, UsageQuery
from backoffice.db import transaction
from backoffice.models.plans import PlanLimits
from backoffice.services import quotas
from backoffice.services.access import Actor, Permission

router = APIRouter(tags=["Usage"])
Reader = Annotated[Actor, Depends(needs(Permission.USAGE_READ))]


@router.get("/quota", response_model=QuotaOut, summary="Read the quota", responses=problems("usage.quota"))
async def quota(actor: Reader, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read what the plan allows: documents in the calendar month (UTC), and requests per key and of all keys together.

    At 80, 90 and 100 % of the documents an event `quota.threshold_reached` tells of it, once each and again once there
    is more room; what comes after is refused with `quota_exceeded` until the month ends.
    """
    async with transaction(actor.tenancy) as session:
        found = await quotas.standing(session, actor)
    held = found.terms.limits
    is_counted = bool(actor.livemode)
    return JSONResponse(
        {
            "object": "quota",
            "livemode": actor.livemode,
            "plan": found.terms.plan,
            "period": {"starts_at": moment(found.starts), "ends_at": moment(found.ends)},
            "documents": {
                "included": found.included if is_counted else None,
                "used": found.used,
                "remaining": found.remaining if is_counted else None,
                "resets_at": moment(found.ends),
            },
            "requests": _policies(held),
        }
    )


def _policies(held: PlanLimits) -> list[dict[str, Any]]:
    """List what a key has to keep, in the order of the header fields, and which requests it counts."""
    all_of_them = (*held.requests, held.writing, *held.together, held.writing_together)
    of_writes = (held.writing, held.writing_together)
    return [asdict(one) | {"counts": "writes" if one in of_writes else "all"} for one in all_of_them]


@router.get("/usage", response_model=UsageOut, summary="Read the usage", responses=problems("usage.read"))
async def usage(actor: Reader, query: Annotated[UsageQuery, Query()]) -> JSONResponse:
    """Count the live documents of each month and day in a range.

    A month is counted whole, by the same number that the quota is held against.
    """
    async with transaction(actor.tenancy) as session:
        found = await quotas.usage(session, actor, first=query.first, last=query.last)
    body: dict[str, Any] = {
        "object": "usage",
        "livemode": actor.livemode,
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "months": [{"month": month.isoformat()[:7], "documents": number} for month, number in found.months],
        "days": [{"date": day.isoformat(), "documents": number} for day, number in found.days],
    }
    return JSONResponse(body)
