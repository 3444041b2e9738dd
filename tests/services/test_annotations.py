"""Marks on a page: the holder's alone to make, evidence afterwards, and never seen by who signs second."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.annotations import Annotation
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.documents import File, Rendition
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.services import (
    annotations,
    audit_entries,
    copies,
    decisions,
    erasures,
    redactions,
    review_bars,
    review_claims,
)
from backoffice.services import review_timelines as timelines
from backoffice.services.access import Actor
from tests.services.policy_cast import EVERYONE
from tests.services.quality_cast import decided, drawn, only_mine, shares, taken, three
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.sample_cast import call

pytestmark = pytest.mark.usefixtures("database")
BOX = [0.1, 0.2, 0.3, 0.25]
NOTE = "The 7 was written over."


async def picture_of(task: ReviewTask) -> Rendition:
    async with transaction(EVERYONE) as session:
        statement = select(Rendition).join(File, File.id == Rendition.file_id)
        wanted = statement.where(File.document_id == task.document_id, Rendition.kind == "view")
        return (await session.execute(wanted)).scalar_one()


async def held(cast=None) -> tuple[ReviewTask, Actor, Rendition]:
    cast = cast or await make_cast()
    task, kim = await in_review(cast), await member(cast, Role.REVIEWER)
    await call(review_claims.start, kim, task.id)
    return task, kim, await picture_of(task)


async def marked(task: ReviewTask, actor: Actor, picture: Rendition, note: str = NOTE, reason: str = ""):
    mark_id = await call(annotations.add, actor, task.id, picture_id=picture.id, box=BOX)
    await call(annotations.change, actor, task.id, mark_id, note=note, reason=reason)
    return mark_id


async def seen(actor: Actor, task: ReviewTask) -> list[str]:
    return [mark.note for mark in await call(annotations.of_task, actor, task.id)]


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR])
async def test_others_mark_nothing_and_read_no_note(role):
    cast = await make_cast()
    task, kim, picture = await held(cast)
    mark_id = await marked(task, kim, picture)
    outsider = await member(cast, role)
    for function, arguments, named in (
        (annotations.add, (task.id,), {"picture_id": picture.id, "box": BOX}),
        (annotations.change, (task.id, mark_id), {"note": "x"}),
        (annotations.remove, (task.id, mark_id), {}),
        (annotations.of_task, (task.id,), {}),
        (annotations.of_document, (task.document_id,), {}),
    ):
        with pytest.raises(NotAllowed):
            await call(function, outsider, *arguments, **named)
    assert await seen(kim, task) == [NOTE]


async def test_another_partner_reads_no_mark_below_the_services_either():
    task, kim, picture = await held()
    await marked(task, kim, picture)
    rival = await make_cast()
    async with transaction(rival.api.tenancy) as session:
        assert (await session.execute(text("select count(*) from annotations"))).scalar_one() == 0


async def test_a_barred_reviewer_meets_nothing():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    await marked(task, kim, picture)
    lead = await member(cast, Role.REVIEW_LEAD)
    await call(review_bars.bar, lead, member_id=kim.id, partner_id=cast.partner.id, reason="A relative.")
    with pytest.raises(NotFound):
        await call(annotations.of_task, kim, task.id)
    with pytest.raises(NotFound):
        await call(annotations.add, kim, task.id, picture_id=picture.id, box=BOX)


async def test_only_a_live_claim_marks():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    joe = await member(cast, Role.REVIEWER, "Joe Park")
    with pytest.raises(Conflict, match="not yours"):
        await call(annotations.add, joe, task.id, picture_id=picture.id, box=BOX)
    with clock.at(clock.now() + timedelta(hours=2)), pytest.raises(Conflict, match="not yours"):
        await call(annotations.add, kim, task.id, picture_id=picture.id, box=BOX)
    started = await call(review_claims.claim, kim, task.id)
    await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=started.version)
    with pytest.raises(Conflict, match="Decided by"):
        await call(annotations.add, kim, task.id, picture_id=picture.id, box=BOX)


async def test_a_mark_belongs_to_a_page_of_its_document():
    task, kim, _ = await held()
    _, _, strange = await held()
    for picture_id in (strange.id, new_id()):
        with pytest.raises(NotFound):
            await call(annotations.add, kim, task.id, picture_id=picture_id, box=BOX)


async def test_a_mark_is_made_explained_and_removed_and_each_step_is_written_down():
    task, kim, picture = await held()
    mark_id = await marked(task, kim, picture, reason="tampering_suspected")
    (mark,) = await call(annotations.of_task, kim, task.id)
    row = mark.annotation
    assert (row.box, row.reason, row.file_id, mark.by) == (BOX, "tampering_suspected", picture.file_id, "Kim Berg")
    assert NOTE.encode() not in row.note_box
    await call(annotations.remove, kim, task.id, mark_id)
    assert await seen(kim, task) == []
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.subject_id == task.id).order_by(AuditEntry.sequence)
        entries = (await session.execute(statement)).scalars().all()
        kept = await session.get(Annotation, mark_id)
    told = [entry for entry in entries if entry.changes.get("mark_id") == str(mark_id)]
    assert [entry.action for entry in told] == ["review.marked", "review.mark_changed", "review.mark_removed"]
    assert told[0].changes["box"] == BOX
    assert all(NOTE not in str(entry.changes) for entry in told)
    assert (kept.removed_by, kept.box) == (kim.id, BOX)
    with pytest.raises(NotFound):
        await call(annotations.change, kim, task.id, mark_id, note="again")


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ([0.1, 0.1, 0.5], "box_invalid"),
        ([float("nan"), 0, 0.5, 0.5], "box_invalid"),
        ([0.1, 0.1, 0.0, 0.5], "box_too_small"),
        ([-0.1, 0.1, 0.5, 0.5], "box_outside"),
        ([0.8, 0.1, 0.5, 0.5], "box_outside"),
    ],
)
async def test_what_is_no_rectangle_of_the_page_is_refused(box, code):
    task, kim, picture = await held()
    with pytest.raises(Invalid) as refused:
        await call(annotations.add, kim, task.id, picture_id=picture.id, box=box)
    assert refused.value.code == code


async def test_notes_end_somewhere_and_reasons_come_from_the_catalogue():
    task, kim, picture = await held()
    mark_id = await marked(task, kim, picture)
    with pytest.raises(Invalid, match="longer than 2000"):
        await call(annotations.change, kim, task.id, mark_id, note="x" * 2_001)
    with pytest.raises(Invalid, match="not a reason"):
        await call(annotations.change, kim, task.id, mark_id, reason="no_such_reason")
    assert await seen(kim, task) == [NOTE]


async def test_a_document_holds_so_many_marks_also_when_all_come_at_once(monkeypatch):
    monkeypatch.setattr(annotations, "MAX_MARKS", 3)
    task, kim, picture = await held()
    tries = (call(annotations.add, kim, task.id, picture_id=picture.id, box=BOX) for _ in range(6))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert len(await seen(kim, task)) == 3


async def test_later_reviewers_see_marks_and_change_only_their_own():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    mark_id = await marked(task, kim, picture)
    await call(review_claims.release, kim, task.id)
    joe = await member(cast, Role.REVIEWER, "Joe Park")
    await call(review_claims.start, joe, task.id)
    assert await seen(joe, task) == [NOTE]
    with pytest.raises(NotAllowed, match="Only who made"):
        await call(annotations.remove, joe, task.id, mark_id)


async def test_the_second_signer_sees_nothing_of_the_firsts_marks_until_it_is_over():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    async with transaction(EVERYONE) as session:
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(needs_second=True))
    mark_id = await marked(task, kim, picture)
    current = await call(review_claims.claim, kim, task.id)
    verdict = await call(decisions.sign, kim, task.id, outcome=Outcome.APPROVED, version=current.version)
    with clock.at(verdict.final_at + timedelta(seconds=1)):
        await call(decisions.finalize, SYSTEM, task.id, verdict.id)
        joe = await member(cast, Role.REVIEWER, "Joe Park")
        second = await call(review_claims.start, joe, task.id)
        assert await seen(joe, task) == []
        assert await seen(kim, task) == [NOTE]
        story = await call(timelines.read, joe, task.document_id)
        assert not [one for one in story.entries if "mark" in one.entry.action]
        with pytest.raises(NotFound):
            await call(annotations.remove, joe, task.id, mark_id)
        verdict = await call(decisions.sign, joe, task.id, outcome=Outcome.APPROVED, version=second.version)
    with clock.at(verdict.final_at + timedelta(seconds=1)):
        await call(decisions.finalize, SYSTEM, task.id, verdict.id)
    assert await seen(joe, task) == [NOTE]
    story = await call(timelines.read, joe, task.document_id)
    assert [one.entry.action for one in story.entries if "mark" in one.entry.action] == [
        "review.mark_changed",
        "review.marked",
    ]


async def test_the_second_signer_is_not_refused_for_marks_that_are_hidden_and_learns_of_no_copy(monkeypatch):
    monkeypatch.setattr(annotations, "MAX_MARKS", 2)
    cast = await make_cast()
    task, kim, picture = await held(cast)
    for _ in range(2):
        await marked(task, kim, picture)
    async with transaction(EVERYONE) as session:
        values = {"needs_second": True, "first_by": kim.id, "first_outcome": "approved", "status": "second_review"}
        values |= {"claimed_by": None, "claim_expires_at": None}
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(**values))
    boxes = {"picture_id": picture.id, "boxes": [BOX, BOX], "why": "For the partner."}
    await call(copies.redact, kim, task.document_id, **boxes)
    joe = await member(cast, Role.REVIEWER, "Joe Park")
    await call(review_claims.start, joe, task.id)
    for _ in range(2):
        await marked(task, joe, picture)
    with pytest.raises(Conflict, match="You can keep at most 2 marks"):
        await call(annotations.add, joe, task.id, picture_id=picture.id, box=BOX)
    await call(copies.redact, joe, task.document_id, **boxes)
    await call(copies.file_case, kim, task.document_id)

    async def made_by(reader: Actor) -> list[tuple[str, str]]:
        story = await call(timelines.read, reader, task.document_id)
        return [(row.entry.action, row.entry.actor_name) for row in story.entries if "copy_id" in row.entry.changes]

    filed = ("review.case_filed", "Kim Berg")
    assert await made_by(joe) == [filed, ("review.page_redacted", "Joe Park")]
    assert await made_by(kim) == [filed, ("review.page_redacted", "Kim Berg")]
    async with transaction(EVERYONE) as session:
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(needs_second=False))
    both = [filed, ("review.page_redacted", "Joe Park"), ("review.page_redacted", "Kim Berg")]
    assert await made_by(joe) == both, "nothing is hidden once it is settled"


async def test_a_lead_who_settles_a_dispute_sees_the_marks_of_both():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    await marked(task, kim, picture)
    async with transaction(EVERYONE) as session:
        values = {"needs_second": False, "first_by": kim.id, "first_outcome": "approved", "status": "escalated"}
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(**values))
    assert await seen(await member(cast, Role.REVIEW_LEAD), task) == [NOTE]


async def test_who_judges_a_sample_blind_sees_no_mark():
    await shares()
    await only_mine()
    cast = await make_cast()
    kim, joe, _ = await three(cast)
    decision = await decided(cast, kim)
    await drawn()
    assert await taken(joe) is not None
    with pytest.raises(NotAllowed, match="blind"):
        await call(annotations.of_document, joe, decision.document_id)


async def test_partners_read_that_work_was_done_and_nothing_of_the_mark():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    await marked(task, kim, picture, reason="tampering_suspected")
    admin = await member(cast, Role.PARTNER_ADMIN)
    async with transaction(admin.tenancy) as session:
        page = await audit_entries.page(session, admin, audit_entries.Filter(subject_id=task.id))
    changes = [dict(one.changes) for one in page.rows if "mark" in one.entry.action]
    assert changes
    assert all(set(one) <= {"document_id", "status"} for one in changes)


async def test_erasure_takes_the_notes_and_leaves_that_there_was_a_mark():
    cast = await make_cast()
    task, kim, picture = await held(cast)
    mark_id = await marked(task, kim, picture)
    async with transaction(EVERYONE) as session:
        applicant_id = (
            await session.execute(text("select applicant_id from documents where id = :id"), {"id": task.document_id})
        ).scalar_one()
        request = await erasures.request(session, cast.api, applicant_id)
    async with transaction(EVERYONE) as session:
        keys = await erasures.begin(session, SYSTEM, request.id)
    await redactions.delete_objects(keys)
    async with transaction(EVERYONE) as session:
        await erasures.complete(session, SYSTEM, request.id)
        row = await session.get(Annotation, mark_id)
    assert row.note_box is None
    assert await seen(kim, task) == [""]
