"""What knowing a key, counting the request, keeping its answer and logging it cost, in the web's processor time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from backoffice.adapters.embedded import Servers
from bench.post_documents import make_key
from bench.serving import with_servers

if TYPE_CHECKING:
    from backoffice.services import api_keys

TITLE = "What a key costs"
TARGET = "Wanted: at most 2 ms of processor time a request, all parts together."
LEFT = "the two statements that keep an idempotent answer, and the one that knows a key; the limit is one script call."

Work = Callable[[], Awaitable[object]]
REQUESTS = 2_000
ROUNDS = 5
MOST_MS = 2.0


async def measure() -> dict[str, float]:
    """Answer the milliseconds of processor time that one request takes for each part: the median of the rounds."""
    from backoffice import db
    from backoffice.adapters import live
    from backoffice.services import api_keys

    token = await make_key()

    async def key() -> api_keys.Caller:
        return await api_keys.recognise(token, "203.0.113.9", "req_bench")

    caller = await key()
    kept, plain = keeping(caller)
    found = {"key": await _median(key), "limit": await _median(limit), "log": await _median(logging(caller))}
    found["idempotency"] = await _median(kept) - await _median(plain)
    await live.close()
    await db.close()
    return found


async def limit() -> None:
    """Count one request against both policies of a plan."""
    from backoffice.adapters import limiter, live
    from backoffice.api.limits import of_key
    from backoffice.models.partners import Plan
    from backoffice.models.plans import PLANS

    with suppress(live.Away):
        await limiter.take("key:bench", of_key(PLANS[Plan.ENTERPRISE]).policies)


def logging(caller: "api_keys.Caller") -> Work:
    """Note one request in the partner's log; every two hundredth writes them."""
    from backoffice.services.request_log import Line, RequestLog

    log = RequestLog()
    line = Line(
        proven=caller.proven,
        method="GET",
        route="/documents",
        path="/api/v1/documents",
        status=200,
        seconds=0.01,
        ip="203.0.113.9",
        request_id="req_bench",
        request_bytes=0,
    )

    async def note() -> None:
        log.note(line)
        if len(log._waiting) >= 200:  # noqa: SLF001, PLR2004 the size at which it is flushed
            await log.flush()

    return note


def keeping(caller: "api_keys.Caller") -> tuple[Work, Work]:
    """Keep one answer under an idempotency key, and the bare transaction to take off it."""
    from backoffice.api.examples.documents import DOCUMENT
    from backoffice.db import transaction
    from backoffice.services import idempotency

    numbers = count()

    async def kept() -> None:
        attempt = idempotency.Attempt("POST /documents", f"bench-{next(numbers)}", "0" * 64)
        async with transaction(caller.actor.tenancy) as session:
            await idempotency.begin(session, caller.actor, attempt)
            await idempotency.remember(session, caller.actor, attempt, 201, DOCUMENT)

    async def plain() -> None:
        async with transaction(caller.actor.tenancy):
            pass

    return kept, plain


async def _median(work: Work) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REQUESTS // ROUNDS):
            await work()
        rounds.append((time.process_time() - began) * 1000 / (REQUESTS // ROUNDS))
    return median(rounds)


def report(_servers: Servers, _folder: Path) -> int:
    found = asyncio.run(measure())
    total = sum(found.values())
    parts = ", ".join(f"{name} {value:.3f} ms" for name, value in found.items())
    print(
        f"key check: {total:.3f} ms of CPU a request of at most {MOST_MS} ({parts}); {REQUESTS} requests each, medians"
    )
    return 0 if total <= MOST_MS else 1


def main() -> int:
    return with_servers(report)
