"""Questions: what a reviewer must know from the partner before deciding; the task waits, and goes on by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.clock import now
from backoffice.errors import Conflict, Invalid
from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.documents import Document
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.models.questions import Question
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.services import (
    audit,
    conflicts,
    documents,
    reveals,
    review_claims,
    review_tasks,
    sla_clocks,
    test_clocks,
    vault,
)
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.permissions import ROLE_PERMISSIONS
from backoffice.services.rows import visible
from backoffice.settings import settings

TEXT_COLUMN, ANSWER_COLUMN = "text_box", "answer_box"
MIN_TEXT, MAX_TEXT = 3, 2_000
PARTNER = "partner"
SWEEP_LIMIT = 100
ANSWERED = "The partner has answered"
UNANSWERED = "The partner has not answered in time"
THEN = " · "
HIDDEN = N_("A colleague's words stay hidden until two have signed.")
UNSAID = N_("Hidden until you say what you need personal data for.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with both texts in the clear; they are empty for who may not read them and after an erasure."""

    question: Question
    text: str
    answer: str


async def ask(session: AsyncSession, actor: Actor, task_id: UUID, text: str) -> Question:
    """Ask the partner about the document of a claimed task, and put the task on hold until the answer.

    Raises Conflict when the claim is not the actor's any more, Invalid for an empty or overlong question.
    """
    text = _checked(text, "/text")
    document = await _document_of(session, task_id)
    await _refuse_open(session, document.id)
    task = await review_claims.aside(session, actor, task_id)
    await sla_clocks.pause(session, task)
    task.waits_for = PARTNER
    row = Question(
        id=new_id(),
        partner_id=document.partner_id,
        document_id=document.id,
        review_task_id=task.id,
        asked_by=review_tasks.reviewer(actor),
        expires_at=await _expiry(session, document),
    )
    key = await vault.data_key(session, document.applicant_id)
    row.text_box = vault.seal_json(key, text, row=row.id, column=TEXT_COLUMN)
    session.add(row)
    await review_tasks.changed(session, actor, task, "asked", event="released")
    await _tell(session, actor, document, row, "question_asked")
    return row


async def _refuse_open(session: AsyncSession, document_id: UUID) -> None:
    is_open = select(col(Question.id)).where(
        col(Question.document_id) == document_id, col(Question.closed_at).is_(None)
    )
    if (await session.execute(is_open)).first():
        raise Conflict("The partner has not answered the last question yet.", code="question_open")


async def close(session: AsyncSession, document_id: UUID) -> None:
    """Wait for no answer about a document any more: it is decided."""
    is_open = (col(Question.document_id) == document_id, col(Question.closed_at).is_(None))
    await session.execute(update(Question).where(*is_open).values(closed_at=now()))


async def _expiry(session: AsyncSession, document: Document) -> datetime:
    with await test_clocks.time_of(session, document.partner_id, livemode=document.livemode):
        return now() + timedelta(hours=settings().question_hours)


def _checked(text: str, pointer: str) -> str:
    text = text.strip()
    if letters(text) < MIN_TEXT or len(text) > MAX_TEXT:
        raise Invalid(f"Write {MIN_TEXT} to {MAX_TEXT:,} characters.", code="text_length", pointer=pointer)
    refuse_card_number(text, pointer)
    return text


def letters(text: str) -> int:
    """Count what is neither white space nor a control character, as the API's description does."""
    return sum(letter > " " and not "\x7f" <= letter <= "\xa0" for letter in text)


async def _document_of(session: AsyncSession, task_id: UUID) -> Document:
    """Lock the document before its task, as everybody does who changes both."""
    statement = (
        select(Document)
        .join(ReviewTask, col(ReviewTask.document_id) == col(Document.id))
        .where(col(ReviewTask.id) == task_id)
        .with_for_update(of=Document)
    )
    return found((await session.execute(statement)).scalar_one_or_none(), "review task")


async def of_document(session: AsyncSession, actor: Actor, document_id: UUID) -> list[Asked]:
    """Read the questions about one document, oldest first.

    Raises NotFound for a document that the actor may not see.
    """
    document = await documents.get(session, actor, document_id)
    statement = select(Question).where(col(Question.document_id) == document.id).order_by(col(Question.id))
    rows = (await session.execute(statement)).scalars().all()
    if not actor.can(Permission.PERSONAL_READ) or actor.denied_attributes or not rows:
        return [Asked(row, "", "") for row in rows]
    if reveals.is_asked(actor) and await reveals.until(session, actor, document.id) is None:
        return [Asked(row, gettext(UNSAID), "") for row in rows]
    hidden = await _hidden_from(session, actor, document.id)
    await _write_down(session, actor, document)
    key = (await vault.data_keys(session, {document.applicant_id})).get(document.applicant_id)
    return [
        Asked(
            row,
            gettext(HIDDEN)
            if row.id in hidden
            else vault.open_json(key, row.text_box, row=row.id, column=TEXT_COLUMN) or "",
            vault.open_json(key, row.answer_box, row=row.id, column=ANSWER_COLUMN) or "",
        )
        for row in rows
    ]


