"""Figures: equal to an independent recount with pandas from the raw tables, and nobody else's."""

import random
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import text

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.models.review_tasks import Decision, Outcome
from backoffice.services import (
    agreement,
    check_quality,
    decisions,
    documents,
    gold_documents,
    quality,
    review_claims,
    review_history,
    review_metrics,
    review_tasks,
    samples,
)
from backoffice.services.review_tasks import Brief
from tests.services.policy_cast import DIFFERS, EVERYONE, GOOD, published, screened
from tests.services.quality_cast import answered, decided, only_mine, shares, taken, three
from tests.services.review_cast import SYSTEM, make_cast, member
from tests.services.test_review_metrics import COUNTS
from tests.services.test_second_reviews import FOUR_EYES

pytestmark = pytest.mark.usefixtures("database")
A, R, S = Outcome.APPROVED, Outcome.REJECTED, Outcome.RESUBMISSION_REQUESTED
WHY = {A: (), R: ("name_mismatch",), S: ("image_blurred",)}
EPOCH = now() + timedelta(days=1_000)
"""A time of their own: nothing of other tests falls into it."""


async def call(function, actor, *arguments, **named):
    async with transaction(EVERYONE) as session:
        return await function(session, actor, *arguments, **named)


async def frame(sql: str) -> pd.DataFrame:
    async with transaction(EVERYONE) as session:
        result = await session.execute(text(sql))
        return pd.DataFrame(result.mappings().all(), columns=list(result.keys()))


async def reopened(decision: Decision, reviewer, outcome: Outcome) -> Decision:
    """Open a document again and decide it otherwise, as an appeal does."""
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, decision.document_id, lock=True)
        await documents.change_status(session, SYSTEM, document, DocumentStatus.IN_REVIEW, event="reopened")
        brief = Brief(why="Appeal", due_at=now() + timedelta(hours=1))
        task = await review_tasks.create(session, SYSTEM, document, brief)
    async with transaction(EVERYONE) as session:
        task = await review_claims.start(session, reviewer, task.id)
        verdict = await decisions.sign(
            session, reviewer, task.id, outcome=outcome, reasons=WHY[outcome], version=task.version
        )
    with at(now() + timedelta(seconds=30)):
        async with transaction(EVERYONE) as session:
            return await decisions.finalize(session, SYSTEM, task.id, verdict.id)


async def signed_by_two(cast, first, second, lead, outcomes) -> Decision | None:
    """Let two sign one document, and a lead where they differ."""
    _, task = await screened(cast, DIFFERS)
    decision = None
    for person, outcome in zip((first, second, lead), outcomes, strict=False):
        async with transaction(EVERYONE) as session:
            task = await review_claims.start(session, person, task.id)
            verdict = await decisions.sign(
                session, person, task.id, outcome=outcome, reasons=WHY[outcome], version=task.version
            )
        with at(now() + timedelta(seconds=30)):
            async with transaction(EVERYONE) as session:
                decision = await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    return decision


