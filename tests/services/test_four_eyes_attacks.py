"""Second reviews under attack: what the second signer must not learn, and what must not count."""

import asyncio

import pytest

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, NotAllowed
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import decisions, review_claims, withdrawals
from tests.services.policy_cast import EVERYONE
from tests.services.review_cast import SYSTEM, member
from tests.services.test_decisions import AFTER_THE_WINDOW, decided, finalize, sign, undo
from tests.services.test_second_reviews import begun, start, task_of, verdict

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("way", ["claim", "sign"])
async def test_nobody_learns_what_the_first_signed_while_it_can_be_undone(way):
    task, kim, joe, _ = await begun()
    await sign(kim, await start(kim, task), Outcome.REJECTED, "name_mismatch")
    with pytest.raises(Conflict) as caught:
        if way == "claim":
            await start(joe, task)
        else:
            await sign(joe, await task_of(task.id))
    assert caught.value.code == "already_decided"
    assert "Rejected" not in str(caught.value)


WAYS = ["claim", "start", "renew", "release", "hold", "escalate", "skip"]


@pytest.mark.parametrize("state", ["second_review", "held", "escalated", "claimed"])
async def test_the_first_signer_never_gets_the_task_back(state):
    task, kim, joe, _ = await begun()
    await verdict(kim, task)
    if state != "second_review":
        await start(joe, task)
    if state in {"held", "escalated"}:
        async with transaction(EVERYONE) as session:
            await getattr(review_claims, {"held": "hold", "escalated": "escalate"}[state])(session, joe, task.id)
    for way in WAYS:
        act = getattr(review_claims, way)
        with pytest.raises(BackofficeError):
            async with transaction(EVERYONE) as session:
                await act(session, kim, task.id)
    with pytest.raises(Conflict):
        await sign(kim, await task_of(task.id), Outcome.APPROVED)


async def test_a_lead_who_signed_first_does_not_settle_the_dispute():
    task, _, joe, cast = await begun()
    lead = await member(cast, Role.REVIEW_LEAD)
    await verdict(lead, task)
    await verdict(joe, task, Outcome.REJECTED, "forgery")
    with pytest.raises(NotAllowed):
        await start(lead, task)


async def test_a_document_that_is_taken_back_between_signatures_stays_so():
    task, kim, joe, cast = await begun()
    await verdict(kim, task)
    signed = await sign(joe, await start(joe, task))
    async with transaction(EVERYONE) as session:
        await withdrawals.cancel_document(session, cast.api, task.document_id)
    assert await finalize(signed) is None
    async with transaction(EVERYONE) as session:
        assert (await session.get(Document, task.document_id)).status == "canceled"
    assert await decided(task.document_id) == 0
    with pytest.raises(Conflict):
        await undo(joe, signed)


async def test_the_second_verdict_becomes_one_decision_however_often_its_job_runs():
    task, kim, joe, _ = await begun()
    await verdict(kim, task)
    signed = await sign(joe, await start(joe, task))

    async def final():
        async with transaction(EVERYONE) as session:
            return await decisions.finalize(session, SYSTEM, signed.task_id, signed.id)

    with at(now() + AFTER_THE_WINDOW):
        answers = await asyncio.gather(*(final() for _ in range(4)), return_exceptions=True)
    assert [type(one).__name__ for one in answers if one is not None] == ["Decision"], answers
    assert await decided(task.document_id) == 1


async def test_the_first_signers_stale_version_does_not_sign_second():
    task, kim, joe, _ = await begun()
    mine = await start(kim, task)
    await finalize(await sign(kim, mine))
    await start(joe, task)
    for version in (mine.version, (await task_of(task.id)).version):
        with pytest.raises(Conflict):
            async with transaction(EVERYONE) as session:
                await decisions.sign(session, kim, task.id, outcome=Outcome.APPROVED, version=version)
