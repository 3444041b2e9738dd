"""The ASGI guards by themselves: what no client library sends, and what no test server does."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse, RedirectResponse

from backoffice.api import guards


def scope(method="GET", path="/", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "query_string": b"", "headers": pairs}


async def answer_of(app, asked, receive=None):
    sent = []

    async def send(message):
        sent.append(message)

    async def nothing():
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(asked, receive or nothing, send)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("http://evil.example/partner/", "/partner/"),
        ("https://evil.example/partner/?a=1", "/partner/?a=1"),
        ("http://evil.example//other.example/", "/other.example/"),
        ("/login", "/login"),
        ("https://sso.example/start", "https://sso.example/start"),
    ],
)
async def test_redirects_to_ourselves_name_no_host(location, shown):
    app = guards.SafeHeaders(RedirectResponse(location), "default-src 'self'")
    assert (await answer_of(app, scope(host="evil.example")))[1]["location"] == shown


async def test_a_form_that_does_not_end_is_let_go(monkeypatch):
    monkeypatch.setattr(guards, "FORM_SECONDS", 0.05)
    pieces = iter([{"type": "http.request", "body": b"email=", "more_body": True}])

    async def stalled():
        for piece in pieces:
            return piece
        return await asyncio.Event().wait()

    app = guards.FormGuard(PlainTextResponse("reached"))
    status, _ = await answer_of(app, scope("POST", "/auth/login", content_length="100"), stalled)
    assert status == 408