@pytest.fixture(scope="module")
async def made(database):
    """Three weeks of work by two reviewers and their lead, with second looks, gold, appeals and a dispute."""
    dice = random.Random(7)
    await shares(gold=30)
    await only_mine()
    cast = await make_cast()
    kim, joe, lena = await three(cast)
    eve = await member(cast, Role.REVIEWER, "Eve Ortiz")
    rows: list[Decision] = []
    for number in range(42):
        with at(EPOCH + timedelta(hours=12 * number)):
            outcome = dice.choices((A, R, S), (6, 3, 2))[0]
            who, took = (kim, joe)[number % 2], dice.uniform(4, 90)
            fields = {"livemode": number % 9 != 8, "screening": (GOOD, DIFFERS)[number % 3 == 0]}
            decision = await decided(cast, who, outcome, *WHY[outcome], took=took, **fields)
            rows.append(decision)
            if number % 4:
                counts = COUNTS | {"keys": dice.randrange(9), "clicks": dice.randrange(5), "zoom_used": number % 2}
                await call(review_metrics.note, who, decision.id, counts | {"active_ms": int(took * 700)})
            if number in {3, 5}:
                await call(gold_documents.mark, lena, decision.document_id, outcome=R, codes=["forgery"])
            if number in {11, 12, 13}:
                await reopened(decision, lena, {A: R, R: A, S: A}[outcome] if number != 13 else outcome)
    with at(EPOCH + timedelta(days=21, hours=1)):
        await published(cast, FOUR_EYES)
        await signed_by_two(cast, kim, joe, lena, (A, A))
        await signed_by_two(cast, kim, joe, lena, (A, R, R))
        await signed_by_two(cast, joe, kim, lena, (A, R, A))
    with at(EPOCH + timedelta(days=22)):
        await call(samples.draw, SYSTEM, since=EPOCH)
        for person in (kim, joe, lena, eve):
            for _ in range(14):
                sample = await taken(person)
                if sample is None:
                    break
                first = next((one.outcome for one in rows if one.id == sample.decision_id), A)
                outcome = Outcome(first) if dice.random() < 0.75 else dice.choice((A, R, S))
                reasons = WHY[outcome] if dice.random() < 0.8 else WHY[outcome] and ("forgery",)
                await answered(person, sample, outcome, *reasons)
    with at(EPOCH + timedelta(days=23)):
        yield cast, kim, joe, lena, eve


@pytest.fixture(autouse=True)
def _then(made):
    """Look at it from the day after."""
    with at(EPOCH + timedelta(days=23)):
        yield


@pytest.fixture(scope="module")
async def raw(made):
    """The raw tables, as pandas has them."""
    cast, *_ = made
    mine = f"where partner_id = '{cast.partner.id}'"
    tables = {}
    for name in ("decisions", "documents", "review_tasks", "samples", "gold_documents", "review_metrics", "checks"):
        tables[name] = await frame(f"select * from {name} {mine}")
    live = tables["documents"].query("livemode").id
    people = tables["decisions"].query("decided_by_type == 'reviewer'")
    tables["decided"] = people[people.document_id.isin(live)]
    tables["live"] = live
    return tables


def of(raw, person) -> pd.DataFrame:
    rows = raw["decided"]
    return rows if person is None else rows[(rows.member_id == person.id) | (rows.second_member_id == person.id)]


def looked(raw, person) -> pd.DataFrame:
    looks = raw["samples"]
    looks = looks[looks.answered_at.notna() & looks.gold_id.isna()]
    return of(raw, person).merge(looks, left_on="id", right_on="decision_id", suffixes=("", "_look"))


def whom(made, index):
    return None if index is None else made[index]


@pytest.mark.parametrize("index", [None, 1, 2, 3])
async def test_agreement_equals_a_recount(made, raw, index):
    person = whom(made, index)
    got = (await call(quality.figures, made[3], days=60, person=person and person.id)).agreement
    rows = looked(raw, person)
    assert (got.rate.part, got.rate.whole) == (int((rows.outcome == rows.outcome_look).sum()), len(rows))
    if not rows.empty:
        table = pd.crosstab(rows.outcome, rows.outcome_look, normalize="all")
        names = sorted({*table.index, *table.columns})
        table = table.reindex(index=names, columns=names, fill_value=0.0)
        chance = float((table.sum(axis=1) * table.sum(axis=0)).sum())
        observed = float(sum(table.loc[name, name] for name in names))
        assert got.kappa.value == pytest.approx((observed - chance) / (1 - chance))
        assert got.kappa.low < got.kappa.value < got.kappa.high
    let_in = rows[rows.outcome == "approved"]
    assert (got.false_approvals.part, got.false_approvals.whole) == (
        int((let_in.outcome_look != "approved").sum()), len(let_in),
    )  # fmt: skip
    kept_out = rows[rows.outcome != "approved"]
    assert got.false_refusals.part == int((kept_out.outcome_look == "approved").sum())


