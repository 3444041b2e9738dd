"""Replays: a request of the log is asked again in the sandbox, by the real API, with a test key that soon ends.

The log keeps no body, no query and no header, so a replay sends what it holds and says what it cannot. Live data is
out of reach whatever is asked: a test key sees none, and the audit trail, which is one for both, is not lent.
"""

import asyncio
import json
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters.own_api import ROOT, Answer, Picture, own_api
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.usage import ApiRequest
from backoffice.services import api_keys, api_requests, audit, magic_documents, sandbox
from backoffice.services.access import Actor
from backoffice.services.idempotency import fingerprint

KEY_NAME = "Replay in sandbox"
SUBMIT = "/documents"
STREAM = "/events/stream"
TRAIL = "/audit_entries"
BEGUN, DONE = "api_request.replay_begun", "api_request.replayed"
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
    why = _why_not(row)
    kind = Kind.NOT if why else Kind.PICTURE if row.method == "POST" and row.route == SUBMIT else Kind.WHOLE
    return Replay(row, kind, why, needs_test_ids=kind == Kind.WHOLE and row.livemode and "{" in row.route)


def _why_not(row: ApiRequest) -> str:
    has_body = row.method == "POST" and row.route != SUBMIT and row.request_bytes > 0
    reasons = (
        (row.route.startswith(TRAIL), "The audit trail is one for live and test data, and no lent key reads it."),
        (row.route == STREAM, "A stream goes on and on; open it with your own client."),
        (
            row.method not in {"GET", "HEAD", "POST"},
            "It changes or deletes something that exists, and what it sent was not kept.",
        ),
        (row.route in MAKES_SECRETS, "It makes a new secret. Do that where the secret is shown to you once."),
        (has_body, "It sent a body, and bodies are never kept, so there is nothing to send again."),
    )
    return next((why for is_so, why in reasons if is_so), "")


async def lend_key(actor: Actor, row: ApiRequest) -> Lent:
    """Lend the person a test key that ends by itself, with the rights of the key that asked first.

    So refusals come back. Raises NotAllowed.
    """
    sandbox.hand_of(actor)
    async with transaction(actor.tenancy) as session:
        return Lent(*await api_keys.lend(session, actor, row.key_id, name=KEY_NAME))


async def send(  # noqa: PLR0913 a request, and what stands in for what was not kept
    actor: Actor, replay: Replay, token: str, *, path: str, once: str, query: str = "", picture: str = ""
) -> Answer:
    """Ask the API again, one time for the same `once`, and write down that it was asked and what came back.

    Who stops waiting stops nothing: what was begun is asked to its end and written down. Raises Invalid for an address
    that is another operation's, NotAllowed for what may not be asked again, and as `own_api.ask` does.
    """
    sandbox.hand_of(actor)
    row = replay.row
    whole = checked(replay, path)
    if not token.startswith("kyc_test_"):
        raise NotAllowed("Requests are asked again with test keys only.", code="test_only")
    form = _form(picture) if replay.kind == Kind.PICTURE else None
    asked = query.strip().lstrip("?")[:MOST_QUERY] if row.method != "POST" else ""
    key = fingerprint([str(actor.id), once, whole, picture])
    await _write_down(actor, row, BEGUN)
    asking = own_api.ask(row.method, whole, token=token, once=key, query=asked, ip=actor.ip, form=form)
    task = asyncio.create_task(_to_the_end(actor, row, asking))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)


_running: set[asyncio.Task[Answer]] = set()
"""The event loop itself keeps no task alive."""


async def _to_the_end(actor: Actor, row: ApiRequest, asking: Awaitable[Answer]) -> Answer:
    answer = Answer()
    try:
        answer = await asking
    finally:
        request_id = answer.headers.get("x-request-id", "")
        await _write_down(actor, row, DONE, status=answer.status, request_id=request_id)
    return answer


async def _write_down(actor: Actor, row: ApiRequest, what: str, **more: object) -> None:
    """Write one entry of the trail; a status of 0 says that no answer came in time, whatever was done."""
    changes: dict[str, object] = {
        "api_request": public_id(Prefix.API_REQUEST, row.id),
        "method": row.method,
        "route": row.route,
    }
    async with transaction(actor.tenancy) as session:
        await audit.record(session, actor, what, changes=changes | more)


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
