"""Back-tests: every document counted once, whoever dies meanwhile, and counted right."""

import asyncio
import random
from collections import Counter, defaultdict
from datetime import timedelta
from uuid import uuid4

import pandas as pd
import psycopg
import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import text

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.base import id_at, new_id
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.policy_counts import Tally, summary
from backoffice.services import backtests
from tests.services.policy_cast import APPROVES, EVERYONE, GOOD, UNSURE, published, screened, two
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
CAREFUL = APPROVES.replace("{outcome: approved}", "{outcome: review}")


async def begin(actor, cast, source=APPROVES, **fields):
    async with transaction(EVERYONE) as session:
        return await backtests.begin(session, actor, source=source, days=30, partner_id=cast.partner.id, **fields)


async def advance(row, limit=backtests.SLICE):
    async with transaction(EVERYONE) as session:
        return await backtests.advance(session, SYSTEM, row.id, limit=limit)


async def walked(row, limit=backtests.SLICE):
    while row.status == "running":
        row = await advance(row, limit)
    return row


async def summarized(actor, row):
    async with transaction(EVERYONE) as session:
        return await backtests.summary(session, actor, row)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEWER, Role.AUDITOR])
async def test_others_start_no_back_test(role):
    cast = await make_cast()
    outsider = await member(cast, role)
    with pytest.raises(NotAllowed):
        await begin(outsider, cast)
    writer, _ = await two(cast)
    row = await begin(writer, cast)
    for call in (backtests.advance, backtests.cancel):
        with pytest.raises(NotAllowed):
            async with transaction(EVERYONE) as session:
                await call(session, outsider, row.id)
    if role != Role.AUDITOR:
        with pytest.raises(NotAllowed):
            async with transaction(EVERYONE) as session:
                await backtests.get(session, outsider, row.id)


async def test_bad_wordings_and_spans_are_refused():
    cast = await make_cast()
    writer, _ = await two(cast)
    with pytest.raises(Invalid):
        await begin(writer, cast, "rules: [")
    for days in (0, -1, 5_000):
        with pytest.raises(Invalid):
            async with transaction(EVERYONE) as session:
                await backtests.begin(session, writer, source=APPROVES, days=days)
    with pytest.raises(NotFound):
        async with transaction(EVERYONE) as session:
            await backtests.get(session, writer, uuid4())


async def test_what_would_change_is_counted():
    cast = await make_cast()
    await screened(cast, GOOD)
    await published(cast)
    await screened(cast, GOOD)
    await screened(cast, UNSURE)
    await screened(cast, GOOD, livemode=False)
    await submitted(cast)
    writer, _ = await two(cast)
    row = await walked(await begin(writer, cast))
    assert (row.total, row.done) == (3, 3)
    assert row.tally["moves"] == {"review>approved": 1, "approved>approved": 1, "review>review": 1}
    row = await walked(await begin(writer, cast, CAREFUL))
    said = await summarized(writer, row)
    assert (said.documents, said.changed, said.no_longer_approved, said.automatic_after) == (3, 1, 1, 0)
    assert row.tally["examples"]["approved>review"][0].startswith("doc_")


async def test_a_canceled_one_stays_as_it_is():
    cast = await make_cast()
    for _ in range(2):
        await screened(cast)
    writer, _ = await two(cast)
    row = await advance(await begin(writer, cast), limit=1)
    async with transaction(EVERYONE) as session:
        await backtests.cancel(session, writer, row.id)
    after = await advance(row)
    assert (after.status, after.done) == ("canceled", 1)
    with pytest.raises(Conflict):
        async with transaction(EVERYONE) as session:
            await backtests.cancel(session, writer, row.id)


async def test_a_lost_one_goes_on():
    cast = await make_cast()
    writer, _ = await two(cast)
    row = await begin(writer, cast, is_queued=False)
    with at(now() + backtests.LATE * 2):
        async with transaction(EVERYONE) as session:
            await backtests.enqueue_lost(session, SYSTEM)
            key = {"key": f"{backtests.JOB}:{row.id}"}
            jobs = await session.execute(text("select count(*) from pgqueuer where dedupe_key = :key"), key)
            assert jobs.scalar_one() == 1


STATUSES = ("passed", "passed", "passed", "passed", "warning", "failed", "error", "not_applicable")
REASONS = {"expiry": "document_expired", "image_quality": "image_blurred"}
NAMES = ("file_safety", "text", "image_quality", "expiry", "applicant_match")
MANY = 10_000
RESCREENED = 50
"""Every so many-th document was screened twice; the first time everything broke."""


