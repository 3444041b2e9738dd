"""A real HTTP receiver, endpoints of a test's own partner, and a way to move what is due."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web
from sqlalchemy import select, text, update

from backoffice.adapters import outbound
from backoffice.clock import now, wall
from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.models.partners import Partner
from backoffice.models.webhooks import Attempt, Delivery, EndpointStatus, WebhookEndpoint
from backoffice.services import delivery_attempts, delivery_claims, delivery_results, events, webhook_endpoints
from backoffice.services.access import Actor
from backoffice.services.delivery_attempts import Tried
from backoffice.services.delivery_claims import Claim, Door, Message
from backoffice.services.events import Subject

EVERYONE = Tenancy.everyone()
WORKER = Actor.system(name="webhooks")
Answer = Callable[[web.Request], Awaitable[web.Response]]
A_CLAIM = Claim(
    delivery_id=new_id(),
    token=new_id(),
    number=1,
    owed_at=now(),
    message=Message(new_id(), "evt_x", "document.approved", "document:x", b"{}"),
    door=Door(new_id(), new_id(), "http://127.0.0.1:9/hook", (b"key",), False, True, timedelta()),
)


@dataclass
class Got:
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers as it is told and keeps what it was sent."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    got: list[Got] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.append(Got({k.lower(): v for k, v in request.headers.items()}, body))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.arrived.set()
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.at_once -= 1
        return web.Response(status=self.status, headers=self.headers, text="said the receiver")

    async def until(self, count: int, seconds: float = 15) -> None:
        async with asyncio.timeout(seconds):
            while len(self.got) < count:
                self.arrived.clear()
                await self.arrived.wait()


@asynccontextmanager
async def receiving(**options) -> AsyncIterator[Receiver]:
    receiver = Receiver(**options)
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def endpoint_of(cast, url: str, **options) -> tuple[WebhookEndpoint, str]:
    actor = Actor.system(cast.partner.id)
    async with transaction(actor.tenancy) as session:
        return await webhook_endpoints.create(session, actor, **({"url": url, "livemode": True} | options))


async def quiet(cast) -> None:
    """Switch a test's endpoints off, so that no later test's dispatcher calls a receiver that has gone."""
    async with transaction(EVERYONE) as session:
        await session.execute(
            update(WebhookEndpoint)
            .where(WebhookEndpoint.partner_id == cast.partner.id)
            .values(status=EndpointStatus.DISABLED)
        )
    await outbound.close()


async def emit(cast, *, subject_id=None, type_="document.approved", livemode=True):
    actor = Actor.system(cast.partner.id)
    subject_id = subject_id or new_id()
    subject = Subject("document", subject_id, cast.partner.id, livemode, {"id": str(subject_id), "status": "approved"})
    async with transaction(actor.tenancy) as session:
        return await events.emit(session, actor, type_, subject)


OWE_MANY = text("""
with told as (
    insert into events (id, created_at, partner_id, livemode, type, subject_type, subject_id, sequence, data,
        request_id)
    select uuidv7(), now(), :partner, true, 'document.approved', 'document', md5(:salt || n / :each)::uuid,
        n % :each + 1, '{"object": {"id": "doc_x"}}', ''
    from generate_series(0, :count - 1) n returning id
)
insert into deliveries (id, created_at, partner_id, endpoint_id, event_id, state, attempts, next_attempt_at, last_error)
select uuidv7(), now(), :partner, :endpoint, told.id, 'pending', 0, now() - interval '1 hour', '' from told
""")


async def owe_many(cast, endpoint: WebhookEndpoint, count: int, *, each: int = 1) -> None:
    """Owe an endpoint a backlog at once: so many events, `each` about one subject."""
    async with transaction(EVERYONE) as session:
        await session.execute(OWE_MANY, owed(cast, endpoint, count, each))


def owed(cast, endpoint: WebhookEndpoint, count: int, each: int = 1) -> dict[str, object]:
    """Name a backlog for `OWE_MANY`."""
    names = {"partner": cast.partner.id, "endpoint": endpoint.id, "count": count, "each": each}
    return {**names, "salt": str(endpoint.id)}


async def set_endpoint(endpoint: WebhookEndpoint, **values) -> None:
    async with transaction(EVERYONE) as session:
        await session.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).values(**values))


async def advance(cast, by: timedelta) -> None:
    """Move the partner's test clock."""
    async with transaction(EVERYONE) as session:
        seconds = Partner.test_clock_seconds + int(by.total_seconds())
        moved = update(Partner).where(Partner.id == cast.partner.id).values(test_clock_seconds=seconds)
        await session.execute(moved.execution_options(synchronize_session=False))


