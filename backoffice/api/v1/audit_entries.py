"""`/audit_entries`: what was done with this partner's data, by whom and from where."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.description import problems
from backoffice.api.v1.audit_schemas import AuditEntryOut, AuditQuery
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ListOut
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.audit_entries import Shown
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.services import audit_entries
from backoffice.services.access import Actor, Permission
from backoffice.services.audit_entries import ACTORS, SUBJECTS

router = APIRouter(prefix="/audit_entries", tags=["Audit"])
Reader = Annotated[Actor, Depends(needs(Permission.AUDIT_READ))]


@router.get(
    "",
    response_model=ListOut[AuditEntryOut],
    summary="Read the audit",
    responses=problems("audit_entries.list"),
)
async def index(actor: Reader, query: Annotated[AuditQuery, Query()]) -> JSONResponse:
    """Walk what was done with your data, newest first, in live and test mode alike; reading it is written down, too."""
    by = audit_entries.Filter(
        action=query.action,
        actor_id=_any_id(query.actor_id, "/actor_id", ACTORS) if query.actor_id else None,
        subject_id=_any_id(query.subject_id, "/subject_id", SUBJECTS) if query.subject_id else None,
        request_id=query.request_id,
        created_after=query.created_after,
        created_before=query.created_before,
        cursor=query.cursor,
        limit=query.limit,
    )
    async with transaction(actor.tenancy) as session:
        page = await audit_entries.page(session, actor, by)
    return JSONResponse(listed(page, [_entry(row) for row in page.rows]))


def _any_id(value: str, place: str, kinds: dict[str, Prefix]) -> UUID:
    """Read the id of a thing of one of several kinds."""
    prefix = next((prefix for prefix in kinds.values() if value.startswith(f"{prefix}_")), None)
    try:
        return parse_public_id(prefix or next(iter(kinds.values())), value)
    except NotFound:
        raise NotFound("There is nothing with this id.", pointer=place) from None


def _entry(row: Shown) -> dict[str, Any]:
    entry = row.entry
    return {
        "id": public_id(Prefix.AUDIT_ENTRY, entry.id),
        "object": "audit_entry",
        "created_at": moment(entry.created_at),
        "actor": {"type": row.actor_type, "id": _id(ACTORS, row.actor_type, row.actor_id), "name": row.actor_name},
        "action": entry.action,
        "subject": {"type": entry.subject_type, "id": _id(SUBJECTS, entry.subject_type, entry.subject_id)}
        if entry.subject_type
        else None,
        "result": entry.result,
        "changes": row.changes,
        "ip": row.ip,
        "request_id": entry.request_id or None,
    }


def _id(kinds: dict[str, Prefix], kind: str, key: UUID | None) -> str | None:
    prefix = kinds.get(kind)
    return public_id(prefix, key) if prefix and key else None
