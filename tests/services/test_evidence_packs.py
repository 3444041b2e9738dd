"""Evidence packs: outsiders first, personal data for who said what for, hashes that hold, gone with the person."""

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from uuid import uuid4

import pypdfium2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete, select

from backoffice.adapters import signing
from backoffice.adapters.storage import storage_for
from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.jobs import exports as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.documents import DocumentStatus
from backoffice.models.exports import ExportFormat, ExportKind, ExportStatus
from backoffice.models.members import Role
from backoffice.models.reveals import Reveal
from backoffice.screening.types import Derivative
from backoffice.services import document_tags, documents, erasures, evidence_packs, exports, reveals
from tests.api.world import picture
from tests.services.review_cast import CLEAN, SYSTEM, in_review, make_cast, member
from tests.services.test_export_approvals import alone, approved
from tests.services.test_exports import begun, content, read, wish

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
SECRETS = ("Okafor", "Okonkwo", "P1234567", "1991-04-02")


async def asked(actor, document_id, press=None):
    key = await exports.wrap_key(actor.partner_id)
    async with transaction(actor.tenancy) as session:
        return await evidence_packs.ask(session, actor, document_id, press=press or uuid4(), key=key)


async def revealed(actor, document_id):
    async with transaction(actor.tenancy) as session:
        await reveals.begin(session, actor, document_id, purpose="legal")


async def pack_of(actor, document_id):
    """The parts of a pack, by name, after it was written."""
    row = await asked(actor, document_id)
    await jobs.write(str(row.id))
    done = await read(row)
    assert done.status == ExportStatus.READY, done.failure
    book = zipfile.ZipFile(io.BytesIO(await content(actor, done)))
    return done, {name: book.read(name) for name in book.namelist()}


def words_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


async def test_rival_asks_finds_and_fetches_no_pack_of_acme():
    acme, rival = await make_cast(), await make_cast()
    task = await in_review(acme)
    owner, outsider = await member(acme, Role.PARTNER_ADMIN), await member(rival, Role.PARTNER_ADMIN)
    with pytest.raises(NotFound):
        await asked(outsider, task.document_id)
    done, _ = await pack_of(owner, task.document_id)
    async with transaction(outsider.tenancy) as session:
        assert await evidence_packs.newest(session, outsider, task.document_id) is None
    with pytest.raises(NotFound):
        await content(outsider, done)
    for role in (Role.OPERATOR, Role.REVIEWER, Role.AUDITOR):
        person = await member(acme, role)
        with pytest.raises(NotAllowed):
            key = await exports.wrap_key(acme.partner.id)
            async with transaction(person.tenancy) as session:
                await evidence_packs.ask(session, person, task.document_id, press=uuid4(), key=key)


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST])
async def test_before_a_purpose_is_said_a_pack_names_nobody(role):
    acme = await make_cast()
    task = await in_review(acme, external_id="user-7")
    actor = await member(acme, role)
    done, parts = await pack_of(actor, task.document_id)
    whole = words_of(parts["report.pdf"]) + parts["evidence.json"].decode()
    for secret in SECRETS:
        assert secret not in whole
    told = json.loads(parts["evidence.json"])
    assert (told["personal_data"], "given" in told, "extracted" in told) == (False, False, False)
    assert "no personal data" in whole
    assert told["document"]["external_id"] == "user-7"
    assert {one.name for one in CLEAN.findings} <= {one["name"] for one in told["checks"]}
    assert "summary" not in str(told["checks"])
    assert done.filters == {"document": told["document"]["id"]}


