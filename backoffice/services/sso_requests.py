"""Questions to providers that wait for their answer: each is one browser's, good for ten minutes and for one answer.

A question leaves Redis before its answer is looked at, so that of two answers at once one is judged.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from hmac import compare_digest
from uuid import UUID

from backoffice.adapters import boxes, live
from backoffice.clock import now
from backoffice.errors import BadRequest
from backoffice.i18n import N_
from backoffice.models.base import Prefix, public_id
from backoffice.models.single_sign_on import Kind

LASTS_SECONDS = 10 * 60
ANSWER_SECONDS = 60
ANSWER_PURPOSE = "sso-answer:1"
SECRET_BYTES = 32
TOO_LATE = N_("This took too long, was sent twice, or began in another browser. Sign in again.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a provider, and for whom."""

    partner_id: str
    issuer: str
    client_id: str
    nonce: str
    verifier: str
    """Of PKCE (RFC 7636): whoever stole the code does not have it."""
    browser: str
    """The hash of the cookie that the browser got with the question."""
    began: int
    next: str = ""
    session_id: str = ""
    """Set where somebody who is signed in confirms who they are: the answer does nothing else then."""
    kind: str = Kind.OIDC
    """What the answer has to be: one of another kind comes in at an address that refuses it."""

    @property
    def partner(self) -> UUID:
        """Whose provider was asked."""
        return UUID(self.partner_id)

    @property
    def place(self) -> str:
        """The last part of the address that the answer comes to."""
        return public_id(Prefix.PARTNER, self.partner)

    @property
    def request_id(self) -> str:
        """What a SAML response has to say that it answers; a name in XML does not begin with a digit."""
        return f"_{self.nonce}"

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier: S256 (RFC 7636 §4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it goes out: the state in the address, and the cookie's secret."""

    asked: Asked
    state: str
    cookie: str


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(state: str) -> str:
    return f"backoffice:sso:{_hash(state)}"


async def keep(  # noqa: PLR0913 what a question is made of
    partner_id: UUID,
    issuer: str,
    client_id: str,
    *,
    next_url: str,
    session_id: UUID | None,
    kind: str = Kind.OIDC,
) -> Question:
    """Draw everything that an answer has to fit; raises Away without Redis."""
    state, cookie, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(4))
    asked = Asked(
        partner_id=str(partner_id), issuer=issuer, client_id=client_id, nonce=nonce, verifier=verifier,
        browser=_hash(cookie), began=int(now().timestamp()), next=next_url, session_id=str(session_id or ""),
        kind=str(kind),
    )  # fmt: skip
    await live.command("SET", _key(state), json.dumps(asdict(asked)), "EX", LASTS_SECONDS)
    return Question(asked, state, cookie)


async def take(state: str, cookie: str, place: str) -> Asked:
    """Use a question up and answer it; `place` is the partner at whose address the answer came in.

    Raises BadRequest for a state that is not ours, too old, used, another browser's, another partner's, or another
    kind's.
    """
    asked = await _used_up(state)
    if asked is None or asked.kind != Kind.OIDC or not _is_of(asked, cookie, place):
        raise _too_late()
    return asked


async def _used_up(state: str) -> Asked | None:
    kept = await live.command("GETDEL", _key(state)) if state else None
    return Asked(**json.loads(kept)) if kept else None


def _is_of(asked: Asked, cookie: str, place: str) -> bool:
    return compare_digest(asked.browser, _hash(cookie)) and place == asked.place


def _too_late() -> BadRequest:
    return BadRequest(TOO_LATE, code="sso_state")


async def lay_by(state: str, place: str, response: str) -> str:
    """Use a question up and keep its answer, sealed, for the browser that comes to fetch it; answers its handle.

    A provider's form comes from another site, so that no cookie of ours comes along (SameSite): the browser is sent on
    to a page of ours, and only there we know whose it is. Nothing of the answer is looked at before. Raises
    BadRequest as above.
    """
    asked = await _used_up(state)
    if asked is None or asked.kind != Kind.SAML or place != asked.place:
        raise _too_late()
    handle = secrets.token_urlsafe(SECRET_BYTES)
    box = boxes.seal(ANSWER_PURPOSE, response.encode(), _hash(handle).encode())
    kept = json.dumps({"asked": asdict(asked), "box": base64.b64encode(box).decode()})
    await live.command("SET", _answer_key(handle), kept, "EX", ANSWER_SECONDS)
    return handle


def _answer_key(handle: str) -> str:
    return f"backoffice:sso:answer:{_hash(handle)}"


async def fetch(handle: str, cookie: str, place: str) -> tuple[Asked, str]:
    """Take an answer that was laid by, once; answers it with its question. Raises BadRequest as above."""
    kept = await live.command("GETDEL", _answer_key(handle)) if handle else None
    if not kept:
        raise _too_late()
    told = json.loads(kept)
    asked = Asked(**told["asked"])
    if not _is_of(asked, cookie, place):
        raise _too_late()
    try:
        return asked, boxes.open_(ANSWER_PURPOSE, base64.b64decode(told["box"]), _hash(handle).encode()).decode()
    except boxes.Tampered:
        raise _too_late() from None


async def use_once(asked: Asked, assertion_id: str, seconds: int) -> bool:
    """Note that an assertion was used, and answer whether it is the first time.

    Raises Away where nobody can say so: an assertion that may have been used lets nobody in.
    """
    key = f"backoffice:sso:used:{_hash(json.dumps([asked.partner_id, asked.issuer, assertion_id]))}"
    return bool(await live.command("SET", key, "1", "EX", max(seconds, 1), "NX"))
