"""Writes down what was refused by HTTP: to a key without the scope, from a strange address, on another role's page.

Of each actor and kind the first of a minute is an entry, and it says how many were not written since the last one: a
flood of refusals costs one row a minute, and is seen all the same.
"""

import time
from dataclasses import dataclass, field

from fastapi import Request

from backoffice.api.auth import client_ip
from backoffice.db import transaction
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType
from backoffice.services.api_keys import Proven

QUIET_SECONDS = 60.0
MOST_KNOWN = 5_000
MOST_LETTERS = 120
Known = tuple[str, str, str]
"""Who, as kind and id, and what was refused."""


@dataclass(slots=True)
class Quiet:
    """Lets the first of a kind pass in a while, and counts the others."""

    seconds: float = QUIET_SECONDS
    _seen: dict[Known, tuple[float, int]] = field(default_factory=dict[Known, tuple[float, int]])

    def unwritten(self, key: Known) -> int | None:
        """Answer how many were passed over since the last one; None for one that is passed over itself."""
        moment = time.monotonic()
        began, count = self._seen.get(key, (-self.seconds, 0))
        if moment - began < self.seconds:
            self._seen[key] = began, count + 1
            return None
        if len(self._seen) >= MOST_KNOWN:
            self._seen.clear()
        self._seen[key] = moment, 0
        return count


_quiet = Quiet()


async def note_request(request: Request, code: str) -> None:
    """Write down that the API refused somebody whom it knows; a stranger is counted by address elsewhere."""
    actor = _actor_of(request)
    if actor is not None:
        where = request.scope.get("route")
        path = str(getattr(where, "path", "")) or "-"
        await _note(actor, "request.refused", {"method": request.method, "path": path[:MOST_LETTERS], "code": code})


async def note_page(actor: Actor, path: str) -> None:
    """Write down that a page is not open to somebody."""
    await _note(actor, "page.refused", {"page": path[:MOST_LETTERS]})


async def _note(actor: Actor, action: str, changes: dict[str, object]) -> None:
    passed_over = _quiet.unwritten((str(actor.type), str(actor.id), action))
    if passed_over is None:
        return
    more: dict[str, object] = {"unwritten": passed_over} if passed_over else {}
    async with transaction(actor.tenancy) as session:
        await audit.record(session, actor, action, result="denied", changes=changes | more)


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
