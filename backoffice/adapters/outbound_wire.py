"""Below `outbound`: sockets that go to public addresses only, and one POST as it goes over such a connection.

The pool, name lookup, TLS and the parser of answers are aiohttp's. Its requests are made for everything that HTTP can
do, and cost as much again as all of that; a webhook is three lines and a body.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, cast

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.streams import StreamReader
from aiohttp.tracing import Trace
from yarl import URL

from backoffice.adapters.addresses import is_public

EXCERPT_BYTES = 16 * 1024
LOOKUPS = 16
CONNECTIONS = 400
KEPT_SECONDS = 4.0
"""Shorter than the five seconds after which common servers close a silent connection, so that we never race them."""
USER_AGENT = "PartnerBackoffice-Webhooks/1"
NO_LIMIT = aiohttp.ClientTimeout(total=None)
"""The one deadline is the caller's."""
MOST_INTERIM = 8
"""Answers that only say that another one comes."""
SWITCHING = 101

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
Client = aiohttp.ClientSession


class RefusedAddressError(OSError):
    """The name leads to an address that we do not call."""


@dataclass(slots=True)
class Timing:
    """Where one request went, and when it got how far."""

    started: float = field(default_factory=time.monotonic)
    address: str | None = None
    is_refused: bool = False
    connected_ms: int | None = None
    first_byte_ms: int | None = None

    def elapsed(self) -> int:
        """Milliseconds since it began."""
        return round((time.monotonic() - self.started) * 1000)


timing: ContextVar[Timing] = ContextVar("outbound_timing")
_lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="webhook-dns")
"""Its own threads: a partner's slow name server must not hold up files and keys."""


class SystemResolver(AbstractResolver):
    """Asks the system for addresses, in threads of its own."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Answer every address of a name."""
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(_lookups, look_up)
        return [
            ResolveResult(
                hostname=host, host=str(at[0]), port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _, proto, _, at in found
        ]

    async def close(self) -> None:
        """Nothing is held open."""


class _Connector(aiohttp.TCPConnector):
    """Notes when a request got its connection and where that leads; a connection that was open already took no time."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 the vendor's signature
    ) -> Connection:
        """Find or make the connection for one request."""
        mine = timing.get()
        connection = await super().connect(req, traces, timeout)
        mine.connected_ms = 0 if mine.address is None else mine.elapsed()
        peer = connection.transport.get_extra_info("peername") if connection.transport else None
        mine.address = str(peer[0]) if peer else mine.address
        return connection


def open_session(resolver: AbstractResolver, *, is_guarded: bool) -> Client:
    """Open a client whose sockets go to public addresses only, unless the host was allowed by the operator."""
    connector = _Connector(
        resolver=resolver,
        socket_factory=partial(_socket_for, is_guarded=is_guarded),
        use_dns_cache=False,
        limit=CONNECTIONS,
        keepalive_timeout=KEPT_SECONDS,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=NO_LIMIT,
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
    )


def _socket_for(address_info: AddressInfo, *, is_guarded: bool) -> socket.socket:
    """Make the socket for an address about to be dialled: the last moment at which it can be refused, and the truth."""
    family, kind, proto, _, where = address_info
    address = str(where[0])
    mine = timing.get()
    mine.address = address
    if is_guarded and not is_public(address):
        mine.is_refused = True
        raise RefusedAddressError(f"{address} is not public")
    return socket.socket(family, kind, proto)


@dataclass(frozen=True, slots=True)
class _Route:
    """An address as the connector reads it from a request: no proxy, and certificates are verified."""

    url: URL
    connection_key: ConnectionKey
    head: bytes
    """What every POST to it begins with."""
    ssl: bool = True
    proxy: None = None
    server_hostname: None = None

    @property
    def host(self) -> str:
        return self.connection_key.host

    @property
    def port(self) -> int | None:
        return self.connection_key.port

    def is_ssl(self) -> bool:
        return self.connection_key.is_ssl


@lru_cache(1024)
def _route(url: URL) -> _Route:
    """Prepare what follows from an address alone."""
    key = ConnectionKey(url.raw_host or "", url.port, url.scheme == "https", True, None, None, None)
    head = (
        f"POST {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}\r\n"
        f"User-Agent: {USER_AGENT}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
    )
    return _Route(url, key, head.encode("ascii"))


async def post(client: Client, url: URL, headers: Mapping[str, str], body: bytes) -> tuple[RawResponseMessage, bytes]:
    """Post once; answer the head of what came back and the beginning of its body, and no more is ever read.

    Times are noted in `timing`. Raises aiohttp's errors, OSError, and ValueError for a header that is none.
    """
    route, lines = _route(url), _lines(headers)
    connection = await _clean(client, route)
    try:
        message, content = await _asked(connection.protocol, b"".join((route.head, lines, _length(body), body)))
        timing.get().first_byte_ms = timing.get().elapsed()
        excerpt = await _beginning(content)
    except BaseException:
        connection.close()
        raise
    if content.at_eof() and _is_sent(connection):
        connection.release()
    else:
        connection.close()
    return message, excerpt


async def _clean(client: Client, route: _Route) -> Connection:
    """Take a connection on which nothing has come since its last answer: that would be taken for the next one."""
    while client.connector is not None:
        connection = await client.connector.connect(cast("aiohttp.ClientRequest", route), [], NO_LIMIT)
        if connection.protocol is None or not connection.protocol.should_close:
            return connection
        connection.close()
    raise aiohttp.ClientConnectionError("The client is closed.")


def _is_sent(connection: Connection) -> bool:
    """Whether all of the request is out: what is left would go before the next one, which would wait for it."""
    return connection.transport is not None and connection.transport.get_write_buffer_size() == 0


def _lines(headers: Mapping[str, str]) -> bytes:
    """Write headers as they go out; a character that is not printed could end a line, or all of them."""
    for name, value in headers.items():
        if not name.isprintable() or not value.isprintable():
            raise ValueError(f"{name!r} cannot be sent as a header.")
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode()


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body)


async def _asked(protocol: ResponseHandler | None, request: bytes) -> tuple[RawResponseMessage, StreamReader]:
    """Write a request whole and wait for the head of its answer; what only says "go on" is none."""
    if protocol is None or protocol.transport is None:
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(read_until_eof=True, auto_decompress=False)
    protocol.transport.write(request)
    try:
        for _ in range(MOST_INTERIM):
            message, content = await protocol.read()
            if not 100 <= message.code < 200 or message.code == SWITCHING:  # noqa: PLR2004 RFC 9110 §15.2
                return message, content
    except HttpProcessingError as error:
        raise aiohttp.ClientPayloadError(error.message) from error
    raise aiohttp.ClientPayloadError("Nothing but interim answers came.")


async def _beginning(content: StreamReader) -> bytes:
    received = bytearray()
    while len(received) < EXCERPT_BYTES:
        chunk = await content.read(EXCERPT_BYTES - len(received))
        if not chunk:
            break
        received += chunk
    return bytes(received)
