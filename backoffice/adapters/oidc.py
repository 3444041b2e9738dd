"""An OpenID provider of a partner's: its discovery document, its keys, and a code turned into a checked token.

Everything goes through the guard of `outbound`: the address is a partner's choice. Each question has a deadline and a
size, no redirect is followed, and what a provider publishes is kept for an hour. Whoever asks while somebody asks
already waits for the same answer, and a failure is believed for a moment: a sign-in begins without a name.
"""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote_plus, urlencode, urlsplit

from backoffice.adapters import id_tokens, outbound
from backoffice.adapters.id_tokens import Expected, UnknownKey
from backoffice.errors import Invalid, Unavailable
from backoffice.settings import settings

T = TypeVar("T")
DOCUMENT = "/.well-known/openid-configuration"
SECONDS = 5.0
MOST_BYTES = 256 * 1024
MOST_TOKEN_BYTES = 64 * 1024
KEPT_SECONDS = 60 * 60.0
FAILED_SECONDS = 15.0
MOST_KEPT = 256
AGENT = {"User-Agent": "PartnerBackoffice-SingleSignOn/1", "Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TROUBLES = {
    "url_refused": "The address {url} is not one that we call: it must begin with https:// and be on the public "
    "internet.",
    "address_refused": "{host} leads to a private address, which we do not call.",
    "dns": "The name {host} cannot be found.",
    "connect": "{host} takes no connection.",
    "tls": "The certificate of {host} was not accepted.",
    "timeout": "{host} did not answer within five seconds.",
    "disconnected": "{host} ended the connection without an answer.",
    "protocol": "{host} did not answer as a web server does.",
    "too_large": "The answer of {url} is larger than we read.",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says about itself."""

    issuer: str
    authorization_url: str
    token_url: str
    keys_url: str
    userinfo_url: str
    algorithms: tuple[str, ...]
    posts_secret: bool
    """It takes the client's secret in the form only, not in a header."""
    names_itself: bool
    """It says in each answer who it is (RFC 9207), so that one without is refused."""
    has_pkce: bool


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are at a provider."""

    client_id: str
    secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What a question led to: the answer, or the words of what is wrong."""

    until: float
    thing: T | None
    words: str = ""


@dataclass(slots=True)
class Shelf(Generic[T]):
    """Answers by issuer, the oldest given up first, and the questions that are under way."""

    good: dict[str, Kept[T]] = field(default_factory=dict)
    bad: dict[str, Kept[T]] = field(default_factory=dict)
    asking: dict[str, asyncio.Task[Kept[T]]] = field(default_factory=dict)

    async def get(self, issuer: str, ask: Callable[[], Awaitable[T]], *, is_fresh: bool) -> T:
        """Answer what is kept, or ask: once at a time. Raises Unavailable."""
        for shelf in () if is_fresh else (self.good, self.bad):
            kept = shelf.get(issuer)
            if kept and kept.until > time.monotonic():
                return _opened(kept)
        task = self.asking.get(issuer)
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self.asking[issuer] = asyncio.create_task(self._asked(issuer, ask))
        return _opened(await asyncio.shield(task))

    async def _asked(self, issuer: str, ask: Callable[[], Awaitable[T]]) -> Kept[T]:
        shelf = self.good
        try:
            kept: Kept[T] = Kept(time.monotonic() + KEPT_SECONDS, await ask())
        except Unavailable as error:
            kept = Kept(time.monotonic() + FAILED_SECONDS, None, str(error))
            shelf = self.bad
        finally:
            self.asking.pop(issuer, None)
        shelf.pop(issuer, None)
        if len(shelf) >= MOST_KEPT:
            del shelf[next(iter(shelf))]
        shelf[issuer] = kept
        return kept

    def clear(self) -> None:
        """Forget everything."""
        self.good.clear()
        self.bad.clear()
        self.asking.clear()


def _opened(kept: Kept[T]) -> T:
    if kept.thing is None:
        raise trouble(kept.words)
    return kept.thing


_documents: Shelf[Provider] = Shelf()
_keys: Shelf[tuple[str, list[dict[str, Any]]]] = Shelf()


def trouble(words: str) -> Unavailable:
    """Make the error of a provider that does not do what it should; its sentence says what is wrong."""
    return Unavailable(words, code="sso_provider")


async def discover(issuer: str, *, is_fresh: bool = False) -> Provider:
    """Read a provider's document, or what was read of it within the hour.

    Raises Unavailable with what is wrong in plain words.
    """
    url = issuer.rstrip("/") + DOCUMENT

    async def ask() -> Provider:
        return _provider(await _json(url), issuer, url)

    return await _documents.get(issuer, ask, is_fresh=is_fresh)


async def keys_of(provider: Provider, *, is_fresh: bool = False) -> list[dict[str, Any]]:
    """Read a provider's keys, or what was read of them within the hour.

    Raises Unavailable.
    """

    async def ask() -> tuple[str, list[dict[str, Any]]]:
        listed = (await _json(provider.keys_url)).get("keys")
        if not isinstance(listed, list):
            raise trouble(f"{provider.keys_url} holds no keys.")
        return provider.keys_url, id_tokens.kept(cast("list[Any]", listed))

    url, keys = await _keys.get(provider.issuer, ask, is_fresh=is_fresh)
    if url != provider.keys_url:
        _, keys = await _keys.get(provider.issuer, ask, is_fresh=True)
    return keys


def forget() -> None:
    """Read everything anew."""
    _documents.clear()
    _keys.clear()


def _provider(told: Mapping[str, Any], issuer: str, url: str) -> Provider:
    if told.get("issuer") != issuer:
        says = _shown(told.get("issuer", ""), 200)
        raise trouble(f"The document at {url} is of the issuer “{says}”. Write exactly that.")
    algorithms = id_tokens.allowed(_texts(told, "id_token_signing_alg_values_supported") or ["RS256"])
    if not algorithms:
        raise trouble(f"The provider signs with none of {', '.join(id_tokens.KINDS)}.")
    if "code" not in (_texts(told, "response_types_supported") or ["code"]):
        raise trouble("The provider does not offer the authorization code flow.")
    methods = _texts(told, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Provider(
        issuer=issuer,
        authorization_url=_address(told, "authorization_endpoint"),
        token_url=_address(told, "token_endpoint"),
        keys_url=_address(told, "jwks_uri"),
        userinfo_url=_address(told, "userinfo_endpoint") if told.get("userinfo_endpoint") else "",
        algorithms=algorithms,
        posts_secret="client_secret_basic" not in methods and "client_secret_post" in methods,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        has_pkce="S256" in _texts(told, "code_challenge_methods_supported"),
    )


def _shown(told: object, most: int) -> str:
    """Write what a provider says so that it can be shown and kept, whatever it is."""
    return "".join(one for one in str(told)[:most] if one.isprintable())


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    value = told.get(name)
    return [str(one) for one in cast("list[Any]", value)] if isinstance(value, list) else []


def _address(told: Mapping[str, Any], name: str) -> str:
    """Read one of a provider's addresses: a document may not send us, or a browser, to the inside either."""
    url = str(told.get(name, ""))
    try:
        outbound.check_form(url, allow_hosts=settings().webhook_allow_hosts)
    except (Invalid, ValueError):
        url = ""
    if not url.isascii() or not url.isprintable() or not url:
        raise trouble(f"The document of the provider has no usable address as {name}.")
    return url


async def _json(url: str, *, body: bytes | None = None, most: int = MOST_BYTES, **headers: str) -> dict[str, Any]:
    """Ask for one JSON object.

    Raises Unavailable with what is wrong in plain words.
    """
    answer = await outbound.exchange(
        "GET" if body is None else "POST",
        url,
        headers=AGENT | (FORM if body is not None else {}) | headers,
        body=body,
        deadline_s=SECONDS,
        most_bytes=most,
        allow_hosts=settings().webhook_allow_hosts,
    )
    if answer.error_class:
        words = TROUBLES.get(answer.error_class, TROUBLES["protocol"])
        raise trouble(words.format(url=url[:200], host=urlsplit(url).hostname or url[:200]))
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if answer.status != 200 or not isinstance(told, dict):  # noqa: PLR2004 RFC 9110 §15.3.1
        error = cast("dict[str, Any]", told).get("error") if isinstance(told, dict) else None
        more = f" and the error “{_shown(error, 60)}”" if error else ""
        raise trouble(f"{url[:200]} answered with status {answer.status}{more}, not with what is expected there.")
    return cast("dict[str, Any]", told)


def authorization(provider: Provider, asked: Mapping[str, str]) -> str:
    """Write the address at the provider that a browser goes to."""
    joint = "&" if "?" in provider.authorization_url else "?"
    return f"{provider.authorization_url}{joint}{urlencode(asked)}"


async def redeem(provider: Provider, client: Client, *, code: str, verifier: str, expected: Expected) -> dict[str, Any]:
    """Turn a code into the claims of its person.

    Raises Unavailable for a provider that does not answer as it should, NotAllowed for a token that does not hold.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri}
    form["code_verifier"] = verifier
    headers: dict[str, str] = {}
    if provider.posts_secret:
        form |= {"client_id": client.client_id, "client_secret": client.secret}
    else:
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    told = await _json(provider.token_url, body=urlencode(form).encode(), most=MOST_TOKEN_BYTES, **headers)
    claims = await _claims(provider, str(told.get("id_token", "")), expected)
    if "email" not in claims and provider.userinfo_url and told.get("access_token"):
        claims |= await _more(provider, str(told["access_token"]), str(claims["sub"]))
    return claims


async def _claims(provider: Provider, token: str, expected: Expected) -> dict[str, Any]:
    """Check a token; a key that we do not know is looked for once among newer ones."""
    try:
        return id_tokens.checked(token, await keys_of(provider), expected)
    except UnknownKey:
        return id_tokens.checked(token, await keys_of(provider, is_fresh=True), expected)


async def _more(provider: Provider, token: str, subject: str) -> dict[str, Any]:
    """Ask for the address where the token is too short for it; the answer has to be of the same person (§5.3.2)."""
    if not token.isascii() or not token.isprintable():
        raise trouble("The provider gives an access token that cannot be sent.")
    told = await _json(provider.userinfo_url, most=MOST_TOKEN_BYTES, Authorization=f"Bearer {token}")
    if told.get("sub") != subject:
        raise id_tokens.untrusted("wrong_userinfo")
    wanted = ("email", "email_verified", "name")
    return {name: told[name] for name in wanted if name in told}


def usable_keys(provider: Provider, keys: Sequence[Mapping[str, Any]]) -> int:
    """Count the keys that could sign a token that we take."""
    return sum(any(id_tokens.fits(one, name) for name in provider.algorithms) for one in keys)
