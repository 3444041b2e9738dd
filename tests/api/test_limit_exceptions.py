"""Exceptions from a plan's limits: who may make them, and that each is held where the limit is held."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from backoffice import clock
from backoffice.api import limits
from backoffice.api.stream_slots import slots
from backoffice.clock import present
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Partner, Plan
from backoffice.models.plans import PLANS, LimitName, PlanLimits
from backoffice.services import fleet, limit_exceptions, partners, plan_changes, quotas, tiers
from backoffice.services.access import Actor
from backoffice.viewmodels.limits import granted_rows, limit_rows, plan_effects, tier_rows
from tests.api.test_quotas import QUOTA, send, told, use_up, used
from tests.api.world import make_world
from tests.services.people import actor_of, make_partner, make_person

MONTHLY = LimitName.DOCUMENTS_PER_MONTH


@pytest.fixture
async def world(database):
    return await make_world(plan=Plan.FREE)


@pytest.fixture
async def operator(database):
    return actor_of(await make_person(Role.OPERATOR))


async def call(function, actor, *arguments, **options):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *arguments, **options)


async def grant(actor, partner_id, name=MONTHLY, value=500, *, reason="Ticket 991", until=None):
    return await call(limit_exceptions.grant, actor, partner_id, name, value=value, reason=reason, until=until)


async def held(partner_id):
    async with transaction(Tenancy.everyone()) as session:
        return partners.terms_of(await session.get_one(Partner, partner_id))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR}))
async def test_only_operators_make_exceptions(role, world):
    is_partners = role.startswith("partner")
    person = actor_of(await make_person(role, world.partner_id if is_partners else None))
    with pytest.raises(NotAllowed):
        await grant(person, world.partner_id)
    with pytest.raises(NotAllowed):
        await call(limit_exceptions.end, person, world.partner_id, MONTHLY)
    if role != Role.AUDITOR:
        for function in (limit_exceptions.granted, tiers.read):
            with pytest.raises(NotAllowed):
                await call(function, person)
    assert (await held(world.partner_id)).exceptions == {}


async def test_an_operator_within_another_partner_makes_none(operator, world):
    other = await make_partner()
    with pytest.raises(NotFound):
        await grant(operator.within(other), world.partner_id)
    with pytest.raises(NotFound):
        await grant(operator, new_id())


async def test_what_makes_no_sense_is_refused_with_its_place(operator, world):
    for value, reason, until, place in (
        (0, "x", None, "/value"),
        (10**12, "x", None, "/value"),
        (5, " \n ", None, "/reason"),
        (5, "x" * 301, None, "/reason"),
        (5, "x", present(), "/until"),
        (5, "x", present() + timedelta(days=4_000), "/until"),
    ):
        with pytest.raises(Invalid) as told_:
            await grant(operator, world.partner_id, value=value, reason=reason, until=until)
        assert told_.value.pointer == place
    with pytest.raises(Conflict):
        await call(limit_exceptions.end, operator, world.partner_id, MONTHLY)
    await grant(operator, world.partner_id)
    with pytest.raises(Conflict):
        await grant(operator, world.partner_id)


async def test_more_documents_go_in_at_once_and_the_end_of_it_shuts_them_out(client, world, operator):
    headers = await world.headers()
    await use_up(world, 100)
    assert (await send(client, headers)).json()["code"] == "quota_exceeded"
    await grant(operator, world.partner_id, value=102)
    assert (await client.get(QUOTA, headers=headers)).json()["documents"] | {"resets_at": 0} == {
        "included": 102, "used": 100, "remaining": 2, "resets_at": 0,
    }  # fmt: skip
    assert [(await send(client, headers)).status_code for _ in range(3)] == [201, 201, 429]
    body = (await send(client, headers)).json()
    assert body["detail"].startswith("You have 102 live documents a month")
    await call(limit_exceptions.end, operator, world.partner_id, MONTHLY)
    assert (await send(client, headers)).json()["detail"].startswith("The plan free includes 100")
    assert await used(world) == [102]


async def test_what_was_told_is_told_anew_once_there_is_more_room(client, world, operator):
    headers = await world.headers()
    await use_up(world, 99)
    assert (await send(client, headers)).status_code == 201
    assert (await send(client, headers)).status_code == 429
    kinds = [one[0] for one in await told(world)]
    assert kinds == ["quota.threshold_reached"] * 3 + ["quota.exceeded"]
    await grant(operator, world.partner_id, value=1_000)
    await use_up(world, 799)
    assert (await send(client, headers)).status_code == 201
    assert (await told(world))[4:] == [("quota.threshold_reached", "80", "800")]


async def test_a_larger_plan_tells_anew_as_well_and_ends_what_it_makes_needless(client, world, operator):
    headers = await world.headers()
    await use_up(world, 99)
    assert (await send(client, headers)).status_code == 201
    await grant(operator, world.partner_id, value=500)
    await grant(operator, world.partner_id, LimitName.STREAMS, 40)
    await grant(operator, world.partner_id, LimitName.PER_DAY, 400, reason="Their loop")
    line = await call(fleet.line, operator, world.partner_id)
    assert [(one.key, one.used, one.value) for one in plan_effects(line, Plan.STANDARD)][:3] == [
        ("documents_per_month", "500", "10,000"), ("per_second", "5", "50"), ("burst", "20", "100"),
    ]  # fmt: skip
    await call(plan_changes.change, operator.within(world.partner_id), Plan.STANDARD)
    assert set((await held(world.partner_id)).exceptions) == {LimitName.STREAMS, LimitName.PER_DAY}
    await use_up(world, 7_999)
    assert (await send(client, headers)).status_code == 201
    assert (await told(world))[-1] == ("quota.threshold_reached", "80", "8000")


async def test_who_pays_for_less_keeps_no_more_than_that(world, operator):
    inside = operator.within(world.partner_id)
    await call(plan_changes.change, inside, Plan.ENTERPRISE)
    await grant(operator, world.partner_id, value=3_000_000)
    await grant(operator, world.partner_id, LimitName.PER_DAY, 500_000, reason="Their loop")
    await grant(operator, world.partner_id, LimitName.STREAMS, 1, reason="Their loop")
    change = await call(plan_changes.change, inside, Plan.STANDARD)
    assert (await held(world.partner_id)).limits.documents_per_month == 3_000_000
    with clock.at(change.effective_at):
        await call(plan_changes.apply, Actor.system(), world.partner_id)
        found = await held(world.partner_id)
    assert (found.plan, set(found.exceptions)) == (Plan.STANDARD, {LimitName.STREAMS})


async def test_a_body_that_took_its_time_is_counted_by_what_holds_now(world, operator):
    """The key was known at 99 of 100; the operator made room while the body came in."""
    actor, before = replace(Actor.system(world.partner_id), livemode=True), await held(world.partner_id)
    await use_up(world, 100)
    await grant(operator, world.partner_id, value=1_000)
    async with transaction(actor.tenancy) as session:
        await quotas.count(session, actor, before)
    assert await used(world) == [101]
    await use_up(world, 99)
    async with transaction(actor.tenancy) as session:
        await quotas.count(session, actor, before)
    assert await told(world) == []
    with pytest.raises(quotas.QuotaExceeded):
        await quotas.refuse(actor, before)
    assert await told(world) == []


async def test_what_a_newer_version_wrote_is_left_alone(world, operator):
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get_one(Partner, world.partner_id)
        row.exceptions = {"colours": {"value": "blue"}}
    assert (await held(world.partner_id)).exceptions == {}
    await grant(operator, world.partner_id)
    async with transaction(Tenancy.everyone()) as session:
        assert set((await session.get_one(Partner, world.partner_id)).exceptions) == {"colours", "documents_per_month"}


async def test_at_once_come_as_many_as_in_a_second(world, operator):
    with pytest.raises(Invalid, match="at least as many"):
        await grant(operator, world.partner_id, LimitName.BURST, 4)
    await grant(operator, world.partner_id, LimitName.PER_SECOND, 7)
    line = await call(fleet.line, operator, world.partner_id)
    assert {one.key: one.value for one in limit_rows(line, since=None)}["burst"] == "21"


async def test_an_exception_ends_by_itself(client, world, operator):
    until = present() + timedelta(hours=1)
    await use_up(world, 100)
    await grant(operator, world.partner_id, until=until)
    assert (await send(client, await world.headers())).status_code == 201
    with clock.at(until - timedelta(seconds=1)):
        assert (await held(world.partner_id)).limits.documents_per_month == 500
    with clock.at(until):
        assert (await held(world.partner_id)).limits.documents_per_month == 100
        assert world.partner_id not in {one.partner_id for one in await call(limit_exceptions.granted, operator)}
        with pytest.raises(Conflict):
            await call(limit_exceptions.end, operator, world.partner_id, MONTHLY)


async def test_requests_are_held_to_the_exception(client, world, operator):
    headers = await world.headers()
    await grant(operator, world.partner_id, LimitName.PER_SECOND, 7)
    await grant(operator, world.partner_id, LimitName.PER_DAY, 3)
    answers = [await client.get(QUOTA, headers=headers) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert '"burst";q=21;w=3' in answers[0].headers["ratelimit-policy"]
    assert '"daily";q=3;w=86400' in answers[0].headers["ratelimit-policy"]
    assert answers[0].json()["requests"][1] == {"name": "daily", "quota": 3, "seconds": 86_400, "counts": "all"}


async def test_streams_are_held_to_the_exception(client, world, operator):
    headers = await world.headers()
    await grant(operator, world.partner_id, LimitName.STREAMS, 1)
    key = public_id(Prefix.API_KEY, world.key_ids["live"])
    assert await slots.take(key, "held by another tab", PLANS[Plan.FREE].streams)
    refused = await client.get("/api/v1/events/stream", headers=headers)
    await slots.give_back(key, "held by another tab")
    assert (refused.status_code, "1 streams" in refused.json()["detail"]) == (429, True)


@pytest.mark.parametrize(("per_second", "burst"), [(5, 20), (60, 100), (7, 20), (100, 30), (1, 1)])
def test_what_comes_back_in_a_second_is_what_the_limit_says(per_second, burst):
    policy = PlanLimits(per_second, burst, 9_999, 1, 1).requests[0]
    assert policy.quota / policy.seconds == per_second
    assert burst <= policy.quota < burst + per_second


def test_plans_say_what_they_always_said():
    assert [limits.of_key(PLANS[plan]).policies[0].quota for plan in Plan] == [20, 100, 600]


async def test_who_did_what_stands_in_the_trail_and_on_the_pages(world, operator):
    until = present() + timedelta(days=3)
    await grant(operator, world.partner_id, until=until)
    await grant(operator, world.partner_id, value=600)
    await call(limit_exceptions.end, operator, world.partner_id, MONTHLY)
    await grant(operator, world.partner_id, value=700, reason="Ticket 992")
    async with transaction(Tenancy.everyone()) as session:
        trail = select(AuditEntry).where(col(AuditEntry.partner_id) == world.partner_id).order_by(col(AuditEntry.id))
        rows = [row for row in (await session.execute(trail)).scalars() if row.action.startswith("partner.limit")]
    assert [row.action.rpartition("_")[2] for row in rows] == ["granted", "granted", "ended", "granted"]
    assert [row.changes["documents_per_month"] for row in rows] == [[100, 500], [500, 600], [600, 100], [100, 700]]
    assert (rows[0].changes["until"], rows[0].changes["reason"]) == (until.isoformat(), "Ticket 991")
    line = await call(fleet.line, operator, world.partner_id)
    [monthly, *others] = limit_rows(line, since=None)
    assert (monthly.value, monthly.usual, monthly.is_exception, "Ticket 992" in monthly.why) == (
        "700",
        "100",
        True,
        True,
    )
    assert not any(one.is_exception for one in others)
    found = await call(tiers.read, operator)
    [mine] = [
        one for one in granted_rows(found.granted) if one.key.startswith(public_id(Prefix.PARTNER, world.partner_id))
    ]
    assert (mine.usual, mine.value, mine.plan) == ("100", "700", "Free")
    rows = {one.key: [value.words for value in one.cells] for one in tier_rows(found)}
    assert rows["Limits.Live documents a month"] == ["100", "10,000", "1,000,000"]
    assert int(rows["Partners.On this plan"][0].replace(",", "")) >= 1


async def test_a_partner_near_its_exception_is_near(world, operator):
    before = (await call(tiers.read, operator)).counts[Plan.FREE].near
    await grant(operator, world.partner_id, value=10)
    await use_up(world, 8)
    assert (await call(tiers.read, operator)).counts[Plan.FREE].near == before + 1
    await grant(operator, world.partner_id, value=11)
    assert (await call(tiers.read, operator)).counts[Plan.FREE].near == before
    actor = Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        assert (await quotas.standing(session, actor)).included == 11
