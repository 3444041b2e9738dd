"""What stands in front: a real nginx with the configuration that we ship, before a real web process."""

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from backoffice.api.guards import BARE_POLICY, HEADERS
from backoffice.db import transaction
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.services import events
from backoffice.services.events import Subject
from tests.api.sse import Listener
from tests.api.world import OPERATOR, files, make_world, picture, screened
from tests.browsing import sign_in
from tests.edge import FILES_HOST, ROOT, edge, program
from tests.rx_socket import Refused, tab
from tests.services.people import make_person
from tests.web_process import free_port, web_process

pytestmark = pytest.mark.usefixtures("database")
STRICT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
LINK = re.compile(r'"(/[\w/]*)\{token\}')
SECRET = "s3cret-" + "0123456789abcdef" * 3
"""Stands wherever a token, a key or a name can stand in an address."""
EVIL = "https://evil.example"
FILES = f"Host: {FILES_HOST}\r\n"


@pytest.fixture(scope="module")
def front(servers, tmp_path_factory):
    port = free_port()
    settings = {
        "BACKOFFICE_PUBLIC_URL": f"https://localhost:{port}",
        "BACKOFFICE_FILES_URL": f"https://files.localhost:{port}",
        "BACKOFFICE_TRUSTED_PROXY_HOPS": "1",
    }
    with web_process(servers, **settings) as web:
        folder = tmp_path_factory.mktemp("edge") / "front"
        with edge(folder, web.url.removeprefix("http://"), port=port) as running:
            yield running


@pytest.fixture(scope="module")
def lonely(tmp_path_factory):
    """An nginx whose product is away."""
    with edge(tmp_path_factory.mktemp("edge") / "lonely", f"127.0.0.1:{free_port()}") as running:
        yield running


