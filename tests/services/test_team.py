"""The team's figures: equal to a recount with pandas from the raw tables, and for leads only."""

import random
from contextlib import asynccontextmanager
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import db
from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.members import Role
from backoffice.models.partners import Partner, Plan
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.models.reviewers import Availability
from backoffice.models.sla import Lane
from backoffice.models.team_counts import Burn
from backoffice.services import review_bars, review_claims, reviewers, team
from backoffice.viewmodels.team import burn_view
from tests.services.quality_cast import decided, three
from tests.services.review_cast import in_review, make_cast, member
from tests.services.test_second_reviews import begun, verdict

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
HOUR = timedelta(hours=1)


@asynccontextmanager
async def snapshot():
    """One view of the database, whatever other tests write meanwhile."""
    engine = db.engine(db.Store.MAIN).execution_options(isolation_level="REPEATABLE READ")
    async with AsyncSession(engine, expire_on_commit=False) as session:
        await session.execute(text("select set_config('app.everyone', 'on', true)"))
        yield session


async def frame(session, table: str) -> pd.DataFrame:
    result = await session.execute(text(f"select * from {table}"))
    return pd.DataFrame(result.mappings().all(), columns=list(result.keys()))


@pytest.fixture(scope="module")
async def busy(database):
    """A day of two reviewers and their lead: decided, waiting, claimed, late, paused, escalated, of test data too."""
    dice, moment = random.Random(11), now()
    cast = await make_cast()
    kim, joe, lena = await three(cast)
    async with transaction(EVERYONE) as session:
        await session.execute(update(Partner).where(Partner.id == cast.partner.id).values(plan=Plan.ENTERPRISE))
    for number in range(34):
        with at(moment - dice.uniform(0.1, 30) * HOUR):
            fields = {"livemode": number % 8 != 7}
            await decided(cast, (kim, joe)[number % 2], Outcome.APPROVED, took=dice.uniform(5, 200), **fields)
    tasks = [await in_review(cast, livemode=number % 5 != 4) for number in range(14)]
    async with transaction(EVERYONE) as session:
        late = "update sla_results set due_at = ended_at - interval '1 s' where partner_id = :p and began_at < :then"
        await session.execute(text(late), {"p": cast.partner.id, "then": moment - 20 * HOUR})
        for number, task in enumerate(tasks):
            row = await session.get(ReviewTask, task.id)
            row.due_at = moment + (number - 5) * timedelta(minutes=9)
            row.sla_paused_at = moment if number in {2, 9} else None
        await reviewers.set_availability(session, joe, joe.id, Availability.AVAILABLE)
    for number in (0, 1, 6):
        async with transaction(EVERYONE) as session:
            await review_claims.start(session, kim, tasks[number].id)
    async with transaction(EVERYONE) as session:
        await review_claims.claim(session, joe, tasks[3].id)
        await review_claims.escalate(session, joe, tasks[3].id)
    task, first, *_ = await begun()
    await verdict(first, task, Outcome.APPROVED)
    return cast, kim, joe, lena


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR])
@pytest.mark.parametrize("ask", [team.lanes, team.workers, team.burn])
async def test_only_leads_see_the_team(role, ask):
    person = await member(await make_cast(), role)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await ask(session, person)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_ANALYST, Role.REVIEWER])
async def test_attainment_is_for_leads_operators_and_auditors(role):
    person = await member(await make_cast(), role)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await team.attainment(session, person, days=30)


async def test_queues_equal_a_recount(busy):
    *_, lena = busy
    async with snapshot() as session:
        moment = now()
        with at(moment):
            got = await team.lanes(session, lena)
        tasks = await frame(session, "review_tasks")
    rows = tasks[(tasks.status != "completed") & tasks.verdict_id.isna() & tasks.livemode]
    assert [one.lane for one in got] == list(Lane)
    for one in got:
        mine = rows[rows.lane == one.lane]
        running = mine[mine.sla_paused_at.isna()]
        due = pd.to_datetime(running.due_at, utc=True)
        held = mine.claimed_by.notna() & (pd.to_datetime(mine.claim_expires_at, utc=True) > moment)
        assert one.open == len(mine)
        assert one.claimed == held.sum()
        assert one.breached == (due <= moment).sum()
        assert one.due_soon == ((due > moment) & (due <= moment + timedelta(minutes=30))).sum()
        assert one.paused == mine.sla_paused_at.notna().sum()
        assert one.oldest == (mine.created_at.min() if len(mine) else None)
    by_lane = {one.lane: one for one in got}
    assert by_lane[Lane.ESCALATED].open >= 1
    assert by_lane[Lane.SECOND_REVIEW].open >= 1
    assert by_lane[Lane.STANDARD].breached >= 1


async def test_the_day_equals_a_recount(busy):
    *_, lena = busy
    async with snapshot() as session:
        moment = now()
        with at(moment):
            got = await team.burn(session, lena)
        tasks = await frame(session, "review_tasks")
    created = pd.to_datetime(tasks.created_at, utc=True)
    ended = pd.to_datetime(tasks.completed_at, utc=True)
    # Other tests' clocks end tasks before they begin, and some write ended ones past the services.
    mine = tasks.livemode & ((ended.isna() & (tasks.status != "completed")) | (ended > created))
    live, created, ended = tasks[mine], created[mine], ended[mine]
    assert [point for point, _ in got.points] == [moment - hour * HOUR for hour in range(24, -1, -1)]
    for point, count in got.points:
        is_open = (created <= point) & (ended.isna() | (ended > point))
        if point == moment:
            is_open = (created <= point) & (live.status != "completed")
        assert count == is_open.sum(), moment - point
    assert got.arrived_hour == ((created > moment - HOUR) & (created <= moment)).sum()
    assert got.closed_hour == ((ended > moment - HOUR) & (ended <= moment)).sum()


