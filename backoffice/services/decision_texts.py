"""Texts of decisions: the note that stays with the team, and the message to the applicant; both sealed."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Invalid
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.documents import Document
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask
from backoffice.services import documents, vault
from backoffice.services.access import Actor, Permission
from backoffice.services.second_reviews import FIRST_MESSAGE_COLUMN, VERDICT_MESSAGE_COLUMN, VERDICT_NOTE_COLUMN

NOTE_COLUMN, MESSAGE_COLUMN = "note_box", "message_box"
MAX_NOTE, MAX_MESSAGE = 4_000, 1_000


def refuse_note(note: str | None) -> None:
    """Raise Invalid for an overlong note, and for one with the number of a payment card."""
    if note and len(note) > MAX_NOTE:
        raise Invalid(f"The note is longer than {MAX_NOTE} characters.", code="note_too_long", pointer="/note")
    refuse_card_number(note, "/note")


def refuse_message(outcome: Outcome, message: str | None) -> None:
    """Raise Invalid for an overlong message, one with an approval, and one with the number of a payment card."""
    if message and len(message) > MAX_MESSAGE:
        words = f"The message to the applicant is longer than {MAX_MESSAGE:,} characters."
        raise Invalid(words, code="message_too_long", pointer="/message")
    if (message or "").strip() and outcome == Outcome.APPROVED:
        raise Invalid("An approval carries no message.", code="message_not_allowed", pointer="/message")
    refuse_card_number(message, "/message")


async def sealed(
    session: AsyncSession, document: Document, task_id: UUID, column: str, text: str | None
) -> bytes | None:
    """Seal a text for one column of a task; nothing for an empty one."""
    if not (text or "").strip():
        return None
    key = await vault.data_key(session, document.applicant_id)
    return vault.seal_json(key, text, row=task_id, column=column)


async def keep(session: AsyncSession, task: ReviewTask, document: Document, decision: Decision) -> None:
    """Seal note and message for the decision; without a message of the second signer the first one's goes out."""
    first = task.first_message_box if task.needs_second else None
    boxes = {
        VERDICT_NOTE_COLUMN: task.verdict_note_box,
        VERDICT_MESSAGE_COLUMN: task.verdict_message_box,
        FIRST_MESSAGE_COLUMN: first,
    }
    if not any(box is not None for box in boxes.values()):
        return
    key = await vault.data_key(session, document.applicant_id)
    texts = {name: vault.open_json(key, box, row=task.id, column=name) for name, box in boxes.items()}
    if note := texts[VERDICT_NOTE_COLUMN]:
        decision.note_box = vault.seal_json(key, note, row=decision.id, column=NOTE_COLUMN)
    message = texts[VERDICT_MESSAGE_COLUMN] or texts[FIRST_MESSAGE_COLUMN]
    if message and decision.outcome != Outcome.APPROVED:
        decision.message_box = vault.seal_json(key, message, row=decision.id, column=MESSAGE_COLUMN)


async def note_of(session: AsyncSession, actor: Actor, decision: Decision) -> str:
    """Read the reviewer's note; empty when there is none or the applicant was erased."""
    actor.require(Permission.PERSONAL_READ)
    document = await documents.get(session, actor, decision.document_id)
    key = (await vault.data_keys(session, {document.applicant_id})).get(document.applicant_id)
    return vault.open_json(key, decision.note_box, row=decision.id, column=NOTE_COLUMN) or ""


async def messages_of(
    session: AsyncSession, actor: Actor, written: Mapping[UUID, tuple[UUID, Decision]]
) -> dict[UUID, str]:
    """Read what reviewers wrote to applicants, by document, given (applicant, decision) by document."""
    actor.require(Permission.DOCUMENTS_READ)
    some = {row: (owner, one) for row, (owner, one) in written.items() if one.message_box is not None}
    keys = await vault.data_keys(session, {owner for owner, _ in some.values()}) if some else {}
    return {
        row: vault.open_json(keys.get(owner), one.message_box, row=one.id, column=MESSAGE_COLUMN) or ""
        for row, (owner, one) in some.items()
    }
