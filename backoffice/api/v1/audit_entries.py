"""`/audit_entries`: what was done with this partner's data; `/audit/checkpoint`: what holds us to it."""

from base64 import b64encode
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse

from backoffice.api.auth import client_ip, needs
from backoffice.api.description import problems
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.api.v1.audit_schemas import AuditEntryOut, AuditQuery, CheckpointOut, CheckpointQuery
from backoffice.api.v1.representation import listed, moment
from backoffice.api.v1.schemas import ListOut
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotFound
from backoffice.models.audit_entries import Shown
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.services import audit_checkpoints, audit_entries
from backoffice.services.access import Actor, Permission
from backoffice.services.audit_checkpoints import Published
from backoffice.services.audit_entries import ACTORS, SUBJECTS

router = APIRouter(tags=["Audit"])
Reader = Annotated[Actor, Depends(needs(Permission.AUDIT_READ))]


@router.get(
    "/audit_entries",
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


@router.get(
    "/audit/checkpoint",
    response_model=CheckpointOut,
    summary="Get the audit checkpoint",
    responses=problems("audit.checkpoint"),
)
async def checkpoint(request: Request, query: Annotated[CheckpointQuery, Query()]) -> JSONResponse:
    """Get the newest signed head of the audit log. Keep it: who has it notices any later change. No key needed."""
    await limit(request, ANONYMOUS, client_ip(request))
    async with transaction(Tenancy.everyone()) as session:
        found = await audit_checkpoints.published(session, since=query.since)
    return JSONResponse(_checkpoint(found), headers={"Cache-Control": "no-store"})


def _checkpoint(found: Published) -> dict[str, Any]:
    head, key = found.checkpoint, audit_checkpoints.public_key()
    proof = [b64encode(one).decode() for one in found.consistency]
    return {
        "object": "audit_checkpoint",
        "origin": key.partition("+")[0],
        "size": head.size,
        "root": b64encode(head.root).decode(),
        "signed_at": moment(head.created_at),
        "checkpoint": head.note,
        "public_key": key,
        "consistency": {"since": found.since, "proof": proof} if found.since else None,
    }


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
