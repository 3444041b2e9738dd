"""Who comes by HTTP with a browser: where from, and with which session."""

from starlette.requests import HTTPConnection, Request

from backoffice.api import cookies
from backoffice.api.auth import client_ip
from backoffice.db import Tenancy, transaction
from backoffice.services import sessions, viewings
from backoffice.services.access import Actor
from backoffice.services.sessions import Visitor

MAX_BROWSER = 1_000


def visitor_of(request: Request) -> Visitor:
    """Say where a request comes from, for limits, sessions and audit."""
    return Visitor(
        ip=client_ip(request),
        user_agent=request.headers.get("user-agent", ""),
        request_id=getattr(request.state, "request_id", ""),
        browser=cookies.read(request.scope["headers"], cookies.browser_name())[:MAX_BROWSER],
    )


async def browser_actor(connection: HTTPConnection) -> Actor | None:
    """Say who is signed in with the cookie of this request, or that nobody is."""
    secret = cookies.secret_in(connection.scope["headers"])
    if not secret:
        return None
    async with transaction(Tenancy.everyone()) as session:
        found = await sessions.by_secret(session, secret, ip=client_ip(connection))
        if found is None:
            return None
        await sessions.touch(session, found[0])
    return sessions.actor_of(*found, ip=client_ip(connection), request_id=getattr(connection.state, "request_id", ""))


async def looking_actor(actor: Actor) -> Actor:
    """Say as whom one of our people opens a page of the partners' workspace: as who looks, if they do; for pages only.

    Files and forms know nothing of it: whoever looks fetches and sends nothing but as themselves.
    """
    async with transaction(Tenancy.everyone()) as session:
        return await viewings.looking(session, actor) or actor
