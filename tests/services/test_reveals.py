"""Personal data before partners' people: hidden, then shown to one session for a purpose and a while."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from backoffice.clock import at
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.jobs import reveals as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.reveals import FIELDS, Reveal
from backoffice.services import dossiers, files, questions, reveals, review_claims, vault
from backoffice.services.access import Actor
from backoffice.viewmodels import words
from tests.key_cast import lose_key
from tests.services.review_cast import in_review, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
SECRETS = ("Okafor", "Okonkwo", "Amara", "P1234567", "1991")


async def begun(actor, document_id, purpose="support", **more):
    async with transaction(actor.tenancy) as session:
        return await reveals.begin(session, actor, document_id, purpose=purpose, **more)


async def read(actor, document_id):
    async with transaction(actor.tenancy) as session:
        return await dossiers.read(session, actor, document_id)


async def locate(actor, link):
    async with transaction(actor.tenancy) as session:
        return await files.locate(session, actor, files.read_token(link.rpartition("/")[2]))


async def test_no_stranger_and_no_lesser_role_reveals():
    task = await in_review(await make_cast())
    rival = await member(await make_cast(), Role.PARTNER_ADMIN)
    with pytest.raises(NotFound):
        await begun(rival, task.document_id)
    acme = await make_cast()
    mine = await in_review(acme)
    for role in (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER, Role.OPERATOR, Role.REVIEWER):
        with pytest.raises(NotAllowed):
            await begun(await member(acme, role), mine.document_id)
    with pytest.raises(NotAllowed):
        await begun(Actor.system(acme.partner.id), mine.document_id)


async def test_nothing_is_read_before_somebody_says_what_for():
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    dossier = await read(admin, task.document_id)
    said = str((dossier.given, dossier.extracted, [words for _, words in dossier.checks]))
    assert (dossier.is_hidden, dossier.renditions) == (True, [])
    assert not any(secret in said for secret in SECRETS)
    assert dossier.given["surname"] == "O•••••"
    assert dossier.extracted["document_number"]["value"] == "•••••"
    await begun(admin, task.document_id)
    dossier = await read(admin, task.document_id)
    assert (dossier.is_hidden, dossier.given["surname"], len(dossier.renditions)) == (False, "Okonkwo", 2)


async def test_it_is_shown_to_one_session_one_document_and_a_while():
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    task, other = await in_review(acme), await in_review(acme)
    row = await begun(admin, task.document_id)
    elsewhere = replace(admin, session_id=uuid4())
    assert (await read(elsewhere, task.document_id)).is_hidden
    assert (await read(admin, other.document_id)).is_hidden
    assert (await read(admin, task.document_id)).shown_until == row.expires_at
    with at(row.expires_at + timedelta(seconds=1)):
        assert (await read(admin, task.document_id)).is_hidden


async def test_a_picture_opens_only_while_it_is_shown():
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    row = await begun(admin, task.document_id)
    picture = (await read(admin, task.document_id)).renditions[0]
    link = files.file_link(admin, picture)
    await locate(admin, link)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get(type(row), row.id)).expires_at = row.created_at
    with pytest.raises(NotFound, match="what you need it for"):
        await locate(admin, link)
    with pytest.raises(NotFound):
        await locate(replace(admin, session_id=uuid4()), files.file_link(admin, picture))


async def test_reviewers_and_keys_are_asked_nothing():
    acme = await make_cast()
    task = await in_review(acme)
    for actor in (await member(acme, Role.REVIEWER), acme.api):
        assert not (await read(actor, task.document_id)).is_hidden


async def test_the_purpose_is_in_the_audit_trail():
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    await begun(admin, task.document_id, "other", note="  The bank's ombudsman  asked for it. ")
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(
            AuditEntry.action == "personal.revealed", AuditEntry.subject_id == task.document_id
        )
        entry = (await session.execute(statement)).scalar_one()
    assert (entry.actor_id, entry.changes["purpose"]) == (admin.id, "other")


@pytest.mark.parametrize(
    ("purpose", "note", "code"),
    [
        ("", "", "unknown_purpose"),
        ("nosiness", "", "unknown_purpose"),
        ("other", " x ", "note_needed"),
        ("fraud", "x" * 301, "too_long"),
    ],
)
async def test_bad_purposes_say_what_is_wrong(purpose, note, code):
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    with pytest.raises(Invalid) as refused:
        await begun(admin, task.document_id, purpose, note=note)
    assert refused.value.code == code


async def test_questions_stay_hidden_until_then():
    acme = await make_cast()
    admin, kim = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.REVIEWER)
    task = await in_review(acme)
    async with transaction(kim.tenancy) as session:
        await review_claims.start(session, kim, task.id)
        await questions.ask(session, kim, task.id, "Is Amara Okonkwo known to you?")

    async def said():
        async with transaction(admin.tenancy) as session:
            return [one.text for one in await questions.of_document(session, admin, task.document_id)]

    assert await said() == [questions.UNSAID]
    await begun(admin, task.document_id)
    assert await said() == ["Is Amara Okonkwo known to you?"]


def test_masks_tell_neither_length_nor_content():
    values = {
        "full_name": "Amara Chidinma Okafor",
        "date_of_birth": "1991-04-02",
        "address": {"city": "Lagos", "line": ""},
    }
    assert reveals.masked(values) == {
        "full_name": "A••••• C••••• O•••••", "date_of_birth": "•••••", "address": {"city": "•••••"}
    }  # fmt: skip
    assert reveals.masked({"full_name": "王 小 明", "address": "7 B"}) == {
        "full_name": "••••• ••••• •••••",
        "address": "•••••",
    }


async def test_a_note_is_sealed_under_the_persons_key():
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    row = await begun(admin, task.document_id, "other", note="  Mrs Okonkwo  called about it. ")
    bare = await begun(admin, task.document_id)
    async with transaction(Tenancy.everyone()) as session:
        kept = await session.get(Reveal, row.id)
        document = await session.get(Document, task.document_id)
        key = await vault.data_key(session, document.applicant_id)
    assert (kept.note, b"Okonkwo" in kept.note_box, bare.note_box) == ("", False, None)
    said = vault.open_json(key, kept.note_box, row=kept.id, column=reveals.NOTE_COLUMN)
    assert said == "Mrs Okonkwo called about it."


async def test_what_was_written_before_is_sealed_or_goes():
    acme = await make_cast()
    admin, task, gone = await member(acme, Role.PARTNER_ADMIN), await in_review(acme), await in_review(acme)
    rows = [await begun(admin, one.document_id) for one in (task, gone)]
    async with transaction(Tenancy.everyone()) as session:
        for row in rows:
            (await session.get(Reveal, row.id)).note = "Asked by Mr Okonkwo."
        erased = await session.get(Document, gone.document_id)
    await lose_key(erased.applicant_id)
    with pytest.raises(NotAllowed):
        async with transaction(admin.tenancy) as session:
            await reveals.seal(session, admin)
    await jobs.seal()
    async with transaction(Tenancy.everyone()) as session:
        kept, lost = [await session.get(Reveal, row.id) for row in rows]
        document = await session.get(Document, task.document_id)
        key = await vault.data_key(session, document.applicant_id)
    assert (kept.note, lost.note, lost.note_box) == ("", "", None)
    assert vault.open_json(key, kept.note_box, row=kept.id, column=reveals.NOTE_COLUMN) == "Asked by Mr Okonkwo."


async def test_one_value_alone_is_shown_and_written_down():
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    row = await begun(admin, task.document_id, field="full_name")
    dossier = await read(admin, task.document_id)
    assert (dossier.is_hidden, dossier.renditions, dossier.shown_until) == (True, [], None)
    assert dossier.shown_fields == {"full_name": row.expires_at}
    assert (dossier.given["surname"], dossier.given["date_of_birth"]) == ("Okonkwo", "•••••")
    assert dossier.extracted["document_number"]["value"] == "•••••"
    assert all(words == "" for _, words in dossier.checks), "sentences quote other values, too"
    with pytest.raises(NotFound):
        async with transaction(admin.tenancy) as session:
            await reveals.refuse_hidden(session, admin, task.document_id)
    elsewhere = replace(admin, session_id=uuid4())
    assert (await read(elsewhere, task.document_id)).given["surname"] == "O•••••"
    with at(row.expires_at + timedelta(seconds=1)):
        assert (await read(admin, task.document_id)).shown_fields == {}
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.changes).where(AuditEntry.subject_id == task.document_id)
        changes = (await session.execute(statement.where(AuditEntry.action == "personal.revealed"))).scalar_one()
    assert changes["field"] == "full_name"
    await begun(admin, task.document_id)
    assert not (await read(admin, task.document_id)).is_hidden


async def test_only_fields_that_there_are_can_be_shown_alone():
    acme = await make_cast()
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    for wrong in ("okonkwo", "full_name ", "metadata"):
        with pytest.raises(Invalid) as refused:
            await begun(admin, task.document_id, field=wrong)
        assert refused.value.code == "unknown_field"
    with pytest.raises(NotAllowed):
        await begun(await member(acme, Role.PARTNER_ANALYST), task.document_id, field="surname")
    assert set(words.FIELDS) == FIELDS, "each field of a page can be shown, and nothing else"
