"""Sign-in by plain HTTP, and the doors in front of every page."""

import asyncio
import re
import time

import httpx2
import pytest
from starlette.responses import Response

from backoffice.api.csp import policy, script_hashes
from backoffice.api.guards import SafeHeaders
from backoffice.api.health import PARTS
from backoffice.models.members import Role
from backoffice.services import sign_in_limits
from tests.browsing import browser, sign_in, signed_in
from tests.rx_socket import Refused, tab
from tests.services.people import PASSWORD, make_person
from tests.web_process import web_process

pytestmark = pytest.mark.usefixtures("database")
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def cookies_of(answer: httpx2.Response) -> list[str]:
    return answer.headers.get_list("set-cookie")


async def test_password_alone_where_it_is_enough(web):
    person = await make_person(Role.PARTNER_ANALYST)
    async with browser(web) as client:
        answer = await sign_in(client, person, next="/account?tab=1")
        assert answer.headers["location"] == "/account?tab=1"
        assert re.fullmatch(r"sid=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookies_of(answer)[0])
        assert (await client.get("/login")).headers["location"] in {"/account", "/partner"}


async def test_second_factor_is_a_second_step_under_a_fresh_cookie(web):
    person = await make_person(Role.REVIEWER)
    async with browser(web) as client:
        form = {"email": person.email, "password": PASSWORD, "next": "/account"}
        await client.post("/auth/login", data=form, headers={"Cookie": "sid=planted-by-somebody-else"})
        first = client.cookies["sid"]
        assert first != "planted-by-somebody-else"
        assert (await client.get("/account")).headers["location"] == "/login?next=%2Faccount"
        assert (await client.get("/login/mfa?next=/account")).status_code == 200
        answer = await client.post("/auth/mfa", data={"code": person.code(), "next": "/account"})
        assert answer.headers["location"] == "/account"
        assert client.cookies["sid"] != first
        assert (await client.get("/login/mfa")).headers["location"] == "/login"


async def test_second_step_without_the_first_begins_anew(web):
    async with browser(web) as client:
        assert (await client.get("/login/mfa")).headers["location"] == "/login"
        answer = await client.post("/auth/mfa", data={"code": "123456"})
        assert answer.headers["location"] == "/login?problem=start_again"


async def test_wrong_password_and_unknown_address_answer_the_same(web):
    person = await make_person(Role.PARTNER_ANALYST)
    answers, times = [], []
    async with browser(web) as client:
        for email in (person.email, "nobody@example.test"):
            began = time.perf_counter()
            answer = await client.post("/auth/login", data={"email": email, "password": "wrong"})
            times.append(time.perf_counter() - began)
            kept = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
            answers.append((answer.status_code, kept, answer.content))
        assert answers[0] == answers[1]
        assert answers[0][1]["location"] == "/login?problem=wrong_credentials"
        assert "set-cookie" not in answers[0][1]
        page = (await client.get("/login?problem=wrong_credentials")).text
        assert "The e-mail address or the password is not right." in page
        assert "<script>" not in (await client.get("/login?problem=<script>&next=<script>")).text
    assert max(times) < 1


async def test_too_many_tries_are_told_so(web):
    person = await make_person(Role.PARTNER_ANALYST)
    async with browser(web) as client:
        for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS):
            await client.post("/auth/login", data={"email": person.email, "password": "wrong"})
        answer = await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 429
        assert 1700 < int(answer.headers["retry-after"]) <= 1800
        assert "Too many tries. Try again in 30 minutes." in answer.text
        assert "sid" not in client.cookies


async def test_of_64_submissions_of_one_code_one_signs_in(web):
    person = await make_person(Role.REVIEWER)
    async with browser(web) as client:
        await client.post("/auth/login", data={"email": person.email, "password": PASSWORD})
        cookie, code = client.cookies["sid"], person.code()
    limits = httpx2.Limits(max_connections=32)
    async with httpx2.AsyncClient(base_url=web.url, limits=limits, timeout=60) as crowd:
        headers = {"Origin": web.url, "Cookie": f"sid={cookie}"}
        answers = await asyncio.gather(
            *(crowd.post("/auth/mfa", data={"code": code}, headers=headers) for _ in range(64))
        )
    assert sum("set-cookie" in answer.headers for answer in answers) == 1
    assert {answer.status_code for answer in answers} <= {303, 429}


