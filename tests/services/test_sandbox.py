"""The sandbox by hand: test data of the own partner only, by the services that the API uses, once per press."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backoffice.clock import present
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.documents import Document, DocumentStatus, File
from backoffice.models.events import Event
from backoffice.models.members import Role
from backoffice.services import magic_documents, sandbox
from backoffice.services.simulations import Fate
from tests.services.review_cast import make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database", "gate")


@pytest.fixture
async def acme(database):
    return await make_cast()


async def developer(cast):
    return await member(cast, Role.PARTNER_DEVELOPER)


async def rows(model, *conditions):
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(select(model).where(*conditions))).scalars().all()


async def ask(verb, actor, *values):
    async with transaction(actor.tenancy) as session:
        return await verb(session, actor, *values)


# Strangers


async def test_another_partners_test_document_does_not_exist(acme):
    document_id = await sandbox.send(await developer(acme), "in_review", "a")
    rival = await developer(await make_cast())
    with pytest.raises(NotFound):
        await sandbox.simulate(rival, document_id, Fate.APPROVED)
    assert await ask(sandbox.recent, rival) == []


async def test_a_press_of_somebody_else_is_not_mine(acme):
    """The same token of two partners sends two documents."""
    rival = await make_cast()
    first = await sandbox.send(await developer(acme), "approved", "same")
    second = await sandbox.send(await developer(rival), "approved", "same")
    [theirs] = await rows(Document, Document.id == second)
    assert (first != second, theirs.partner_id) == (True, rival.partner.id)


async def test_one_partners_clock_is_nobody_else_s(acme):
    rival = await developer(await make_cast())
    await sandbox.advance(await developer(acme), timedelta(days=2), "a")
    assert (await ask(sandbox.clock, rival)).ahead == timedelta()


# Roles


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER}))
async def test_nobody_else_uses_it(acme, role):
    actor = await member(acme, role)
    for asking in (
        sandbox.send(actor, "approved", "a"),
        sandbox.simulate(actor, new_id(), Fate.APPROVED),
        sandbox.advance(actor, timedelta(hours=1), "a"),
        ask(sandbox.recent, actor),
        ask(sandbox.reasons, actor),
        ask(sandbox.clock, actor),
    ):
        with pytest.raises(NotAllowed):
            await asking
    assert await rows(Document, Document.partner_id == acme.partner.id) == []


async def test_an_administrator_may_as_well(acme):
    assert await sandbox.send(await member(acme, Role.PARTNER_ADMIN), "approved", "a")


async def test_live_documents_are_out_of_reach(acme):
    live = await submitted(acme)
    with pytest.raises((NotAllowed, NotFound)):
        await sandbox.simulate(await developer(acme), live, Fate.APPROVED)
    [same] = await rows(Document, Document.id == live)
    assert same.status == DocumentStatus.SUBMITTED


# Sending


async def test_it_is_a_real_test_document_with_its_file_its_event_and_its_audit(acme):
    actor = await developer(acme)
    document_id = await sandbox.send(actor, "rejected_fraud", "a")
    [document] = await rows(Document, Document.id == document_id)
    assert (document.livemode, document.status) == (False, DocumentStatus.SUBMITTED)
    assert document.partner_metadata == {"sandbox": "rejected_fraud"}
    [file] = await rows(File, File.document_id == document_id)
    assert file.sha256 == magic_documents.named("rejected_fraud").sha256
    types = {event.type for event in await rows(Event, Event.subject_id == document_id)}
    assert "document.created" in types
    audited = await rows(AuditEntry, AuditEntry.subject_id == document_id, AuditEntry.actor_id == actor.id)
    assert audited
    assert [row.id for row in await ask(sandbox.recent, actor)] == [document_id]


async def test_a_double_press_sends_once(acme):
    actor = await developer(acme)
    first = await sandbox.send(actor, "approved", "press")
    assert await sandbox.send(actor, "approved", "press") == first
    results = await asyncio.gather(*(sandbox.send(actor, "slow", "two") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, Conflict) or not isinstance(one, BaseException) for one in results)
    async with transaction(Tenancy.everyone()) as session:
        counted = select(func.count()).where(Document.partner_id == acme.partner.id)
        assert (await session.execute(counted)).scalar_one() == 2
    with pytest.raises(Invalid):
        await sandbox.send(actor, "slow", "press")


async def test_a_picture_that_there_is_not(acme):
    with pytest.raises(NotFound):
        await sandbox.send(await developer(acme), "../secret", "a")


# Deciding


async def test_a_test_document_is_decided_with_any_reason_of_the_catalogue(acme):
    actor = await developer(acme)
    document_id = await sandbox.send(actor, "in_review", "a")
    known = [one.code for one in await ask(sandbox.reasons, actor)]
    assert {"resubmission_limit_exceeded", "tampering_suspected"} <= set(known)
    document = await sandbox.simulate(actor, document_id, Fate.REJECTED, ["resubmission_limit_exceeded"])
    assert document.status == DocumentStatus.REJECTED
    with pytest.raises(Conflict):
        await sandbox.simulate(actor, document_id, Fate.APPROVED)
    entries = await rows(AuditEntry, AuditEntry.subject_id == document_id, AuditEntry.action == "document.simulated")
    assert [(one.actor_id, one.changes["outcome"]) for one in entries] == [(actor.id, "rejected")]


async def test_what_does_not_fit_is_refused(acme):
    actor = await developer(acme)
    document_id = await sandbox.send(actor, "in_review", "a")
    with pytest.raises(Invalid):
        await sandbox.simulate(actor, document_id, Fate.REJECTED, ["nothing_like_it"])
    with pytest.raises(Invalid):
        await sandbox.simulate(actor, document_id, Fate.APPROVED, ["image_glare"])


# The clock


async def test_the_clock_goes_forward_once_per_press(acme):
    actor = await developer(acme)
    assert (await ask(sandbox.clock, actor)).ahead == timedelta()
    first = await sandbox.advance(actor, timedelta(hours=4), "press")
    again = await sandbox.advance(actor, timedelta(hours=4), "press")
    assert (first.ahead, again.ahead) == (timedelta(hours=4), timedelta(hours=4))
    assert abs(first.now - present() - timedelta(hours=4)) < timedelta(seconds=30)
    assert (await sandbox.advance(actor, timedelta(minutes=1), "next")).ahead == timedelta(hours=4, minutes=1)
    entries = await rows(AuditEntry, AuditEntry.actor_id == actor.id, AuditEntry.action == "test_clock.advanced")
    assert len(entries) == 2


async def test_what_is_sent_later_is_later(acme):
    actor = await developer(acme)
    await sandbox.advance(actor, timedelta(days=3), "a")
    [document] = await rows(Document, Document.id == await sandbox.send(actor, "approved", "b"))
    assert document.submitted_at - present() > timedelta(days=2, hours=23)


@pytest.mark.parametrize("by", [timedelta(), timedelta(seconds=-60), timedelta(days=91)])
async def test_the_clock_never_goes_back_nor_too_far(acme, by):
    actor = await developer(acme)
    with pytest.raises(Invalid):
        await sandbox.advance(actor, by, "a")
    assert (await ask(sandbox.clock, actor)).ahead == timedelta()


def test_a_hand_is_of_test_data_whoever_it_is_lent_to(acme):
    from backoffice.services.access import Actor, Permission

    person = Actor.member(id=new_id(), name="Kim", role=Role.PARTNER_DEVELOPER, partner_id=acme.partner.id)
    hand = sandbox.hand_of(replace(person, livemode=True))
    assert (hand.livemode, hand.can(Permission.PERSONAL_READ)) == (False, False)