@pytest.mark.parametrize("index", [None, 1, 2, 3])
async def test_overturn_sla_and_gold_equal_a_recount(made, raw, index):
    person = whom(made, index)
    got = await call(quality.figures, made[3], days=60, person=person and person.id)
    rows, every = of(raw, person), raw["decisions"]
    later = rows.merge(every, left_on="id", right_on="supersedes_id", suffixes=("", "_later"))
    changed = int((later.outcome != later.outcome_later).sum())
    tasks = raw["review_tasks"]
    disputes = tasks[tasks.second_by.notna()].merge(every, left_on="id", right_on="review_task_id", suffixes=("", "_d"))
    if person:
        disputes = disputes[disputes.first_by == person.id]
    lost = int((disputes.first_outcome != disputes.outcome).sum())
    assert (got.overturned.part, got.overturned.whole) == (changed + lost, len(rows) + len(disputes))
    assert got.decided == len(rows)
    timed = rows.merge(tasks, left_on="review_task_id", right_on="id", suffixes=("", "_task"))
    on_time = int((timed.verdict_at.fillna(timed.completed_at) <= timed.due_at).sum())
    assert (got.in_time.part, got.in_time.whole) == (on_time, int(timed.due_at.notna().sum()))
    looks = raw["samples"]
    golden = looks[looks.answered_at.notna() & looks.gold_id.notna()]
    golden = golden.merge(raw["gold_documents"], left_on="gold_id", right_on="id", suffixes=("", "_gold"))
    if person:
        golden = golden[golden.taken_by == person.id]
    assert (got.gold.part, got.gold.whole) == (int((golden.outcome == golden.outcome_gold).sum()), len(golden))


async def test_the_cast_has_something_of_everything(made, raw):
    got = await call(quality.figures, made[3], days=60)
    assert 0 < got.agreement.rate.part < got.agreement.rate.whole
    assert got.agreement.rate.whole >= 30
    assert got.overturned.part == 3
    assert got.gold.whole > 0
    assert 0 < got.effort.count < got.pace.count
    assert (raw["decided"].second_member_id.notna()).sum() == 1


@pytest.mark.parametrize("index", [None, 1, 2])
async def test_pace_and_effort_equal_a_recount(made, raw, index):
    person = whom(made, index)
    got = await call(quality.figures, made[3], days=60, person=person and person.id)
    rows = raw["review_metrics"].merge(raw["review_tasks"], left_on="task_id", right_on="id", suffixes=("", "_task"))
    rows = rows[rows.document_id.isin(raw["live"])]
    if person:
        rows = rows[rows.reviewer_id == person.id]
    kept = rows[~rows.undone]
    seconds = (pd.to_datetime(kept.decided_at) - pd.to_datetime(kept.shown_at)).dt.total_seconds().dropna()
    assert got.pace.count == len(seconds)
    for share, value in ((0.5, got.pace.p50), (0.75, got.pace.p75), (0.95, got.pace.p95)):
        assert value == pytest.approx(float(seconds.quantile(share)), rel=1e-6)
    told = kept[kept.active_ms.notna()]
    assert got.effort.count == len(told)
    assert got.effort.active_p50 == pytest.approx(float(told.active_ms.astype(float).quantile(0.5)) / 1000)
    assert got.effort.keys == pytest.approx(float(told["keys"].astype(float).mean()))
    assert got.effort.clicks == pytest.approx(float(told["clicks"].astype(float).mean()))
    assert got.effort.zoomed == pytest.approx(float(told.zoom_used.astype(bool).mean()))
    assert (got.against_engine.part, got.against_engine.whole) == (int(kept.disagreed_with_engine.sum()), len(kept))
    assert (got.undone.part, got.undone.whole) == (int(rows.undone.sum()), len(rows))


