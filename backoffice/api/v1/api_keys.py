"""`/api_keys`: make, list, read, change, rotate and revoke keys with a key."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from backoffice.api.auth import needs
from backoffice.api.bodies import json_body
from backoffice.api.description import problems, takes
from backoffice.api.etags import check_if_match, etag
from backoffice.api.examples import api_keys as examples
from backoffice.api.idempotent import once
from backoffice.api.texts import read_id
from backoffice.api.v1.api_keys_schemas import ApiKeyChange, ApiKeyIn, ApiKeyOut, NewApiKeyOut, RotateKeyIn
from backoffice.api.v1.representation import moment
from backoffice.api.v1.schemas import ListOut, NoQuery, PageQuery
from backoffice.clock import wall
from backoffice.db import transaction
from backoffice.models.api_keys import ApiKey, ApiKeySecret
from backoffice.models.base import Prefix, public_id
from backoffice.services import api_keys
from backoffice.services.access import Actor, Permission

router = APIRouter(prefix="/api_keys", tags=["API keys"])
Reader = Annotated[Actor, Depends(needs(Permission.KEYS_READ))]
Writer = Annotated[Actor, Depends(needs(Permission.KEYS_WRITE))]
PLACE = "/api/v1/api_keys/"


@router.post(
    "",
    status_code=201,
    response_model=NewApiKeyOut,
    summary="Make an API key",
    openapi_extra=takes(ApiKeyIn, examples.NEW_KEY),
    responses=problems("api_keys.create"),
)
async def create(request: Request, actor: Writer, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Make a key of the same mode; the answer alone holds its `secret`.

    A key hands on no more than it has: neither scopes, nor attributes that it is denied, nor addresses, nor time.
    """
    wanted = await json_body(request, ApiKeyIn)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        key, secret = await api_keys.create(session, actor, livemode=bool(actor.livemode), **wanted.model_dump())
        return 201, await _represent(session, key) | {"secret": secret}

    content = [str(actor.id), wanted.model_dump(mode="json")]
    return _tagged(await once(request, actor, content, work, at=PLACE))


@router.get("", response_model=ListOut[ApiKeyOut], summary="List API keys", responses=problems("api_keys.list"))
async def index(actor: Reader, query: Annotated[PageQuery, Query()]) -> JSONResponse:
    """Walk the keys of this mode, newest first, revoked ones too."""
    async with transaction(actor.tenancy) as session:
        page = await api_keys.page(session, actor, cursor=query.cursor, limit=query.limit)
        secrets = await api_keys.secrets_of(session, [key.id for key in page.rows])
    data = [_key(key, secrets.get(key.id, [])) for key in page.rows]
    return JSONResponse({"data": data, "next_cursor": page.next_cursor, "has_more": page.has_more})


@router.get("/{key_id}", response_model=ApiKeyOut, summary="Read an API key", responses=problems("api_keys.read"))
async def show(actor: Reader, key_id: str, query: Annotated[NoQuery, Query()]) -> JSONResponse:  # noqa: ARG001 refuses a query
    """Read one key with its secrets' states: who still uses the old one after a rotation."""
    async with transaction(actor.tenancy) as session:
        key = await api_keys.get(session, actor, read_id(Prefix.API_KEY, key_id))
        return _tagged(JSONResponse(await _represent(session, key)))


