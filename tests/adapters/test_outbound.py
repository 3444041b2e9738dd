"""Webhooks reach the receiver and nothing else: hostile addresses, slow and huge answers, broken TLS."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backoffice.adapters import outbound, outbound_wire
from backoffice.adapters.addresses import as_address, is_public
from backoffice.errors import Invalid

LOCAL = ("127.0.0.1",)
DENIED = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "0.1.2.3",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:808:808::1",
    "2001::1", "2001:db8::1", "2001:10::1", "3fff::1", "5f00::1", "not an address", "",
]  # fmt: skip
ALLOWED = ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"]
HOSTILE = [
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://017700000001/",
    "https://127.1/", "https://0/", "https://0.0.0.0/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fe80::1%25eth0]/",
    "https://localhost/", "https://LOCALHOST./", "https://localhost.localdomain/", "https://a.localhost/",
    "https://metadata.google.internal/", "https://169.254.169.254/latest/meta-data/", "https://printer/",
    "https://user:pw@example.com/", "https://example.com@127.0.0.1/", "http://example.com/", "ftp://example.com/",
    "file:///etc/passwd", "https://", "https:///x", "//example.com", "https://exa mple.com/", "https://a\tb.com/",
    "https://example.com/\r\nHost: x", "gopher://127.0.0.1:6379/_x", "javascript:alert(1)", "",
    f"https://example.com/{'a' * 2048}",
    # The same in other letters, bases and forms.
    "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://ⓛocalhost/", "https://localhost%2e/",
    "https://0x7f.0x0.0x0.0x1/", "https://0177.0.0.1/", "https://0xA9FEA9FE/", "https://2852039166/",
    "https://0251.0376.0251.0376/", "https://169.254.43518/", "https://127.0.0.1.:443/", "https://4294967295/",
    "https://[::127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://[0:0:0:0:0:ffff:7f00:1]/",
    "https://[fc00::1]/", "https://[fd12:3456::1]/", "https://[ff02::1]/", "https://[fec0::1]/", "https://[fe80::1%eth0]/",
    "https://[64:ff9b:1::a00:1]/", "https://[2002:a9fe:a9fe::]/", "https://[2001:0:7f00:1::]/", "https://[2001:db8::1]/",
    "https://10.1/", "https://172.16.1/", "https://192.168.1.1:8443/", "https://100.64.0.1/", "https://198.18.0.1/",
    "https://192.0.0.1/", "https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/",
    "https://127.0.0.1:443@example.com/", "https://127.0.0.1%2f@example.com/", "https://127.0.0.1#@example.com/",
    "https://example.com\\@127.0.0.1/", "https://:pw@example.com/",
    "https://example.com%00.127.0.0.1/", "https://999.1.1.1/", "https://a.b.1/", "https://[v1.fe80::a]/", "https://[::1",
    "https://1.1.1.1:99999/", "https://a..b.com/", "https://xn--/",
]  # fmt: skip


class Receiver:
    """A real HTTP server that does what its path says."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.sent = 0
        self.url = ""
        self.redirect_to = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await getattr(self, f"on_{request.match_info['what']}")(request)

    async def on_ok(self, _: web.Request) -> web.Response:
        return web.Response(text="thank you", headers={"Webhook-Delivery": "ok"})

    async def on_fail(self, _: web.Request) -> web.Response:
        return web.Response(status=503, text="later", headers={"Retry-After": "7"})

    async def on_redirect(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": self.redirect_to or f"{self.url}/ok"})

    async def on_silent(self, _: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async def on_drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(300):
            await response.write(b".")
            await asyncio.sleep(0.1)
        return response

    async def on_huge(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(160):
            await response.write(b"x" * 65536)
            self.sent += 65536
        return response

    async def on_bomb(self, _: web.Request) -> web.Response:
        import gzip

        return web.Response(body=gzip.compress(b"0" * 20_000_000), headers={"Content-Encoding": "gzip"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async for url in serve(receiver):
        receiver.url = url
        yield receiver
    await outbound.close()


async def serve(receiver: Receiver, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{what}", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    yield f"{'https' if context else 'http'}://127.0.0.1:{port}"
    await runner.cleanup()


class Names(AbstractResolver):
    """Answers like a hostile name server: each lookup takes the next answer."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        assert family in {0, socket.AF_INET, socket.AF_INET6}
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("address", DENIED)
def test_inside_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_outside_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1", "[::ffff:127.0.0.1]"])
def test_disguised_addresses_are_read_as_the_resolver_reads_them(host: str) -> None:
    assert as_address(host) in {"127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1"}


@pytest.mark.parametrize("url", HOSTILE)
async def test_hostile_urls_are_refused_at_save_time_and_when_sending(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        await outbound.check_url(url, resolver=Names("8.8.8.8"))
    assert caught.value.code == "url_not_allowed"
    attempt = await outbound.post(url, {}, b"{}")
    assert (attempt.status, attempt.error_class) == (None, "url_refused")


@pytest.mark.parametrize("url", ["http://user:pw@127.0.0.1:8000/", "https://user@127.0.0.1/"])
async def test_a_host_of_our_own_takes_no_password_either(url: str) -> None:
    with pytest.raises(Invalid):
        await outbound.check_url(url, allow_hosts=("127.0.0.1",))


async def test_a_public_name_is_accepted_and_one_that_leads_inside_is_not() -> None:
    await outbound.check_url("https://hooks.example.com:8443/in?x=1", resolver=Names("8.8.8.8"))
    for inside in ("10.0.0.1", "::1", "64:ff9b::a00:1"):
        with pytest.raises(Invalid, match="private address"):
            await outbound.check_url("https://hooks.example.com/", resolver=Names(inside))


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "2002:7f00:1::"])
async def test_a_name_that_turns_inside_after_the_check_is_stopped_when_dialling(
    address: str, receiver: Receiver
) -> None:
    names = Names("8.8.8.8", address)
    url = receiver.url.replace("http://127.0.0.1", "https://rebind.example.com") + "/ok"
    await outbound.check_url(url, resolver=names)
    async with outbound.open_session(names, is_guarded=True) as session:
        attempt = await outbound.post(url, {}, b"{}", session=session)
    assert (attempt.status, attempt.error_class, attempt.address) == (None, "address_refused", address)
    assert receiver.requests == []


@pytest.mark.parametrize(
    "url",
    ["https://8.8.8.8/", "https://[2606:4700::1111]:8443/", "https://bücher.example/x", "https://a_b.example.com./"],
)
async def test_addresses_and_names_of_the_outside_are_taken(url: str) -> None:
    await outbound.check_url(url, resolver=Names("8.8.8.8"))


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "169.254.169.254"],  # noqa: S104 never bound
)
async def test_what_a_name_leads_to_is_looked_at_when_dialling(inside: str, receiver: Receiver) -> None:
    url = receiver.url.replace("http://127.0.0.1", "https://hooks.example.com") + "/ok"
    async with outbound.open_session(Names(inside), is_guarded=True) as session:
        attempt = await outbound.post(url, {}, b"{}", session=session)
    assert (attempt.status, attempt.error_class, attempt.address) == (None, "address_refused", inside)
    assert receiver.requests == []


async def test_of_several_addresses_the_inside_ones_are_not_dialled(receiver: Receiver) -> None:
    class Both(Names):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
            found = [await Names(inside).resolve(host, port, family) for inside in ("127.0.0.1", "::1")]
            return [answer for answers in found for answer in answers]

    url = receiver.url.replace("http://127.0.0.1", "https://hooks.example.com") + "/ok"
    async with outbound.open_session(Both(), is_guarded=True) as session:
        attempt = await outbound.post(url, {}, b"{}", session=session)
    assert (attempt.status, attempt.error_class) == (None, "address_refused")
    assert receiver.requests == []
    with pytest.raises(Invalid, match="private address"):
        await outbound.check_url("https://hooks.example.com/", resolver=Both())


async def test_a_redirect_to_the_inside_is_not_followed(receiver: Receiver) -> None:
    inside = Receiver()
    async for place in serve(inside):
        receiver.redirect_to = f"{place}/ok"
        attempt = await outbound.post(f"{receiver.url}/redirect", {}, b"{}", allow_hosts=LOCAL)
        assert (attempt.status, attempt.is_delivered) == (302, False)
        assert attempt.response_headers["Location"] == f"{place}/ok"
    assert inside.requests == []


async def test_a_connection_that_was_open_already_is_told_with_its_address(receiver: Receiver) -> None:
    first = await outbound.post(f"{receiver.url}/ok", {}, b"", allow_hosts=LOCAL)
    second = await outbound.post(f"{receiver.url}/ok", {}, b"", allow_hosts=LOCAL)
    assert (first.address, second.address, second.connected_ms) == ("127.0.0.1", "127.0.0.1", 0)


async def test_what_is_no_text_in_an_answer_can_be_written_down() -> None:
    """A receiver that sends half characters or zero bytes must not make its own log unwritable."""

    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 No\r\nX-Odd: \xff\xfe\xed\xa0\x80\r\nContent-Length: 5\r\n\r\n\x00\xff\xed\xa0\x80")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = await outbound.post(f"http://127.0.0.1:{port}/", {}, b"", allow_hosts=LOCAL)
    assert attempt.status == 500
    for text in (attempt.response_headers["X-Odd"], attempt.response_excerpt):
        assert text.encode()
        assert "\x00" not in text
    await outbound.close()


async def test_a_delivery_arrives_as_sent(receiver: Receiver) -> None:
    headers = {"webhook-id": "evt_1", "Content-Type": "application/json"}
    attempt = await outbound.post(f"{receiver.url}/ok", headers, b'{"a":1}', allow_hosts=LOCAL)
    assert attempt.is_delivered
    assert (attempt.status, attempt.error_class, attempt.response_excerpt) == (200, None, "thank you")
    assert attempt.response_headers["Webhook-Delivery"] == "ok"
    assert attempt.address == "127.0.0.1"
    assert attempt.connected_ms is not None
    assert attempt.ms >= (attempt.first_byte_ms or 0) >= attempt.connected_ms >= 0
    [request] = receiver.requests
    assert receiver.bodies == [b'{"a":1}']
    assert request.headers["webhook-id"] == "evt_1"
    assert request.headers["User-Agent"] == outbound_wire.USER_AGENT


async def test_the_environment_s_proxy_is_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await outbound.post(f"{receiver.url}/ok", {}, b"", allow_hosts=LOCAL)).is_delivered


async def test_a_failure_keeps_what_decides_the_next_try(receiver: Receiver) -> None:
    attempt = await outbound.post(f"{receiver.url}/fail", {}, b"", allow_hosts=LOCAL)
    assert (attempt.status, attempt.is_delivered, attempt.response_headers["Retry-After"]) == (503, False, "7")


async def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    attempt = await outbound.post(f"{receiver.url}/redirect", {}, b"", allow_hosts=LOCAL)
    assert (attempt.status, attempt.is_delivered) == (302, False)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("path", ["silent", "drip"])
async def test_one_deadline_covers_headers_and_body(receiver: Receiver, path: str) -> None:
    started = time.monotonic()
    attempt = await outbound.post(f"{receiver.url}/{path}", {}, b"", deadline_s=0.6, allow_hosts=LOCAL)
    assert (attempt.status, attempt.error_class) == (None, "timeout")
    assert 0.5 < time.monotonic() - started < 1.5


async def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    attempt = await outbound.post(f"{receiver.url}/huge", {}, b"", allow_hosts=LOCAL)
    assert attempt.is_delivered
    assert len(attempt.response_excerpt) == outbound_wire.EXCERPT_BYTES
    await asyncio.sleep(0.2)
    assert receiver.sent < 10_000_000


async def test_a_compressed_bomb_is_not_unpacked(receiver: Receiver) -> None:
    attempt = await outbound.post(f"{receiver.url}/bomb", {}, b"", allow_hosts=LOCAL)
    assert len(attempt.response_excerpt) <= outbound_wire.EXCERPT_BYTES


async def test_a_closed_port_and_an_unknown_name_have_their_classes() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    assert (await outbound.post(url, {}, b"", allow_hosts=LOCAL)).error_class == "connect"
    unknown = await outbound.post("https://nowhere.invalid/", {}, b"", deadline_s=10)
    assert unknown.error_class == "dns"
    await outbound.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    receiver = Receiver()
    async for url in serve(receiver, self_signed(tmp_path)):
        attempt = await outbound.post(f"{url}/ok", {}, b"", allow_hosts=LOCAL)
        assert attempt.error_class == "tls"
    assert receiver.requests == []
    await outbound.close()


def self_signed(folder: Path, host: str = "127.0.0.1") -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2060))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "self.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
