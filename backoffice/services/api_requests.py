"""The log of API requests: what a partner's developer and an auditor look for when something was refused."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.clock import now
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, floor_id, public_id
from backoffice.models.usage import ApiRequest
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, MAX_LIMIT, Page, cut, read_cursor

KEPT = timedelta(days=30)
PURGE_BATCH = 5_000
LOOKED_AT = 20_000
"""Lines that one page looks through for what no index knows; then it says how far it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    livemode: bool | None = None
    method: str | None = None
    route: str | None = None
    status: int | None = None
    status_class: int | None = None
    """The first digit of a status."""
    code: str | None = None
    key_id: UUID | None = None
    request_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[ApiRequest]:
    """List requests of the actor's partner, newest first.

    A page may hold less than its limit, or nothing, and still have a next one: then that many lines were looked
    through. Raises Invalid for a limit out of range or a foreign cursor.
    """
    _may(actor)
    if not 1 <= by.limit <= MAX_LIMIT:
        raise Invalid(f"The limit must lie between 1 and {MAX_LIMIT}.", code="out_of_range", pointer="/limit")
    if actor.livemode is not None:
        by = replace(by, livemode=actor.livemode)
    nearest = select(ApiRequest).where(*_indexed(actor, by)).order_by(col(ApiRequest.id).desc())
    if not _narrow(by, ApiRequest):
        rows = (await session.execute(nearest.limit(by.limit + 1))).scalars().all()
        return cut(rows, by.limit, Prefix.API_REQUEST)
    looked_at = aliased(ApiRequest, nearest.limit(LOOKED_AT).subquery())
    statement = select(looked_at).where(*_narrow(by, looked_at)).order_by(col(looked_at.id).desc())
    rows = (await session.execute(statement.limit(by.limit + 1))).scalars().all()
    if len(rows) > by.limit:
        return cut(rows, by.limit, Prefix.API_REQUEST)
    last = (await session.execute(nearest.offset(LOOKED_AT - 1).limit(1))).scalar_one_or_none()
    return Page(rows, public_id(Prefix.API_REQUEST, last.id) if last else None)


def _may(actor: Actor) -> None:
    """Let people read it by a permission of its own, and keys by their scope for usage."""
    actor.require(Permission.USAGE_READ if actor.type == ActorType.API_KEY else Permission.REQUESTS_READ)


def _indexed(actor: Actor, by: Filter) -> list[ColumnElement[bool]]:
    """Say what an index answers: whose, which mode, from when on, one key, one request."""
    conditions = [col(ApiRequest.partner_id) == actor.require_partner()]
    if by.livemode is not None:
        conditions.append(col(ApiRequest.livemode) == by.livemode)
    if by.key_id is not None:
        conditions.append(col(ApiRequest.key_id) == by.key_id)
    if by.request_id:
        conditions.append(col(ApiRequest.request_id) == by.request_id)
    if by.created_after:
        conditions.append(col(ApiRequest.id) >= floor_id(by.created_after))
    if by.created_before:
        conditions.append(col(ApiRequest.id) < floor_id(by.created_before))
    cursor = read_cursor(Prefix.API_REQUEST, by.cursor)
    if cursor:
        conditions.append(col(ApiRequest.id) < cursor)
    return conditions


def _narrow(by: Filter, row: type[ApiRequest]) -> list[ColumnElement[bool]]:
    """Say what has to be looked for line by line."""
    exact = ((col(row.method), by.method), (col(row.route), by.route), (col(row.code), by.code))
    conditions: list[ColumnElement[bool]] = [column == value for column, value in exact if value]
    if by.status_class:
        conditions.append(col(row.status).between(by.status_class * 100, by.status_class * 100 + 99))
    if by.status:
        conditions.append(col(row.status) == by.status)
    return conditions


async def get(session: AsyncSession, actor: Actor, request_id: UUID) -> ApiRequest:
    """Find one line that the actor may see.

    Raises NotFound for one that does not exist, of another partner or of the other mode.
    """
    _may(actor)
    statement = select(ApiRequest).where(col(ApiRequest.id) == request_id)
    row = (await session.execute(statement)).scalar_one_or_none()
    is_own = row is not None and actor.owns(row.partner_id, livemode=row.livemode)
    return found(row if is_own else None, "API request")


async def purge(session: AsyncSession, actor: Actor) -> int:
    """Forget a batch of what is older than thirty days; answer how many lines that were."""
    actor.require(Permission.SYSTEM)
    old = select(col(ApiRequest.id)).where(col(ApiRequest.created_at) < now() - KEPT).limit(PURGE_BATCH)
    statement = delete(ApiRequest).where(col(ApiRequest.id).in_(old)).returning(col(ApiRequest.id))
    gone = await session.execute(statement.execution_options(synchronize_session=False))
    return len(gone.all())
