"""Commits the rows of stored files and the answer together; whoever comes second gives its files back."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from backoffice.api.idempotent import Work, answered, replayed
from backoffice.db import transaction
from backoffice.models.documents import File
from backoffice.models.plans import Terms
from backoffice.services import idempotency, intake, quotas
from backoffice.services.access import Actor
from backoffice.services.idempotency import Attempt


def location(status: int, body: dict[str, Any]) -> str | None:
    """Say where a new document is read."""
    return f"/api/v1/documents/{body['id']}" if status == HTTPStatus.CREATED else None


async def kept_once(
    actor: Actor, attempt: Attempt | None, stored: Sequence[File], work: Work, *, terms: Terms
) -> JSONResponse:
    """Do the work that names stored files and count it, or give the answer that was kept.

    Files that no row names are removed: whoever comes second, or too late in the month, gives theirs back. A commit
    whose outcome nobody heard keeps the files: garbage can be lived with, a row without its file cannot.
    """
    is_kept = False
    try:
        async with transaction(actor.tenancy) as session:
            earlier = await idempotency.begin(session, actor, attempt)
            if earlier:
                return replayed(earlier, location=location(earlier.status, earlier.body))
            status, body = await work(session)
            await idempotency.remember(session, actor, attempt, status, body)
            await quotas.count(session, actor, terms)
            is_kept = True
    except quotas.QuotaExceeded:
        await quotas.refuse(actor, terms)
    finally:
        if not is_kept:
            await intake.discard(stored)
    return answered(status, body, location=location(status, body))
