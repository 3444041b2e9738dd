"""One POST on the wire: written as servers expect it, its answer read as it may come, its connection kept or not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backoffice.adapters import outbound, outbound_wire
from tests.adapters.test_outbound import self_signed

LOCAL = ("127.0.0.1", "localhost")
THANKS = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks"


class Server:
    """Answers each request on a connection with the next of its answers, and remembers what it read."""

    def __init__(self, *answers: bytes, then_close: bool = False) -> None:
        self.answers, self.then_close = list(answers), then_close
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:"))
                self.requests.append(head + await reader.readexactly(length))
                for part in self.answers.pop(0).split(b"|"):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0.02)
                if self.then_close:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(*answers: bytes, then_close: bool = False) -> AsyncIterator[Server]:
    server = Server(*answers, then_close=then_close)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server
        await outbound.close()


async def post(server: Server, path: str = "/", body: bytes = b"{}", **headers: str) -> outbound.Attempt:
    return await outbound.post(f"{server.url}{path}", headers, body, allow_hosts=LOCAL, deadline_s=5)


async def test_a_request_is_written_as_servers_expect_it() -> None:
    async with served(THANKS) as server:
        attempt = await post(server, "/in/ü?a=1&b=%20#part", b'{"a":1}', **{"webhook-id": "evt_1"})
    assert (attempt.status, attempt.response_excerpt) == (200, "thanks")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    assert first == "POST /in/%C3%BC?a=1&b=%20 HTTP/1.1"
    assert dict(line.split(": ", 1) for line in lines) == {
        "Host": f"127.0.0.1:{server.port}",
        "User-Agent": outbound_wire.USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "webhook-id": "evt_1",
        "Content-Length": "7",
    }
    assert body == b'{"a":1}'


@pytest.mark.parametrize(
    ("name", "value"),
    [("x", "1\r\nHost: inside"), ("x", "1\nb: 2"), ("x\r\nb", "1"), ("x", "a\x00b"), ("x: 1\r\n\r\nPOST", "")],
)
async def test_a_header_that_would_end_its_line_is_not_sent(name: str, value: str) -> None:
    async with served(THANKS) as server:
        attempt = await post(server, **{name: value})
    assert (attempt.status, attempt.error_class) == (None, "protocol")
    assert server.requests == []


async def test_connections_are_kept_for_the_next_one() -> None:
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none|\r\n3\r\ntwo\r\n|0\r\n\r\n"
    async with served(THANKS, empty, chunked, THANKS) as server:
        attempts = [await post(server) for _ in range(4)]
    assert [attempt.response_excerpt for attempt in attempts] == ["thanks", "", "onetwo", "thanks"]
    assert server.connections == 1
    assert [attempt.connected_ms for attempt in attempts[1:]] == [0, 0, 0]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\no|k",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Not asked for\r\n\r\n",
    ],
)
async def test_a_connection_that_is_at_its_end_or_out_of_step_is_not_used_again(answer: bytes) -> None:
    async with served(answer, answer, then_close=True) as server:
        attempts = [await post(server) for _ in range(2)]
    assert [(attempt.status, attempt.response_excerpt) for attempt in attempts] == [(200, "ok")] * 2
    assert server.connections == 2


async def test_what_only_says_go_on_is_no_answer() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n|"
    async with served(early + THANKS, early + THANKS) as server:
        attempts = [await post(server) for _ in range(2)]
    assert [attempt.status for attempt in attempts] == [200, 200]
    assert "Link" not in attempts[0].response_headers


async def test_another_protocol_is_not_switched_to() -> None:
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    async with served(upgrade, THANKS) as server:
        first, second = await post(server), await post(server)
    assert (first.status, first.is_delivered, second.status) == (101, False, 200)
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "protocol"),
        (b"HTTP/1.1 200", "disconnected"),
        (b"", "disconnected"),
    ],
)
async def test_an_answer_that_is_none_is_a_failure_with_its_class(answer: bytes, error_class: str) -> None:
    async with served(answer, THANKS, then_close=True) as server:
        attempt = await post(server)
        assert (attempt.status, attempt.error_class) == (None, error_class)
        assert (await post(server)).status == 200


async def test_a_long_body_arrives_whole() -> None:
    body = b"x" * 3_000_000
    async with served(THANKS) as server:
        assert (await post(server, body=body)).is_delivered
    assert server.requests[0].endswith(b"\r\n\r\n" + body)


async def test_what_comes_too_late_is_not_taken_for_the_next_answer() -> None:
    late = b"HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n"
    async with served(b"||||||||||" + late, THANKS) as server:
        slow = await outbound.post(server.url, {}, b"", allow_hosts=LOCAL, deadline_s=0.1)
        assert (slow.error_class, (await post(server)).status) == ("timeout", 200)
    assert server.connections == 2


async def test_a_client_that_was_closed_sends_nothing() -> None:
    async with served(THANKS) as server:
        client = outbound.open_session(outbound_wire.SystemResolver(), is_guarded=False)
        await client.close()
        attempt = await outbound.post(server.url, {}, b"", allow_hosts=LOCAL, session=client)
    assert (attempt.status, attempt.error_class, server.requests) == (None, "protocol", [])


async def test_a_certificate_must_be_for_the_name_that_was_asked_for(tmp_path: Path) -> None:
    server = Server(THANKS)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=self_signed(tmp_path, "localhost"))
    client = outbound.open_session(outbound_wire.SystemResolver(), is_guarded=False)
    client.connector._ssl = ssl.create_default_context(cafile=tmp_path / "self.pem")
    async with listening, client:
        port = listening.sockets[0].getsockname()[1]
        wrong, right = [
            await outbound.post(f"https://{host}:{port}/", {}, b"", allow_hosts=LOCAL, session=client)
            for host in ("127.0.0.1", "localhost")
        ]
    assert (wrong.status, wrong.error_class) == (None, "tls")
    assert (right.status, right.address) == (200, "127.0.0.1")


async def test_what_comes_unasked_on_a_kept_connection_answers_nothing() -> None:
    stray = THANKS + b"|HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
    async with served(stray, THANKS, THANKS) as server:
        assert (await post(server)).status == 200
        await asyncio.sleep(0.1)
        assert [(await post(server)).status for _ in range(2)] == [200, 200]
        assert (server.connections, len(server.requests)) == (2, 3)


async def test_interim_answers_without_end_are_a_failure() -> None:
    async with served(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 9 + THANKS) as server:
        attempt = await post(server)
    assert (attempt.status, attempt.error_class) == (None, "protocol")
