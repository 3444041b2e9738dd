"""Row 42: an export of many documents waits for a second person, whoever asks and however it is asked for."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, StepUpRequired
from backoffice.jobs import exports as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.exports import APPROVAL_LASTS, MOST_WAITING, REASON_KEPT, Export, ExportKind, ExportStatus
from backoffice.models.members import Member, Role
from backoffice.models.workspace_settings import Rules, Security
from backoffice.services import (
    document_tags,
    documents,
    erasures,
    export_approvals,
    export_counts,
    export_letters,
    exports,
    workspace_settings,
)
from backoffice.services.access import Actor, Permission
from backoffice.settings import settings
from tests.services.review_cast import SYSTEM, make_cast, member, submitted
from tests.services.test_exports import begun, content, read, wish

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()


async def alone(actor, most: int) -> None:
    """Let one person of the actor's partner take along so many documents alone."""
    async with transaction(actor.tenancy) as session:
        held = await workspace_settings.read(session, actor)
        await workspace_settings.save(session, actor, Rules(held.version, Security(export_alone=most), held.brand))


async def company(documents: int = 2, most: int = 1):
    """A partner whose people may take along one document alone, and who have two."""
    acme = await make_cast()
    admin, analyst = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_ANALYST)
    await alone(admin, most)
    ids = [await submitted(acme) for _ in range(documents)]
    return acme, admin, analyst, ids


async def approved(actor, row) -> Export:
    async with transaction(actor.tenancy) as session:
        return await export_approvals.approve(session, actor, row.id)


async def declined(actor, row, reason="Not before the audit is over.") -> Export:
    async with transaction(actor.tenancy) as session:
        return await export_approvals.decline(session, actor, row.id, reason)


async def listed(actor) -> set:
    async with transaction(actor.tenancy) as session:
        return {one.id for one in (await exports.page(session, actor)).rows}


async def test_no_stranger_and_nobody_with_lesser_rights_decides():
    acme, admin, analyst, _ = await company()
    row = await begun(analyst)
    rival = await make_cast()
    for stranger in [await member(rival, role) for role in (Role.PARTNER_ADMIN, Role.PARTNER_ANALYST)]:
        for ask in (approved, declined):
            with pytest.raises(NotFound):
                await ask(stranger, row)
        assert row.id not in await listed(stranger)
    for ours in (await member(acme, Role.OPERATOR), await member(acme, Role.REVIEWER)):
        for ask in (approved, declined):
            with pytest.raises(NotAllowed):
                await ask(ours, row)
    for machine in (acme.api, Actor.system(acme.partner.id)):
        with pytest.raises(NotAllowed):
            await approved(machine, row)
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    other = await begun(admin)
    async with transaction(EVERYONE) as session:
        await session.execute(update(Export).where(Export.id == other.id).values(kind="api_requests"))
    with pytest.raises(NotAllowed):
        await approved(analyst, other)
    assert other.id in await listed(developer)
    assert other.id not in await listed(analyst), "of what they could not make themselves they see nothing"


async def test_nobody_approves_their_own_and_the_database_says_so_too():
    _, admin, _, _ = await company()
    row = await begun(admin)
    assert (row.status, row.documents, row.alone) == (ExportStatus.AWAITING, 2, 1)
    for ask in (approved, declined):
        with pytest.raises(NotAllowed) as refused:
            await ask(admin, row)
        assert refused.value.code == "second_person_needed"
    for wrong in (
        "update exports set decided_by = member_id, status = 'queued' where id = :id",
        "update exports set status = 'queued' where id = :id",
        "update exports set status = 'running' where id = :id",
        "update exports set status = 'ready' where id = :id",
    ):
        with pytest.raises(IntegrityError, match=r"second_person_approves|approved_first"):
            async with transaction(EVERYONE) as session:
                await session.execute(text(wrong), {"id": row.id})
    await jobs.write(str(row.id))
    assert (await read(row)).status == ExportStatus.AWAITING, "no worker writes it either"


