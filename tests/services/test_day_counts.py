"""Analytics: nothing of others, and the same as an independent recount of the documents themselves."""

import random
from dataclasses import fields
from datetime import UTC, timedelta

import pandas as pd
import pytest
from sqlalchemy import text

from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.jobs import day_counts as jobs
from backoffice.models.day_counts import Span, Tally
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import day_counts, decisions, documents, review_claims
from tests.services.quality_cast import decided, three
from tests.services.review_cast import SYSTEM, in_review, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)


def span(days=10) -> Span:
    today = now().astimezone(UTC).date()
    return Span(today - timedelta(days=days - 1), today)


async def read(actor, days=10, livemode=True):
    async with transaction(actor.tenancy) as session:
        return await day_counts.figures(session, actor, span(days), livemode=livemode)


@pytest.fixture(scope="module")
async def busy(database):
    """Some days of one partner: waiting, decided in every way, sent again, of test data too; and a rival's."""
    dice, moment = random.Random(5), now()
    acme, rival = await make_cast(), await make_cast()
    kim, *_ = await three(acme)
    outcomes = (Outcome.APPROVED, Outcome.APPROVED, Outcome.REJECTED, Outcome.RESUBMISSION_REQUESTED)
    for number in range(24):
        with at(moment - dice.uniform(0.2, 200) * HOUR):
            outcome = outcomes[number % 4]
            reasons = (
                ()
                if outcome == Outcome.APPROVED
                else (("image_blurred",), ("image_blurred", "image_glare"))[number % 2]
            )
            await decided(
                acme, kim, outcome, *reasons, took=dice.uniform(5, 90), livemode=number % 6 != 5,
                type=("passport", "national_id")[number % 2], issuing_country=("NGA", "SWE", None)[number % 3],
                attempt=1 + number % 2,
            )  # fmt: skip
    for number in range(5):
        with at(moment - dice.uniform(0.2, 200) * HOUR):
            await (in_review if number % 2 else submitted)(acme)
    await submitted(rival)
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text("delete from roll_ups"))  # these days are past: only a first count looks at all
    await jobs.roll()
    return acme, rival


async def frame(partner_id) -> pd.DataFrame:
    """Every document of the partner with its decision in force, read without the roll-up's own statement."""
    async with transaction(Tenancy.everyone()) as session:
        rows = await session.execute(text("select * from documents where partner_id = :p"), {"p": partner_id})
        papers = pd.DataFrame(rows.mappings().all())
        rows = await session.execute(
            text("select * from decisions where partner_id = :p order by id"), {"p": partner_id}
        )
        made = pd.DataFrame(rows.mappings().all())
        rows = await session.execute(text("select document_id from checks where partner_id = :p"), {"p": partner_id})
        seen = {row[0] for row in rows}
    last = made.groupby("document_id").last()
    papers["outcome"] = papers.id.map(last.outcome)
    papers["reasons"] = papers.id.map(last.reasons)
    papers["decider"] = papers.id.map(last.decided_by_type)
    papers["screened"] = papers.id.isin(seen)
    papers["day"] = pd.to_datetime(papers.created_at, utc=True).dt.date
    return papers


def tally(rows: pd.DataFrame) -> Tally:
    is_later = rows.attempt > 1
    return Tally(
        received=len(rows),
        screened=int(rows.screened.sum()),
        approved=int((rows.outcome == "approved").sum()),
        rejected=int((rows.outcome == "rejected").sum()),
        resubmission_requested=int((rows.outcome == "resubmission_requested").sum()),
        by_policy=int((rows.outcome.notna() & (rows.decider != "reviewer")).sum()),
        later=int(is_later.sum()),
        later_approved=int((is_later & (rows.outcome == "approved")).sum()),
    )


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OPERATOR])
async def test_only_the_partners_own_people_read_it(role, busy):
    with pytest.raises(NotAllowed):
        await read(await member(busy[0], role))


async def test_a_rival_sees_its_own_only(busy):
    _, rival = busy
    found = await read(await member(rival, Role.PARTNER_ANALYST))
    assert (found.now.received, found.now.decided, found.reasons) == (1, 0, [])


