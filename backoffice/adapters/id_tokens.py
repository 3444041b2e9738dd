"""What a provider's ID token says, once everything about it was checked: signature, algorithm, key, claims.

The algorithms are ours to name (RFC 8725 §3.1): a token that says `none`, or signs with a secret that is the public
key, is refused before any key is looked at; a key that comes with the token is never used.
"""

import base64
import binascii
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import ClaimError, JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from backoffice.errors import NotAllowed
from backoffice.i18n import N_

KINDS: dict[str, tuple[type[RSAKey | ECKey | OKPKey], str, str]] = {
    "RS256": (RSAKey, "RSA", ""),
    "PS256": (RSAKey, "RSA", ""),
    "ES256": (ECKey, "EC", "P-256"),
    "EdDSA": (OKPKey, "OKP", "Ed25519"),
}
"""Algorithms that we take, each with the one kind of key that it works with."""
PUBLIC = ("kty", "kid", "use", "alg", "crv", "x", "y", "n", "e")
"""All that is kept of a key."""
MAX_FIELD = 4 * 1024
LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 10 * 60
"""A token comes straight from the provider: an old one is a saved one."""
MAX_TOKEN, MAX_KEYS, LEAST_RSA_BITS = 16 * 1024, 100, 2048
FOREIGN = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})
"""Headers that bring a key along or change the rules; `x5t` and `kid` only name one."""
UNTRUSTED = N_("The answer of your company's provider could not be trusted. Try again, or ask your administrator.")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be for us, and now."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: tuple[str, ...]
    at: int


class UnknownKey(NotAllowed):
    """The token names a key that the provider's keys, as we know them, do not hold: they may have changed."""


def untrusted(reason: str) -> NotAllowed:
    """Make the refusal of a token; people read one sentence, administrators the reason in their trail."""
    return NotAllowed(UNTRUSTED, code=f"sso_{reason}")


def allowed(listed: Sequence[str]) -> tuple[str, ...]:
    """Say which of a provider's algorithms we take; the standard's own default is RS256 (OIDC Discovery §3)."""
    return tuple(name for name in KINDS if name in listed or (name == "EdDSA" and "Ed25519" in listed))


def checked(token: str, keys: Sequence[Mapping[str, Any]], expected: Expected) -> dict[str, Any]:
    """Check a token and answer its claims.

    Raises NotAllowed with the reason as its code, UnknownKey where newer keys may help.
    """
    if len(token) > MAX_TOKEN:
        raise untrusted("token_size")
    header = _header(token)
    algorithm = str(header.get("alg", ""))
    algorithm = "EdDSA" if algorithm == "Ed25519" else algorithm
    if algorithm not in KINDS or algorithm not in expected.algorithms:
        raise untrusted("wrong_algorithm")
    if FOREIGN & header.keys():
        raise untrusted("foreign_key")
    key = _key(keys, header.get("kid"), algorithm)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of EdDSA, whose newer name few providers write
            claims = jwt.decode(token, key, algorithms=[str(header["alg"])]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise untrusted("wrong_signature") from error
    _check_claims(claims, expected)
    return claims


def _header(token: str) -> dict[str, Any]:
    start = token.partition(".")[0]
    try:
        read = json.loads(base64.urlsafe_b64decode(start + "=" * (-len(start) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise untrusted("no_token") from None
    if not isinstance(read, dict):
        raise untrusted("no_token")
    return cast("dict[str, Any]", read)


def _key(keys: Sequence[Mapping[str, Any]], kid: object, algorithm: str) -> Key:
    """Pick the provider's key that the token names; without a name only where there is no choice."""
    fitting = [one for one in keys[:MAX_KEYS] if fits(one, algorithm)]
    named = [one for one in fitting if kid is None or one.get("kid") == kid]
    if len(named) != 1:
        raise UnknownKey(UNTRUSTED, code="sso_unknown_key")
    kind = KINDS[algorithm][0]
    try:
        key = kind.import_key(dict(named[0]))
    except (JoseError, ValueError, TypeError) as error:
        raise untrusted("wrong_key") from error
    if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS:
        raise untrusted("weak_key")
    return key


def fits(key: Mapping[str, Any], algorithm: str) -> bool:
    """Answer whether a key of a provider's could have signed so."""
    _, kind, curve = KINDS[algorithm]
    names = (algorithm, "Ed25519") if algorithm == "EdDSA" else (algorithm,)
    uses = key.get("key_ops", ["verify"])
    return (
        key.get("kty") == kind
        and (not curve or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) in names
        and isinstance(uses, list)
        and "verify" in uses
        and "d" not in key
    )


def kept(keys: Sequence[object]) -> list[dict[str, Any]]:
    """Take what we may need of a provider's keys: of those that could sign for us, so many, and their public part."""
    found = [
        {name: one[name] for name in PUBLIC if name in one}
        for one in (cast("dict[str, Any]", one) for one in keys if isinstance(one, dict))
        if any(fits(one, name) for name in KINDS)
    ]
    whole = [one for one in found if all(isinstance(it, str) and len(it) <= MAX_FIELD for it in one.values())]
    return whole[:MAX_KEYS]


def _check_claims(claims: dict[str, Any], expected: Expected) -> None:
    rules = jwt.JWTClaimsRegistry(
        now=expected.at,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    for name in ("exp", "iat", "nbf"):
        moment = claims.get(name)
        if isinstance(moment, bool) or (isinstance(moment, float) and not math.isfinite(moment)):
            raise untrusted(f"wrong_{name}")  # nothing is later than NaN, so that it would never end
    try:
        rules.validate(claims)
    except ClaimError as error:
        raise untrusted(f"wrong_{error.claim}") from error
    if claims["iat"] < expected.at - MAX_AGE_SECONDS:
        raise untrusted("wrong_iat")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce.isascii() or not compare_digest(nonce, expected.nonce):
        raise untrusted("wrong_nonce")
    audience, party = claims["aud"], claims.get("azp")
    if party != expected.client_id and (party is not None or (isinstance(audience, list) and len(audience) > 1)):  # pyright: ignore[reportUnknownArgumentType] JSON
        raise untrusted("wrong_azp")