async def test_a_second_person_approves_and_who_asked_gets_the_file():
    _, admin, analyst, _ = await company()
    row = await begun(analyst)
    assert row.id in await listed(admin)
    first, again = await approved(admin, row), await approved(admin, row)
    assert (first.status, again.id, first.decided_by) == (ExportStatus.QUEUED, first.id, admin.id)
    await jobs.write(str(row.id))
    done = await read(row)
    assert (done.status, done.rows) == (ExportStatus.READY, 2)
    assert await content(analyst, done)
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry.action, AuditEntry.actor_id).where(AuditEntry.subject_id == row.id)
        entries = (await session.execute(statement.order_by(AuditEntry.id))).all()
        letter = (await export_letters.addressed(session, SYSTEM, row.id)).letter
    assert [entry.action for entry in entries] == ["export.asked", "export.approved", "export.ready", "export.fetched"]
    assert [entries[0].actor_id, entries[1].actor_id] == [analyst.id, admin.id]
    assert letter.title == "Your export is ready"
    with pytest.raises(Conflict):
        await declined(admin, row)


async def test_declining_needs_a_reason_and_tells_who_asked_without_repeating_it():
    acme, admin, analyst, _ = await company()
    boss, row = await member(acme, Role.PARTNER_ADMIN), await begun(analyst)
    for wrong in ("", "  ", "x" * 301, "Card 4111 1111 1111 1111"):
        with pytest.raises(Invalid):
            await declined(admin, row, wrong)
    gone, again = await declined(admin, row, "Ask  Ines first."), await declined(admin, row, "twice")
    assert (gone.status, again.reason, gone.wrapped) == (ExportStatus.DECLINED, "Ask Ines first.", None)
    async with transaction(EVERYONE) as session:
        letter = (await export_letters.addressed(session, SYSTEM, row.id)).letter
        statement = select(AuditEntry.changes).where(AuditEntry.subject_id == row.id)
        entries = (await session.execute(statement)).scalars().all()
    assert letter.title == "Your export was declined"
    assert "Ines" not in letter.as_text() + str(entries), "reasons may name people"
    for late in (approved, declined):
        with pytest.raises(Conflict):
            await late(boss, row)
    with at(gone.finished_at + REASON_KEPT + timedelta(minutes=1)):
        await jobs.lapse()
    assert (await read(row)).reason == ""


async def test_it_lapses_and_who_asked_is_told():
    _, admin, analyst, _ = await company()
    row = await begun(analyst)
    with at(row.approval_due + timedelta(seconds=1)):
        with pytest.raises(Conflict, match="waited too long"):
            await approved(admin, row)
        await jobs.lapse()
    gone = await read(row)
    assert (gone.status, gone.wrapped, gone.decided_by) == (ExportStatus.LAPSED, None, None)
    assert row.approval_due - row.created_at < APPROVAL_LASTS + timedelta(seconds=5)
    async with transaction(EVERYONE) as session:
        letter = (await export_letters.addressed(session, SYSTEM, row.id)).letter
    assert letter.title == "Nobody approved your export in time"
    with pytest.raises(Conflict):
        await approved(admin, row)


async def test_of_one_who_approves_and_one_who_declines_at_once_one_is_heard():
    acme, admin, analyst, _ = await company()
    boss = await member(acme, Role.PARTNER_ADMIN)
    for _ in range(3):
        row = await begun(analyst)
        answers = await asyncio.gather(approved(admin, row), declined(boss, row), return_exceptions=True)
        assert [isinstance(one, Conflict) for one in answers].count(True) == 1, answers
        found = await read(row)
        assert found.status in {ExportStatus.QUEUED, ExportStatus.DECLINED}
        assert found.decided_by == (admin.id if found.status == ExportStatus.QUEUED else boss.id)


async def test_who_asked_and_left_gets_nothing_and_who_lost_the_right_approves_nothing():
    _, admin, analyst, _ = await company()
    row, other = await begun(analyst), await begun(analyst)
    lesser = Actor.member(
        id=uuid4(), name="No rights", role=Role.PARTNER_ANALYST, partner_id=admin.partner_id, granted=[]
    )
    with pytest.raises(NotAllowed):
        await approved(lesser, row)
    stale = Actor.member(
        id=admin.id, name="Tired", role=Role.PARTNER_ADMIN, partner_id=admin.partner_id, session_id=uuid4()
    )
    with pytest.raises(StepUpRequired):
        await approved(stale, row)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, analyst.id)).disabled_at = now()
    ended = await approved(admin, row)
    assert (ended.status, ended.failure) == (ExportStatus.FAILED, "The account that asked for this was closed.")
    assert (await declined(admin, other)).status == ExportStatus.DECLINED
    async with transaction(EVERYONE) as session:
        assert await export_letters.addressed(session, SYSTEM, other.id) is None


