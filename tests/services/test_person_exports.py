"""All of one person: outsiders first, everything that is held and nothing of others, gone with the person."""

import io
import json
import tarfile
import zipfile
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice.adapters import archives
from backoffice.adapters.storage import storage_for
from backoffice.commands import person as command
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotFound, StepUpRequired
from backoffice.jobs import erasures as erasure_jobs
from backoffice.jobs import exports as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.exports import ExportStatus
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import (
    decisions,
    erasures,
    exports,
    file_masks,
    person_exports,
    reveals,
    review_claims,
    screenings,
)
from backoffice.services.file_masks import Looked
from tests.api.world import rows, rows_changed
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.test_exports import content, read
from tests.services.test_file_masks import MASKED

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
FACE = b"\xff\xd8" + b"the face of Amara " * 400


async def applicant_of(task):
    return (await rows("select applicant_id from documents where id = :d", d=task.document_id))[0].applicant_id


async def asked(actor, applicant_id, press=None):
    key = await exports.wrap_key(actor.partner_id)
    async with transaction(actor.tenancy) as session:
        return await person_exports.ask(session, actor, applicant_id, press=press or uuid4(), key=key)


async def written(actor, applicant_id):
    row = await asked(actor, applicant_id)
    await jobs.write(str(row.id))
    done = await read(row)
    assert done.status == ExportStatus.READY, done.failure
    book = zipfile.ZipFile(io.BytesIO(await content(actor, done)))
    assert book.testzip() is None
    return done, {name: book.read(name) for name in book.namelist()}


