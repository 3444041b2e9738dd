"""What makes each rule speak: real rows of a test's own partner."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from backoffice.clock import at, now, present
from backoffice.db import Tenancy, transaction
from backoffice.models.alerts import Alert, AlertKind
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import new_id
from backoffice.models.usage import ApiRequest
from backoffice.services import alert_checks
from backoffice.services.access import Actor
from tests.services.review_cast import in_review
from tests.services.webhook_cast import endpoint_of, set_endpoint

EVERYONE = Tenancy.everyone()
ALERTS = Actor.system(name="alerts")
NOWHERE = "http://127.0.0.1:9/hook"


async def checked(cast, moment=None) -> int:
    """Go through one partner's rules, at another moment if told."""
    with at(moment or now()):
        async with transaction(EVERYONE) as session:
            return await alert_checks.check(session, ALERTS, cast.partner.id)


async def found(cast, kind: AlertKind | None = None) -> list[Alert]:
    """Every alert of a partner, the oldest first."""
    statement = select(Alert).where(Alert.partner_id == cast.partner.id).order_by(Alert.id)
    async with transaction(EVERYONE) as session:
        rows = (await session.execute(statement)).scalars().all()
    return [row for row in rows if kind in (None, row.kind)]


async def only(cast) -> Alert:
    [row] = await found(cast)
    return row


async def asked(cast, *statuses: int, age: timedelta = timedelta()) -> None:
    """Log answered live requests."""
    with at(now() - age):
        async with transaction(EVERYONE) as session:
            session.add_all(
                ApiRequest(
                    partner_id=cast.partner.id, livemode=True, key_id=new_id(), method="GET", route="/documents",
                    path="/documents", status=status, duration_ms=3.0,
                )
                for status in statuses
            )  # fmt: skip


async def used(cast, documents: int) -> None:
    """Let so many of the month's documents be used."""
    sql = """insert into usage_counters (partner_id, livemode, metric, month, used)
             values (:p, true, 'documents', :m, :n)
             on conflict (partner_id, livemode, metric, month) do update set used = excluded.used"""
    async with transaction(EVERYONE) as session:
        await session.execute(text(sql), {"p": cast.partner.id, "m": present().date().replace(day=1), "n": documents})


async def failing(cast, since: timedelta, **values):
    """An endpoint that has failed for so long."""
    endpoint, _ = await endpoint_of(cast, NOWHERE, description="Orders")
    await set_endpoint(endpoint, failing_since=now() - since, **values)
    return endpoint


async def well(endpoint) -> None:
    await set_endpoint(endpoint, failing_since=None)


async def key_until(cast, moment, *, livemode: bool = True) -> UUID:
    """A key that ends then."""
    key = ApiKey(partner_id=cast.partner.id, name="Checkout", livemode=livemode, expires_at=moment)
    async with transaction(EVERYONE) as session:
        session.add(key)
    return key.id


async def late_reviews(cast, near: int, over: int = 0) -> None:
    """Reviews that have used most of their time, and some that are past it."""
    for number in range(near + over):
        task = await in_review(cast)
        due = now() + (timedelta(minutes=-5) if number < over else timedelta(minutes=5))
        sql = "update review_tasks set warn_at = :w, due_at = :d, version = version + 1 where id = :t"
        async with transaction(EVERYONE) as session:
            await session.execute(text(sql), {"w": now() - timedelta(minutes=30), "d": due, "t": task.id})


async def letters_of(cast) -> list[tuple[str, UUID]]:
    """Whom the jobs that wait are to write to: rhythm and member, the oldest first."""
    sql = text("""select l.rhythm, l.member_id from alert_letters l
        join pgqueuer q on q.entrypoint = 'alert.mail'
            and convert_from(q.payload, 'utf8')::jsonb ->> 'letter_id' = l.id::text
        where l.partner_id = :p order by l.id""")
    async with transaction(EVERYONE) as session:
        return [tuple(row) for row in await session.execute(sql, {"p": cast.partner.id})]


async def letter_ids(cast) -> list[UUID]:
    sql = text("select id from alert_letters where partner_id = :p order by id")
    async with transaction(EVERYONE) as session:
        return list((await session.execute(sql, {"p": cast.partner.id})).scalars())