@pytest.mark.parametrize("livemode", [True, False])
async def test_every_count_equals_a_recount(busy, livemode):
    acme, _ = busy
    found = await read(await member(acme, Role.PARTNER_ANALYST), livemode=livemode)
    rows = (await frame(acme.partner.id)).query("livemode == @livemode")
    rows = rows[(rows.day >= found.span.first) & (rows.day <= found.span.last)]
    assert found.now == tally(rows)
    assert found.by_day == {day: tally(part) for day, part in rows.groupby("day")}
    assert found.by_type == {name: tally(part) for name, part in rows.groupby(rows.type.fillna(""))}
    assert found.by_country == {name: tally(part) for name, part in rows.groupby(rows.issuing_country.fillna(""))}
    given = rows[rows.outcome.notna()].explode("reasons").dropna(subset=["reasons"])
    counted = {(o, r): n for o, r, n in found.reasons}
    assert counted == given.groupby(["outcome", "reasons"]).size().to_dict()
    assert sum(getattr(found.now, one.name) for one in fields(Tally)) > 0


async def test_the_period_before_is_the_one_of_the_same_length(busy):
    acme, _ = busy
    found = await read(await member(acme, Role.PARTNER_ADMIN), days=4)
    rows = (await frame(acme.partner.id)).query("livemode")
    first = found.span.first
    assert found.before == tally(rows[(rows.day < first) & (rows.day >= first - timedelta(days=4))])
    assert set(found.before_by_day) <= {first - timedelta(days=place) for place in range(1, 5)}


async def test_turnaround_equals_a_recount(busy):
    acme, _ = busy
    found = await read(await member(acme, Role.PARTNER_ADMIN))
    rows = (await frame(acme.partner.id)).query("livemode")
    created, done = [pd.to_datetime(rows[name], utc=True) for name in ("created_at", "completed_at")]
    mine = rows.outcome.notna() & (created.dt.date >= found.span.first)
    seconds = (done - pd.to_datetime(rows.submitted_at, utc=True).fillna(created))[mine].dt.total_seconds()
    assert found.turnaround.decided == len(seconds)
    assert found.turnaround.median == pytest.approx(seconds.quantile(0.5))
    assert found.turnaround.p95 == pytest.approx(seconds.quantile(0.95))


async def test_a_late_decision_and_a_reopening_are_counted_where_the_document_came():
    acme = await make_cast()
    kim, *_ = await three(acme)
    actor = await member(acme, Role.PARTNER_ANALYST)
    with at(now() - timedelta(days=3)):
        task = await in_review(acme)
    async with transaction(kim.tenancy) as session:
        version = (await review_claims.start(session, kim, task.id)).version
        wish = {"outcome": Outcome.REJECTED, "reasons": ("image_blurred",), "version": version}
        verdict = await decisions.sign(session, kim, task.id, **wish)
    with at(now() + timedelta(seconds=30)):
        async with transaction(SYSTEM.tenancy) as session:
            await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    await jobs.roll()
    found = await read(actor)
    assert (found.now.rejected, list(found.by_day)) == (1, [found.span.last - timedelta(days=3)])
    waiting = await submitted(acme)
    await jobs.roll()
    assert (await read(actor)).now == Tally(received=2, screened=1, rejected=1)
    async with transaction(SYSTEM.tenancy) as session:
        document = await documents.get(session, SYSTEM, waiting, lock=True)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.CANCELED)
    await jobs.roll()
    assert (await read(actor)).now == Tally(received=2, screened=1, rejected=1)


async def test_counting_again_changes_nothing(busy):
    acme, _ = busy
    actor = await member(acme, Role.PARTNER_ADMIN)
    before = await read(actor)
    await jobs.roll()
    assert (await read(actor)).by_day == before.by_day


async def test_a_period_has_an_end(busy):
    actor = await member(busy[0], Role.PARTNER_ADMIN)
    with pytest.raises(Invalid, match="from 1 to 366 days"):
        await read(actor, days=367)
