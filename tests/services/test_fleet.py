"""All partners as operators see them: outsiders first, then that each figure is the one that was made."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.invitations import Invitation
from backoffice.models.members import Role
from backoffice.models.partners import Partner, Plan
from backoffice.services import fleet, onboarding, partners
from tests.services.people import SYSTEM, actor_of, make_partner, make_person

pytestmark = pytest.mark.usefixtures("database")
STAFF = (Role.OPERATOR, Role.AUDITOR)
FORM = {"name": "Harbour Credit", "plan": Plan.STANDARD, "email": "First.Admin@harbour.example"}


async def call(function, actor, *arguments, **options):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *arguments, **options)


def slug() -> str:
    return f"h{new_id().hex[:20]}"


@pytest.mark.parametrize("role", sorted(set(Role) - set(STAFF)))
async def test_who_is_no_operator_sees_no_list_and_takes_nobody_on(role):
    partner_id = await make_partner()
    person = actor_of(await make_person(role, partner_id if role.startswith("partner") else None))
    for function, arguments in (
        (fleet.lines, ()),
        (fleet.line, (partner_id,)),
        (fleet.trail, (partner_id,)),
        (onboarding.steps, (partner_id,)),
    ):
        with pytest.raises(NotAllowed):
            await call(function, person, *arguments)
    with pytest.raises(NotAllowed):
        await call(onboarding.onboard, person, slug=slug(), **FORM)


async def test_an_auditor_reads_and_takes_nobody_on():
    auditor, partner_id = actor_of(await make_person(Role.AUDITOR)), await make_partner()
    assert (await call(fleet.line, auditor, partner_id)).id == partner_id
    assert await call(fleet.trail, auditor, partner_id)
    with pytest.raises(NotAllowed):
        await call(onboarding.onboard, auditor, slug=slug(), **FORM)


async def test_looking_at_one_partner_shows_no_other():
    operator, one, other = actor_of(await make_person(Role.OPERATOR)), await make_partner(), await make_partner()
    inside = operator.within(one)
    assert [line.id for line in await call(fleet.lines, inside)] == [one]
    with pytest.raises(NotFound):
        await call(fleet.line, inside, other)
    with pytest.raises(NotFound):
        inside.within(other)
    with pytest.raises(NotFound):
        await call(fleet.line, operator, new_id())


MADE = """
insert into day_counts (partner_id, livemode, day, type, country, received, screened, approved, rejected,
    resubmission_requested, by_policy, later, later_approved)
select :p, live, day, 'passport', 'FRA', count, count, 6, 2, 2, 0, 0, 0
from (values (true, cast(:today as date), 12), (true, cast(:today as date) - 6, 8),
    (true, cast(:today as date) - 8, 10), (false, cast(:today as date), 500)) as made(live, day, count);
"""
ASKED = """
insert into api_requests (id, created_at, partner_id, livemode, key_id, method, route, path, status, code,
    duration_ms, ip, request_id, request_bytes, is_replay, detail)
select uuidv7(), now(), :p, true, gen_random_uuid(), 'GET', '/x', '/x', case when n = 1 then 422 else 200 end, '', 1,
    '', '', 0, false, '{}' from generate_series(1, 10) n
"""
USED = "insert into usage_counters (partner_id, livemode, metric, month, used) values (:p, true, 'documents', :m, 9000)"


async def test_every_figure_is_of_live_data_and_of_this_partner():
    partner_id, operator = await make_partner(), actor_of(await make_person(Role.OPERATOR))
    today = now().date()
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text(MADE), {"p": partner_id, "today": today})
        await session.execute(text(ASKED), {"p": partner_id})
        await session.execute(text(USED), {"p": partner_id, "m": today.replace(day=1)})
    line = await call(fleet.line, operator, partner_id)
    assert (line.volume, line.before, line.days[-1], line.days[0]) == (20, 10, (today, 12), (today - timedelta(6), 8))
    assert (line.approval, line.errors, line.quota) == (0.6, 0.1, 0.9)
    assert (line.webhooks, line.sla, line.failing, line.late, line.alerts) == (None, None, 0, 0, 0)
    empty = await call(fleet.line, operator, await make_partner())
    assert (empty.volume, empty.approval, empty.errors, empty.used) == (0, None, None, 0)


async def test_a_search_takes_its_signs_as_they_are():
    operator, name = actor_of(await make_person(Role.OPERATOR)), slug()
    partner, _ = await call(onboarding.onboard, operator, slug=name, **FORM | {"email": f"{name}@harbour.example"})
    assert [one.id for one in await call(fleet.lines, operator, q=name[3:])] == [partner.id]
    for q in ("%", "_", "\\", "' or true --"):
        assert partner.id not in {one.id for one in await call(fleet.lines, operator, q=f"{name}{q}")}


async def test_a_partner_comes_with_its_first_administrator_or_not_at_all():
    operator, name = actor_of(await make_person(Role.OPERATOR)), slug()
    known = await make_person(Role.PARTNER_ADMIN)
    wrong = (
        ({"name": " "}, Invalid, "/name"),
        ({"slug": "Harbour"}, Invalid, "/slug"),
        ({"slug": "a"}, Invalid, "/slug"),
        ({"email": "nobody"}, Invalid, "/email"),
        ({"email": known.email}, Conflict, None),
    )
    for given, error, pointer in wrong:
        with pytest.raises(error) as refused:
            await call(onboarding.onboard, operator, **{"slug": name} | FORM | given)
        assert refused.value.pointer == pointer
        assert await call(partners.by_slug, SYSTEM, given.get("slug", name)) is None
    email = f"first.admin@{name}.example"
    partner, link = await call(onboarding.onboard, operator, slug=name, **FORM | {"email": email})
    assert "/invite/" in link
    async with transaction(Tenancy.everyone()) as session:
        invited = (await session.execute(select(Invitation).where(Invitation.partner_id == partner.id))).scalar_one()
        found = await session.execute(select(AuditEntry.action).where(AuditEntry.partner_id == partner.id))
    assert (invited.email, invited.name, invited.role) == (email, "First Admin", Role.PARTNER_ADMIN)
    assert invited.letter_box is not None
    assert {"partner.created", "invitation.created"} <= set(found.scalars())
    steps = await call(onboarding.steps, operator, partner.id)
    assert (steps.invited, steps.admins, steps.keys, steps.documents) == (1, 0, 0, 0)
    with pytest.raises(Conflict, match="already"):
        await call(onboarding.onboard, operator, slug=name, **FORM | {"email": f"x{email}"})


async def test_the_trail_is_read_on_the_record_once():
    operator, partner_id = actor_of(await make_person(Role.OPERATOR)), await make_partner()
    entries = await call(fleet.trail, operator, partner_id)
    assert [one.entry.action for one in entries] == ["partner.created"]
    await call(fleet.trail, operator, partner_id, is_read_again=True)
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.actor_id == operator.id, AuditEntry.action == "audit.read")
        assert [one.subject_id for one in (await session.execute(statement)).scalars()] == [partner_id]
        assert await session.get(Partner, partner_id)
