"""Why a receiver refuses our signature: the steps of Standard Webhooks 1.0, each with what is true of it.

Nothing secret leaves: the right signature is never shown, only whether one is right.
"""

import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import wall
from backoffice.errors import Invalid, NotFound
from backoffice.i18n import gettext, ngettext, number
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.events import Event
from backoffice.models.signature_findings import BodyDifference, Received, SignatureFindings, SignatureStep
from backoffice.models.webhooks import Delivery, WebhookEndpoint
from backoffice.services import delivery_claims, signatures, webhook_endpoints, webhook_secrets
from backoffice.services.access import Actor, Permission
from backoffice.services.rows import visible
from backoffice.services.signature_mistakes import mistake

MAX_BODY, MAX_HEADER, MOST_MARKS = 262_144, 2_000, 10
TOLERANCE = timedelta(minutes=5)
"""What the libraries of Standard Webhooks and Svix take."""
AROUND = 40
MILLISECONDS = 12
_SEEN = str.maketrans({"\r": "␍", "\n": "␊", "\t": "␉", "\ufeff": "BOM "})


async def check(session: AsyncSession, actor: Actor, endpoint_id: UUID, received: Received) -> SignatureFindings:
    """Look at a webhook that a receiver got, from its headers to its last byte.

    Raises NotFound for an endpoint that is not theirs, Invalid for a body beyond 256 KiB.
    """
    actor.require(Permission.WEBHOOKS_READ)
    endpoint = await webhook_endpoints.get(session, actor, endpoint_id)
    _refuse_long(received)
    sent = await _sent(session, endpoint, received.id)
    keys = webhook_secrets.signing_keys(endpoint)
    difference = None if sent is None or sent == received.body else differs(sent, received.body)
    steps = [_id(received, sent), _timestamp(received), _form(received), _body(sent, difference)]
    of = await _signed_by(session, actor, endpoint, received, sent)
    steps.append(_signature(of, endpoint, difference))
    if received.computed:
        steps.append(_own(received, sent, keys))
    return SignatureFindings(all(step.is_good for step in steps), steps, difference)


def _refuse_long(received: Received) -> None:
    """Refuse what we never send: looking at it would only take time."""
    if len(received.body) > MAX_BODY:
        raise Invalid("Our events are never longer than 256 KiB. Give the body of one event.", code="body_too_long")
    if max(map(len, (received.id, received.timestamp, received.signature, received.computed))) > MAX_HEADER:
        raise Invalid(f"Our headers are never longer than {MAX_HEADER:,} signs.", code="header_too_long")


async def _sent(session: AsyncSession, endpoint: WebhookEndpoint, name: str) -> bytes | None:
    """Answer the bytes that we sent under an id; None when this endpoint was never owed it."""
    try:
        event_id = parse_public_id(Prefix.EVENT, name)
    except NotFound:
        return None
    statement = (
        select(Event)
        .join(Delivery, col(Delivery.event_id) == col(Event.id))
        .where(col(Delivery.endpoint_id) == endpoint.id, col(Event.id) == event_id)
    )
    event = (await session.execute(statement)).scalar_one_or_none()
    return None if event is None else delivery_claims.body(event)


def _id(received: Received, sent: bytes | None) -> SignatureStep:
    words = gettext("The id is of an event that this endpoint was sent.")
    if not received.id:
        words = gettext("No webhook-id was given. Take the header as it arrived.")
    elif sent is None:
        words = gettext(
            "This endpoint was never sent an event with this id. Look at the id, the endpoint and the mode."
        )
    return SignatureStep("webhook-id", sent is not None, words)


def _timestamp(received: Received) -> SignatureStep:
    text = received.timestamp
    if not (text.isascii() and text.isdigit()):
        words = gettext("The timestamp is to be whole seconds since 1970, as it arrived.")
    elif len(text) >= MILLISECONDS:
        words = gettext("These are milliseconds. The header holds seconds: take it as it arrived.")
    else:
        age = wall() - datetime.fromtimestamp(int(text), UTC)
        is_fresh = abs(age) <= TOLERANCE
        return SignatureStep("webhook-timestamp", is_fresh, _signed(age, is_fresh))
    return SignatureStep("webhook-timestamp", False, words)


def _signed(age: timedelta, is_fresh: bool) -> str:
    said = (
        gettext("Libraries take it.")
        if is_fresh
        else gettext("Libraries refuse it after 5 minutes; verify when it arrives.")
    )
    return f"{_length(age)} {said}"


def _length(age: timedelta) -> str:
    shown = timedelta(seconds=int(abs(age).total_seconds()))
    if age >= timedelta():
        return gettext("Signed {time} ago.", time=shown)
    return gettext("Signed {time} ahead of our clock: look at yours.", time=shown)


def _marks(received: Received) -> list[str]:
    return [part.partition(",")[2] for part in received.signature.split() if part.startswith("v1,")][:MOST_MARKS]