async def test_who_asked_can_stop_it_and_then_nobody_approves():
    _, admin, analyst, _ = await company()
    row = await begun(analyst)
    async with transaction(analyst.tenancy) as session:
        await exports.cancel(session, analyst, row.id)
    with pytest.raises(Conflict):
        await approved(admin, row)


async def test_many_small_exports_are_one_large_one():
    _, _, analyst, _ = await company(documents=2, most=3)
    first = await begun(analyst)
    assert (first.status, first.documents, first.alone) == (ExportStatus.QUEUED, 2, 3)
    second = await begun(analyst)
    assert (second.status, second.alone) == (ExportStatus.AWAITING, 1)
    async with transaction(analyst.tenancy) as session:
        await exports.cancel(session, analyst, first.id)
    assert (await begun(analyst)).status == ExportStatus.QUEUED, "what nobody could fetch does not count"
    with at(now() + timedelta(hours=25)):
        assert (await begun(analyst)).status == ExportStatus.QUEUED


async def test_what_holds_nothing_of_a_document_never_waits():
    _, admin, _, _ = await company(most=0)
    for kind in (ExportKind.API_REQUESTS, ExportKind.AUDIT_ENTRIES, ExportKind.USAGE_RECORDS):
        assert (await begun(admin, wish(kind=kind))).status == ExportStatus.QUEUED
    nothing = await begun(admin, wish(status="canceled"))
    assert (nothing.status, nothing.documents) == (ExportStatus.QUEUED, 0)


async def test_a_list_that_grew_since_it_was_counted_is_not_written():
    acme, _, analyst, _ = await company(documents=1)
    row = await begun(analyst)
    assert row.status == ExportStatus.QUEUED
    with at(row.created_at - timedelta(minutes=1)):
        await submitted(acme)
    await jobs.write(str(row.id))
    found = await read(row)
    assert (found.status, found.wrapped) == (ExportStatus.FAILED, None)
    assert "grown since" in found.failure


async def tagged(actor, document_ids) -> None:
    async with transaction(actor.tenancy) as session:
        for one in document_ids:
            await document_tags.add(session, actor, one, "vip")


async def test_what_somebody_agreed_to_is_all_that_is_written():
    _, admin, analyst, ids = await company(documents=3)
    await tagged(analyst, ids[:2])
    row, same = [await begun(analyst, wish(tag="vip")) for _ in range(2)]
    assert (row.status, row.documents) == (ExportStatus.AWAITING, 2)
    await approved(admin, same)
    await jobs.write(str(same.id))
    assert (await read(same)).rows == 2
    await approved(admin, row)
    await tagged(analyst, ids[2:])
    await jobs.write(str(row.id))
    found = await read(row)
    assert (found.status, found.wrapped) == (ExportStatus.FAILED, None)
    assert "grown since" in found.failure


async def test_a_share_cannot_be_split_by_lists_that_are_filled_once_they_were_counted():
    _, _, analyst, ids = await company(documents=3, most=2)
    rows = [await begun(analyst, wish(tag="vip")) for _ in range(2)]
    assert [(row.status, row.documents) for row in rows] == [(ExportStatus.QUEUED, 0)] * 2
    await tagged(analyst, ids[:2])
    for row in rows:
        await jobs.write(str(row.id))
    assert [(await read(row)).status for row in rows] == [ExportStatus.FAILED] * 2


async def test_what_a_list_grew_by_a_little_is_of_the_share_too():
    _, _, analyst, _ = await company(documents=1, most=22)
    row = await begun(analyst)
    async with transaction(SYSTEM.tenancy) as session:
        await session.execute(update(Export).where(Export.id == row.id).values(documents=20, rows=21))
    assert (await begun(analyst)).alone == 1


async def test_one_person_has_few_that_wait_and_a_double_click_is_one():
    _, _, analyst, _ = await company()
    asked = wish()
    first, again = await begun(analyst, asked), await begun(analyst, asked)
    assert first.id == again.id
    for _ in range(MOST_WAITING - 1):
        await begun(analyst)
    with pytest.raises(Conflict) as refused:
        await begun(analyst)
    assert refused.value.code == "too_many_exports"


