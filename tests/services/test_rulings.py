"""Rulings: what a policy does with a screened document, in force and in shadow."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.models.policies import PolicyTrial
from backoffice.models.review_priorities import BAND_MINUTES, TEST_MINUTES
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import decisions, documents, partners, policies, review_claims, screenings
from tests.services.policy_cast import (
    APPROVES,
    BLURRED,
    DIFFERS,
    EVERYONE,
    EXPIRED,
    GOOD,
    UNSURE,
    drafted,
    published,
    screened,
    two,
)
from tests.services.review_cast import SYSTEM, make_cast, member, submitted
from tests.services.test_decisions import finalize, sign

pytestmark = pytest.mark.usefixtures("database")


async def document_of(document_id) -> Document:
    async with transaction(EVERYONE) as session:
        return await session.get(Document, document_id)


async def decision_of(document_id) -> Decision | None:
    async with transaction(EVERYONE) as session:
        return (await documents.decisions_of(session, [document_id])).get(document_id)


async def policy_check(document_id) -> Check:
    async with transaction(EVERYONE) as session:
        checks = (await documents.checks_of(session, [document_id]))[document_id]
    return next(check for check in checks if check.name == "policy")


async def events_of(document_id) -> list[str]:
    async with transaction(EVERYONE) as session:
        return [event.type for event in await documents.history(session, SYSTEM, document_id)]


DECIDED = [
    (GOOD, "approved", []),
    (EXPIRED, "rejected", ["document_expired"]),
    (BLURRED, "resubmission_requested", ["image_blurred"]),
]


@pytest.mark.parametrize(("screening", "outcome", "reasons"), DECIDED, ids=["good", "expired", "blurred"])
async def test_a_policy_decides_at_once_and_the_decision_keeps_its_version(screening, outcome, reasons):
    cast = await make_cast()
    version = await published(cast)
    document_id, task = await screened(cast, screening)
    assert task is None
    decision = await decision_of(document_id)
    assert (decision.outcome, decision.reasons, decision.decided_by_type) == (outcome, reasons, "policy")
    assert decision.policy_version == version.label
    assert decision.policy_version.startswith(public_id(Prefix.POLICY, version.policy_id))
    assert (await document_of(document_id)).status == outcome
    assert (await events_of(document_id))[2:] == ["document.processing", f"document.{outcome}"]
    async with transaction(EVERYONE) as session:
        tasks = select(func.count()).select_from(ReviewTask).where(ReviewTask.document_id == document_id)
        assert (await session.execute(tasks)).scalar_one() == 0


async def test_without_a_policy_a_person_decides():
    cast = await make_cast()
    document_id, task = await screened(cast)
    assert task.why == "All checks passed; a person confirms"
    check = await policy_check(document_id)
    assert (check.status, check.model) == ("not_applicable", "none@0")


async def test_what_differs_goes_to_a_person_with_the_difference_first_and_ahead_of_the_queue():
    cast = await make_cast()
    version = await published(cast)
    document_id, task = await screened(cast, DIFFERS)
    assert task.flags == ["name_mismatch", "image_glare"]
    assert task.why.startswith("Name differs")
    assert task.priority == BAND_MINUTES["urgent"]
    check = await policy_check(document_id)
    assert (check.status, check.model) == ("warning", version.label)
    _, in_test = await screened(cast, DIFFERS, livemode=False)
    assert in_test.priority == BAND_MINUTES["urgent"] + TEST_MINUTES


async def test_the_decision_of_a_person_keeps_the_version_that_sent_it():
    cast = await make_cast()
    version = await published(cast)
    _, task = await screened(cast, UNSURE)
    kim = await member(cast, Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        task = await review_claims.start(session, kim, task.id)
    decision = await finalize(await sign(kim, task))
    assert (decision.decided_by_type, decision.policy_version) == ("reviewer", version.label)


async def test_a_changed_policy_does_not_change_old_decisions():
    cast = await make_cast()
    first = await published(cast)
    old, _ = await screened(cast)
    second = await published(cast, APPROVES.replace("outcome: approved", "outcome: review"))
    new, task = await screened(cast)
    assert task
    assert (await decision_of(old)).policy_version == first.label
    assert (await document_of(old)).status == "approved"
    assert await decision_of(new) is None
    assert (await policy_check(new)).model == second.label != first.label


async def test_one_partners_policy_rules_no_other_partners_documents():
    cast, other = await make_cast(), await make_cast()
    await published(cast)
    _, task = await screened(other)
    assert task


async def test_a_reader_that_failed_whole_is_never_decided():
    cast = await make_cast()
    await published(cast, APPROVES.replace("checks: every, status: [passed, not_applicable]", "livemode: true"))
    document_id, task = await screened(cast, screenings.failed("The reader died."))
    assert task
    assert (await policy_check(document_id)).status == "warning"


async def test_a_partner_may_want_a_person_every_time():
    cast = await make_cast()
    await published(cast)
    operator, _ = await two(cast)
    with pytest.raises(NotAllowed):
        async with transaction(EVERYONE) as session:
            await partners.want_person(session, await member(cast, Role.REVIEWER), cast.partner.id, wanted=True)
    async with transaction(EVERYONE) as session:
        await partners.want_person(session, operator, cast.partner.id, wanted=True)
    _, task = await screened(cast)
    assert task
    async with transaction(EVERYONE) as session:
        await partners.want_person(session, operator, cast.partner.id, wanted=False)
        assert (await session.get(Partner, cast.partner.id)).settings == {"human_review": False}
    _, task = await screened(cast)
    assert task is None


async def test_the_last_attempt_cannot_be_asked_for_again():
    cast = await make_cast()
    await published(cast)
    document_id, _ = await screened(cast, BLURRED, attempt=3, max_attempts=3)
    decision = await decision_of(document_id)
    assert (decision.outcome, decision.reasons) == ("rejected", ["image_blurred", decisions.LIMIT_REASON])


async def test_two_workers_at_once_decide_once():
    cast = await make_cast()
    await published(cast)
    for _ in range(3):
        document_id = await submitted(cast)
        async with transaction(EVERYONE) as session:
            assignment = await screenings.begin(session, SYSTEM, document_id)

        async def complete(assignment=assignment):
            async with transaction(EVERYONE) as session:
                return await screenings.complete(session, SYSTEM, assignment, GOOD)

        await asyncio.gather(complete(), complete())
        assert (await events_of(document_id)).count("document.approved") == 1
        async with transaction(EVERYONE) as session:
            rows = select(func.count()).select_from(Decision).where(Decision.document_id == document_id)
            assert (await session.execute(rows)).scalar_one() == 1


async def test_a_shadow_is_only_noted_down():
    cast = await make_cast()
    await published(cast)
    writer, _ = await two(cast)
    careful = APPROVES.replace("{outcome: approved}", "{outcome: review, why: Look closely}")
    shadow = await drafted(writer, cast, careful)
    async with transaction(EVERYONE) as session:
        await policies.begin_shadow(session, writer, shadow.id)
    document_id, task = await screened(cast)
    assert task is None
    assert (await document_of(document_id)).status == Outcome.APPROVED
    async with transaction(EVERYONE) as session:
        trial = (await session.execute(select(PolicyTrial).where(PolicyTrial.document_id == document_id))).scalar_one()
    assert (trial.version_id, trial.outcome, trial.actual, trial.rule) == (shadow.id, "review", "approved", "good")


async def test_a_shadow_alone_decides_nothing():
    cast = await make_cast()
    writer, _ = await two(cast)
    shadow = await drafted(writer, cast)
    async with transaction(EVERYONE) as session:
        await policies.begin_shadow(session, writer, shadow.id)
    document_id, task = await screened(cast)
    assert task
    async with transaction(EVERYONE) as session:
        trial = (await session.execute(select(PolicyTrial).where(PolicyTrial.document_id == document_id))).scalar_one()
    assert (trial.outcome, trial.actual) == ("approved", "review")


async def test_a_wording_that_cannot_be_applied_any_more_sends_everything_to_people():
    """As after an upgrade that renames a check: the row stays as it was published."""
    cast = await make_cast()
    writer, publisher = await two(cast)
    version = await drafted(writer, cast)
    async with transaction(EVERYONE) as session:
        row = await policies.get(session, writer, version.id)
        row.source = APPROVES.replace("file_safety", "a_check_of_old")
    async with transaction(EVERYONE) as session:
        statement = update(policies.PolicyVersion).where(policies.PolicyVersion.id == version.id)
        await session.execute(statement.values(status="published", published_by=publisher.id, published_at=func.now()))
    document_id, task = await screened(cast)
    assert task
    assert (await policy_check(document_id)).status == "warning"


async def test_the_event_of_a_policys_decision_says_what_and_why():
    cast = await make_cast()
    await published(cast)
    document_id, _ = await screened(cast, EXPIRED)
    async with transaction(EVERYONE) as session:
        statement = select(Event).where(Event.subject_id == document_id, Event.type == "document.rejected")
        event = (await session.execute(statement)).scalar_one()
    assert event.data["object"]["decision"]["reasons"] == ["document_expired"]
    assert event.data["previous"] == {"status": "processing"}
