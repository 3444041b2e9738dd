"""The note and the message of a bulk action: kept with each decision, sealed meanwhile, forgotten at its end."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.jobs import bulk_actions as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.bulk_actions import BulkAction, BulkStatus
from backoffice.models.documents import Document
from backoffice.models.review_tasks import Outcome
from backoffice.services import (
    bulk_actions,
    decision_texts,
)
from backoffice.services.bulk_texts import Texts
from tests.services.bulk_cast import EVERYONE, call, finalized, press, progress, world

pytestmark = pytest.mark.usefixtures("database")


async def test_each_decision_keeps_the_note_and_the_message_as_one_of_the_desk_does():
    _, kim, tasks = await world(2)
    texts = Texts("One campaign, see case 7.", "Please write to us first.")
    action = await call(bulk_actions.begin, kim, replace(press(tasks, Outcome.REJECTED, "other"), texts=texts))
    kept = (await progress(kim, action)).action
    for box in (kept.texts_key, kept.texts_box):
        assert texts.note.encode() not in box
        assert texts.message.encode() not in box
    await jobs.run(str(action.id))
    ended = (await progress(kim, action)).action
    assert (ended.status, ended.texts_key, ended.texts_box) == (BulkStatus.DONE, None, None)
    for task in tasks:
        decision = await finalized(task)
        assert await call(decision_texts.note_of, kim, decision) == texts.note
        async with transaction(EVERYONE) as session:
            document = await session.get(Document, task.document_id)
            written = {document.id: (document.applicant_id, decision)}
            assert await decision_texts.messages_of(session, kim, written) == {document.id: texts.message}
    async with transaction(EVERYONE) as session:
        entries = select(AuditEntry.changes).where(AuditEntry.actor_id == kim.id)
        told = str((await session.execute(entries)).scalars().all())
    assert texts.note not in told
    assert texts.message not in told


async def test_texts_are_forgotten_when_an_action_is_stopped_and_the_database_insists():
    _, kim, tasks = await world(1)
    action = await call(bulk_actions.begin, kim, replace(press(tasks), texts=Texts("A note.")))
    with pytest.raises(IntegrityError, match="texts_end"):
        async with transaction(EVERYONE) as session:
            await session.execute(update(BulkAction).where(BulkAction.id == action.id).values(status="stopped"))
    stopped = await call(bulk_actions.stop, kim, action.id)
    assert (stopped.status, stopped.texts_key, stopped.texts_box) == (BulkStatus.STOPPED, None, None)


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (Texts("x" * 4_001), "note_too_long"),
        (Texts(message="x" * 1_001), "message_too_long"),
        (Texts(message="Only a message."), "note_missing"),
        (Texts(" "), "note_missing"),
    ],
)
async def test_texts_are_judged_before_anything_begins(texts, code):
    _, kim, tasks = await world(1)
    with pytest.raises(Invalid) as refused:
        await call(bulk_actions.begin, kim, replace(press(tasks, Outcome.REJECTED, "other"), texts=texts))
    assert refused.value.code == code
    assert await call(bulk_actions.newest, kim) is None