def answered(claim: Claim, status: int | None = 200, error: str | None = None, **headers: str) -> Tried:
    """Say what a receiver answered, where nothing need go over a wire."""
    return Tried(claim, {}, outbound.Attempt(status, 5, error, response_headers=headers), wall())


async def due_now(*delivery_ids) -> None:
    """Let time pass for these deliveries and their endpoints, without waiting for it."""
    async with transaction(EVERYONE) as session:
        moment = now() - timedelta(seconds=1)
        picked = Delivery.id.in_(delivery_ids)
        await session.execute(update(Delivery).where(picked).values(next_attempt_at=moment))
        endpoints = select(Delivery.endpoint_id).where(picked)
        await session.execute(
            update(WebhookEndpoint).where(WebhookEndpoint.id.in_(endpoints)).values(paused_until=None)
        )


async def claim_for(*endpoints: WebhookEndpoint, wanted: int = 500):
    async with transaction(WORKER.tenancy) as session:
        taken = await delivery_claims.claim(session, WORKER, wanted)
    ids = {endpoint.id for endpoint in endpoints}
    return [claim for claim in taken.claims if claim.door.endpoint_id in ids]


async def settle(*tries):
    """Settle in one transaction; answer each one's new state, None where the lease was lost."""
    async with transaction(WORKER.tenancy) as session:
        states = await delivery_results.settle(session, WORKER, tries)
    return [states.get(tried.claim.delivery_id) for tried in tries]


async def work_once(*endpoints: WebhookEndpoint, **options):
    """Claim, try and settle everything that is due for these endpoints, once."""
    return await settle(*[await delivery_attempts.attempt(claim, **options) for claim in await claim_for(*endpoints)])


async def end_leases(*endpoints: WebhookEndpoint) -> None:
    """Let the leases of these endpoints' deliveries end, without waiting for it."""
    async with transaction(EVERYONE) as session:
        held = Delivery.endpoint_id.in_([endpoint.id for endpoint in endpoints]), Delivery.lease_until.is_not(None)
        await session.execute(update(Delivery).where(*held).values(lease_until=now() - timedelta(seconds=1)))


async def until_one_waits_for_a_lock(seconds: float = 15) -> None:
    """See in the database that somebody's transaction waits for another's."""
    waits = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and pid <> pg_backend_pid()")
    async with asyncio.timeout(seconds):
        while True:
            async with transaction(EVERYONE) as session:
                if (await session.execute(waits)).scalar_one():
                    return
            await asyncio.sleep(0.02)


async def deliveries_of(endpoint: WebhookEndpoint) -> list[Delivery]:
    async with transaction(EVERYONE) as session:
        statement = select(Delivery).where(Delivery.endpoint_id == endpoint.id).order_by(Delivery.id)
        return list((await session.execute(statement)).scalars())


async def attempts_of(delivery: Delivery) -> list[Attempt]:
    async with transaction(EVERYONE) as session:
        statement = select(Attempt).where(Attempt.delivery_id == delivery.id).order_by(Attempt.number)
        return list((await session.execute(statement)).scalars())


async def endpoint_row(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id))).scalar_one()