@router.patch(
    "/{key_id}",
    response_model=ApiKeyOut,
    summary="Change an API key",
    openapi_extra=takes(ApiKeyChange, examples.CHANGE, is_post=False) | examples.IF_MATCH,
    responses=problems("api_keys.change"),
)
async def change(
    request: Request,
    actor: Writer,
    key_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Change what is given, from the next request on; the secret stays. A key may narrow itself, never widen itself."""
    row_id = read_id(Prefix.API_KEY, key_id)
    given = await json_body(request, ApiKeyChange)
    is_endless = "expires_at" in given.model_fields_set and given.expires_at is None
    async with transaction(actor.tenancy) as session:
        check_if_match(request, (await api_keys.locked(session, actor, row_id)).version)
        wanted = api_keys.Change(**given.model_dump(), never_expires=is_endless)
        key = await api_keys.change(session, actor, row_id, wanted)
        return _tagged(JSONResponse(await _represent(session, key)))


@router.post(
    "/{key_id}/rotate",
    response_model=NewApiKeyOut,
    summary="Rotate an API key",
    openapi_extra=takes(RotateKeyIn, examples.ROTATE, is_required=False) | examples.REPEATED_IF_MATCH,
    responses=problems("api_keys.rotate"),
)
async def rotate(
    request: Request,
    actor: Writer,
    key_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Make a new secret; the answer alone holds it.

    The old one goes on working. When the new one is used for the first time it becomes the active one, and the old
    one works on for `grace_seconds`; `late_uses` counts who has not changed over. Rotating again before that replaces
    the unused secret.
    """
    row_id = read_id(Prefix.API_KEY, key_id)
    wanted = await json_body(request, RotateKeyIn)

    async def work(session: AsyncSession) -> tuple[int, dict[str, Any]]:
        check_if_match(request, (await api_keys.locked(session, actor, row_id)).version)
        grace = timedelta(seconds=wanted.grace_seconds)
        key, secret = await api_keys.rotate(session, actor, row_id, grace=grace)
        return 200, await _represent(session, key) | {"secret": secret}

    return _tagged(await once(request, actor, [str(actor.id), wanted.model_dump()], work))


@router.delete(
    "/{key_id}",
    response_model=ApiKeyOut,
    summary="Revoke an API key",
    openapi_extra=examples.IF_MATCH,
    responses=problems("api_keys.revoke"),
)
async def revoke(
    request: Request,
    actor: Writer,
    key_id: str,
    query: Annotated[NoQuery, Query()],  # noqa: ARG001 refuses a query
) -> JSONResponse:
    """Refuse every secret of the key from the next request on. This cannot be undone; twice changes nothing."""
    row_id = read_id(Prefix.API_KEY, key_id)
    async with transaction(actor.tenancy) as session:
        check_if_match(request, (await api_keys.locked(session, actor, row_id)).version)
        key = await api_keys.revoke(session, actor, row_id)
        return _tagged(JSONResponse(await _represent(session, key)))


def _tagged(answer: JSONResponse) -> JSONResponse:
    """Put the version of what is answered into the ETag."""
    answer.headers["ETag"] = etag(json.loads(bytes(answer.body))["version"])
    return answer


async def _represent(session: AsyncSession, key: ApiKey) -> dict[str, Any]:
    return _key(key, (await api_keys.secrets_of(session, [key.id])).get(key.id, []))


def _key(key: ApiKey, secrets: Sequence[ApiKeySecret]) -> dict[str, Any]:
    return {
        "id": public_id(Prefix.API_KEY, key.id),
        "object": "api_key",
        "livemode": key.livemode,
        "version": key.version,
        "name": key.name,
        "status": _status(key),
        "scopes": key.scopes,
        "ip_allowlist": key.ip_allowlist,
        "denied_attributes": key.denied_attributes,
        "secrets": [_secret(key, one) for one in secrets],
        "created_at": moment(key.created_at),
        "expires_at": moment(key.expires_at),
        "last_used_at": moment(key.last_used_at),
        "last_used_ip": key.last_used_ip or None,
        "revoked_at": moment(key.revoked_at),
    }


def _status(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= wall() else "active"


def _secret(key: ApiKey, secret: ApiKeySecret) -> dict[str, Any]:
    return {
        "state": secret.state,
        "prefix": f"kyc_{'live' if key.livemode else 'test'}_{secret.lookup}",
        "last_four": secret.last_four,
        "created_at": moment(secret.created_at),
        "activated_at": moment(secret.activated_at),
        "ends_at": moment(secret.ends_at),
        "late_uses": secret.late_uses,
        "last_used_at": moment(secret.last_used_at),
        "last_used_ip": secret.last_used_ip or None,
    }
