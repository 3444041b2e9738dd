"""The test clock: moved by one partner, for its own test data, never backwards and never without end."""

import asyncio
from contextlib import aclosing
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from backoffice import clock
from backoffice.adapters import live
from backoffice.db import transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.services import (
    decisions,
    lost_screenings,
    review_claims,
    screenings,
    test_clocks,
)
from tests.api.simulation_cast import (
    ADVANCE,
    CLOCK,
    EVERYONE,
    NEW,
    URL,
    WALKED,
    begin,
    history,
    in_review,
    keyed,
    post,
    refused,
    row_of,
    simulate,
)
from tests.services.review_cast import CLEAN, SYSTEM, make_cast, member

DAY = 86_400


async def advance(client, world, seconds, **headers):
    return await client.post(ADVANCE, headers=await keyed(world) | headers, json={"seconds": seconds})


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "missing", "/seconds"),
        ({"seconds": 0}, "out_of_range", "/seconds"),
        ({"seconds": -60}, "out_of_range", "/seconds"),
        ({"seconds": 90 * DAY + 1}, "out_of_range", "/seconds"),
        ({"seconds": 10**30}, "out_of_range", "/seconds"),
        ({"seconds": "60"}, "invalid_type", "/seconds"),
        ({"seconds": 1.5}, "invalid_type", "/seconds"),
        ({"seconds": True}, "invalid_type", "/seconds"),
        ({"seconds": None}, "invalid_type", "/seconds"),
        ({"seconds": 60, "partner_id": "ptr_1"}, "unknown_field", "/partner_id"),
    ],
)
async def test_a_clock_takes_whole_seconds_up_to_ninety_days(client, acme, body, code, pointer):
    refused(await client.post(ADVANCE, headers=await keyed(acme), json=body), 422, code, pointer)
    assert (await client.get(CLOCK, headers=await keyed(acme))).json()["ahead_seconds"] == 0


# The clock


async def test_the_clock_moves_on_and_says_where_it_is(client, acme):
    first = (await advance(client, acme, 90 * DAY)).json()
    assert (first["object"], first["ahead_seconds"]) == ("test_clock", 90 * DAY)
    second = (await advance(client, acme, 60)).json()
    assert second["ahead_seconds"] == 90 * DAY + 60
    read = (await client.get(CLOCK, headers=await keyed(acme))).json()
    assert read["ahead_seconds"] == 90 * DAY + 60
    shown = datetime.fromisoformat(read["now"]) - timedelta(seconds=read["ahead_seconds"])
    assert abs(shown - clock.wall()) < timedelta(seconds=30)
    body = await post(client, acme)
    assert datetime.fromisoformat(body["submitted_at"]) >= datetime.fromisoformat(read["now"])
    live_body = await post(client, acme, livemode=True)
    assert abs(datetime.fromisoformat(live_body["submitted_at"]) - clock.wall()) < timedelta(seconds=30)


async def test_steps_at_once_add_up(client, acme):
    answers = await asyncio.gather(*(advance(client, acme, DAY) for _ in range(8)))
    assert sorted(answer.json()["ahead_seconds"] for answer in answers) == [DAY * step for step in range(1, 9)]
    assert (await client.get(CLOCK, headers=await keyed(acme))).json()["ahead_seconds"] == 8 * DAY


async def test_a_clock_ends_somewhere(client, acme):
    most = int(test_clocks.MOST.total_seconds())
    async with transaction(EVERYONE) as session:
        await session.execute(update(Partner).where(Partner.id == acme.partner_id).values(test_clock_seconds=most - 60))
    refused(await advance(client, acme, 61), 422, "out_of_range", "/seconds")
    assert (await advance(client, acme, 60)).json()["ahead_seconds"] == most
    refused(await advance(client, acme, 1), 422, "out_of_range", "/seconds")
    assert (await post(client, acme))["status"] == "submitted"


