"""What a verdict took: written with it, counted by the signer's own browser, once, within bounds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.clock import at
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.members import Role
from backoffice.models.review_metrics import ReviewMetric
from backoffice.models.review_tasks import Outcome
from backoffice.screening.types import Finding
from backoffice.services import review_claims, review_metrics
from tests.services.policy_cast import DIFFERS, EVERYONE, GOOD, shown
from tests.services.review_cast import SYSTEM, member
from tests.services.test_decisions import claimed, finalize, sign, undo

pytestmark = pytest.mark.usefixtures("database")
COUNTS = {
    "first_input_ms": 900, "active_ms": 4_000, "keys": 3, "clicks": 1, "images_opened": 2, "zoom_used": 1,
    "checks_opened": 2, "connection_lost_ms": 0,
}  # fmt: skip


async def metric_of(verdict) -> ReviewMetric:
    async with transaction(EVERYONE) as session:
        statement = select(ReviewMetric).where(ReviewMetric.verdict_id == verdict.id)
        return (await session.execute(statement)).scalar_one()


async def note(actor, verdict, **changes):
    async with transaction(EVERYONE) as session:
        await review_metrics.note(session, actor, verdict.id, COUNTS | changes)


async def signed(seconds=10.0, outcome=Outcome.APPROVED, *reasons, **fields):
    cast, task, kim = await claimed(**fields)
    with at(task.first_seen_at + timedelta(seconds=seconds)):
        async with transaction(EVERYONE) as session:
            await review_claims.claim(session, kim, task.id)
        return cast, kim, await sign(kim, task, outcome, *reasons)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.OPERATOR, Role.AUDITOR, Role.REVIEWER, Role.REVIEW_LEAD])
async def test_nobody_else_tells_what_a_verdict_took(role):
    cast, _, verdict = await signed()
    with pytest.raises((NotAllowed, NotFound)):
        await note(await member(cast, role), verdict)
    with pytest.raises(NotAllowed):
        await note(SYSTEM, verdict)
    assert (await metric_of(verdict)).active_ms is None


async def test_a_verdict_has_a_row_although_its_tally_is_lost():
    _, kim, verdict = await signed(12, Outcome.REJECTED, "forgery", "image_blurred")
    row = await metric_of(verdict)
    assert (row.reviewer_id, row.task_id, row.outcome) == (kim.id, verdict.task_id, "rejected")
    assert (row.reason_codes, row.undone, row.keys) == (["forgery", "image_blurred"], False, None)
    assert row.decided_at - row.shown_at == timedelta(seconds=12)
    assert (await finalize(verdict, after=timedelta(seconds=60))).id == row.verdict_id


async def test_the_first_tally_counts_and_times_are_cut_to_what_was_possible():
    _, kim, verdict = await signed(10)
    await note(kim, verdict, active_ms=60_000, first_input_ms=2_500)
    await note(kim, verdict, keys=77)
    row = await metric_of(verdict)
    assert (row.active_ms, row.keys, row.clicks, row.images_opened) == (10_000, 3, 1, 2)
    assert (row.zoom_used, row.checks_opened, row.connection_lost_ms) == (True, 2, 0)
    assert row.first_input_at - row.shown_at == timedelta(milliseconds=2_500)


async def test_a_late_tally_still_finds_its_verdict():
    _, kim, verdict = await signed()
    await finalize(verdict, after=timedelta(seconds=60))
    await note(kim, verdict)
    assert (await metric_of(verdict)).keys == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": -1},
        {"keys": 10**30},
        {"active_ms": review_metrics.LONGEST_MS + 1},
        {"zoom_used": 2},
        {"clicks": 1.5},
        {"clicks": True},
        {"clicks": "1"},
        {"clicks": None},
        {"typed": 1},
    ],
)
async def test_counts_that_cannot_be_are_refused(wrong):
    _, kim, verdict = await signed()
    with pytest.raises(Invalid):
        await note(kim, verdict, **wrong)
    with pytest.raises(Invalid):
        async with transaction(EVERYONE) as session:
            await review_metrics.note(session, kim, verdict.id, {})
    assert (await metric_of(verdict)).active_ms is None


async def test_a_verdict_that_was_taken_back_is_marked_and_the_next_has_its_own_row():
    _, kim, verdict = await signed(0)
    task = await undo(kim, verdict)
    again = await sign(kim, task, Outcome.REJECTED, "forgery")
    assert (await metric_of(verdict)).undone
    row = await metric_of(again)
    assert (row.undone, row.outcome) == (False, "rejected")


@pytest.mark.parametrize(
    ("screening", "outcome", "reasons", "expected"),
    [
        (GOOD, Outcome.APPROVED, (), False),
        (GOOD, Outcome.REJECTED, ("forgery",), True),
        (DIFFERS, Outcome.APPROVED, (), True),
        (DIFFERS, Outcome.REJECTED, ("name_mismatch",), False),
        (shown(Finding("age", "warning", 0.5, 0.9)), Outcome.REJECTED, ("under_age",), False),
        (shown(Finding("age", "warning", 0.5, 0.9)), Outcome.APPROVED, (), False),
    ],
)
async def test_going_against_the_checks_is_noted(screening, outcome, reasons, expected):
    _, _, verdict = await signed(1, outcome, *reasons, screening=screening)
    assert (await metric_of(verdict)).disagreed_with_engine is expected