@pytest.mark.parametrize("path", ["/auth/login", "/auth/mfa", "/auth/logout"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "{url}.evil.example"])
async def test_forms_of_others_are_refused(web, path, origin):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        answer = await client.post(path, headers={"Origin": origin.format(url=web.url)})
        assert answer.status_code == 403
        assert (await client.get("/account")).status_code != 303


async def test_cross_site_form_without_an_origin_is_refused_and_a_program_is_not(web):
    person = await make_person(Role.PARTNER_ANALYST)
    form = {"email": person.email, "password": PASSWORD}
    async with httpx2.AsyncClient(base_url=web.url) as client:
        assert (
            await client.post("/auth/login", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        ).status_code == 403
        assert (await client.post("/auth/login", data=form)).status_code == 303


@pytest.mark.parametrize("where", ["https://evil.example", "//evil.example", "/\\evil.example", "/login"])
async def test_next_leads_nowhere_else(web, where):
    person = await make_person(Role.PARTNER_ANALYST)
    async with browser(web) as client:
        assert (await sign_in(client, person, next=where)).headers["location"] in {"/account", "/partner"}


async def test_sign_out_leaves_nothing(web):
    async with signed_in(web, Role.PARTNER_ANALYST) as (_, client):
        secret = client.cookies["sid"]
        answer = await client.post("/auth/logout")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert 'sid=""' in answer.headers["set-cookie"]
        assert (await client.get("/account", headers={"Cookie": f"sid={secret}"})).status_code == 303
        assert (await client.post("/auth/logout")).status_code == 303


def paths() -> list[tuple[str, object]]:
    from backoffice.routes import ROUTES

    return [(re.sub(r"\[\w+\]", "x_1", route.path), route.audience) for route in ROUTES if not route.audience.is_public]


async def test_pages_ask_to_sign_in_first(web):
    async with browser(web) as client:
        for path, _ in paths():
            for asked in (path, f"{path}/", f"{path}/index.html", f"/nothing/%2e%2e{path}"):
                answer = await client.get(asked)
                assert answer.status_code == 303, asked
                assert answer.headers["location"].startswith("/login?next=%2F"), asked
        assert (await client.get("/")).headers["location"] == "/login"


@pytest.mark.parametrize("role", [Role.PARTNER_ANALYST, Role.REVIEWER, Role.OPERATOR])
async def test_pages_of_other_roles_are_refused_by_status(web, role):
    async with signed_in(web, role) as (person, client):
        from tests.services.people import actor_of

        seen = set()
        for path, audience in paths():
            answer = await client.get(path)
            seen.add(is_open := audience.admits(actor_of(person)))
            assert (answer.status_code == 403) == (not is_open), path
            if not is_open:
                assert "denied-state" in answer.text
                assert "comes with the role" in answer.text or "one of these roles" in answer.text
        assert seen == {True, False}
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/account",
        "/nothing",
        "/nothing.css",
        "/api/v1/documents",
        "/healthz",
        "/readyz",
        "/ping",
        "/_upload",
        "/_event/",
    ],
)
async def test_every_answer_carries_the_safe_headers(web, path):
    async with browser(web) as client:
        answer = await client.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers["x-request-id"].startswith("req_")
        assert "'unsafe-eval'" not in answer.headers["content-security-policy"]
        assert re.search(
            r"(script-src 'self' ?['\w+/=-]*|default-src 'none')", answer.headers["content-security-policy"]
        )
        assert answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "status", "kind", "is_page"),
    [
        ("/partner", 200, "text/html; charset=utf-8", True),
        # The headers of a 304 replace those that the browser kept with the page.
        ("/partner", 304, "", True),
        ("/partner/", 304, "", True),
        ("/assets/entry-x.js", 200, "text/javascript", False),
        ("/assets/entry-x.js", 304, "", False),
        ("/mark.svg", 200, "image/svg+xml", False),
        ("/partner", 303, "", False),
    ],
)
async def test_only_pages_carry_the_long_policy_that_names_their_scripts(path, status, kind, is_page):
    app = SafeHeaders(Response(status_code=status, media_type=kind or None), "script-src 'self' 'sha256-long'")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
        told = (await client.get(path)).headers["content-security-policy"]
    assert told == (app.content_policy if is_page else "default-src 'none'; frame-ancestors 'none'")


