"""Who asks: the key of an `Authorization: Bearer` header becomes an Actor, and its partner's limit applies."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from backoffice import clock
from backoffice.api.limits import ANONYMOUS, WRITING_METHODS, limit, of_key
from backoffice.errors import NotAllowed, NotSignedIn
from backoffice.models.base import Prefix, public_id
from backoffice.services import api_keys
from backoffice.services.access import Actor, Permission
from backoffice.services.networks import client_address

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="api_key",
    bearerFormat="kyc_live_… or kyc_test_…",
    description="An API key. Keys that begin with `kyc_test_` see test data only.",
)
SCOPES_MARK = "__backoffice_scopes__"
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]


def client_ip(request: HTTPConnection) -> str:
    """Say where a request or a socket came from."""
    peer = request.client.host if request.client else ""
    return client_address(peer, request.headers.getlist("x-forwarded-for"))


async def signed_in(request: Request, credentials: Credentials) -> Actor:
    """Recognise the key and count the request; who has no usable key is counted by address.

    Raises NotSignedIn, NotAllowed, TooMany.
    """
    ip = client_ip(request)
    try:
        caller = await _recognised(request, credentials, ip)
    except (NotSignedIn, NotAllowed):
        await limit(request, ANONYMOUS, ip)
        raise
    return await admitted(request, caller)


async def admitted(request: Request, caller: api_keys.Caller) -> Actor:
    """Count a request of a known key, and let it live by its partner's clock.

    Raises TooMany.
    """
    key_id = public_id(Prefix.API_KEY, caller.actor.id)
    request.state.key_id = key_id
    request.state.terms = caller.terms
    request.state.caller = caller
    request.state.proven = caller.proven
    clock.shift(caller.ahead)
    group = f"partner:{caller.proven.partner_id}:{'live' if caller.proven.livemode else 'test'}"
    held = of_key(caller.terms.limits, writes=request.method in WRITING_METHODS)
    await limit(request, held, key_id, group)
    return caller.actor


async def _recognised(request: Request, credentials: HTTPAuthorizationCredentials | None, ip: str) -> api_keys.Caller:
    if credentials is None:
        raise NotSignedIn("Send your API key as Authorization: Bearer kyc_….", code="missing_api_key")

    def note(proven: api_keys.Proven) -> None:
        request.state.proven = proven

    return await api_keys.recognise(credentials.credentials, ip, request.state.request_id, proven=note)


def needs(*permissions: Permission) -> Callable[[Request, HTTPAuthorizationCredentials | None], Awaitable[Actor]]:
    """Make the dependency of an operation: a known key with these scopes, before any body is read."""

    async def actor_with_scopes(request: Request, credentials: Credentials) -> Actor:
        actor = await signed_in(request, credentials)
        for permission in permissions:
            actor.require(permission)
        return actor

    setattr(actor_with_scopes, SCOPES_MARK, permissions)
    return actor_with_scopes


def scopes_of(dependency: Any) -> tuple[Permission, ...]:  # noqa: ANN401 a dependency of any form
    """Say which scopes a dependency made by `needs` asks for; for the documentation."""
    return getattr(dependency, SCOPES_MARK, ())