async def write(cast, signer, servers) -> pd.DataFrame:
    """Write many documents as screening, policies and people left them; answers the same as a table of our own."""
    dice, began = random.Random(7), now() - timedelta(days=20)
    async with transaction(EVERYONE) as session:
        model = await session.get(Document, await submitted(cast))
    same = {"partner_id": cast.partner.id, "livemode": True, "applicant_id": model.applicant_id,
            "verification_id": model.verification_id, "version": 4, "attempt": 1, "max_attempts": 3,
            "request_id": "", "metadata": Jsonb({}), "risk_score": 0.1}  # fmt: skip
    rows = defaultdict(list)
    known = []
    for number in range(MANY):
        moment = began + timedelta(seconds=number)
        by = dice.choice(("policy", "reviewer", "reviewer", ""))
        one = {
            "found": {name: dice.choice(STATUSES) for name in NAMES},
            "by": by,
            "outcome": dice.choice(("approved", "approved", "rejected", "resubmission_requested")),
            "seconds": dice.choice((None, 12.5, 40.0, 90.0, 90_000.0)) if by == "reviewer" else None,
        }
        document_id = id_at(moment)
        rows["documents"].append({**same, "id": document_id, "created_at": moment, "status": one["outcome"]})
        base = {"created_at": moment, "partner_id": cast.partner.id, "document_id": document_id}
        runs = [dict.fromkeys(NAMES, "error")] if number % RESCREENED == 0 else []
        _add_checks(rows, base, [*runs, one["found"]])
        _add_decision(rows, base, one, signer)
        known.append({**one.pop("found"), **one})
    _copy(rows, servers)
    return pd.DataFrame(known)


def _add_checks(rows, base, runs):
    for run, statuses in enumerate(runs, 1):
        for name, status in statuses.items():
            reasons = [REASONS[name]] if status == "failed" and name in REASONS else []
            rows["checks"].append(
                {**base, "id": new_id(), "run": run, "name": name, "status": status, "model": "m@1",
                 "reasons": Jsonb(reasons), "page": 0, "duration_ms": 1}
            )  # fmt: skip


def _add_decision(rows, base, one, signer):
    if not one["by"]:
        return
    is_person, task_id, seconds, seen = one["by"] == "reviewer", new_id(), one["seconds"], base["created_at"]
    rows["decisions"].append(
        {**base, "id": new_id(), "outcome": one["outcome"], "decided_by_type": one["by"], "policy_version": "",
         "member_id": signer.id if is_person else None, "review_task_id": task_id if is_person else None}
    )  # fmt: skip
    if is_person:
        rows["review_tasks"].append(
            {**base, "id": task_id, "status": "completed", "version": 2, "priority": 100, "why": "",
             "needs_second": False, "first_seen_at": None if seconds is None else seen,
             "verdict_at": None if seconds is None else seen + timedelta(seconds=seconds)}
        )  # fmt: skip


def _copy(rows, servers):
    """Write below the guards, which would ask for an event each."""
    with psycopg.connect(servers.owner_url.replace("+psycopg", "").replace("backoffice_owner", "postgres")) as owner:
        owner.execute("select set_config('app.everyone', 'on', true)")
        owner.execute("set local session_replication_role = replica")
        for table, values in rows.items():
            columns = list(values[0])
            with owner.cursor().copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
                for row in values:
                    copy.write_row([row[column] for column in columns])


def would(row) -> str:
    """The policy of these tests in an outsider's words."""
    if all(row[name] in {"passed", "not_applicable"} for name in NAMES):
        return "approved" if row.applicant_match == "passed" else "review"
    is_answered = "error" not in {row.file_safety, row.text}
    if row.expiry == "failed":
        return "rejected" if is_answered else "review"
    if row.image_quality == "failed":
        return "resubmission_requested" if is_answered else "review"
    return "review"


@pytest.mark.slow
async def test_ten_thousand_are_counted_as_an_outsider_counts_them(servers):
    cast = await make_cast()
    writer, _ = await two(cast)
    table = await write(cast, await member(cast, Role.REVIEWER), servers)
    row = await begin(writer, cast)
    assert (row.total, row.done) == (MANY, 0)
    seen = []
    while row.status == "running":
        row, other = await asyncio.gather(advance(row), advance(row))
        seen.append(max(row.done, other.done))
        row = row if row.done >= other.done else other
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert row.done == MANY

    table["would"] = table.apply(would, axis=1)
    table["was"] = table.outcome.where(table.by == "policy", "review")
    moves = Counter(table.was + ">" + table.would)
    assert row.tally["moves"] == dict(moves)
    judged = table[table.by == "reviewer"]
    assert row.tally["against_people"] == dict(Counter(judged.outcome + ">" + judged.would))

    said = await summarized(writer, row)
    automatic = judged[judged.would != "review"]
    assert (said.judged, said.agreed) == (len(automatic), int((automatic.outcome == automatic.would).sum()))
    assert said.wrongly_approved == int(((automatic.would == "approved") & (automatic.outcome != "approved")).sum())
    looks = judged.seconds.clip(upper=1_800)
    typical = looks.median()
    spared = table[(table.was == "review") & (table.would != "review")].seconds.clip(upper=1_800)
    assert said.saved_seconds == pytest.approx(spared.fillna(typical).sum())
    to_people = int(((table.was != "review") & (table.would == "review")).sum())
    assert said.added_seconds == pytest.approx(to_people * typical)
    assert said.agreement == pytest.approx((automatic.outcome == automatic.would).mean())


def test_an_empty_tally_can_be_read():
    said = summary(Tally(), None)
    assert (said.documents, said.agreement, said.saved_hours) == (0, None, 0)
