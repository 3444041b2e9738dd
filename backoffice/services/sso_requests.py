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

from backoffice.adapters import live
from backoffice.clock import now
from backoffice.errors import BadRequest
from backoffice.i18n import N_
from backoffice.models.base import Prefix, public_id

LASTS_SECONDS = 10 * 60
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

    @property
    def partner(self) -> UUID:
        """Whose provider was asked."""
        return UUID(self.partner_id)

    @property
    def place(self) -> str:
        """The last part of the address that the answer comes to."""
        return public_id(Prefix.PARTNER, self.partner)

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


async def keep(partner_id: UUID, issuer: str, client_id: str, *, next_url: str, session_id: UUID | None) -> Question:
    """Draw everything that an answer has to fit; raises Away without Redis."""
    state, cookie, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(4))
    asked = Asked(
        partner_id=str(partner_id), issuer=issuer, client_id=client_id, nonce=nonce, verifier=verifier,
        browser=_hash(cookie), began=int(now().timestamp()), next=next_url, session_id=str(session_id or ""),
    )  # fmt: skip
    await live.command("SET", _key(state), json.dumps(asdict(asked)), "EX", LASTS_SECONDS)
    return Question(asked, state, cookie)


async def take(state: str, cookie: str, place: str) -> Asked:
    """Use a question up and answer it; `place` is the partner at whose address the answer came in.

    Raises BadRequest for a state that is not ours, too old, used, another browser's, or another partner's.
    """
    kept = await live.command("GETDEL", _key(state)) if state else None
    asked = Asked(**json.loads(kept)) if kept else None
    if asked is None or not compare_digest(asked.browser, _hash(cookie)) or place != asked.place:
        raise BadRequest(TOO_LATE, code="sso_state")
    return asked
