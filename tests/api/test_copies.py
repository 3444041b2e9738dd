"""Copies for export: for who ordered them, without what was blackened, and without a trace of where they came from."""

import hashlib
import os
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, new_id, parse_public_id
from backoffice.models.copies import Copy
from backoffice.models.members import Role
from backoffice.models.reviewers import ReviewBar
from backoffice.services import copies, documents, files, vault
from backoffice.services.access import Actor
from tests.api.test_links import EVERYONE, open_link, sign_in
from tests.api.test_links import shown as shown  # noqa: PLC0414 a fixture

WHY = "For the police, file 12/2026."
SIZE = (640, 420)


@pytest.fixture
async def noisy(shown):
    """The same document with a page full of noise that carries metadata: (document id, picture, its bytes)."""
    body, row = shown
    noise = Image.effect_noise(SIZE, 90).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "secret description"
    buffer = BytesIO()
    noise.save(buffer, "JPEG", quality=85, exif=exif, comment=b"secret comment")
    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, Actor.system(), document_id)
        key = await vault.data_key(session, document.applicant_id)
    await storage_for("default").put(row.storage_key, files.seal_rendition(key, row.id, buffer.getvalue()))
    return document_id, row, buffer.getvalue()


async def order(actor, document_id, picture_id, boxes=((0.25, 0.25, 0.5, 0.5),), why=WHY):
    async with transaction(EVERYONE) as session:
        return await copies.redact(session, actor, document_id, picture_id=picture_id, boxes=boxes, why=why)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.OPERATOR, Role.AUDITOR])
async def test_only_who_reviews_orders_a_copy(noisy, acme, role):
    document_id, row, _ = noisy
    actor, _ = await sign_in(role, acme.partner_id if role.startswith("partner_") else None)
    with pytest.raises(NotAllowed):
        await order(actor, document_id, row.id)


async def test_who_is_barred_since_gets_nothing(client, noisy, acme):
    document_id, row, _ = noisy
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, document_id, row.id)
    async with transaction(EVERYONE) as session:
        bar = ReviewBar(member_id=actor.id, partner_id=acme.partner_id, reason="A relative.", set_by=actor.id)
        session.add(bar)
    assert (await open_link(client, link, cookie)).status_code == 404
    with pytest.raises(NotFound):
        await order(actor, document_id, row.id)


async def test_a_copy_opens_for_who_ordered_it_alone(client, noisy):
    document_id, row, _ = noisy
    actor, _ = await sign_in(Role.REVIEWER)
    link = await order(actor, document_id, row.id)
    _, other = await sign_in(Role.REVIEWER)
    assert (await open_link(client, link, other)).status_code == 404
    assert (await open_link(client, link)).status_code == 404


async def test_blackened_pixels_are_gone_and_no_trace_is_left(client, noisy):
    document_id, row, original = noisy
    actor, cookie = await sign_in(Role.REVIEWER)
    answer = await open_link(client, await order(actor, document_id, row.id), cookie)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert 'filename="front-1-redacted.jpg"' in answer.headers["content-disposition"]
    data = answer.content
    assert b"secret" in original
    assert b"secret" not in data
    assert b"Exif" not in data
    copy = Image.open(BytesIO(data))
    assert (copy.size, copy.format, dict(copy.getexif())) == (SIZE, "JPEG", {})
    assert set(copy.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive"}
    inside = copy.convert("L").crop((176, 121, 464, 299))
    assert inside.getextrema()[1] <= 2, "what was below is not in the pixels"
    outside = copy.convert("L").crop((0, 0, 150, 100))
    assert outside.getextrema()[1] - outside.getextrema()[0] > 100, "the rest of the page is still there"
    sealed = await storage_for("default").get(row.storage_key)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, Actor.system(), document_id)
        key = await vault.data_key(session, document.applicant_id)
        statement = select(AuditEntry).where(AuditEntry.subject_id == document_id, AuditEntry.actor_id == actor.id)
        entries = {entry.action: entry for entry in (await session.execute(statement)).scalars()}
    assert vault.cipher.open_(key, sealed, vault.aad(row.id, files.RENDITION_COLUMN)) == original
    assert entries["review.page_redacted"].changes["areas"] == 1
    assert entries["review.copy_fetched"].changes["sha256"] == hashlib.sha256(data).hexdigest()
    assert all(WHY not in str(entry.changes) for entry in entries.values())


async def test_one_process_opens_all_pages_and_ends_when_it_is_closed(client, noisy):
    document_id, row, _ = noisy
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, document_id, row.id)
    pids = []
    for _ in range(2):
        assert (await open_link(client, link, cookie)).status_code == 200
        pids.append(copies.decoder().pid)
    assert pids[0] == pids[1] is not None
    copies.close()
    copies.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    assert (await open_link(client, link, cookie)).status_code == 200, "the next copy starts another"
    assert copies.decoder().pid != pids[0]


async def test_what_it_was_for_is_kept_for_who_may_read_it(noisy):
    document_id, row, _ = noisy
    actor, _ = await sign_in(Role.REVIEWER)
    await order(actor, document_id, row.id)
    async with transaction(EVERYONE) as session:
        made = (await session.execute(select(Copy).where(Copy.document_id == document_id))).scalar_one()
        assert WHY.encode() not in made.why_box
        assert await copies.why(session, actor, made.id) == WHY


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"why": " "}, "why_needed"),
        ({"why": "x" * 301}, "why_needed"),
        ({"boxes": ()}, "boxes_needed"),
        ({"boxes": ((0.1, 0.1, 0.2, 0.2),) * 51}, "boxes_needed"),
        ({"boxes": ((0.9, 0.1, 0.5, 0.2),)}, "box_outside"),
    ],
)
async def test_a_copy_needs_areas_and_a_purpose(noisy, change, code):
    document_id, row, _ = noisy
    actor, _ = await sign_in(Role.REVIEWER)
    with pytest.raises(Invalid) as refused:
        await order(actor, document_id, row.id, **change)
    assert refused.value.code == code


async def test_a_page_of_another_document_is_not_copied(noisy):
    document_id, _, _ = noisy
    actor, _ = await sign_in(Role.REVIEWER)
    with pytest.raises(NotFound):
        await order(actor, document_id, new_id())


async def test_an_erased_document_gives_no_copy(client, noisy):
    document_id, row, _ = noisy
    actor, cookie = await sign_in(Role.REVIEWER)
    link = await order(actor, document_id, row.id)
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, Actor.system(), document_id)
        await documents.move(session, Actor.system(), document, documents.DocumentStatus.CANCELED)
        await documents.move(session, Actor.system(), document, documents.DocumentStatus.REDACTED)
    assert (await open_link(client, link, cookie)).status_code == 404
