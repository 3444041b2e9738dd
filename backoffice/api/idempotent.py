"""Reads the `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header)."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.etags import etag
from backoffice.db import transaction
from backoffice.errors import BadRequest
from backoffice.services import idempotency
from backoffice.services.access import Actor
from backoffice.services.idempotency import Answer, Attempt, fingerprint

BARE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}", re.ASCII)
REPLAYED = {"Idempotent-Replayed": "true"}


def attempt_of(request: Request, content: Any) -> Attempt | None:  # noqa: ANN401 any JSON value
    """Read the key, bare or quoted, and hash what is asked; None when no key was sent.

    Raises BadRequest for a key that is empty, too long or not printable ASCII.
    """
    values = request.headers.getlist("idempotency-key")
    if not values:
        return None
    key = values[0].strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if len(values) > 1 or not BARE.fullmatch(key):
        raise BadRequest("An Idempotency-Key is 1 to 255 printable ASCII letters.", code="invalid_idempotency_key")
    route = f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"
    return Attempt(route, key, fingerprint([request.path_params, content]))


T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[tuple[int, dict[str, Any]]]]
Restore = Callable[[AsyncSession, dict[str, Any]], Awaitable[dict[str, Any]]]
Before = Callable[[], Awaitable[object]]


class Ahead(Generic[T]):
    """What a work needs and may be slow to make: made once, ahead of its transaction, and not for a replay."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._made: list[T] = []

    async def ready(self) -> T:
        """Make it, or answer what was made; the kept answer may end between being seen and being given."""
        if not self._made:
            self._made.append(await self._make())
        return self._made[0]


async def once(  # noqa: PLR0913 a POST, its work, and what stands around it
    request: Request,
    actor: Actor,
    content: Any,  # noqa: ANN401 any JSON value
    work: Work,
    *,
    at: str = "",
    restore: Restore | None = None,
    before: Before | None = None,
    is_versioned: bool = False,
) -> JSONResponse:
    """Do the work of a POST and keep its answer in one transaction, or give the answer that was kept.

    `work` answers status and body; `at` is the address of what was made, before its id. What may not be kept (personal
    data) `work` leaves out, and `restore` puts it in, the first time and each time after. `before` runs ahead of the
    transaction, for what may be slow, and not for a replay. What `is_versioned` answers with its ETag. Raises what the
    work raises.
    """
    attempt = attempt_of(request, content)
    if before and not await _is_kept(actor, attempt):
        await before()
    async with transaction(actor.tenancy) as session:
        earlier = await idempotency.begin(session, actor, attempt)
        status, body = (earlier.status, earlier.body) if earlier else await work(session)
        if not earlier:
            await idempotency.remember(session, actor, attempt, status, body)
        shown = await restore(session, body) if restore else body
    headers = {"Location": f"{at}{body['id']}"} if at else {}
    headers |= {"ETag": etag(body["version"])} if is_versioned else {}
    return JSONResponse(shown, status, headers=headers | (REPLAYED if earlier else {}))


async def _is_kept(actor: Actor, attempt: Attempt | None) -> bool:
    if attempt is None:
        return False
    async with transaction(actor.tenancy) as session:
        return await idempotency.recall(session, actor, attempt) is not None


def answered(status: int, body: dict[str, Any], *, location: str | None = None) -> JSONResponse:
    """Answer for the first time."""
    return JSONResponse(body, status, headers={"Location": location} if location else None)


def replayed(answer: Answer, *, location: str | None = None) -> JSONResponse:
    """Answer again what was answered before."""
    return JSONResponse(
        answer.body, answer.status, headers={**REPLAYED, **({"Location": location} if location else {})}
    )