async def _hidden_from(session: AsyncSession, actor: Actor, document_id: UUID) -> frozenset[UUID]:
    """Name the questions whose words would tell a second signer what the first one thinks."""
    if not actor.can(Permission.DOCUMENTS_DECIDE):
        return frozenset()
    statement = (
        select(col(Question.id))
        .join(ReviewTask, col(ReviewTask.id) == col(Question.review_task_id))
        .where(col(Question.document_id) == document_id, col(Question.asked_by) != actor.id)
        .where(col(ReviewTask.needs_second), col(ReviewTask.status) != TaskStatus.COMPLETED)
    )
    return frozenset((await session.execute(statement)).scalars())


async def _write_down(session: AsyncSession, actor: Actor, document: Document) -> None:
    """Keep a record that an application read personal words; screens write down that they were opened."""
    if actor.type == ActorType.API_KEY:
        await audit.record(
            session, actor, "document.personal_read", subject_type="document", subject_id=document.id,
            partner_id=document.partner_id, changes={"fields": ["questions"]},
        )  # fmt: skip


async def answer(
    session: AsyncSession, actor: Actor, question_id: UUID, text: str, *, document_id: UUID | None = None
) -> Question:
    """Answer a question once; the task goes back to whoever asked.

    Raises NotFound, Conflict with the code `question_closed`, Invalid for an empty or overlong answer.
    """
    actor.require(Permission.DOCUMENTS_WRITE)
    text = _checked(text, "/text")
    document = await _asked_about(session, actor, question_id)
    if document_id not in {None, document.id}:
        found(None, "question")
    row = await session.get_one(Question, question_id, with_for_update=True, populate_existing=True)
    if row.closed_at is not None:
        words = "was answered" if row.answer_box else "is not waited for any more"
        raise Conflict(f"This question {words}.", code="question_closed")
    key = await vault.data_key(session, document.applicant_id)
    sealed = vault.seal_json(key, text, row=row.id, column=ANSWER_COLUMN)
    row.answered_by_type, row.answered_by, row.closed_at, row.answer_box = actor.type, actor.id, now(), sealed
    await session.flush()
    await _tell(session, actor, document, row, "question_answered")
    await _resume(session, actor, row, ANSWERED)
    return row


async def _asked_about(session: AsyncSession, actor: Actor, question_id: UUID) -> Document:
    statement = (
        visible(actor, Document)
        .join(Question, col(Question.document_id) == col(Document.id))
        .where(col(Question.id) == question_id)
        .with_for_update(of=Document)
    )
    return found((await session.execute(statement)).scalar_one_or_none(), "question")


async def overdue(session: AsyncSession, actor: Actor) -> list[tuple[UUID, timedelta]]:
    """Find questions that nobody answered in time: (question, how far its document lives ahead)."""
    actor.require(Permission.SYSTEM)
    livemode = col(Document.livemode)
    statement = (
        select(col(Question.id), test_clocks.lead_for(livemode))
        .join(Document, col(Document.id) == col(Question.document_id))
        .join(Partner, col(Partner.id) == col(Question.partner_id))
        .where(col(Question.closed_at).is_(None), col(Question.expires_at) <= test_clocks.now_for(livemode))
        .order_by(col(Question.expires_at))
        .limit(SWEEP_LIMIT)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def give_up(session: AsyncSession, actor: Actor, question_id: UUID) -> None:
    """Wait for an answer no longer: the reviewer decides with what there is."""
    actor.require(Permission.SYSTEM)
    document = await _asked_about(session, actor, question_id)
    row = await session.get_one(Question, question_id, with_for_update=True, populate_existing=True)
    if row.closed_at is not None or row.expires_at > now():
        return
    row.closed_at = now()
    await session.flush()
    await _tell(session, actor, document, row, "question_expired")
    await _resume(session, actor, row, UNANSWERED)


async def _resume(session: AsyncSession, actor: Actor, row: Question, why: str) -> None:
    """Put the task back, kept for whoever asked, unless somebody has taken it up meanwhile."""
    task = await review_tasks.locked(session, row.review_task_id)
    if task.status != TaskStatus.ON_HOLD or task.snoozed_until is not None:
        return
    await sla_clocks.resume(session, task)
    is_theirs = await _may_go_on(session, task, row.asked_by)
    first = task.why.removeprefix(f"{ANSWERED}{THEN}").removeprefix(f"{UNANSWERED}{THEN}")
    task.status, task.waits_for, task.why = review_tasks.waiting_status(task), "", f"{why}{THEN}{first}"
    if is_theirs:
        task.assigned_to, task.assigned_at = row.asked_by, clock.present()
    await review_tasks.changed(session, actor, task, "resumed", event="released")


async def _may_go_on(session: AsyncSession, task: ReviewTask, member_id: UUID) -> bool:
    """Whether whoever asked still works here and may decide this."""
    member = await session.get(Member, member_id)  # a partner's transaction does not see staff; others may take it soon
    decides = member is None or Permission.DOCUMENTS_DECIDE in ROLE_PERMISSIONS[Role(member.role)]
    is_here = decides and (member is None or member.disabled_at is None)
    is_clear = task.partner_id not in await conflicts.barred(session, member_id)
    return is_here and is_clear and not review_tasks.has_signed(task, member_id)


async def _tell(session: AsyncSession, actor: Actor, document: Document, row: Question, what: str) -> None:
    if what != "question_expired":
        await documents.tell(session, actor, document, what)
        return
    changes: dict[str, object] = {"question_id": public_id(Prefix.QUESTION, row.id)}
    await audit.record(
        session, actor, f"document.{what}", subject_type="document", subject_id=document.id,
        partner_id=document.partner_id, changes=changes,
    )  # fmt: skip