async def a_person(cast):
    """A document with a decision, a look and a tag."""
    task = await in_review(cast, data=FACE, external_id="user-8841")
    kim = await member(cast, Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        held = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(
            session, kim, task.id, outcome=Outcome.REJECTED, reasons=["image_blurred", "forgery"],
            note="Knows Mrs Okonkwo", message="Take the picture again, please.", version=held.version,
        )  # fmt: skip
    await rows_changed("update review_tasks set verdict_final_at = now() where id = :t", t=task.id)
    async with transaction(EVERYONE) as session:
        assert await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    return task, await applicant_of(task)


async def test_rival_and_those_who_may_not_read_personal_data_get_nothing():
    acme, rival = await make_cast(), await make_cast()
    _, applicant_id = await a_person(acme)
    with pytest.raises(NotFound):
        await asked(await member(rival, Role.PARTNER_ADMIN), applicant_id)
    for role in (Role.PARTNER_ANALYST, Role.PARTNER_DEVELOPER):
        with pytest.raises(NotAllowed):
            await asked(await member(acme, role), applicant_id)
    with pytest.raises(NotAllowed):
        await asked(replace(acme.api, permissions=frozenset()), applicant_id)
    admin = await member(acme, Role.PARTNER_ADMIN)
    with pytest.raises(StepUpRequired):
        await asked(replace(admin, confirmed_at=None), applicant_id)
    done, _ = await written(admin, applicant_id)
    with pytest.raises(NotAllowed, match="somebody else"):
        await content(await member(acme, Role.PARTNER_ADMIN), done)


async def test_it_holds_all_that_is_held_and_nothing_of_others(monkeypatch):
    monkeypatch.setattr(person_exports, "PART_BYTES", 512)
    acme = await make_cast()
    task, applicant_id = await a_person(acme)
    await in_review(acme, data=b"\xff\xd8somebody else", external_id="user-1")
    admin = await member(acme, Role.PARTNER_ADMIN, "Lea Roth")
    async with transaction(admin.tenancy) as session:
        await reveals.begin(session, admin, task.document_id, purpose="complaint")
    done, book = await written(admin, applicant_id)
    assert done.parts > 1
    document_id = public_id(Prefix.DOCUMENT, task.document_id)
    assert set(book) == {"person.json", f"files/{document_id}/1-front.jpg"}
    assert book[f"files/{document_id}/1-front.jpg"] == FACE
    said = json.loads(book["person.json"])
    assert (said["object"], said["version"], said["made_by"]) == ("person_export", 1, "Lea Roth")
    assert said["applicant"]["given"]["surname"] == "Okonkwo"
    assert said["held_by"]["region"] == "default"
    [document] = said["documents"]
    assert (document["id"], document["external_id"], document["status"]) == (document_id, "user-8841", "rejected")
    assert document["extracted"]["document_number"]["value"] == "P1234567"
    assert {check["name"]: check["summary"] for check in document["checks"]}["applicant_match"]
    [decision] = document["decisions"]
    assert decision["message"] == "Take the picture again, please."
    assert [(one["code"], one["internal_only"]) for one in decision["reasons"]] == [
        ("image_blurred", False), ("forgery", True),
    ]  # fmt: skip
    assert "Knows Mrs Okonkwo" not in book["person.json"].decode(), "what our reviewers noted stays with them"
    assert {"document.created", "document.rejected"} <= {event["type"] for event in said["timeline"]}
    looks = [one for one in said["looked_at"] if one["what"] == "personal.revealed"]
    assert [(one["by"], one["purpose"]) for one in looks] == [({"type": "member", "name": "Lea Roth"}, "complaint")]
    assert all(one["by"]["name"] is None for one in said["looked_at"] if one["by"]["type"] == "staff")
    assert said["missing_files"] == []
    assert "user-1" not in book["person.json"].decode()


async def test_it_is_sealed_asked_once_and_written_down():
    acme = await make_cast()
    _, applicant_id = await a_person(acme)
    admin, press = await member(acme, Role.PARTNER_ADMIN), uuid4()
    first, again = await asked(admin, applicant_id, press), await asked(admin, applicant_id, press)
    assert first.id == again.id
    await jobs.write(str(first.id))
    store = storage_for("default")
    for key in await store.keys(f"{acme.partner.id}/exports"):
        assert b"the face of Amara" not in await store.get(key)
    await content(admin, await read(first))
    async with transaction(EVERYONE) as session:
        entries = (
            await session.execute(select(AuditEntry.action).where(AuditEntry.subject_id.in_([applicant_id, first.id])))
        ).scalars()
        found = list(entries)
    assert found.count("applicant.export_asked") == 1
    assert found.count("export.fetched") == 1


async def test_a_file_that_is_lost_is_named_and_the_rest_is_there():
    acme = await make_cast()
    task, applicant_id = await a_person(acme)
    [key] = [row.storage_key for row in await rows("select storage_key from files where document_id = :d",
                                                   d=task.document_id)]  # fmt: skip
    await storage_for("default").delete(key)
    _, book = await written(await member(acme, Role.PARTNER_ADMIN), applicant_id)
    assert list(book) == ["person.json"]
    assert len(json.loads(book["person.json"])["missing_files"]) == 1


async def test_it_goes_with_the_person_and_with_a_document():
    acme = await make_cast()
    task, applicant_id = await a_person(acme)
    admin = await member(acme, Role.PARTNER_ADMIN)
    done, _ = await written(admin, applicant_id)
    waiting = await asked(admin, applicant_id)
    async with transaction(EVERYONE) as session:
        request = await erasures.request(session, acme.api, applicant_id)
    await erasure_jobs.erase(str(request.id))
    assert [(await read(row)).status for row in (done, waiting)] == [ExportStatus.EXPIRED] * 2
    assert [(await read(row)).wrapped for row in (done, waiting)] == [None, None]
    with pytest.raises(NotFound):
        await content(admin, done)
    await jobs.write(str(waiting.id))
    await jobs.discard()
    assert await storage_for("default").keys(f"{acme.partner.id}/exports") == []
    with pytest.raises(Conflict):
        await asked(admin, applicant_id)
    async with transaction(EVERYONE) as session:
        assert (await session.get(Document, task.document_id)).redacted_at


async def test_a_file_that_nobody_has_read_is_not_in_it_and_a_masked_one_ends_what_was_written():
    acme = await make_cast()
    task, applicant_id = await a_person(acme)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await rows_changed("update files set masking = null where document_id = :d", d=task.document_id)
    done, book = await written(admin, applicant_id)
    assert not [name for name in book if name.startswith("files/")]
    async with transaction(EVERYONE) as session:
        document = await session.get_one(Document, task.document_id)
        assignment = await screenings.assignment_of(session, SYSTEM, document)
        looked = Looked(document.id, assignment.files, assignment.declared, MASKED)
        await file_masks.keep(session, SYSTEM, looked)
    assert (await read(done)).status == ExportStatus.EXPIRED


async def test_whoever_is_erased_while_it_is_written_leaves_nothing_behind():
    acme = await make_cast()
    _, applicant_id = await a_person(acme)
    row = await asked(await member(acme, Role.PARTNER_ADMIN), applicant_id)
    async with transaction(EVERYONE) as session:
        begun = await person_exports.begin(session, SYSTEM, row.id)
        record = await person_exports.read(session, SYSTEM, begun)
    done = await person_exports.write(SYSTEM, begun, record)
    async with transaction(EVERYONE) as session:
        request = await erasures.request(session, acme.api, applicant_id)
    await erasure_jobs.erase(str(request.id))
    async with transaction(EVERYONE) as session:
        assert not await person_exports.finish(session, SYSTEM, begun, done)
    assert await person_exports.write(SYSTEM, begun, record) is None
    await jobs.discard()
    assert await storage_for("default").keys(f"{acme.partner.id}/exports") == []


async def test_operators_write_an_archive_that_its_recipient_alone_opens(tmp_path, capsys):
    acme = await make_cast()
    _, applicant_id = await a_person(acme)
    operator, admin = await member(acme, Role.OPERATOR), await member(acme, Role.PARTNER_ADMIN)
    names = {row.id: row.email for row in await rows("select id, email from members where id = any(:m)",
                                                     m=[operator.id, admin.id])}  # fmt: skip
    identity, recipient = archives.new_identity()
    target, person = tmp_path / "person.age", public_id(Prefix.APPLICANT, applicant_id)
    for email, who in ((names[admin.id], person), ("nobody@nowhere.example", person)):
        with pytest.raises(SystemExit):
            await command.export(who, target, recipient, email)
    with pytest.raises(SystemExit, match="age1"):
        await command.export(person, target, "age-nonsense", names[operator.id])
    assert list(tmp_path.iterdir()) == []
    await command.export(person, target, recipient, names[operator.id])
    assert "1 files and person.json" in capsys.readouterr().out
    assert target.stat().st_mode & 0o777 == 0o600
    assert b"Okonkwo" not in target.read_bytes()
    found = {}

    def take(tar: tarfile.TarFile) -> None:
        for one in tar:
            found[one.name] = tar.extractfile(one).read()

    with target.open("rb") as file:
        archives.open_from(file, identity, take)
    assert json.loads(found["person.json"])["applicant"]["given"]["surname"] == "Okonkwo"
    assert FACE in found.values()
    async with transaction(EVERYONE) as session:
        entry = (
            await session.execute(select(AuditEntry).where(AuditEntry.action == "applicant.export_asked").where(
                AuditEntry.subject_id == applicant_id))
        ).scalar_one()  # fmt: skip
    assert (entry.actor_id, entry.changes) == (operator.id, {"export_id": "command line"})
    async with transaction(EVERYONE) as session:
        assert (await session.execute(text("select count(*) from exports where partner_id = :p"),
                                      {"p": acme.partner.id})).scalar_one() == 0  # fmt: skip
