"""Gives exports to the browser of whoever may have them, part by part: a file of gigabytes needs no memory."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from backoffice.adapters.sheets import MIME
from backoffice.api.auth import client_ip
from backoffice.api.files import safe_headers
from backoffice.api.files_host import PASSED
from backoffice.api.limits import ANONYMOUS, limit
from backoffice.api.visitors import browser_actor
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotSignedIn
from backoffice.models.audit_log import AuditCheckpoint
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.exports import Export
from backoffice.services import audit_files, export_parts, exports, file_hosts, list_filters, sessions
from backoffice.services.access import Actor
from backoffice.services.audit_files import Scope
from backoffice.services.export_parts import Part

router = APIRouter(include_in_schema=False)


_streams = asyncio.Semaphore(2)


@router.get("/exports/audit-log")
async def audit_log(request: Request) -> StreamingResponse:
    """Stream the sealed audit log with its proofs to the person who is signed in: what they may see of it."""
    actor, scope = await person(request), _scope(request)
    async with transaction(actor.tenancy) as session:
        head = await audit_files.begin(session, actor, scope)
    name = f"audit-log-{head.created_at:%Y-%m-%d}-{head.size}.jsonl"
    headers = safe_headers() | {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_log(actor, scope, head), media_type="application/jsonl", headers=headers)


def _scope(request: Request) -> Scope:
    """Read from which day to which; a day that is none narrows nothing."""
    first, last = (list_filters.day(request.query_params.get(name, "")) for name in ("from", "to"))
    return Scope(start=first, end=last + timedelta(days=1) if last else None)


async def _log(actor: Actor, scope: Scope, head: AuditCheckpoint) -> AsyncGenerator[bytes]:
    """Write the log; two at a time in a process, since each holds a connection as long as its reader reads."""
    async with _streams, transaction(actor.tenancy) as session:
        async for line in audit_files.lines(session, actor, scope, head):
            yield line


@router.get("/exports/{export}")
async def fetch(request: Request, export: str) -> StreamingResponse:
    """Stream one file to the person who is signed in; every fetch is audited."""
    actor = await person(request)
    async with transaction(actor.tenancy) as session:
        row, key = await exports.opened(session, actor, parse_public_id(Prefix.EXPORT, export))
    name = f"{row.kind}-{row.created_at:%Y-%m-%d}-{export[-6:]}.{row.format}"
    headers = safe_headers() | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(row.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_parts(row, key), media_type=MIME[row.format], headers=headers)


async def _parts(row: Export, key: bytes) -> AsyncGenerator[bytes]:
    for number in range(row.parts):
        yield await export_parts.get(row, key, Part.FINAL, number)


async def person(request: Request) -> Actor:
    """Say who is signed in, by their cookie or, where files have a host of their own, by the pass that led there.

    Raises NotSignedIn, which counts against the address.
    """
    if file_hosts.is_apart():
        actor = await _passed(request)
    else:
        actor = await browser_actor(request)
    if actor is None:
        await limit(request, ANONYMOUS, client_ip(request))
        raise NotSignedIn("Sign in to fetch this.")
    request.state.person = actor
    return actor


async def _passed(request: Request) -> Actor | None:
    passed = request.scope.get(PASSED)
    if passed is None:
        return None
    session_id, mark = passed
    ip, request_id = client_ip(request), getattr(request.state, "request_id", "")
    async with transaction(Tenancy.everyone()) as session:
        return await sessions.fetching(session, sessions.Tab(session_id, mark, ip), request_id)
