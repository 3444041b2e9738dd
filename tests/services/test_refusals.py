"""Refusals that wait are written when their minute is over, and at the end: a short burst counts as what it was."""

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.services import refusals as module
from backoffice.services.refusals import Refusals, refusals
from backoffice.services.request_log import RequestLog
from backoffice.state.gate import EventGate
from tests.services.people import actor_of, make_person

pytestmark = pytest.mark.usefixtures("database")


async def an_analyst():
    return actor_of(await make_person(Role.PARTNER_ANALYST))


async def trail(actor) -> list[AuditEntry]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.actor_id == actor.id, AuditEntry.result == "denied")
        return list((await session.execute(statement.order_by(AuditEntry.id))).scalars())


async def counted(actor) -> int:
    return sum(1 + int(one.changes.get("unwritten", 0)) for one in await trail(actor))


async def test_a_short_burst_is_written_when_its_minute_is_over_with_its_own_time():
    actor, kept = await an_analyst(), Refusals(seconds=0.5)
    for number in range(5):
        await kept.note(actor, "page.refused", {"page": f"/{number}"})
    last = clock.wall()
    await kept.flush()
    assert await counted(actor) == 1, "within its minute it waits"
    await asyncio.sleep(0.55)
    await kept.flush()
    await kept.flush()
    first, rest = await trail(actor)
    assert first.changes == {"page": "/0"}
    assert (rest.changes["page"], rest.changes["unwritten"], rest.partner_id) == ("/4", 3, actor.partner_id)
    assert timedelta() <= last - datetime.fromisoformat(rest.changes["last_at"]) < timedelta(seconds=0.4)
    await kept.note(actor, "page.refused", {"page": "/5"})
    assert len(await trail(actor)) == 2, "an entry begins a minute of quiet, whoever wrote it"
    await kept.flush(is_ending=True)
    assert await counted(actor) == 6


async def test_the_next_one_after_a_minute_says_how_many_were_passed_over():
    actor, kept = await an_analyst(), Refusals(seconds=0.2)
    for _ in range(4):
        await kept.note(actor, "page.refused", {"page": "/"})
    await asyncio.sleep(0.25)
    await kept.note(actor, "page.refused", {"page": "/"})
    assert [one.changes.get("unwritten") for one in await trail(actor)] == [None, 3]
    await kept.flush(is_ending=True)
    assert await counted(actor) == 5


async def test_the_task_of_the_request_log_writes_what_waits_at_its_end():
    actor = await an_analyst()
    async with RequestLog().kept():
        for _ in range(3):
            await refusals.note(actor, "page.refused", {"page": "/"})
    assert await counted(actor) == 3


async def test_events_that_were_refused_are_counted_too():
    actor, gate = await an_analyst(), EventGate(lambda _: None)
    event = SimpleNamespace(name="work_state.approve", router_data=None)
    for _ in range(4):
        await gate._refuse(event, actor, "permission", "No.")
    await gate._refuse(SimpleNamespace(name="other", router_data=None), actor, "permission", "No.")
    await refusals.flush(is_ending=True)
    assert [(one.changes["event"], one.changes.get("unwritten")) for one in await trail(actor)] == [
        ("work_state.approve", None), ("other", None), ("work_state.approve", 2),
    ]  # fmt: skip


async def test_what_cannot_be_written_now_waits_on(monkeypatch):
    actor, kept = await an_analyst(), Refusals(seconds=60)
    for _ in range(3):
        await kept.note(actor, "page.refused", {"page": "/"})

    async def away(_):
        raise OSError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write", away)
        await kept.flush(is_ending=True)
    await kept.note(actor, "page.refused", {"page": "/"})
    await kept.flush(is_ending=True)
    assert await counted(actor) == 4


async def test_many_actors_need_little_memory_and_none_is_forgotten(monkeypatch):
    monkeypatch.setattr(module, "MOST_KNOWN", 6)
    actor, kept = await an_analyst(), Refusals()
    for number in range(20):
        for _ in range(2):
            await kept.note(actor, "page.refused", {"page": "/"}, apart=str(number))
    assert len(kept._written) <= 6
    await kept.flush(is_ending=True)
    assert await counted(actor) == 40