async def test_a_company_says_less_than_the_installation_and_never_more():
    acme, admin, _, _ = await company()
    with pytest.raises(Invalid):
        await alone(admin, settings().export_alone + 1)
    async with transaction(EVERYONE) as session:
        assert await export_counts.limit(session, acme.partner.id) == 1
        assert await export_counts.limit(session, (await make_cast()).partner.id) == settings().export_alone


async def test_one_who_raises_the_share_exports_no_more_before_a_day_is_over():
    acme, admin, _, _ = await company()
    await alone(admin, 100)
    row = await begun(admin)
    assert (row.status, row.alone) == (ExportStatus.AWAITING, 1)
    await alone(admin, 1)
    await alone(admin, 50)
    later = now() + timedelta(hours=25)
    async with transaction(EVERYONE) as session:
        assert await export_counts.limit(session, acme.partner.id) == 1
        with at(later):
            assert await export_counts.limit(session, acme.partner.id) == 50
    await alone(admin, 0)
    async with transaction(EVERYONE) as session:
        assert await export_counts.limit(session, acme.partner.id) == 0, "less counts at once"


async def test_who_could_approve_is_told_and_who_asked_and_who_could_not_is_not():
    acme, admin, analyst, _ = await company()
    muted = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, muted.id)).muted_letters = ["exports"]
    row = await begun(analyst)
    async with transaction(EVERYONE) as session:
        waiting = text("select convert_from(payload, 'utf8') from pgqueuer where entrypoint = 'export.mail_approver'")
        told = " ".join(str(one) for one in (await session.execute(waiting)).scalars())
        letter = await export_letters.asking(session, SYSTEM, row.id, admin.id)
        others = [await export_letters.asking(session, SYSTEM, row.id, one.id) for one in (analyst, muted)]
    assert (str(admin.id) in told, str(analyst.id) in told, str(muted.id) in told) == (True, False, False)
    assert ("Documents", "2") in letter.letter.facts
    assert others == [None, None]
    await approved(admin, row)
    async with transaction(EVERYONE) as session:
        assert await export_letters.asking(session, SYSTEM, row.id, admin.id) is None


async def searched(row, **filters) -> None:
    async with transaction(EVERYONE) as session:
        await session.execute(update(Export).where(Export.id == row.id).values(filters=filters))


def without_names(actor, *permissions) -> Actor:
    granted = [Permission.DOCUMENTS_READ, *permissions]
    return Actor.member(
        id=uuid4(), name="No names", role=Role.PARTNER_ANALYST, partner_id=actor.partner_id, granted=granted
    )


async def test_what_was_searched_for_is_read_by_nobody_who_may_not_read_names():
    _, admin, analyst, _ = await company()
    row, plain = await begun(analyst), await begun(analyst)
    await searched(row, q="Okonkwo")
    assert {row.id, plain.id} <= await listed(admin)
    for lesser in (without_names(admin), without_names(admin, Permission.MEMBERS_WRITE)):
        assert await listed(lesser) == {plain.id}
        assert not export_approvals.may_decide(lesser, await read(row))
        for ask in (approved, declined):
            with pytest.raises(NotAllowed):
                await ask(lesser, row)
        with pytest.raises(NotFound):
            async with transaction(lesser.tenancy) as session:
                await exports.get(session, lesser, row.id)
    assert (await approved(admin, row)).status == ExportStatus.QUEUED


async def test_what_waits_and_may_name_somebody_goes_with_the_person():
    _, admin, analyst, ids = await company()
    named, of_them, plain = [await begun(analyst) for _ in range(3)]
    async with transaction(admin.tenancy) as session:
        applicant = (await documents.get(session, admin, ids[0])).applicant_id
    await searched(named, q="Okonkwo")
    await searched(of_them, applicant=public_id(Prefix.APPLICANT, applicant))
    async with transaction(admin.tenancy) as session:
        wanted = await erasures.request(session, admin, applicant)
    async with transaction(EVERYONE) as session:
        await erasures.begin(session, SYSTEM, wanted.id)
    found = [await read(row) for row in (named, of_them, plain)]
    assert [row.status for row in found] == [ExportStatus.EXPIRED, ExportStatus.EXPIRED, ExportStatus.AWAITING]
    assert "q" not in found[0].filters