@pytest.mark.parametrize("path", ["/ping", "/_health", "/_upload", "/_upload/x", "/_all_routes", "/auth-codespace"])
async def test_reflex_s_own_addresses_are_shut(web, path):
    async with browser(web) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path)).status_code == 404


async def test_forms_are_bounded_with_and_without_a_length(web):
    async with browser(web) as client:
        assert (await client.post("/auth/login", content=b"x" * 70_000)).status_code == 413

        async def endless():
            for _ in range(40):
                yield b"email=" + b"x" * 4_000

        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = await client.post("/auth/login", content=endless(), headers=headers)
        except httpx2.TransportError:
            pass  # the server hung up before all was sent, which is the other right answer
        else:
            assert answer.status_code == 413
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("email", ["a\0@acme.example", "\0", "@", "x" * 3000])
async def test_an_address_that_cannot_be_one_is_a_wrong_one(web, email):
    async with browser(web) as client:
        answer = await client.post("/auth/login", data={"email": email, "password": "a\0b"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?problem=wrong_credentials")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/documents", "/api/v1/nothing"])
async def test_wrong_addresses_below_the_api_are_problems_and_no_pages(web, path):
    async with browser(web) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_files_are_not_uploads_of_a_form(web):
    async with browser(web) as client:
        answer = await client.post("/auth/login", files={"email": ("x.txt", b"x")}, data={"password": "x"})
        assert answer.status_code == 400


async def test_behind_tls_the_cookie_is_bound_to_the_host(servers):
    person = await make_person(Role.PARTNER_ANALYST)
    public = "https://kyc.example"
    settings = {"BACKOFFICE_PUBLIC_URL": public, "BACKOFFICE_DEMO": "0", "BACKOFFICE_METRICS_TOKEN": "t" * 40}
    with web_process(servers, **settings) as running:
        async with httpx2.AsyncClient(base_url=running.url, headers={"Origin": public}) as client:
            form = {"email": person.email, "password": PASSWORD}
            answer = await client.post("/auth/login", data=form)
            session, known = cookies_of(answer)
            assert re.fullmatch(r"__Host-sid=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", session)
            long = r"__Host-known=[\w-]{43}; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax; Secure"
            assert re.fullmatch(long, known)
            assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
            page = await client.get("/login")
            assert "wss://kyc.example" in page.headers["content-security-policy"]
            assert (await client.post("/auth/login", data=form, headers={"Origin": running.url})).status_code == 403
            assert (await client.get("/metrics")).status_code == 404
            assert (await client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 404
            told = await client.get("/metrics", headers={"Authorization": f"Bearer {'t' * 40}"})
            assert "kyc_auth_attempts_total" in told.text
        with pytest.raises(Refused):
            async with tab(running.url):
                pass


async def test_without_redis_it_is_not_ready_and_says_which_part(servers):
    with web_process(servers, BACKOFFICE_REDIS_URL="redis://127.0.0.1:1/0") as running:
        async with httpx2.AsyncClient(base_url=running.url) as client:
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json() == {
                "status": "not_ready",
                "parts": {part: "failed" if part == "redis" else "ok" for part in PARTS},
            }
            assert (await client.get("/healthz")).status_code == 200


async def test_ready_when_all_parts_are(web):
    async with browser(web) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        assert set(answer.json()["parts"].values()) == {"ok"}


def test_inline_scripts_are_allowed_by_their_hash_only(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.html").write_text('<script>alert(1)</script><script src="/x.js"></script>')
    (tmp_path / "deep" / "index.html").write_text("<script type=module>alert(1)</script>")
    hashes = script_hashes(tmp_path)
    assert hashes == ["'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"]
    written = policy(hashes, ("https://kyc.example",))
    assert f"script-src 'self' {hashes[0]};" in written
    assert "connect-src 'self' wss://kyc.example;" in written
    assert "unsafe-eval" not in written