async def test_after_a_purpose_it_holds_what_the_page_shows_and_goes_to_nobody_else():
    acme = await make_cast()
    seen = Derivative(0, 0, "view", 640, 420, picture())
    task = await in_review(acme, replace(CLEAN, derivatives=(seen,)))
    actor, boss = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_ADMIN)
    async with transaction(actor.tenancy) as session:
        await document_tags.add(session, actor, task.document_id, "vip")
    await revealed(actor, task.document_id)
    done, parts = await pack_of(actor, task.document_id)
    told, printed = json.loads(parts["evidence.json"]), words_of(parts["report.pdf"])
    assert told["given"]["surname"] == "Okonkwo"
    assert told["extracted"]["document_number"]["value"] == "P1234567"
    assert "Okafor is not Okonkwo." in str(told["checks"])
    assert (told["tags"], told["personal_data"]) == (["vip"], True)
    for said in ("Okafor", "P1234567", "Evidence pack", "document.in_review", told["files"][0]["sha256"][:20]):
        assert said in printed.replace("\r\n", "\n").replace("\n", " ") or said in printed, said
    page = next(iter(pypdfium2.PdfDocument(parts["report.pdf"])))
    assert any(one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for one in page.get_objects())
    with pytest.raises(NotAllowed):
        await content(boss, done)
    theirs, _ = await pack_of(boss, task.document_id)
    assert "personal" not in theirs.filters, "one person's purpose is not another's"


async def test_the_list_of_hashes_is_of_what_is_there_and_signed():
    acme = await make_cast()
    task = await in_review(acme)
    actor = await member(acme, Role.PARTNER_ADMIN)
    _, parts = await pack_of(actor, task.document_id)
    manifest = json.loads(parts["manifest.json"])
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in parts.items() if not name.startswith("manifest")
    }
    head, payload, mark = parts["manifest.jws"].decode().split(".")
    raw = {name: base64.urlsafe_b64decode(part + "==") for name, part in (("payload", payload), ("mark", mark))}
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(signing.public_key()["x"] + "=="))
    key.verify(raw["mark"], f"{head}.{payload}".encode())
    assert raw["payload"] == parts["manifest.json"]
    with pytest.raises(InvalidSignature):
        key.verify(raw["mark"], f"{head}.{payload}x".encode())


async def test_it_is_asked_once_written_down_and_not_made_by_a_list():
    acme = await make_cast()
    task = await in_review(acme)
    actor, press = await member(acme, Role.PARTNER_ADMIN), uuid4()
    first, again = [await asked(actor, task.document_id, press) for _ in range(2)]
    assert first.id == again.id
    async with transaction(EVERYONE) as session:
        entries = select(AuditEntry.action, AuditEntry.changes).where(
            AuditEntry.subject_id == task.document_id, AuditEntry.actor_id == actor.id
        )
        [(action, changes)] = (await session.execute(entries)).all()
    assert (action, changes["personal_data"]) == ("document.evidence_asked", False)
    for kind, form in ((ExportKind.DOCUMENTS, ExportFormat.ZIP), (ExportKind.EVIDENCE, ExportFormat.CSV)):
        with pytest.raises(Invalid) as refused:
            await begun(actor, wish(form, kind))
        assert refused.value.code == "invalid_format"


async def test_a_worker_that_dies_while_it_writes_writes_it_again():
    acme = await make_cast()
    task = await in_review(acme)
    actor = await member(acme, Role.PARTNER_ADMIN)
    row = await asked(actor, task.document_id)
    async with transaction(EVERYONE) as session:
        assert await evidence_packs.begin(session, SYSTEM, row.id) is not None
    await jobs.write(str(row.id))
    await jobs.write(str(row.id))
    assert (await read(row)).status == ExportStatus.READY
    assert (await content(actor, await read(row))).startswith(b"PK")


async def test_what_was_stopped_meanwhile_is_dropped():
    acme = await make_cast()
    task = await in_review(acme)
    actor = await member(acme, Role.PARTNER_ADMIN)
    row = await asked(actor, task.document_id)
    async with transaction(actor.tenancy) as session:
        await exports.cancel(session, actor, row.id)
    async with transaction(EVERYONE) as session:
        await evidence_packs.finish(session, SYSTEM, row.id, b"late")
    assert (await read(row)).status == ExportStatus.CANCELED
    with pytest.raises(NotFound):
        await content(actor, row)