@pytest.mark.parametrize("index", [None, 1])
async def test_reasons_and_weeks_equal_a_recount(made, raw, index):
    person = whom(made, index)
    got = await call(quality.reasons, made[3], days=60, person=person and person.id)
    rows = looked(raw, person)
    given = rows.explode("reasons").dropna(subset=["reasons"])
    expected = {
        code: (int(sum(code in looks for looks in group.reasons_look)), len(group))
        for code, group in given.groupby("reasons")
    }
    assert {one.code: (one.confirmed.part, one.confirmed.whole) for one in got} == expected
    assert len(expected) >= 2
    weeks = await call(quality.weeks, made[3], days=60, person=person and person.id)
    monday = pd.to_datetime(rows.created_at, utc=True).dt.tz_localize(None).dt.to_period("W-SUN").dt.start_time
    for week in weeks:
        last = pd.Timestamp(week.start)
        within = rows[(monday <= last) & (monday > last - pd.Timedelta(weeks=4))]
        assert week.rate.whole == len(within)
        assert week.rate.part == int((within.outcome == within.outcome_look).sum())
    assert len(weeks) >= 3


async def test_checks_equal_a_recount(made, raw):
    got = {(one.name, one.model): one for one in await call(check_quality.checks, made[3], days=60)}
    checks = raw["checks"]
    raised = checks[checks.status.isin(["failed", "warning"]) & checks.reasons.map(bool)]
    first = raw["decided"][raw["decided"].supersedes_id.isna()]
    rows = raised.merge(first, on="document_id", suffixes=("", "_decision"))
    seen = 0
    for key, group in rows.groupby(["name", "model"]):
        both = [bool({*one.reasons} & {*one.reasons_decision}) for one in group.itertuples()]
        assert (got[key].confirmed.part, got[key].confirmed.whole) == (sum(both), len(both))
        assert got[key].weeks
        seen += 1
    assert seen == len(got) >= 2
    with pytest.raises(NotAllowed):
        await call(check_quality.checks, made[1], days=60)


async def test_people_are_counted_apart_and_stand_by_name(made):
    _, kim, joe, lena, eve = made
    rows = await call(quality.people, lena, days=60)
    assert [row.name for row in rows] == sorted(row.name for row in rows)
    by_id = {row.id: row.figures for row in rows}
    for person in (kim, joe, lena, eve):
        assert by_id[person.id] == await call(quality.figures, lena, days=60, person=person.id)


async def test_reviewers_see_their_own_and_nobody_elses(made):
    cast, kim, joe, lena, _ = made
    mine = await call(quality.figures, kim, days=60)
    assert mine == await call(quality.figures, lena, days=60, person=kim.id)
    for function in (quality.figures, quality.reasons, quality.weeks):
        with pytest.raises(NotAllowed):
            await call(function, kim, days=60, person=joe.id)
    with pytest.raises(NotAllowed):
        await call(quality.people, kim, days=60)
    with pytest.raises(NotAllowed):
        await call(review_history.page, kim, review_history.Filter(person=joe.id))
    with pytest.raises(NotAllowed):
        await call(review_history.colleagues, kim)
    for role in (Role.PARTNER_ADMIN, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR):
        outsider = await member(cast, role)
        for function in (quality.figures, quality.reasons, quality.weeks, quality.people, check_quality.checks):
            with pytest.raises(NotAllowed):
                await call(function, outsider, days=60)
        with pytest.raises(NotAllowed):
            await call(review_history.page, outsider, review_history.Filter())
    with pytest.raises(NotAllowed):
        await call(quality.figures, SYSTEM, days=60)


@pytest.mark.parametrize("days", [0, -1, 10**9])
async def test_a_span_out_of_range_is_refused(made, days):
    with pytest.raises(Invalid):
        await call(quality.figures, made[3], days=days)
    with pytest.raises(Invalid):
        await call(review_history.page, made[3], review_history.Filter(days=days))


async def test_what_is_older_does_not_count(made):
    assert (await call(quality.figures, made[1], days=1)).decided == 0