async def test_the_same_step_under_the_same_key_is_one_step(client, acme):
    first = await advance(client, acme, 3 * DAY, **{"Idempotency-Key": "step"})
    again = await advance(client, acme, 3 * DAY, **{"Idempotency-Key": "step"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (await client.get(CLOCK, headers=await keyed(acme))).json()["ahead_seconds"] == 3 * DAY


async def test_an_advance_is_audited_in_real_time_and_wakes_who_waits(client, acme):
    waiting = await jobs("test_clock.catch_up")
    hears = asyncio.create_task(_hear({"deliveries:due", f"partner:{acme.partner_id}"}))
    while not (await live.redis_client().pubsub_numsub(live.CHANNEL))[0][1]:
        await asyncio.sleep(0.01)
    await acme.key("test", livemode=False)
    await advance(client, acme, 30 * DAY)
    await hears
    assert await jobs("test_clock.catch_up") == waiting + 1
    body = await post(client, acme)
    async with transaction(EVERYONE) as session:
        sql = "select * from audit_entries where partner_id = :p and action = 'test_clock.advanced'"
        entry = (await session.execute(text(sql), {"p": acme.partner_id})).one()
        sql = "select max(created_at) from audit_entries where subject_id = :d"
        newest = (await session.execute(text(sql), {"d": parse_public_id(Prefix.DOCUMENT, body["id"])})).scalar_one()
    assert entry.actor_id == acme.key_ids["test"]
    assert entry.changes == {"seconds": 30 * DAY, "ahead_seconds": 30 * DAY}
    assert entry.created_at <= newest <= clock.wall()


async def _hear(names):
    async with aclosing(live.listen()) as heard, asyncio.timeout(10):
        async for name in heard:
            names.discard(name)
            if not names:
                return


async def jobs(name):
    async with transaction(EVERYONE) as session:
        sql = "select count(*) from pgqueuer where entrypoint = :name"
        return (await session.execute(text(sql), {"name": name})).scalar_one()


async def test_time_passes_for_ones_own_test_data_only(client, acme, rival):
    bodies = {
        "mine": (acme, await post(client, acme)),
        "live": (acme, await post(client, acme, livemode=True)),
        "theirs": (rival, await post(client, rival)),
    }
    await advance(client, acme, 2 * 3_600)
    late = {}
    for whose, (world, body) in bodies.items():
        headers = await world.headers() if body["livemode"] else await keyed(world)
        late[whose] = (await client.get(f"{URL}/{body['id']}", headers=headers)).json()["sla"]["breached"]
    assert late == {"mine": True, "live": False, "theirs": False}


async def test_a_late_decision_is_late_by_the_test_clock(client, acme):
    body = await post(client, acme)
    await advance(client, acme, 2 * 3_600)
    late = (await simulate(client, acme, body["id"], "approved")).json()
    assert (late["sla"]["due_at"], late["sla"]["breached"]) == (body["sla"]["due_at"], True)
    in_time = await post(client, acme)
    assert (await simulate(client, acme, in_time["id"], "approved")).json()["sla"]["breached"] is False


async def test_workers_and_reviewers_do_not_answer_before_they_are_asked(client, acme):
    """They live in the present, the document days ahead of it."""
    await advance(client, acme, 5 * DAY)
    body, task = await in_review(client, acme)
    kim = await member(await make_cast(), Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        mine = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(session, kim, task.id, outcome=Outcome.APPROVED, version=mine.version)
    async with transaction(EVERYONE) as session:
        assert await decisions.finalize(session, SYSTEM, task.id, verdict.id) is None, "the undo window is real time"
    async with transaction(EVERYONE) as session:
        passed = verdict.final_at - timedelta(minutes=1)
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(verdict_final_at=passed))
        assert await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    assert await history(client, acme, body["id"]) == [*NEW, *WALKED, "document.approved"]
    read = (await client.get(f"{URL}/{body['id']}", headers=await keyed(acme))).json()
    assert body["submitted_at"] <= read["decision"]["decided_at"] <= read["completed_at"]
    async with transaction(EVERYONE) as session:
        claimed = (await session.execute(select(Event).where(Event.subject_id == task.id))).scalars().one()
    assert claimed.created_at > clock.wall() + timedelta(days=4)
    assert (await row_of(ReviewTask, body["id"])).completed_at <= clock.wall()


async def test_screening_asks_whether_a_document_is_valid_at_its_own_time(client, acme):
    asked = []

    class Notes:
        async def screen(self, *_, today, **__):
            asked.append(today)
            return CLEAN

    for step in (0, 40):
        if step:
            await advance(client, acme, step * DAY)
        body = await post(client, acme)
        await screenings.run(await begin(body["id"]), Notes(), timeout=1)
    assert timedelta(days=39) <= asked[1] - asked[0] <= timedelta(days=41)


async def test_lost_work_is_found_again_by_the_test_clock(client, acme):
    await advance(client, acme, 5 * DAY)
    body = await post(client, acme)
    key = screenings.dedupe_key(parse_public_id(Prefix.DOCUMENT, body["id"]))
    waits = text("select count(*) from pgqueuer where dedupe_key = :key")
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from pgqueuer where dedupe_key = :key"), {"key": key})
        await lost_screenings.enqueue_unscreened(session, SYSTEM)
        assert (await session.execute(waits, {"key": key})).scalar_one() == 0
    await advance(client, acme, int(lost_screenings.LATE.total_seconds()) + 1)
    async with transaction(EVERYONE) as session:
        await lost_screenings.enqueue_unscreened(session, SYSTEM)
        assert (await session.execute(waits, {"key": key})).scalar_one() == 1


async def test_links_end_in_real_time(client, acme):
    await advance(client, acme, 90 * DAY)
    body = await post(client, acme)
    where = f"{URL}/{body['id']}/files/{body['files'][0]['id']}?variant=original"
    link = (await client.get(where, headers=await keyed(acme))).json()
    assert datetime.fromisoformat(link["expires_at"]) < clock.wall() + timedelta(minutes=10)
    assert (await client.get("/api/v1" + link["url"].split("/api/v1")[1])).status_code == 200
