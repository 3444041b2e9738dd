"""Suspending a partner: who may, what it shuts, and that it says why."""

import pytest
from sqlalchemy import select

from backoffice.commands import admin
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.services import sessions, sign_in, suspensions
from tests.services.people import PASSWORD, SYSTEM, actor_of, in_tab, make_partner, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")
WHY = "Invoices of three months are open"


async def call(function, actor, *arguments, **options):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *arguments, **options)


async def row_of(partner_id) -> Partner:
    async with transaction(Tenancy.everyone()) as session:
        return await session.get(Partner, partner_id, populate_existing=True)


async def suspended(partner_id):
    return await call(suspensions.suspend, SYSTEM, partner_id, reason=WHY)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR}))
async def test_nobody_but_an_operator_suspends_or_resumes(role):
    partner_id = await make_partner()
    person = actor_of(await make_person(role, partner_id if role.startswith("partner") else None))
    with pytest.raises(NotAllowed):
        await call(suspensions.suspend, person, partner_id, reason=WHY)
    with pytest.raises(NotAllowed):
        await call(suspensions.resume, person, partner_id)
    assert (await row_of(partner_id)).status == PartnerStatus.ACTIVE


async def test_an_operator_writes_the_short_name_and_the_reason():
    operator, partner_id = actor_of(await make_person(Role.OPERATOR)), await make_partner()
    slug = (await row_of(partner_id)).slug
    for reason, typed in (("", slug), ("  ", slug), ("x" * 301, slug), (WHY, ""), (WHY, "another")):
        with pytest.raises(Invalid):
            await call(suspensions.suspend, operator, partner_id, reason=reason, typed=typed)
    with pytest.raises(NotFound):
        await call(suspensions.suspend, operator, new_id(), reason=WHY, typed=slug)
    with pytest.raises(Conflict, match="is not suspended"):
        await call(suspensions.resume, operator, partner_id)
    await call(suspensions.suspend, operator, partner_id, reason=f" {WHY} ", typed=slug)
    row = await row_of(partner_id)
    assert (row.status, row.settings["suspension"]["reason"]) == (PartnerStatus.SUSPENDED, WHY)
    with pytest.raises(Conflict, match="already"):
        await call(suspensions.suspend, operator, partner_id, reason=WHY, typed=slug)
    await call(suspensions.resume, operator, partner_id)
    row = await row_of(partner_id)
    assert (row.status, "suspension" in row.settings) == (PartnerStatus.ACTIVE, False)
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.partner_id == partner_id, AuditEntry.actor_id == operator.id)
        entries = (await session.execute(statement.order_by(AuditEntry.sequence))).scalars().all()
    assert [(one.action, one.changes) for one in entries] == [
        ("partner.suspended", {"status": ["active", "suspended"], "reason": WHY}),
        ("partner.resumed", {"status": ["suspended", "active"]}),
    ]


async def test_people_of_a_suspended_partner_do_not_come_in_and_others_do():
    person, stranger = await make_person(Role.PARTNER_ANALYST), await make_person(Role.PARTNER_ANALYST)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    await suspended(person.partner_id)
    with pytest.raises(NotAllowed, match="suspended") as refused:
        await sign_in.with_password(person.email, PASSWORD, visitor())
    assert refused.value.code == "partner_suspended"
    with pytest.raises(NotSignedIn):
        await sign_in.with_password(person.email, "guess " * 4, visitor())
    assert await in_tab(step.actor.session_id) is None
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is None
        assert await sessions.living(session, {(step.actor.session_id, "")}) == set()
    assert (await sign_in.with_password(stranger.email, PASSWORD, visitor())).is_complete
    await call(suspensions.resume, SYSTEM, person.partner_id)
    assert await in_tab(step.actor.session_id)


async def test_a_second_step_that_was_begun_before_does_not_end():
    person = await make_person(Role.PARTNER_ADMIN)
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    await suspended(person.partner_id)
    with pytest.raises(NotSignedIn):
        await sign_in.with_code(step.secret, person.code(), visitor())


async def test_staff_work_on_whoever_is_suspended():
    reviewer = await make_person(Role.REVIEWER)
    await suspended(await make_partner())
    step = await sign_in.with_password(reviewer.email, PASSWORD, visitor())
    assert (await sign_in.with_code(step.secret, reviewer.code(), visitor())).is_complete


async def test_commands_suspend_and_resume(capsys):
    partner_id = await make_partner()
    slug = (await row_of(partner_id)).slug
    await admin.suspend(slug, WHY)
    assert (await row_of(partner_id)).status == PartnerStatus.SUSPENDED
    await admin.resume(slug)
    assert (await row_of(partner_id)).status == PartnerStatus.ACTIVE
    assert "is suspended" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="no-such-partner"):
        await admin.suspend("no-such-partner", WHY)