async def test_history_lists_what_the_tables_hold(made, raw):
    _, kim, _, lena, _ = made
    rows, cursor = [], None
    while True:
        by = review_history.Filter(days=60, person=kim.id, cursor=cursor)
        page = await call(review_history.page, lena, by, limit=7)
        rows += page.rows
        if not (cursor := page.next_cursor):
            break
    every = raw["decisions"].query("decided_by_type == 'reviewer'")
    every = every[(every.member_id == kim.id) | (every.second_member_id == kim.id)]
    assert [row.id for row in rows] == list(every.sort_values("id", ascending=False).id)
    assert [row.id for row in (await call(review_history.page, kim, review_history.Filter(days=60))).rows] == [
        row.id for row in rows
    ]
    approved = (await call(review_history.page, lena, review_history.Filter(days=60, person=kim.id, outcome=A))).rows
    assert [row.id for row in approved] == [row.id for row in rows if row.decision.outcome == "approved"]
    turned = review_history.Filter(days=60, is_overturned=True)
    got = [row.id for row in (await call(review_history.page, lena, turned)).rows]
    later = raw["decisions"].merge(raw["decisions"], left_on="id", right_on="supersedes_id", suffixes=("", "_later"))
    assert sorted(got) == sorted(later[later.outcome != later.outcome_later].id)
    assert all(row.took is None or row.took.total_seconds() >= 0 for row in rows)
    assert {kim.id, lena.id} <= {key for key, _ in await call(review_history.colleagues, lena)}


def test_kappas_interval_is_the_delta_methods():
    """Compare the closed form with derivatives taken by differences: the same asymptotics, found another way."""
    pairs = {("a", "a"): 88, ("a", "b"): 14, ("a", "c"): 18, ("b", "a"): 10, ("b", "b"): 40, ("b", "c"): 10,
             ("c", "a"): 2, ("c", "b"): 6, ("c", "c"): 12}  # fmt: skip
    total = sum(pairs.values())
    share = pd.Series(pairs) / total

    def kappa(of: pd.Series) -> float:
        table = (of / of.sum()).unstack(fill_value=0.0)  # noqa: PD010 rows by columns
        chance = sum(table.loc[name].sum() * table[name].sum() for name in table.index)
        return (sum(table.loc[name, name] for name in table.index) - chance) / (1 - chance)

    step = 1e-6
    slopes = pd.Series({
        pair: (kappa(share + pd.Series(step, [pair]).reindex(share.index, fill_value=0.0))
               - kappa(share - pd.Series(step, [pair]).reindex(share.index, fill_value=0.0))) / (2 * step)
        for pair in share.index
    })  # fmt: skip
    variance = float((share * slopes**2).sum() - (share * slopes).sum() ** 2) / total
    got = agreement.kappa(pairs)
    assert got.value == pytest.approx(kappa(share))
    assert got.value == pytest.approx(0.492, abs=0.001), "Cohen 1960, table 1, has nearly these marginals"
    assert (got.high - got.low) / 2 == pytest.approx(agreement.Z * variance**0.5, rel=1e-4)


def test_kappa_of_nothing_and_of_one_verdict_says_nothing():
    assert agreement.kappa({}) is None
    assert agreement.kappa({("a", "a"): 50}) is None
    assert agreement.kappa({("a", "b"): 50}).value == 0
    assert agreement.kappa({("a", "a"): 30, ("b", "b"): 30}).value == 1
    assert agreement.share(0, 0) is None
    assert agreement.share(0, 30).low == 0
    assert agreement.share(45, 50).low == pytest.approx(0.7864, abs=1e-4)
    assert agreement.share(45, 50).high == pytest.approx(0.9565, abs=1e-4)


def test_weeks_roll_over_gaps():
    from datetime import date

    start = date(2026, 1, 5)
    rows = quality.rolling({start: (1, 2), start + timedelta(days=35): (3, 3)})
    assert [(row.rate.part, row.rate.whole) for row in rows] == [(1, 2), (1, 2), (1, 2), (1, 2), (0, 0), (3, 3)]