async def hidden_again(actor) -> None:
    async with transaction(EVERYONE) as session:
        await session.execute(delete(Reveal).where(Reveal.member_id == actor.id))


async def test_a_purpose_that_has_ended_meanwhile_ends_it_and_says_so():
    acme = await make_cast()
    task = await in_review(acme)
    actor = await member(acme, Role.PARTNER_ADMIN)
    await revealed(actor, task.document_id)
    row = await asked(actor, task.document_id)
    await hidden_again(actor)
    await jobs.write(str(row.id))
    found = await read(row)
    assert (found.status, found.wrapped) == (ExportStatus.FAILED, None)
    assert "hidden again" in found.failure, "never a file without what was asked for and allowed"


async def test_what_a_second_person_agreed_to_is_in_it_also_when_the_purpose_has_ended():
    acme = await make_cast()
    task = await in_review(acme)
    actor, boss = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_ADMIN)
    await alone(boss, 0)
    await revealed(actor, task.document_id)
    row = await asked(actor, task.document_id)
    assert row.status == ExportStatus.AWAITING
    await hidden_again(actor)
    await approved(boss, row)
    await jobs.write(str(row.id))
    done = await read(row)
    assert done.status == ExportStatus.READY, done.failure
    told = json.loads(zipfile.ZipFile(io.BytesIO(await content(actor, done))).read("evidence.json"))
    assert (told["personal_data"], told["given"]["surname"]) == (True, "Okonkwo")
    with pytest.raises(NotAllowed):
        await content(boss, done)


async def test_packs_go_with_the_person():
    acme = await make_cast()
    task = await in_review(acme)
    actor = await member(acme, Role.PARTNER_ADMIN)
    done, _ = await pack_of(actor, task.document_id)
    waiting = await asked(actor, task.document_id)
    async with transaction(actor.tenancy) as session:
        applicant = (await documents.get(session, actor, task.document_id)).applicant_id
        wanted = await erasures.request(session, actor, applicant)
    async with transaction(EVERYONE) as session:
        await erasures.begin(session, SYSTEM, wanted.id)
    for row in (done, waiting):
        gone = await read(row)
        assert (gone.status, gone.wrapped) == (ExportStatus.EXPIRED, None)
    with pytest.raises(NotFound):
        await content(actor, done)
    with pytest.raises(NotFound) as refused:
        await asked(actor, task.document_id)
    assert refused.value.code == "erased"
    async with transaction(EVERYONE) as session:
        assert (await documents.get(session, SYSTEM, task.document_id)).status == DocumentStatus.REDACTED


async def test_a_picture_that_is_not_stored_any_more_is_left_out():
    acme = await make_cast()
    seen = Derivative(0, 0, "view", 640, 420, picture())
    task = await in_review(acme, replace(CLEAN, derivatives=(seen,)))
    actor = await member(acme, Role.PARTNER_ADMIN)
    await revealed(actor, task.document_id)
    async with transaction(EVERYONE) as session:
        [kept] = await documents.renditions_of(session, task.document_id)
    await storage_for("default").delete(kept.storage_key)
    _, parts = await pack_of(actor, task.document_id)
    assert json.loads(parts["evidence.json"])["given"]["surname"] == "Okonkwo"


async def test_what_cannot_be_written_ends_and_says_so(monkeypatch):
    acme = await make_cast()
    task, actor = await in_review(acme), await member(acme, Role.PARTNER_ADMIN)
    row = await asked(actor, task.document_id)

    async def refused(_begun, _layout):
        raise Invalid("It cannot be put into words.")

    monkeypatch.setattr(evidence_packs, "write", refused)
    await jobs.write(str(row.id))
    found = await read(row)
    assert (found.status, found.failure, found.wrapped) == (ExportStatus.FAILED, "It cannot be put into words.", None)
