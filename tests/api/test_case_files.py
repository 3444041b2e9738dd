"""The case file: for who may read the whole timeline, everything on it, in the scripts that people write in."""

import hashlib
import re
from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select, update

from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.members import Role
from backoffice.models.reopenings import ReopeningKind
from backoffice.models.review_tasks import Outcome, ReviewTask
from backoffice.models.reviewers import ReviewBar
from backoffice.models.samples import Sample
from backoffice.screening.types import Derivative, Extracted
from backoffice.services import annotations, copies, documents, questions, reopenings, review_claims
from backoffice.services.access import Actor
from tests.api.test_links import EVERYONE, open_link, sign_in
from tests.services.review_cast import CLEAN, in_review, make_cast
from tests.services.test_decisions import finalize, sign

ARABIC, HEBREW, HINDI = "محمد", "שלום", "नमस्ते"
ORIGINAL = b"\xff\xd8the file as it was sent"
NOTE = "The seal of Łódź lies over the Ελλάδα stamp."
MARK = (0.25, 0.25, 0.25, 0.5)
SIZE = (800, 500)


def shown() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", SIZE, (240, 240, 250)).save(buffer, "JPEG")
    return buffer.getvalue()


async def a_task(**fields) -> ReviewTask:
    names = [("surname", f"Okafor {ARABIC}"), ("given_names", HEBREW), ("father_name", HINDI), ("address", "Жуков 中")]
    read = tuple(Extracted(name, value, 0.98, "text", (0.1, 0.2, 0.3, 0.05), 0) for name, value in names)
    screening = replace(CLEAN, extracted=read, derivatives=(Derivative(0, 0, "view", *SIZE, shown()),))
    return await in_review(await make_cast(), screening, data=ORIGINAL, **fields)


async def order(actor, document_id) -> str:
    async with transaction(EVERYONE) as session:
        return await copies.file_case(session, actor, document_id)


async def taken(task, **person):
    """A reviewer who holds the task: (actor, cookie)."""
    actor, cookie = await sign_in(Role.REVIEWER, **person)
    async with transaction(EVERYONE) as session:
        await review_claims.start(session, actor, task.id)
    return actor, cookie


async def mark(actor, task, note=NOTE) -> None:
    async with transaction(EVERYONE) as session:
        picture = (await documents.renditions_of(session, task.document_id))[0]
        made = await annotations.add(session, actor, task.id, picture_id=picture.id, box=MARK)
        await annotations.change(session, actor, task.id, made, note=note, reason="name_mismatch")


async def now_of(task) -> ReviewTask:
    async with transaction(EVERYONE) as session:
        return await session.get_one(ReviewTask, task.id)


def words_of(data: bytes) -> list[str]:
    """The text of every page, with any run of white space as one space."""
    with pypdfium2.PdfDocument(data) as pdf:
        return [re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in pdf]


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_ANALYST, Role.OPERATOR, Role.AUDITOR])
async def test_only_who_reviews_orders_a_case_file(database, role):
    task = await a_task()
    actor, _ = await sign_in(role, task.partner_id if role.startswith("partner_") else None)
    with pytest.raises(NotAllowed):
        await order(actor, task.document_id)


async def test_a_case_file_opens_for_who_ordered_it_alone(client):
    task = await a_task()
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, task.document_id)
    _, other = await sign_in(Role.REVIEW_LEAD)
    assert (await open_link(client, link, other)).status_code == 404
    assert (await open_link(client, link)).status_code == 404
    assert (await open_link(client, link, cookie)).status_code == 200


async def test_who_is_barred_since_gets_nothing(client):
    task = await a_task()
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, task.document_id)
    async with transaction(EVERYONE) as session:
        bar = ReviewBar(member_id=actor.id, partner_id=task.partner_id, reason="A relative.", set_by=actor.id)
        session.add(bar)
    assert (await open_link(client, link, cookie)).status_code == 404
    with pytest.raises(NotFound):
        await order(actor, task.document_id)


async def test_who_judges_the_document_blind_gets_nothing(client):
    task = await a_task()
    kim, _ = await taken(task)
    decision = await finalize(await sign(kim, await now_of(task), Outcome.REJECTED, "name_mismatch"))
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, task.document_id)
    async with transaction(EVERYONE) as session:
        session.add(
            Sample(
                partner_id=task.partner_id, document_id=task.document_id, decision_id=decision.id,
                band="high", signers=[kim.id], taken_by=actor.id,
            )
        )  # fmt: skip
    assert (await open_link(client, link, cookie)).status_code == 403
    with pytest.raises(NotAllowed, match="blind"):
        await order(actor, task.document_id)


