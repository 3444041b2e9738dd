"""Speaks to addresses that partners chose: one deadline, few bytes read, and never to an address of the inside."""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from backoffice.adapters import outbound_wire
from backoffice.adapters.addresses import as_address, is_public
from backoffice.adapters.outbound_wire import Client, SystemResolver, Timing, open_session, timing
from backoffice.errors import Invalid

__all__ = ["Answer", "Attempt", "Client", "check_form", "check_url", "close", "exchange", "open_session", "post"]

HEADER_BYTES = 8 * 1024
DEADLINE_SECONDS = 15.0
CHECK_SECONDS = 5.0
URL_LENGTH = 2048
HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*(?!\d)[A-Za-z0-9-]{1,63}\.?")
"""Names that a resolver can know; one that ends in a number is an address to some and a name to others."""
INSIDE_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one post; `error_class` is None when an answer arrived, whatever its status."""

    status: int | None
    ms: int
    error_class: str | None = None
    address: str | None = None
    """Where the connection really went, or would have gone."""
    connected_ms: int | None = None
    """Name lookup, connection and TLS; 0 on a connection that was open already."""
    first_byte_ms: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    response_excerpt: str = ""

    @property
    def is_delivered(self) -> bool:
        """Tell whether the receiver took it: 2xx and nothing else, a redirect least of all."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 RFC 9110 §15.3


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one exchange: `error_class` as for an attempt, and `too_large` for more bytes than were wanted."""

    status: int | None = None
    body: bytes = b""
    error_class: str | None = None


_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, Client]] = WeakKeyDictionary()


async def post(  # noqa: PLR0913 what a request is made of
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    deadline_s: float = DEADLINE_SECONDS,
    allow_hosts: Iterable[str] = (),
    session: Client | None = None,
) -> Attempt:
    """Post once and report; never raises for what the receiver or its address did.

    The deadline spans lookup, connection, TLS, headers and body. Hosts in `allow_hosts` may be inside and without TLS.
    A `session` of the caller's own comes from `open_session`.
    """
    mine = Timing()
    timing.set(mine)
    try:
        target, is_allowed = _checked(url, allow_hosts)
        async with asyncio.timeout(deadline_s):
            return await _send(session or _session(is_guarded=not is_allowed), target, headers, body, mine)
    except Invalid:
        error_class = "url_refused"
    except TimeoutError:
        error_class = "timeout"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        error_class = "address_refused" if mine.is_refused else _classify(error)
    return Attempt(None, mine.elapsed(), error_class, mine.address, mine.connected_ms, mine.first_byte_ms)


async def _send(client: Client, target: URL, headers: Mapping[str, str], body: bytes, mine: Timing) -> Attempt:
    message, excerpt = await outbound_wire.post(client, target, headers, body)
    return Attempt(
        status=message.code,
        ms=mine.elapsed(),
        address=mine.address,
        connected_ms=mine.connected_ms,
        first_byte_ms=mine.first_byte_ms,
        response_headers=_kept(message.headers),
        response_excerpt=excerpt.decode(errors="replace").replace("\x00", "\ufffd"),
    )


async def exchange(  # noqa: PLR0913 what a request is made of
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    deadline_s: float,
    most_bytes: int,
    allow_hosts: Iterable[str] = (),
) -> Answer:
    """Ask once for an answer that is read whole, behind the same guard as `post`; follows no redirect, never raises."""
    mine = Timing()
    timing.set(mine)
    try:
        target, is_allowed = _checked(url, allow_hosts)
        async with (
            asyncio.timeout(deadline_s),
            _session(is_guarded=not is_allowed).request(
                method, target, data=body, headers=dict(headers), allow_redirects=False
            ) as response,
        ):
            received = await _read_whole(response, most_bytes)
            return Answer(response.status, received or b"", None if received is not None else "too_large")
    except Invalid:
        error_class = "url_refused"
    except TimeoutError:
        error_class = "timeout"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        error_class = "address_refused" if mine.is_refused else _classify(error)
    return Answer(error_class=error_class)


async def _read_whole(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    received = bytearray()
    while chunk := await response.content.read(most + 1 - len(received)):
        received += chunk
        if len(received) > most:
            response.close()
            return None
    return bytes(received)


async def check_url(url: str, *, allow_hosts: Iterable[str] = (), resolver: AbstractResolver | None = None) -> None:
    """Refuse an address at save time with a sentence for its owner; the guard of `post` is what really protects.

    Raises Invalid with the code `url_not_allowed`.
    """
    target, is_allowed = _checked(url, allow_hosts)
    if is_allowed or as_address(target.host or ""):
        return
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            found = await (resolver or SystemResolver()).resolve(target.host or "", target.port or 443)
    except (OSError, TimeoutError, UnicodeError):
        raise _invalid(f"The name {target.host} cannot be found.") from None
    if not found or not all(is_public(answer["host"]) for answer in found):
        raise _invalid(f"The name {target.host} leads to a private address.")


def check_form(url: str, *, allow_hosts: Iterable[str] = ()) -> None:
    """Refuse what is wrong by its looks, without asking a name server: safe inside a transaction.

    Raises Invalid with the code `url_not_allowed`.
    """
    _checked(url, allow_hosts)


async def close() -> None:
    """Give the connections of this event loop back before the process ends."""
    for session in _sessions.pop(asyncio.get_running_loop(), {}).values():
        await session.close()


def _checked(url: str, allow_hosts: Iterable[str]) -> tuple[URL, bool]:
    """Parse as the client will and refuse what is wrong by its looks; answer also whether the host is allowed."""
    return _read_url(url, tuple(allow_hosts))


@lru_cache(1024)
def _read_url(url: str, allow_hosts: tuple[str, ...]) -> tuple[URL, bool]:
    if len(url) > URL_LENGTH or any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in url):  # noqa: PLR2004 ASCII
        raise _invalid("The address is too long or holds spaces or control characters.")
    try:
        target = URL(url)
        host = (target.host or "").lower().rstrip(".")
    except ValueError:
        raise _invalid("This is not a web address.") from None
    if target.user or target.password:
        raise _invalid("The address must not hold a user name or password.")
    if host and host in {allowed.lower() for allowed in allow_hosts} and target.scheme in {"http", "https"}:
        return target, True
    if target.scheme != "https" or not host:
        raise _invalid("The address must begin with https:// and name a host.")
    literal = as_address(host)
    if not literal and not HOST.fullmatch(target.raw_host or ""):
        raise _invalid("This is not the name of a host.")
    if (literal and not is_public(literal)) or (not literal and _is_inside(host)):
        raise _invalid("The address must be reachable on the public internet.")
    return target, False


def _is_inside(host: str) -> bool:
    return "." not in host or any(host == name or host.endswith(f".{name}") for name in INSIDE_NAMES)


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, code="url_not_allowed", pointer="/url")


def _session(*, is_guarded: bool) -> aiohttp.ClientSession:
    by_guard = _sessions.setdefault(asyncio.get_running_loop(), {})
    if is_guarded not in by_guard:
        by_guard[is_guarded] = open_session(SystemResolver(), is_guarded=is_guarded)
    return by_guard[is_guarded]


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    size = 0
    for name, value in headers.items():
        size += len(name) + len(value)
        if size > HEADER_BYTES:
            break
        kept[name] = _readable(value)
    return kept


def _readable(value: str) -> str:
    """Replace what is no text: the database takes neither half characters nor zero bytes."""
    if value.isprintable() and value.isascii():
        return value
    return value.encode(errors="surrogateescape").decode(errors="replace").replace("\x00", "\ufffd")


def _classify(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return "tls"
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return "dns"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connect"
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionError):
        return "disconnected"
    return "protocol"
