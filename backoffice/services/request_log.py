"""How answered API requests get into their log: beside the requests, a second later, never in their way."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from logging import getLogger
from typing import Any
from urllib.parse import quote

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice.adapters import metrics
from backoffice.clock import wall
from backoffice.db import NewRow, Tenancy, insert, transaction
from backoffice.models.base import new_id
from backoffice.models.usage import ApiRequest
from backoffice.services import key_networks
from backoffice.services.api_keys import Proven
from backoffice.services.refusals import refusals

log = getLogger(__name__)
FLUSH_SECONDS = 1.0
END_SECONDS = 5.0
BATCH = 200
MAX_WAITING = 10_000
"""Some ten megabytes, when the database is away for long."""
MAX_PATH = 300
MAX_TEXT = 100
MAX_ERRORS = 20
THROTTLED = "too_many_requests"
THROTTLED_KEPT = 5
"""Lines per key and flush of requests that were too many: the first ones say it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answered request of a known key; no body, no query, no header."""

    proven: Proven
    method: str
    route: str
    path: str
    status: int
    seconds: float
    ip: str
    request_id: str
    request_bytes: int
    is_replay: bool = False
    code: str = ""
    errors: Sequence[Mapping[str, str]] = ()


class RequestLog:
    """A bounded buffer in this process: a full one drops what is oldest, and says how much in a metric."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._waiting: deque[NewRow] = deque()
        self._max_waiting = max_waiting
        self._throttled: Counter[object] = Counter()
        self._is_many = asyncio.Event()
        self._is_ending = False

    def note(self, line: Line) -> None:
        """Keep one line for the next flush."""
        if line.code == THROTTLED:
            self._throttled[line.proven.key_id] += 1
            if self._throttled[line.proven.key_id] > THROTTLED_KEPT:
                metrics.request_log_dropped.labels("throttled").inc()
                return
        self._waiting.append(_row(line))
        if len(self._waiting) > self._max_waiting:
            self._waiting.popleft()
            metrics.request_log_dropped.labels("full").inc()
        if len(self._waiting) >= BATCH:
            self._is_many.set()

    async def flush(self) -> None:
        """Write what waits, a batch with one statement; what fails for now waits on, and nobody hears of it."""
        self._is_many.clear()
        self._throttled.clear()
        while self._waiting:
            rows = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            if not await self._write(rows):
                return

    async def _write(self, rows: Sequence[NewRow]) -> bool:
        try:
            async with transaction(Tenancy.everyone()) as session:
                await insert(session, *rows)
                await key_networks.note(session, rows)
        except (OperationalError, InterfaceError, PoolTimeout, OSError):
            log.warning("request_log_delayed", extra={"lines": len(rows)})
            self._waiting.extendleft(reversed(rows))
            return False
        except Exception:  # a line that cannot be written is counted as lost, and the next ones go on
            log.exception("request_log_lost", extra={"lines": len(rows)})
            metrics.request_log_dropped.labels("failed").inc(len(rows))
        return True

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Flush once a second, or sooner when much waits, and a last time at the end; refusals that wait with it."""
        self._is_ending = False
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._is_ending = True
            self._is_many.set()
            await asyncio.wait([task], timeout=END_SECONDS)
            task.cancel()

    async def _run(self) -> None:
        while not self._is_ending:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_many.wait(), FLUSH_SECONDS)
            await self.flush()
            await refusals.flush()
        await refusals.flush(is_ending=True)


def _row(line: Line) -> NewRow:
    detail = [{"pointer": _clean(one["pointer"]), "code": one["code"]} for one in line.errors[:MAX_ERRORS]]
    values: dict[str, Any] = {
        "id": new_id(),
        "created_at": wall(),
        "partner_id": line.proven.partner_id,
        "livemode": line.proven.livemode,
        "key_id": line.proven.key_id,
        "method": line.method,
        "route": line.route,
        "path": quote(line.path, errors="replace")[:MAX_PATH],
        "status": line.status,
        "code": line.code,
        "duration_ms": round(line.seconds * 1000, 1),
        "ip": _clean(line.ip),
        "request_id": line.request_id,
        "request_bytes": line.request_bytes,
        "is_replay": line.is_replay,
        "detail": {"errors": detail} if detail else {},
    }
    return NewRow(ApiRequest, values)


def _clean(text: str) -> str:
    """Leave out what PostgreSQL cannot keep and a screen cannot show."""
    return "".join(letter for letter in text[:MAX_TEXT] if letter.isprintable())


request_log = RequestLog()
"""This process's own."""
