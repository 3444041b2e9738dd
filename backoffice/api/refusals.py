"""Writes down what was refused by HTTP: to a key without the scope, from a strange address, on another role's page.

A flood of refusals costs one row a minute for each actor and kind, and is counted all the same (services/refusals.py).
"""

from fastapi import Request

from backoffice.api.auth import client_ip
from backoffice.services.access import Actor, ActorType
from backoffice.services.api_keys import Proven
from backoffice.services.refusals import refusals

MOST_LETTERS = 120


async def note_request(request: Request, code: str) -> None:
    """Write down that the API refused somebody whom it knows; a stranger is counted by address elsewhere."""
    actor = _actor_of(request)
    if actor is not None:
        where = request.scope.get("route")
        path = str(getattr(where, "path", "")) or "-"
        changes: dict[str, object] = {"method": request.method, "path": path[:MOST_LETTERS], "code": code}
        await refusals.note(actor, "request.refused", changes)


async def note_page(actor: Actor, path: str) -> None:
    """Write down that a page is not open to somebody."""
    await refusals.note(actor, "page.refused", {"page": path[:MOST_LETTERS]})


def _actor_of(request: Request) -> Actor | None:
    person: Actor | None = getattr(request.state, "person", None)
    if person is not None:
        return person
    caller = getattr(request.state, "caller", None)
    if caller is not None:
        return caller.actor
    proven: Proven | None = getattr(request.state, "proven", None)
    if proven is None:
        return None
    return Actor(
        ActorType.API_KEY,
        proven.key_id,
        "",
        frozenset(),
        proven.partner_id,
        livemode=proven.livemode,
        ip=client_ip(request),
        request_id=getattr(request.state, "request_id", ""),
    )
