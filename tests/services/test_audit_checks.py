"""Checks of the log from within: who may, what they find, and what they leave behind for the next who looks."""

import psycopg
import pytest
from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.services import audit_checks
from tests.services.review_cast import make_cast, member
from tests.services.test_audit_files import own
from tests.services.test_audit_seals import entry, seal_all, write

pytestmark = pytest.mark.usefixtures("database")


async def checked(actor):
    told = []

    async def tell(done, size):
        told.append((done, size))

    async with transaction(actor.tenancy) as session:
        head = await audit_checks.begin(session, actor)
    async with transaction(actor.tenancy) as session:
        report = await audit_checks.verify(session, actor, head, tell)
    async with transaction(actor.tenancy) as session:
        await audit_checks.keep(session, actor, report)
    return report, told


async def newest(actor):
    async with transaction(actor.tenancy) as session:
        return await audit_checks.newest(session, actor)


async def test_nobody_checks_who_may_not_read():
    acme = await make_cast()
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.REVIEWER):
        person = await member(acme, role)
        for asked in (checked, newest):
            with pytest.raises(NotAllowed):
                await asked(person)


async def test_a_check_tells_how_far_it_is_and_is_remembered():
    acme = await make_cast()
    auditor = await member(acme, Role.AUDITOR)
    await write(600)
    head = await seal_all()
    report, told = await checked(auditor)
    assert report.problems == []
    assert len(told) >= 2
    found = await newest(await member(acme, Role.OPERATOR))
    assert (found.size, found.root, found.wrong) == (report.size, report.root.hex(), 0)
    assert found.size >= head.size
    async with transaction(Tenancy.everyone()) as session:
        actions = select(AuditEntry.action).where(AuditEntry.actor_id == auditor.id).order_by(AuditEntry.sequence)
        assert list((await session.execute(actions)).scalars()) == ["audit.verification_started", "audit.verified"]


async def test_a_partner_checks_its_own_and_hears_of_nobody_elses():
    acme, rival = await make_cast(), await make_cast()
    admin, other = await member(acme, Role.PARTNER_ADMIN), await member(rival, Role.PARTNER_ADMIN)
    await own(acme, admin)
    await seal_all()
    report, _ = await checked(admin)
    assert (report.problems, report.entries >= 3) == ([], True)
    assert (await newest(admin)).size == report.size
    assert (await newest(other)).at is None


async def test_one_entry_is_proved_or_shown_to_be_altered(servers):
    acme = await make_cast()
    auditor = await member(acme, Role.AUDITOR)
    [key] = await write()

    async def place():
        async with transaction(auditor.tenancy) as session:
            return await audit_checks.place(session, auditor, await entry(key))

    assert await place() is None
    await seal_all()
    assert (await place()).is_as_sealed
    with psycopg.connect(servers.url("backoffice_owner").replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        owner.execute("alter table audit_entries disable trigger user")
        try:
            owner.execute("update audit_entries set actor_name = 'somebody else' where id = %s", (key,))
            altered, (report, _) = await place(), await checked(auditor)
        finally:
            owner.execute("update audit_entries set actor_name = 'test' where id = %s", (key,))
            owner.execute("alter table audit_entries enable trigger user")
    assert not altered.is_as_sealed
    assert report.first_bad == altered.number
    found = await newest(auditor)
    assert (found.first_bad, "altered" in found.problem) == (altered.number, True)
    assert (await checked(auditor))[0].problems == []


async def test_a_leaf_that_is_gone_is_a_finding_and_is_kept(servers):
    """By the database's owner, past every trigger: the hole must not look like the last good check."""
    auditor = await member(await make_cast(), Role.AUDITOR)
    [key] = await write()
    await seal_all()
    with psycopg.connect(servers.url("backoffice_owner").replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        owner.execute("create temp table kept as select * from audit_leaves where entry_id = %s", (key,))
        owner.execute("alter table audit_leaves disable trigger user")
        try:
            owner.execute("delete from audit_leaves where entry_id = %s", (key,))
            report, _ = await checked(auditor)
        finally:
            owner.execute("insert into audit_leaves select * from kept")
            owner.execute("alter table audit_leaves enable trigger user")
    assert not report.is_good
    assert any("hole" in words for words in report.problems)
    assert "hole" in (await newest(auditor)).problem
    assert (await checked(auditor))[0].problems == []