async def test_a_second_signer_reads_nothing_of_the_first(client):
    task = await a_task()
    async with transaction(EVERYONE) as session:
        await session.execute(update(ReviewTask).where(ReviewTask.id == task.id).values(needs_second=True))
    first, _ = await taken(task)
    await mark(first, task)
    await finalize(await sign(first, await now_of(task), Outcome.REJECTED, "name_mismatch", note="Look at the seal."))
    second, cookie = await sign_in(Role.REVIEWER)
    text = " ".join(words_of((await open_link(client, await order(second, task.document_id), cookie)).content))
    assert "Nothing is marked." in text
    assert "Nothing has been decided yet." in text
    assert "the seal" not in text.casefold()
    assert "Reject" not in text


async def test_an_erased_document_has_no_case_file(client):
    task = await a_task()
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, task.document_id)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, Actor.system(), task.document_id)
        await documents.move(session, Actor.system(), document, DocumentStatus.CANCELED)
        await documents.move(session, Actor.system(), document, DocumentStatus.REDACTED)
    assert (await open_link(client, link, cookie)).status_code == 404
    with pytest.raises(NotFound):
        await order(actor, task.document_id)


async def decided(task):
    """A document that was marked, asked about, answered, rejected and opened again: (reviewer, cookie)."""
    kim, cookie = await taken(task)
    await mark(kim, task)
    async with transaction(EVERYONE) as session:
        question = await questions.ask(session, kim, task.id, "Which year was it issued?")
    async with transaction(EVERYONE) as session:
        api = Actor.system(task.partner_id, name="api")
        await questions.answer(session, api, question.id, "In 2019, in Łódź.")
        await review_claims.start(session, kim, task.id)
    await finalize(await sign(kim, await now_of(task), Outcome.REJECTED, "name_mismatch", note="Compare the seal."))
    async with transaction(EVERYONE) as session:
        why = "The seal was right after all."
        await reopenings.reopen(session, kim, task.document_id, kind=ReopeningKind.CORRECTION, why=why)
    return kim, cookie


async def test_the_case_is_whole_and_every_script_is_readable(client):
    task = await a_task(external_id="case-7")
    kim, cookie = await decided(task)
    answer = await open_link(client, await order(kim, task.document_id), cookie)
    name = public_id(Prefix.DOCUMENT, task.document_id)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"] == "application/pdf"
    assert f'filename="case-{name}.pdf"' in answer.headers["content-disposition"]
    pages = words_of(answer.content)
    text = " ".join(pages)
    sentences = (
        name, "case-7", hashlib.sha256(ORIGINAL).hexdigest(), NOTE, "Compare the seal.",
        "Which year was it issued?", "In 2019, in Łódź.", "The seal was right after all.",
        "Okafor is not Okonkwo.", "0.61 < 0.86", "Жуков", "Robin", "person", "machine",
    )  # fmt: skip
    assert [one for one in sentences if one not in text] == []
    assert ARABIC in text
    assert HEBREW in text
    assert "नम" in text
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert f"{name} · made by Robin at " in page
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.subject_id == task.document_id, AuditEntry.actor_id == kim.id)
        entries = {entry.action: entry for entry in (await session.execute(statement)).scalars()}
    assert {"review.case_filed", "document.opened"} <= entries.keys()
    assert entries["review.copy_fetched"].changes["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert entries["review.copy_fetched"].changes["kind"] == "case"


async def test_marks_are_drawn_where_they_were_made(client):
    task = await a_task()
    kim, cookie = await taken(task)
    await mark(kim, task)
    answer = await open_link(client, await order(kim, task.document_id), cookie)
    with pypdfium2.PdfDocument(answer.content) as pdf:
        page = next(page for page in pdf if "Front" in page.get_textpage().get_text_range())
        pictures = [one for one in page.get_objects() if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        left, bottom, right, top = pictures[0].get_bounds()
        scale = 2
        drawn = page.render(scale=scale).to_pil()
        height = page.get_height()
    x = left + MARK[0] * (right - left)
    y = height - top + (MARK[1] + MARK[3] / 2) * (top - bottom)
    near = [drawn.getpixel((round(x * scale) + step, round(y * scale))) for step in range(-3, 4)]
    assert any(red > 150 and green < 120 and blue < 120 for red, green, blue in near)


async def test_a_picture_that_cannot_be_opened_does_not_stop_the_file(client):
    task = await in_review(await make_cast())
    actor, cookie = await sign_in(Role.REVIEW_LEAD)
    answer = await open_link(client, await order(actor, task.document_id), cookie)
    assert "Front: this picture is not printed here." in " ".join(words_of(answer.content))


async def test_the_document_is_found_by_nobody_elses_address(database):
    actor, _ = await sign_in(Role.REVIEWER)
    task = await a_task()
    with pytest.raises(NotFound):
        await order(actor, task.id)
    async with transaction(EVERYONE) as session:
        assert (await session.get_one(Document, task.document_id)).redacted_at is None