def dressed(answer: httpx2.Response, *, strict: bool | None = None) -> None:
    """Every safe header is there, and once; over TLS the strict one too."""
    for name in (*HEADERS, "Content-Security-Policy", "Cache-Control"):
        assert len(answer.headers.get_list(name)) == 1, (answer.url, answer.status_code, name, answer.headers)
    wanted = STRICT.values() if (answer.url.scheme == "https" if strict is None else strict) else ()
    assert answer.headers.get_list("Strict-Transport-Security") == [*wanted]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_tls_1_3_is_spoken_and_with_aes_256(front):
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2):
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"), greeted(front, old(version)):
            pass
    with greeted(front, front.trust) as line:
        assert (line.version(), line.cipher()[0]) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert "Cipher is TLS_AES_256_GCM_SHA384" in preferring(front, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384")
    assert "Cipher is (NONE)" in preferring(front, "TLS_AES_128_GCM_SHA256")


def old(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that speaks one old version, and would take any cipher."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = client.maximum_version = version
    return client


def greeted(front, client: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", front.port), 10)
    try:
        return client.wrap_socket(plain, server_hostname="localhost")
    except ssl.SSLError:
        plain.close()
        raise


def preferring(front, suites: str) -> str:
    command = [program("openssl"), "s_client", "-connect", f"127.0.0.1:{front.port}", "-servername", "localhost"]
    command += ["-tls1_3", "-ciphersuites", suites]
    return subprocess.run(command, check=False, input=b"", capture_output=True, timeout=20).stdout.decode()


def test_who_asks_for_another_name_gets_no_certificate_and_no_page(front):
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        front.say(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", name="evil.example")
    answer = front.say(b"GET /login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"evil" not in answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/login", 200),
        ("GET", "/account", 303),
        ("GET", "/no/such/page", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/documents", 401),
        ("GET", "/files/none", 404),
        ("GET", "/exports/none", 401),
        ("GET", "/_event/?token=aaaaaaaaaaaa", 400),
        ("POST", "/auth/login", 303),
        ("GET", "/ping", 404),
        ("GET", "/metrics", 404),
        ("GET", "/healthz", 404),
        ("GET", "/readyz/", 404),
        ("GET", "/readyz", 200),
        ("GET", "/%6Detrics", 404),
        ("TRACE", "/login", 405),
    ],
)
async def test_safe_headers_stand_on_what_the_product_and_nginx_answer(front, method, path, status):
    async with front.client() as client:
        answer = await client.request(method, path)
    assert answer.status_code == status, answer.text
    dressed(answer)
    assert "alive" not in answer.text


async def test_they_stand_on_errors_that_nginx_makes_itself(front, lonely):
    async with lonely.client() as client:
        for path in ("/login", "/api/v1/documents", "/files/x"):
            answer = await client.get(path)
            assert answer.status_code == 503
            dressed(answer)
            assert answer.headers["retry-after"] == "5"
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
            assert answer.headers["content-security-policy"] == BARE_POLICY
            assert "nginx/" not in answer.headers["server"]
    problem = (await _get(lonely, "/api/v1/documents")).json()
    assert (problem["status"], problem["code"]) == (503, "unavailable")
    assert front.say(b"GET //metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 404 ")
    bad = front.say(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")
    assert bad.startswith(b"HTTP/1.1 400 ")
    for name, value in (HEADERS | STRICT).items():
        assert f"{name}: {value}\r\n".encode() in bad


async def _get(front, path: str, **headers: str) -> httpx2.Response:
    async with front.client(**headers) as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/documents", "/exports/x", "/_event/", "/healthz", "/files"])
def test_the_files_host_answers_for_nothing_else(front, path):
    heard = front.say(f"GET {path} HTTP/1.1\r\n{FILES}Connection: close\r\n\r\n".encode(), name=FILES_HOST)
    assert heard.startswith(b"HTTP/1.1 404 ")
    for name, value in (HEADERS | STRICT).items():
        assert f"{name}: {value}\r\n".encode() in heard


async def test_the_product_itself_keeps_the_hosts_apart(front):
    """Whatever stands in front: here nginx is passed by."""
    async with httpx2.AsyncClient(base_url=front.upstream, headers={"Host": FILES_HOST}) as there:
        for path in ("/", "/login", "/api/v1/documents", "/healthz", "/metrics", "/_event/?token=aaaaaaaaaaaa"):
            answer = await there.get(path)
            assert (answer.status_code, answer.text) == (404, "Not found")
            dressed(answer, strict=True)
        key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13", "Origin": front.url}
        path = f"/_event/?token={new_id().hex}&EIO=4&transport=websocket"
        wish = {"Connection": "Upgrade", "Upgrade": "websocket"} | key
        assert (await there.get(path, headers=wish)).status_code == 403
    policy = (await _get(front, "/login")).headers["content-security-policy"]
    assert f"img-src 'self' data: blob: https://{FILES_HOST}:{front.port};" in policy
    assert policy.count(FILES_HOST) == 1


async def test_plain_http_leads_to_tls_and_nowhere_else(front):
    plain = f"http://127.0.0.1:{front.http_port}"
    async with httpx2.AsyncClient(base_url=plain, headers={"Host": "localhost"}) as client:
        answer = await client.get("/login?next=/account")
        assert (answer.status_code, answer.headers["location"]) == (308, "https://localhost/login?next=/account")
        dressed(answer)
        refused = await client.get("/api/v1/documents", headers={"Authorization": f"Bearer {SECRET}"})
        assert (refused.status_code, "location" in refused.headers) == (403, False)
        stranger = await client.get("/login", headers={"Host": "evil.example"})
        assert (stranger.status_code, "location" in stranger.headers) == (404, False)
        forwarded = await client.get("/login", headers={"X-Forwarded-Host": "evil.example"})
        assert forwarded.headers["location"] == "https://localhost/login"


async def test_signing_in_through_it_gives_a_cookie_of_this_host(front):
    person = await make_person(Role.PARTNER_ANALYST)
    async with front.client() as client:
        answer = await sign_in(client, person)
        session = answer.headers.get_list("set-cookie")[0]
        assert re.fullmatch(r"__Host-sid=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", session)
        assert (await client.get("/account")).status_code != 303
        assert (await client.post("/auth/logout", headers={"Origin": EVIL})).status_code == 403


async def test_the_socket_works_for_our_own_pages_alone(front, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(front.certificate))
    person = await make_person(Role.PARTNER_ANALYST)
    async with front.client() as client:
        await sign_in(client, person)
        cookie = f"__Host-sid={client.cookies['__Host-sid']}"
    async with tab(front.url, cookie=cookie) as opened:
        await opened.settle()
        assert opened.is_open
    with pytest.raises(Refused) as caught:
        async with tab(front.url, cookie=cookie, origin=EVIL):
            pass
    assert caught.value.response.status_code == 403


async def test_a_large_upload_passes_and_a_larger_one_is_told_so(front):
    world = await make_world()
    large = picture(size=(2600, 1800)) + os.urandom(6_000_000)
    async with front.client() as client:
        answer = await client.post("/api/v1/documents", headers=await world.headers(), files=files(large))
        assert answer.status_code == 201, answer.text
        assert answer.json()["files"][0]["bytes"] == len(large)
        own = await client.post("/api/v1/documents", headers=await world.headers(), files=files(os.urandom(16 << 20)))
        assert (own.status_code, own.json()["code"]) == (413, "file_too_large")
        form = await client.post("/auth/login", data={"email": "x" * 200_000})
        assert form.status_code == 413
        dressed(form)
    head = b"POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n\r\n"
    told, _, body = front.say(head).partition(b"\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["code"] == "request_too_large"
    assert b"Content-Security-Policy: default-src 'none'" in told


async def test_what_happens_comes_at_once_through_a_stream(front):
    world = await make_world()
    async with front.client() as client:
        listener = Listener(client, "/api/v1", await world.headers())
        try:
            await listener.until(lambda heard: heard.comments, seconds=5)
            subject = Subject("document", new_id(), world.partner_id, True, {"id": "x"})
            async with transaction(OPERATOR.tenancy) as session:
                await events.emit(session, OPERATOR, "document.created", subject)
            began = asyncio.get_running_loop().time()
            await listener.count(1, seconds=5)
            assert asyncio.get_running_loop().time() - began < 2
        finally:
            await listener.close()


async def test_the_product_knows_who_asks_whatever_they_say(front):
    world = await make_world()
    async with front.client() as client:
        here = await world.headers("here", ip_allowlist=["127.0.0.1"])
        there = await world.headers("there", ip_allowlist=["203.0.113.7"])
        said = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
        assert (await client.get("/api/v1/documents", headers=here | said)).status_code == 200
        assert (await client.get("/api/v1/documents", headers=there | said)).status_code == 403


def test_every_link_with_a_token_is_known_here():
    found = {match[1] for path in (ROOT / "backoffice").rglob("*.py") for match in LINK.finditer(path.read_text())}
    assert found == {"/files/", "/uploads/", "/invite/", "/reset/", "/unsubscribe/"}


async def test_no_token_no_key_and_no_query_is_written_down(front, lonely):
    world = await make_world()
    headers = await world.headers()
    async with front.client() as client:
        made = (await client.post("/api/v1/documents", headers=headers, files=files())).json()
        await screened(made["id"])
        asked = f"/api/v1/documents/{made['id']}/files/{made['files'][0]['id']}"
        link = (await client.get(asked, headers=headers)).json()["url"]
    shown = front.say(
        f"GET {urlsplit(link).path} HTTP/1.1\r\n{FILES}Connection: close\r\n\r\n".encode(), name=FILES_HOST
    )
    assert shown.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\xff\xd8" in shown
    assert shown.count(b"Cross-Origin-Resource-Policy: ") + shown.count(b"cross-origin-resource-policy: ") == 1
    for running in (front, lonely):
        async with running.client() as client:
            for start in ("/files/", "/fetch/", "/uploads/", "/invite/", "/reset/", "/unsubscribe/"):
                spelled = f"/%{ord(start[1]):x}{start[2:]}"
                for path in (f"{start}{SECRET}", f"{start}s3cret", f"/api/v1{start}{SECRET}", f"{spelled}s3cret"):
                    await client.get(path, headers={"Authorization": f"Bearer {SECRET}", "Cookie": f"sid={SECRET}"})
            await client.get(f"/_event/?token={SECRET}&EIO=4&transport=websocket")
            await client.get(f"/login?next={SECRET}")
            await client.get(f"/no/such/{SECRET}/thing", headers={"Referer": f"{front.url}/reset/{SECRET}"})
            await client.put(f"/api/v1/uploads/{SECRET}", content=b"x" * 200_000)
        running.say(f"GET /files/{SECRET}?{SECRET} HTTP/9.9\r\n\r\n".encode())
        running.say(f"POST /files/{SECRET} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n".encode())
    token = Path(link).name
    kept = front.everything_written + lonely.everything_written
    assert [word for word in (SECRET, "s3cret", token, headers["Authorization"].split()[1]) if word in kept] == []
    assert "?" not in kept
    lines = [json.loads(line) for line in front.log.splitlines()]
    assert {"/files/***", "/fetch/***", "/api/v1/files/***", "/invite/***", "/_event/", asked} <= {
        line["path"] for line in lines
    }
    assert {line["client"] for line in lines} == {"127.0.0.1"}


def test_an_id_of_ours_is_no_token_to_the_log(front):
    name = public_id(Prefix.DOCUMENT, new_id())
    assert len(name) < 48
    assert len(SECRET) >= 48
