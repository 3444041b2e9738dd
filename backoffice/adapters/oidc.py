"""An OpenID provider of a partner's: its discovery document, its keys, and a code turned into a checked token.

Everything goes through the guard of `outbound`: the address is a partner's choice. Each question has a deadline and a
size, no redirect is followed, and what a provider publishes is kept for an hour.
"""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote_plus, urlencode, urlsplit

from backoffice.adapters import id_tokens, outbound
from backoffice.adapters.id_tokens import Expected, UnknownKey
from backoffice.errors import Invalid, Unavailable
from backoffice.settings import settings

DOCUMENT = "/.well-known/openid-configuration"
SECONDS = 5.0
MOST_BYTES = 256 * 1024
MOST_TOKEN_BYTES = 64 * 1024
KEPT_SECONDS = 60 * 60.0
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


_documents: dict[str, tuple[float, Provider]] = {}
_keys: dict[str, tuple[float, list[dict[str, Any]]]] = {}


def trouble(words: str) -> Unavailable:
    """Make the error of a provider that does not do what it should; its sentence says what is wrong."""
    return Unavailable(words, code="sso_provider")


async def discover(issuer: str, *, is_fresh: bool = False) -> Provider:
    """Read a provider's document, or what was read of it within the hour.

    Raises Unavailable with what is wrong in plain words.
    """
    kept = _documents.get(issuer)
    if kept and kept[0] > time.monotonic() and not is_fresh:
        return kept[1]
    url = issuer.rstrip("/") + DOCUMENT
    found = _provider(await _json(url), issuer, url)
    _keep(_documents, issuer, found)
    return found


async def keys_of(provider: Provider, *, is_fresh: bool = False) -> list[dict[str, Any]]:
    """Read a provider's keys, or what was read of them within the hour.

    Raises Unavailable.
    """
    kept = _keys.get(provider.keys_url)
    if kept and kept[0] > time.monotonic() and not is_fresh:
        return kept[1]
    listed = (await _json(provider.keys_url)).get("keys")
    if not isinstance(listed, list):
        raise trouble(f"{provider.keys_url} holds no keys.")
    found = [cast("dict[str, Any]", one) for one in cast("list[Any]", listed) if isinstance(one, dict)]
    _keep(_keys, provider.keys_url, found)
    return found


def _keep(shelf: dict[str, tuple[float, Any]], name: str, thing: object) -> None:
    if len(shelf) >= MOST_KEPT:
        shelf.clear()
    shelf[name] = (time.monotonic() + KEPT_SECONDS, thing)


def forget() -> None:
    """Read everything anew."""
    _documents.clear()
    _keys.clear()


def _provider(told: Mapping[str, Any], issuer: str, url: str) -> Provider:
    if told.get("issuer") != issuer:
        says = str(told.get("issuer", ""))[:200]
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


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    value = told.get(name)
    return [str(one) for one in cast("list[Any]", value)] if isinstance(value, list) else []


def _address(told: Mapping[str, Any], name: str) -> str:
    """Read one of a provider's addresses: a document may not send us, or a browser, to the inside either."""
    url = str(told.get(name, ""))
    try:
        outbound.check_form(url, allow_hosts=settings().webhook_allow_hosts)
    except Invalid:
        raise trouble(f"The document of the provider has no usable address as {name}.") from None
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
    except ValueError:
        told = None
    if answer.status != 200 or not isinstance(told, dict):  # noqa: PLR2004 RFC 9110 §15.3.1
        error = cast("dict[str, Any]", told).get("error") if isinstance(told, dict) else None
        more = f" and the error “{str(error)[:60]}”" if error else ""
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
    told = await _json(provider.userinfo_url, most=MOST_TOKEN_BYTES, Authorization=f"Bearer {token}")
    if told.get("sub") != subject:
        raise id_tokens.untrusted("wrong_userinfo")
    wanted = ("email", "email_verified", "name")
    return {name: told[name] for name in wanted if name in told}


def usable_keys(provider: Provider, keys: Sequence[Mapping[str, Any]]) -> int:
    """Count the keys that could sign a token that we take."""
    return sum(any(id_tokens.fits(one, name) for name in provider.algorithms) for one in keys)
