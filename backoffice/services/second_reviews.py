"""Second reviews: where a policy wants four eyes, the first verdict is kept aside until another person has signed.

The second signer neither is the first nor sees what the first one signed. Where they disagree, a lead decides.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models.documents import Document
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.services import documents, events, review_tasks, vault
from backoffice.services.access import Actor

FIRST_NOTE_COLUMN, FIRST_MESSAGE_COLUMN = "first_note_box", "first_message_box"
VERDICT_NOTE_COLUMN, VERDICT_MESSAGE_COLUMN = "verdict_note_box", "verdict_message_box"


def is_first(task: ReviewTask) -> bool:
    """Whether the verdict on the task is the first of two."""
    return task.needs_second and task.first_by is None


def is_disputed(task: ReviewTask) -> bool:
    """Whether the second verdict differs from the first."""
    return task.needs_second and task.first_by is not None and task.first_outcome != task.verdict_outcome


async def keep_first(session: AsyncSession, document: Document, task: ReviewTask) -> None:
    """Put the first verdict aside, its texts too; the caller clears the verdict before anything is written."""
    note_box = await _again(session, document, task, task.verdict_note_box, (VERDICT_NOTE_COLUMN, FIRST_NOTE_COLUMN))
    both = (VERDICT_MESSAGE_COLUMN, FIRST_MESSAGE_COLUMN)
    message_box = await _again(session, document, task, task.verdict_message_box, both)
    task.first_by, task.first_at = task.verdict_by, task.verdict_at
    task.first_outcome, task.first_reasons = task.verdict_outcome, list(task.verdict_reasons)
    task.first_note_box, task.first_message_box, task.status = note_box, message_box, TaskStatus.SECOND_REVIEW


async def _again(
    session: AsyncSession, document: Document, task: ReviewTask, box: bytes | None, columns: tuple[str, str]
) -> bytes | None:
    """Seal a text of the verdict for the place where the first one's stands."""
    if box is None:
        return None
    key = await vault.data_key(session, document.applicant_id)
    text = vault.open_json(key, box, row=task.id, column=columns[0])
    return vault.seal_json(key, text, row=task.id, column=columns[1])


async def dispute(session: AsyncSession, actor: Actor, task: ReviewTask) -> None:
    """Hand two verdicts that differ to a lead, who decides alone; both stay in the audit trail."""
    await review_tasks.record(session, actor, task, "disputed", first=task.first_outcome, second=task.verdict_outcome)
    task.needs_second, task.second_by = False, task.verdict_by
    task.status, task.priority = TaskStatus.ESCALATED, min(task.priority, review_tasks.ESCALATED_PRIORITY)


async def tell(session: AsyncSession, actor: Actor, document: Document, task: ReviewTask) -> None:
    """Tell where a task went that one verdict did not end."""
    if task.status == TaskStatus.SECOND_REVIEW:
        await documents.tell(session, actor, document, "second_review_requested")
        return
    await documents.tell(session, actor, document, "escalated")
    await events.emit(session, actor, "review.escalated", await review_tasks.subject(session, task))


def signers(task: ReviewTask) -> tuple[UUID | None, UUID | None]:
    """Name who signed first and second; after a dispute the lead alone."""
    return (task.first_by, task.verdict_by) if task.needs_second and task.first_by else (task.verdict_by, None)


def reasons(task: ReviewTask) -> list[str]:
    """Join the reasons of both, the first one's first."""
    both = [*task.first_reasons, *task.verdict_reasons] if task.needs_second else task.verdict_reasons
    return list(dict.fromkeys(both))
