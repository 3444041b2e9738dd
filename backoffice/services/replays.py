"""Replays: a request of the log is asked again in the sandbox, by the real API, with a test key that soon ends.

The log keeps no body, no query and no header, so a replay sends what it holds and says what it cannot. Live data is
out of reach whatever is asked: a test key sees none.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters.own_api import ROOT, Answer, Picture, own_api
from backoffice.clock import present
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, public_id
from backoffice.models.usage import ApiRequest
from backoffice.services import api_keys, api_requests, audit, magic_documents, sandbox
from backoffice.services.access import SCOPES, Actor, Permission

KEY_NAME = "Replay in sandbox"
KEY_LIVES = timedelta(minutes=15)
SUBMIT = "/documents"
STREAM = "/events/stream"
MAKES_SECRETS = frozenset({"/api_keys/{key_id}/rotate", "/webhook_endpoints/{endpoint_id}/rotate_secret"})
MOST_PATH, MOST_QUERY = 300, 1_000
PARAMETER = re.compile(r"\\\{[a-z_]+\\\}")


class Kind(StrEnum):
    """What of a request can be asked again."""

    WHOLE = "whole"
    """All that matters is in the log."""
    PICTURE = "picture"
    """Its files are gone; one of our pictures takes their place."""
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Replay:
    """What can be asked again of one request, and what cannot, in words."""

    row: ApiRequest
    kind: Kind
    why: str
    """Why not; empty when it can."""
    needs_test_ids: bool = False
    """Whether its address names live things, for which test ids must stand before it can change anything."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A test key for replays: made for one person, with the rights of the key that asked first."""

    token: str
    until: datetime


async def plan(session: AsyncSession, actor: Actor, request_id: UUID) -> Replay:
    """Say what can be asked again of one line of the log.

    Raises NotAllowed, NotFound.
    """
    sandbox.hand_of(actor)
    return planned(await api_requests.get(session, actor, request_id))


def planned(row: ApiRequest) -> Replay:
    """Judge one line by what the log holds of it."""
    names_things = row.livemode and "{" in row.route
    if row.method in {"GET", "HEAD"}:
        why = "A stream goes on and on; open it with your own client." if row.route == STREAM else ""
        return Replay(row, Kind.NOT if why else Kind.WHOLE, why, needs_test_ids=names_things)
    if row.method != "POST":
        return Replay(row, Kind.NOT, "It changes or deletes something that exists, and what it sent was not kept.")
    if row.route == SUBMIT:
        return Replay(row, Kind.PICTURE, "")
    if row.route in MAKES_SECRETS:
        return Replay(row, Kind.NOT, "It makes a new secret. Do that where the secret is shown to you once.")
    if row.request_bytes:
        return Replay(row, Kind.NOT, "It sent a body, and bodies are never kept, so there is nothing to send again.")
    return Replay(row, Kind.WHOLE, "", needs_test_ids=names_things)


async def lend_key(actor: Actor, row: ApiRequest) -> Lent:
    """Make a test key that ends by itself, with the rights of the key that asked first, so that refusals come back.

    Rights that the person may not hand out are left away. Raises NotAllowed.
    """
    sandbox.hand_of(actor)
    until = present() + KEY_LIVES
    async with transaction(actor.tenancy) as session:
        first = await _key_of(session, actor, row)
        known = set(first.scopes) if first else {str(scope) for scope in SCOPES}
        scopes = known & SCOPES - (set() if actor.can(Permission.AUDIT_READ) else {Permission.AUDIT_READ})
        key, token = await api_keys.create(
            session,
            actor,
            name=KEY_NAME,
            livemode=False,
            scopes=scopes or {Permission.EVENTS_READ},
            denied_attributes=first.denied_attributes if first else (),
            expires_at=until,
        )
        key.expiring_told_at = present()  # it is meant to end, so nobody is warned of it
    return Lent(token, until)


async def _key_of(session: AsyncSession, actor: Actor, row: ApiRequest) -> ApiKey | None:
    try:
        return await api_keys.get(session, actor, row.key_id)
    except NotFound:
        return None


async def send(  # noqa: PLR0913 a request, and what stands in for what was not kept
    actor: Actor, replay: Replay, token: str, *, path: str, query: str = "", picture: str = ""
) -> Answer:
    """Ask the API again and write down that it was asked.

    Raises Invalid for an address that is another operation's, NotAllowed for what may not be asked again.
    """
    sandbox.hand_of(actor)
    row = replay.row
    whole = checked(replay, path)
    if not token.startswith("kyc_test_"):
        raise NotAllowed("Requests are asked again with test keys only.", code="test_only")
    form = _form(picture) if replay.kind == Kind.PICTURE else None
    asked = query.strip().lstrip("?")[:MOST_QUERY] if row.method != "POST" else ""
    answer = await own_api.ask(row.method, whole, token=token, query=asked, ip=actor.ip, form=form)
    async with transaction(actor.tenancy) as session:
        await audit.record(
            session,
            actor,
            "api_request.replayed",
            changes={
                "api_request": public_id(Prefix.API_REQUEST, row.id),
                "method": row.method,
                "route": row.route,
                "status": answer.status,
                "request_id": answer.headers.get("x-request-id", ""),
            },
        )
    return answer


def checked(replay: Replay, path: str) -> str:
    """Take an address of the same operation: other ids are fine, another operation is not.

    Raises Invalid, and NotAllowed for what may not be asked again.
    """
    if replay.kind == Kind.NOT:
        raise NotAllowed(replay.why, code="not_replayable")
    row, wanted = replay.row, path.strip()[:MOST_PATH]
    form = PARAMETER.sub("[0-9A-Za-z_]{1,80}", re.escape(f"{ROOT}{row.route}"))
    if not re.fullmatch(form, wanted, re.ASCII):
        raise Invalid(f"The address must stay one of {row.route}.", code="wrong_path", pointer="/path")
    if replay.needs_test_ids and row.method == "POST" and wanted == row.path:
        raise Invalid(
            "These ids are live, and nothing that changes is sent to a live id. Put test ids in their place.",
            code="live_id",
            pointer="/path",
        )
    return wanted


def _form(name: str) -> tuple[dict[str, str], Picture]:
    magic = magic_documents.named(name)
    fields = {"applicant": json.dumps(dict(magic.applicant)), "metadata": json.dumps({"sandbox": name})}
    return fields, Picture(f"{name}.jpg", magic.read())