def _form(received: Received) -> SignatureStep:
    count = len(_marks(received))
    words = ngettext("{count} signature of version v1.", "{count} signatures of version v1.", count)
    if not count:
        words = gettext(
            "The header is to be v1, and a Base64 text, several parted by spaces. Take it whole as it arrived."
        )
    elif count > 1:
        words += " " + gettext("One that is right is enough: a rotation signs with both secrets.")
    return SignatureStep("webhook-signature", count > 0, words)


def _body(sent: bytes | None, difference: BodyDifference | None) -> SignatureStep:
    if sent is None:
        return SignatureStep(gettext("Body"), False, gettext("We cannot compare it: the event is not known."))
    words = gettext("Byte for byte what we sent.") if difference is None else difference.why
    return SignatureStep(gettext("Body"), difference is None, words)


def differs(sent: bytes, got: bytes) -> BodyDifference:
    """Find the first byte in which two bodies part, and say what usually does that."""
    pairs = enumerate(zip(sent, got, strict=False))
    at = next((place for place, (one, other) in pairs if one != other), min(len(sent), len(got)))
    return BodyDifference(
        at=at,
        same=_text(sent[max(0, at - AROUND) : at]),
        sent=_text(sent[at : at + AROUND]) or gettext("(it ends here)"),
        got=_text(got[at : at + AROUND]) or gettext("(it ends here)"),
        why=_why(sent, got, at),
    )


def _text(data: bytes) -> str:
    return data.decode(errors="replace").translate(_SEEN)


def _why(sent: bytes, got: bytes, at: int) -> str:
    if not got:
        return gettext("The body is empty: something read it before the check. Read it once and keep the bytes.")
    if got.startswith(b"\xef\xbb\xbf"):
        return gettext("A byte order mark stands before it. Take the bytes as they arrived.")
    if got.strip() == sent:
        return gettext("White space stands around it. Take the bytes as they arrived.")
    try:
        is_same = json.loads(got) == json.loads(sent)
    except (ValueError, RecursionError):
        return _why_no_json(sent, got, at)
    if is_same:
        return gettext(
            "The same values, written anew: your framework parsed the body. Verify the raw bytes before that."
        )
    return gettext("It differs from byte {place} on, and so do its values: this is another body.", place=number(at))


def _why_no_json(sent: bytes, got: bytes, at: int) -> str:
    if sent.startswith(got):
        return gettext("It is cut off after {count} bytes.", count=number(len(got)))
    return gettext("It differs from byte {place} on, and is no JSON.", place=number(at))


async def _signed_by(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, received: Received, sent: bytes | None
) -> WebhookEndpoint | None:
    """Name whose secret has signed: this endpoint's, or another one's of the same partner and mode."""
    others = visible(actor, WebhookEndpoint).where(
        col(WebhookEndpoint.partner_id) == endpoint.partner_id,
        col(WebhookEndpoint.livemode) == endpoint.livemode,
        col(WebhookEndpoint.id) != endpoint.id,
        col(WebhookEndpoint.deleted_at).is_(None),
    )
    bodies = [received.body] if sent is None else [received.body, sent]
    for one in (endpoint, *(await session.execute(others)).scalars()):
        keys = webhook_secrets.signing_keys(one)
        if any(_is_signed(received, body, keys) for body in bodies):
            return one
    return None


def _is_signed(received: Received, body: bytes, keys: tuple[bytes, ...]) -> bool:
    if not (received.timestamp.isascii() and received.timestamp.isdigit()):
        return False
    at = datetime.fromtimestamp(min(int(received.timestamp), 2**33), UTC)
    made = signatures.headers(received.id, at, body, keys)["webhook-signature"].split()
    given = [f"v1,{mark}".encode(errors="replace") for mark in _marks(received)]
    return any(hmac.compare_digest(mark, one.encode()) for mark in given for one in made)


def _signature(
    of: WebhookEndpoint | None, endpoint: WebhookEndpoint, difference: BodyDifference | None
) -> SignatureStep:
    if of is None:
        words = gettext(
            "No secret of yours makes this signature from this id, timestamp and body. If the body is what we sent,"
            " the headers are of another message, or the secret was rotated since."
        )
    elif of.id != endpoint.id:
        words = gettext(
            "It is signed with the secret of another endpoint: {endpoint}.", endpoint=of.description or of.url
        )
    elif difference:
        words = gettext(
            "It is right for the body that we sent, so the secret is right and the body was changed on the way."
        )
    else:
        words = gettext("It is right: a receiver with this endpoint's secret takes it.")
    return SignatureStep(gettext("Secret"), of is not None and of.id == endpoint.id and difference is None, words)


def _own(received: Received, sent: bytes | None, keys: tuple[bytes, ...]) -> SignatureStep:
    found, name = mistake(received, sent, keys), gettext("Your result")
    if found is None:
        return SignatureStep(name, False, gettext("Your code came to something that no mistake we know leads to."))
    if not found:
        return SignatureStep(name, True, gettext("Your code comes to the right signature."))
    return SignatureStep(name, False, gettext("Your code: {mistake}.", mistake=found))
