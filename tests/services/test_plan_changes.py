"""Changes of plan: who may, upwards at once, downwards with the month, told and written down."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.jobs import billing as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.events import Event
from backoffice.models.invoices import Month
from backoffice.models.members import Role
from backoffice.models.partners import Partner, Plan
from backoffice.services import events, plan_changes
from tests.services.billing_cast import EVERYONE
from tests.services.review_cast import make_cast, member
from tests.services.test_event_types import check

pytestmark = pytest.mark.usefixtures("database")


async def change(actor, plan):
    async with transaction(actor.tenancy) as session:
        return await plan_changes.change(session, actor, plan)


async def plan_of(cast):
    async with transaction(EVERYONE) as session:
        return (await session.get(Partner, cast.partner.id)).plan


async def told(cast):
    async with transaction(EVERYONE) as session:
        where = Event.partner_id == cast.partner.id
        rows = (await session.execute(select(Event).where(where).order_by(Event.id))).scalars().all()
        noted = select(AuditEntry.action).where(AuditEntry.partner_id == cast.partner.id).order_by(AuditEntry.id)
        assert [row.type for row in rows] == list((await session.execute(noted)).scalars())
    for row in rows:
        check(events.envelope(row))
    return [row.type for row in rows]


async def test_only_an_administrator_changes_the_plan():
    acme = await make_cast()
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.REVIEWER, Role.AUDITOR, Role.OPERATOR):
        actor = await member(acme, role)
        for ask in (lambda session, one: plan_changes.change(session, one, Plan.FREE), plan_changes.cancel):
            with pytest.raises(NotAllowed):
                async with transaction(actor.tenancy) as session:
                    await ask(session, actor)
    assert await plan_of(acme) == Plan.STANDARD
    assert await told(acme) == []


async def test_upwards_is_at_once_and_downwards_with_the_month():
    acme, rival = await make_cast(), await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    await change(admin, Plan.ENTERPRISE)
    assert (await plan_of(acme), await plan_of(rival)) == (Plan.ENTERPRISE, Plan.STANDARD)
    row = await change(admin, Plan.FREE)
    assert row.effective_at == Month.of(now()).ends
    assert await plan_of(acme) == Plan.ENTERPRISE
    await jobs.apply_plans()
    assert await plan_of(acme) == Plan.ENTERPRISE
    with at(row.effective_at):
        await jobs.apply_plans()
        await jobs.apply_plans()
    assert await plan_of(acme) == Plan.FREE
    assert await told(acme) == ["plan.changed", "plan.change_scheduled", "plan.changed"]


async def test_one_that_waits_is_canceled_by_another_or_taken_back():
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    with pytest.raises(NotFound):
        async with transaction(admin.tenancy) as session:
            await plan_changes.cancel(session, admin)
    await change(admin, Plan.FREE)
    for plan in (Plan.FREE, Plan.STANDARD):
        with pytest.raises(Conflict):
            await change(admin, plan)
    await change(admin, Plan.ENTERPRISE)
    async with transaction(admin.tenancy) as session:
        assert await plan_changes.waits(session, admin) is None
    await change(admin, Plan.STANDARD)
    async with transaction(admin.tenancy) as session:
        assert (await plan_changes.cancel(session, admin)).to_plan == Plan.STANDARD
    with at(Month.of(now()).ends + timedelta(days=1)):
        await jobs.apply_plans()
    assert await plan_of(acme) == Plan.ENTERPRISE
    assert (await told(acme))[-2:] == ["plan.change_scheduled", "plan.change_canceled"]


async def test_two_at_once_arrange_one_change():
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    made = await asyncio.gather(*(change(admin, Plan.FREE) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "Conflict", "PlanChange"]


async def test_the_database_holds_one_waiting_change_per_partner():
    acme = await make_cast()
    sql = """insert into plan_changes (id, created_at, partner_id, from_plan, to_plan, effective_at)
             select gen_random_uuid(), now(), :p, 'standard', 'free', now() from generate_series(1, 2)"""
    with pytest.raises(DBAPIError, match="uq_plan_changes_waits"):
        async with transaction(EVERYONE) as session:
            await session.execute(text(sql), {"p": acme.partner.id})
