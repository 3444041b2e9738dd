"""An OpenID provider as a process of its own: honest, until a test tells it in which way to lie."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import httpx2
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.web_process import ROOT, free_port

CLIENT, SECRET = "backoffice", "a client's secret / with: signs+"
START_SECONDS = 30
DEEP = '{"a":' * 10_000


def keys() -> dict[str, Any]:
    kid = secrets.token_hex(4)
    rsa = RSAKey.generate_key(2048, {"kid": f"rsa-{kid}", "use": "sig"})
    return {
        "RS256": rsa,
        "PS256": rsa,
        "ES256": ECKey.generate_key("P-256", {"kid": f"ec-{kid}", "use": "sig"}),
        "EdDSA": OKPKey.generate_key("Ed25519", {"kid": f"okp-{kid}", "use": "sig"}),
    }


class Op:
    """Everything that the process knows; `lies` are set by tests."""

    def __init__(self) -> None:
        self.issuer = os.environ.get("OP_ISSUER", "")
        self.keys: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.lies: dict[str, Any] = {}
        self.asked: list[str] = []


op = Op()


def document(request: Request) -> Response:
    op.asked.append("document")
    if op.lies.get("document") == "huge":
        return PlainTextResponse("x" * 400_000)
    if op.lies.get("document") == "html":
        return HTMLResponse("<p>hello</p>")
    if op.lies.get("document") == "redirect":
        return RedirectResponse(f"{op.issuer}/jwks")
    if op.lies.get("document") == "deep":
        return PlainTextResponse(DEEP)
    if op.lies.get("document") == "slow":
        time.sleep(7)
    told = {
        "issuer": op.issuer,
        "authorization_endpoint": f"{op.issuer}/authorize",
        "token_endpoint": f"{op.issuer}/token",
        "userinfo_endpoint": f"{op.issuer}/userinfo",
        "jwks_uri": f"{op.issuer}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"],
        "authorization_response_iss_parameter_supported": True,
    }
    return JSONResponse(told | op.lies.get("metadata", {}))


def jwks(request: Request) -> Response:
    op.asked.append("jwks")
    if op.lies.get("jwks") == "deep":
        return PlainTextResponse(DEEP)
    public = {key.kid: key.as_dict(private=False) for key in op.keys.values()}
    secret = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"x" * 32).rstrip(b"=").decode()}
    if op.lies.get("jwks") == "many":
        one = op.keys["ES256"].as_dict(private=False) | {"x5c": ["x" * 500]}
        odd = [7, one | {"kid": "x" * 5_000}, one | {"key_ops": 7}, one | {"alg": []}, one | {"use": "enc"}]
        return JSONResponse({"keys": [*odd, *(one | {"kid": f"k{number}"} for number in range(200))]})
    return JSONResponse({"keys": [{"kty": "AKP", "kid": "of-the-future"}, secret, *public.values()]})


def authorize(request: Request) -> Response:
    """Ask who it is, unless the browser is known here and nobody wants them asked anew."""
    query = dict(request.query_params)
    missing = {"client_id", "redirect_uri", "state", "nonce", "code_challenge", "response_type", "scope"} - query.keys()
    if missing or query["client_id"] != CLIENT or query["code_challenge_method"] != "S256":
        return PlainTextResponse(f"bad request: {missing}", 400)
    known = request.cookies.get("op")
    if known and (query.get("prompt") != "login" or op.lies.get("ignores_prompt")):
        email, _, at = known.partition("|")
        return _answer(query, email, int(at))
    carried = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in query.items())
    return HTMLResponse(
        '<!doctype html><title>Provider</title><form method="post" action="decide">'
        f'{carried}<label>E-mail <input name="email" id="email"></label><button>Sign in at the provider</button></form>'
    )


async def decide(request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    email, now = form.pop("email"), int(time.time())
    answer = _answer(form, email, now)
    answer.set_cookie("op", f"{email}|{now}")
    return answer


def _answer(query: dict[str, str], email: str, at: int) -> Response:
    back = {"state": query["state"], "iss": op.issuer} | op.lies.get("answer", {})
    if op.lies.get("declines"):
        back |= {"error": "access_denied"}
    else:
        back["code"] = secrets.token_urlsafe(24)
        op.codes[back["code"]] = query | {"email": email, "at": at}
    back = {name: value for name, value in back.items() if value is not None}
    return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 303)


def _may(request: Request, form: dict[str, str]) -> bool:
    kind, _, pair = request.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        name, _, secret = base64.b64decode(pair).decode().partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
    return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


async def token(request: Request) -> Response:
    op.asked.append("token")
    form = dict(parse_qsl((await request.body()).decode()))
    if op.lies.get("token") == "deep":
        return PlainTextResponse(DEEP)
    if not _may(request, form):
        return JSONResponse({"error": "invalid_client"}, 401)
    asked = op.codes.pop(form.get("code", ""), None)
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
        return JSONResponse({"error": "invalid_grant"}, 400)
    access, claims = secrets.token_urlsafe(24), _claims(asked)
    op.tokens[access] = claims
    short = {name: value for name, value in claims.items() if not op.lies.get("short") or "email" not in name}
    return JSONResponse({"access_token": access, "token_type": "Bearer", "id_token": _signed(short)})


def _claims(asked: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": op.issuer,
        "sub": f"user-{hashlib.sha256(asked['email'].encode()).hexdigest()[:16]}",
        "aud": CLIENT,
        "iat": now,
        "exp": now + 300,
        "nonce": asked["nonce"],
        "email": asked["email"],
        "email_verified": True,
        "name": asked["email"].partition("@")[0].replace(".", " ").title(),
        "amr": ["pwd", "otp"],
        "auth_time": asked["at"],
    }
    changed = claims | {
        name: now + value if name in {"exp", "iat", "nbf", "auth_time"} and type(value) is int else value
        for name, value in op.lies.get("claims", {}).items()
    }
    return {name: value for name, value in changed.items() if value is not None}


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signed(claims: dict[str, Any]) -> str:
    algorithm = op.lies.get("alg", "RS256")
    if algorithm == "none" or algorithm.startswith("HS"):
        head, body = (
            _b64(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": op.keys["RS256"].kid}, claims)
        )
        public = op.keys["RS256"].as_pem(private=False)
        digest = algorithm.replace("HS", "sha")
        mark = hmac.digest(public, f"{head}.{body}".encode(), digest) if algorithm != "none" else b""
        return f"{head}.{body}.{_b64(mark)}"
    key = op.keys[algorithm]
    header: dict[str, Any] = {"alg": algorithm, "kid": key.kid} | op.lies.get("header", {})
    if op.lies.get("forged") is not None:
        key = keys()[algorithm]
        if op.lies["forged"] == "jwk":
            header["jwk"] = key.as_dict(private=False)
    if op.lies.get("token") == "deep inside":
        return jws.serialize_compact(header, b"[" * 5_000 + b"]" * 5_000, key, algorithms=[algorithm])
    if op.lies.get("token") == "deep header":
        return f"{_b64(b'[' * 5_000)}.{_b64(b'{}')}.AAAA"
    signed = jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=[algorithm])
    return signed[:-8] + "AAAAAAAA" if op.lies.get("torn") else signed


def userinfo(request: Request) -> Response:
    claims = op.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if claims is None:
        return JSONResponse({"error": "invalid_token"}, 401)
    told = {name: claims[name] for name in ("sub", "email", "email_verified", "name") if name in claims}
    return JSONResponse(told | op.lies.get("userinfo", {}))


async def control(request: Request) -> Response:
    """What only tests call: the lies from now on, and new keys."""
    told = await request.json()
    op.lies = told.get("lies", {})
    if told.get("rotate"):
        op.keys = keys()
    asked, op.asked = op.asked, []
    return JSONResponse({"asked": asked})


def app() -> Starlette:
    op.keys = keys()
    path = urlsplit(op.issuer).path
    served = [
        Route("/.well-known/openid-configuration", document),
        Route("/jwks", jwks),
        Route("/authorize", authorize),
        Route("/decide", decide, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/userinfo", userinfo),
        Route("/control", control, methods=["POST"]),
    ]
    return Starlette(routes=[Route(f"{path}{one.path}", one.endpoint, methods=one.methods) for one in served])


class Provider:
    """The process, as a test sees it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def lie(self, *, rotate: bool = False, **lies: Any) -> list[str]:
        """Tell it how to lie from now on, nothing for not at all; answers what it was asked for since the last time."""
        told = httpx2.post(f"{self.issuer}/control", content=json.dumps({"lies": lies, "rotate": rotate}), timeout=20)
        return told.json()["asked"]

    async def answer(self, url: str, email: str, cookies: dict[str, str] | None = None) -> dict[str, str]:
        """Sign somebody in here; answers what their browser is sent back with."""
        async with httpx2.AsyncClient(timeout=20, cookies=cookies) as client:
            shown = await client.get(url)
            if shown.status_code != 303:
                assert shown.status_code == 200, shown.text
                form = dict(parse_qsl(urlsplit(url).query)) | {"email": email}
                shown = await client.post(f"{self.issuer}/decide", data=form)
            assert shown.status_code == 303, shown.text
            if cookies is not None:
                cookies |= dict(client.cookies)
        return {name: values[0] for name, values in parse_qs(urlsplit(shown.headers["location"]).query).items()}


@contextmanager
def provider_process() -> Iterator[Provider]:
    port = free_port()
    issuer = f"http://localhost:{port}/realms/acme"
    command = [
        sys.executable, "-m", "granian", "--interface=asgi", "--factory", "--host=127.0.0.1", f"--port={port}",
        "--workers=1", "--no-access-log", "--log-level=warning", "tests.oidc_provider:app",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"OP_ISSUER": issuer})
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                httpx2.get(f"{issuer}/jwks", timeout=2)
                break
            except httpx2.HTTPError:
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider does not answer"
                time.sleep(0.1)
        yield Provider(issuer)
    finally:
        process.terminate()
        process.wait(15)