async def test_attainment_equals_a_recount(busy):
    *_, lena = busy
    async with snapshot() as session:
        moment = now()
        with at(moment):
            got = await team.attainment(session, lena, days=30)
        tasks = await frame(session, "review_tasks")
        results = await frame(session, "sla_results")
        live = set(tasks[tasks.livemode].id)
    ended = pd.to_datetime(results.ended_at, utc=True)
    rows = results[(ended > moment - timedelta(days=30)) & (ended <= moment)]
    assert set(results.task_id) <= live
    table = rows.assign(kept=rows.ended_at <= rows.due_at).groupby(["plan", "lane"]).kept.agg(["sum", "count"])
    assert {(one.plan, one.lane): (one.rate.part, one.rate.whole) for one in got} == {
        key: (row["sum"], row["count"]) for key, row in table.iterrows()
    }
    mine = next(one for one in got if (one.plan, one.lane) == (Plan.ENTERPRISE, Lane.STANDARD))
    assert 0 < mine.rate.part < mine.rate.whole, "both kinds are there to be told apart"


async def test_people_equal_a_recount(busy):
    _, kim, joe, lena = busy
    async with snapshot() as session:
        moment = now()
        with at(moment):
            got = {one.id: one for one in await team.workers(session, lena)}
        tasks, metrics = await frame(session, "review_tasks"), await frame(session, "review_metrics")
    live = metrics.merge(tasks[tasks.livemode][["id"]], left_on="task_id", right_on="id")
    live = live[~live.undone]
    decided_at = pd.to_datetime(live.decided_at, utc=True)
    for person in (kim, joe):
        mine = (live.reviewer_id == person.id) & (decided_at <= moment)
        assert got[person.id].decided_day == (mine & (decided_at > moment - 24 * HOUR)).sum()
        assert got[person.id].decided_hour == (mine & (decided_at > moment - HOUR)).sum()
    held = tasks[(tasks.claimed_by == kim.id) & tasks.verdict_id.isna() & (tasks.status != "completed")]
    assert got[kim.id].task_id == held.sort_values("first_seen_at").id.iloc[-1]
    assert got[kim.id].assigned == len(held)
    assert (got[joe.id].is_available, got[joe.id].task_id) == (True, None)


async def test_what_a_lead_is_barred_from_is_not_counted(busy):
    cast, *_ = busy
    lead, other = await member(cast, Role.REVIEW_LEAD), await member(cast, Role.REVIEW_LEAD)
    async with snapshot() as session:
        before = sum(one.open for one in await team.lanes(session, lead))
        whole = (await team.burn(session, lead)).points[-1][1]
        await review_bars.bar(session, other, member_id=lead.id, partner_id=cast.partner.id, reason="A relative")
        after = sum(one.open for one in await team.lanes(session, lead))
        rest = (await team.burn(session, lead)).points[-1][1]
    assert (before - after, whole - rest) == (12, 12), "its open live tasks"


async def test_a_barred_lead_is_not_told_which_task_somebody_holds():
    cast, open_cast = await make_cast(), await make_cast()
    kim, lead = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEW_LEAD)
    other = await member(cast, Role.REVIEW_LEAD)
    free, secret = await in_review(open_cast), await in_review(cast)
    async with transaction(EVERYONE) as session:
        await reviewers.set_availability(session, kim, kim.id, Availability.AVAILABLE)
        await review_bars.bar(session, other, member_id=lead.id, partner_id=cast.partner.id, reason="A relative")
    for task, seen in ((free, free.id), (secret, free.id)):
        async with transaction(EVERYONE) as session:
            await review_claims.start(session, kim, task.id)
            (row,) = [one for one in await team.workers(session, lead) if one.id == kim.id]
            (whole,) = [one for one in await team.workers(session, other) if one.id == kim.id]
        assert (row.task_id, whole.task_id) == (seen, task.id)
    async with transaction(EVERYONE) as session:
        await review_claims.release(session, kim, free.id)
        (row,) = [one for one in await team.workers(session, lead) if one.id == kim.id]
    assert (row.task_id, row.since, row.assigned) == (None, None, 1)


def test_projections_stop_where_nothing_is_left():
    moment = now()
    view = burn_view(Burn(((moment - HOUR, 12), (moment, 10)), 1, 4))
    assert [view.past, view.alone, view.net] == [
        [12.0, 10.0],
        [None, 10.0, 6.0, 2.0, 0.0],
        [None, 10.0, 7.0, 4.0, 1.0, 0.0],
    ]
    assert view.labels[1:] == [f"{moment:%H:%M}", "+1 h", "+2 h", "+3 h", "+4 h"]
    assert "clear in about 2 h" in view.words
    growing = burn_view(Burn(((moment, 10),), 9, 4))
    assert "does not shrink" in growing.words
    assert len(growing.net) == 13
    assert "no pace" in burn_view(Burn(((moment, 10),), 9, 0)).words
    assert burn_view(Burn(((moment, 0),), 0, 4)).words.startswith("Nothing is open")
    assert burn_view(Burn()).labels == []
