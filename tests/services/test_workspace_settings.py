"""Settings of a workspace: outsiders, what cannot be, who would lock themselves out, and that they bind."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.clock import at, now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.models.workspace_settings import Brand, Effect, Rules, Security, contrast
from backoffice.services import invitations, sessions, sign_in, workspace_settings
from backoffice.services.access import Actor
from tests.services.people import PASSWORD, SYSTEM, actor_of, in_tab, make_partner, make_person, visitor
from tests.services.test_colleagues import ADMIN, ANALYST, DEVELOPER, call, team

pytestmark = pytest.mark.usefixtures("database")
HERE = "198.51.100.7"


def admin(person, ip=HERE, session_id=None) -> Actor:
    return replace(actor_of(person, session_id), ip=ip)


async def saved(actor, version=0, *, brand=None, **security) -> Rules:
    wanted = Rules(version, Security(**security), brand or Brand())
    return await call(workspace_settings.save, actor, wanted)


async def living(step, ip="10.9.9.9"):
    async with transaction(Tenancy.everyone()) as session:
        return await sessions.by_secret(session, step.secret, ip=ip)


async def test_no_outsider_reads_or_changes_settings():
    boss, developer, analyst = await team(ADMIN, DEVELOPER, ANALYST)
    await saved(admin(boss), session_hours=8)
    rival = await make_person(ADMIN)
    assert (await call(workspace_settings.read, actor_of(rival))).version == 0
    outsiders = [developer, analyst, await make_person(Role.OPERATOR), await make_person(Role.AUDITOR)]
    for outsider in outsiders:
        with pytest.raises(NotAllowed):
            await saved(admin(outsider), 1, session_hours=2)
        with pytest.raises(NotAllowed):
            await call(workspace_settings.read, actor_of(outsider))
    await saved(admin(rival), session_hours=2)
    assert (await call(workspace_settings.read, actor_of(boss))).security.session_hours == 8


@pytest.mark.parametrize(
    ("security", "brand", "pointer", "said"),
    [
        ({"session_hours": 0}, Brand(), "/session_hours", "1 to 12"),
        ({"session_hours": 13}, Brand(), "/session_hours", "1 to 12"),
        ({"idle_minutes": 4}, Brand(), "/idle_minutes", "5 to 60"),
        ({"ip_allowlist": ("office",)}, Brand(), "/ip_allowlist", "'office' is neither"),
        ({"ip_allowlist": ("0.0.0.0/0",)}, Brand(), "/ip_allowlist", "bounds nothing"),
        ({"ip_allowlist": ("10.0.0.1",) * 51}, Brand(), "/ip_allowlist", "At most 50"),
        ({}, Brand(color="red"), "/brand_color", "#1e3a8a"),
        ({}, Brand(color="#ffdd00"), "/brand_color", "contrast of 1.3 to 1"),
        ({}, Brand(name="x" * 61), "/brand_name", "at most 60"),
        ({}, Brand(sign_off="a\x00b"), "/sign_off", "printable"),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(security, brand, pointer, said):
    [boss] = await team(ADMIN)
    with pytest.raises(Invalid) as refused:
        await saved(admin(boss), brand=brand, **security)
    assert refused.value.pointer == pointer
    assert said in str(refused.value)


def test_contrast_is_counted_as_the_standard_does():
    assert round(contrast("#000000"), 1) == 21.0
    assert round(contrast("#ffffff"), 1) == 1.0
    assert round(contrast("#767676"), 2) == 4.54


async def test_who_would_be_locked_out_cannot_save_it():
    [boss] = await team(ADMIN)
    for ip in (HERE, "", "nonsense"):
        with pytest.raises(Invalid, match="lock yourself out") as refused:
            await saved(admin(boss, ip), ip_allowlist=("203.0.113.0/24",))
        assert refused.value.code == "would_lock_out"
    rules = await saved(admin(boss), ip_allowlist=("198.51.100.0/24", "198.51.100.9/24"))
    assert rules.security.ip_allowlist == ("198.51.100.0/24",)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get(sign_in.Member, boss.id)).totp_secret_box = None
    with pytest.raises(Invalid, match="no second factor yourself"):
        await saved(admin(boss), rules.version, requires_second_factor=True)


async def test_of_two_who_save_at_once_the_second_is_told():
    one, other = await team(ADMIN, ADMIN)
    results = await asyncio.gather(
        saved(admin(one), session_hours=8), saved(admin(other), session_hours=4), return_exceptions=True
    )
    [refused] = [result for result in results if isinstance(result, Conflict)]
    assert "Somebody changed the settings" in str(refused)
    with pytest.raises(Conflict, match="Nothing differs"):
        await call(workspace_settings.save, admin(one), await call(workspace_settings.read, admin(one)))


async def test_a_change_is_audited_with_before_and_after_but_not_with_texts():
    [boss] = await team(ADMIN)
    await saved(admin(boss), brand=Brand("Fjord", "#1E3A8A", "help@fjord.example", "Ines, Fjord"), idle_minutes=15)
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(
            AuditEntry.action == "settings.changed", AuditEntry.partner_id == boss.partner_id
        )
        entry = (await session.execute(statement)).scalar_one()
    assert entry.changes == {
        "idle_minutes": [None, 15],
        "brand_name": ["", "Fjord"],
        "brand_color": ["", "#1e3a8a"],
        "support_contact": True,
        "sign_off": True,
        "version": 1,
    }


async def test_a_network_bounds_the_sign_in_and_every_request_after_it():
    boss, person = await team(ADMIN, ANALYST)
    stranger = await make_person(ANALYST)
    before = await sign_in.with_password(person.email, PASSWORD, replace(visitor(), ip="10.9.9.9"))
    await saved(admin(boss), ip_allowlist=("198.51.100.0/24", "2001:db8::/32"))
    assert await living(before, "10.9.9.9") is None
    for inside in (HERE, f"::ffff:{HERE}", "2001:db8::5"):
        assert await living(before, inside) is not None
    for outside in ("", "198.51.101.1", "2001:db9::1", "localhost"):
        assert await living(before, outside) is None
    with pytest.raises(NotAllowed) as refused:
        await sign_in.with_password(person.email, PASSWORD, replace(visitor(), ip="10.9.9.9"))
    assert refused.value.code == "address_not_allowed"
    with pytest.raises(sign_in.NotSignedIn):
        await sign_in.with_password(person.email, "wrong " * 5, replace(visitor(), ip="10.9.9.8"))
    assert (await sign_in.with_password(person.email, PASSWORD, replace(visitor(), ip=HERE))).is_complete
    assert (await sign_in.with_password(stranger.email, PASSWORD, visitor())).is_complete
    async with transaction(Tenancy.everyone()) as session:
        reference = before.actor.session_id
        seen = {(reference, "10.9.9.9"), (reference, HERE)}
        assert await sessions.living(session, seen) == {(reference, HERE)}
    assert await in_tab(reference, ip="10.9.9.9") is None


async def test_an_invitation_is_followed_from_the_companys_network_only():
    [boss] = await team(ADMIN)
    await saved(admin(boss), ip_allowlist=("198.51.100.0/24",))
    email = f"{now().timestamp():.6f}@people.example"
    async with transaction(SYSTEM.tenancy) as session:
        _, token = await invitations.create(
            session, SYSTEM, email=email, name="Nadia", role=ANALYST, partner_id=boss.partner_id
        )
    with pytest.raises(NotAllowed, match="its own networks"):
        await invitations.accept(token, "four words and a fish", "", replace(visitor(), ip="10.1.1.1"))
    assert (await invitations.accept(token, "four words and a fish", "", replace(visitor(), ip=HERE))).is_complete


async def test_sessions_end_by_the_companys_clock():
    boss, person = await team(ADMIN, ANALYST)
    start = now()
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    await saved(admin(boss), session_hours=2, idle_minutes=10)
    assert await living(step) is not None
    with at(start + timedelta(minutes=11)):
        assert await living(step) is None, "idle"
    for minutes in range(5, 115, 5):
        with at(start + timedelta(minutes=minutes)):
            assert await in_tab(step.actor.session_id, ip="10.9.9.9"), minutes
    with at(start + timedelta(minutes=121)):
        assert await living(step) is None, "older than the company allows"


async def test_a_required_second_factor_is_set_up_on_the_way_in():
    boss, person = await team(ADMIN, ANALYST)
    before = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert before.is_complete
    wanted = Rules(0, Security(requires_second_factor=True))
    assert await call(workspace_settings.effect, admin(boss), wanted) == Effect(1, False, 1)
    await saved(admin(boss), requires_second_factor=True)
    assert await living(before) is None
    step = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert not step.is_complete
    waiting = await sign_in.waiting_for_code(step.secret, visitor())
    person.totp_secret = waiting.totp_seed
    done = await sign_in.with_code(step.secret, person.code(), visitor())
    assert await living(done) is not None
    again = await sign_in.with_password(person.email, PASSWORD, visitor())
    assert (await sign_in.waiting_for_code(again.secret, visitor())).totp_seed is None, "the seed is shown once"


async def test_an_invitation_asks_for_a_factor_where_the_company_does():
    [boss] = await team(ADMIN)
    await saved(admin(boss), requires_second_factor=True)
    async with transaction(SYSTEM.tenancy) as session:
        _, token = await invitations.create(
            session,
            SYSTEM,
            email=f"{now().timestamp():.6f}@people.example",
            name="Nadia",
            role=ANALYST,
            partner_id=boss.partner_id,
        )
    assert (await invitations.welcome(token)).totp_secret is not None


async def test_what_would_end_is_counted_before_it_does():
    boss, person = await team(ADMIN, ANALYST)
    own = await sign_in.with_code(
        (await sign_in.with_password(boss.email, PASSWORD, replace(visitor(), ip=HERE))).secret,
        boss.code(),
        replace(visitor(), ip=HERE),
    )
    await sign_in.with_password(person.email, PASSWORD, visitor())
    actor = admin(boss, session_id=own.actor.session_id)
    with at(now() + timedelta(minutes=20)):
        wanted = Rules(0, Security(ip_allowlist=("198.51.100.0/24",)))
        assert await call(workspace_settings.effect, actor, wanted) == Effect(1, False, 0)
        assert await call(workspace_settings.effect, actor, Rules(0, Security(idle_minutes=15))) == Effect(1, True, 0)


async def test_our_people_open_the_doors_for_who_locked_themselves_out():
    boss, person = await team(ADMIN, ANALYST)
    await saved(admin(boss), ip_allowlist=("198.51.100.0/24",))
    with pytest.raises(NotAllowed):
        await call(workspace_settings.open_to_all_networks, actor_of(boss), boss.partner_id)
    assert await call(workspace_settings.open_to_all_networks, SYSTEM, boss.partner_id)
    assert not await call(workspace_settings.open_to_all_networks, SYSTEM, boss.partner_id)
    assert (await sign_in.with_password(person.email, PASSWORD, visitor())).is_complete


async def test_applicants_read_the_companys_own_name_where_it_has_one():
    [boss] = await team(ADMIN)
    async with transaction(SYSTEM.tenancy) as session:
        assert (await workspace_settings.brand_of(session, boss.partner_id)).name == "Fjord Bank"
        assert (await workspace_settings.brand_of(session, await make_partner())).color == ""
    await saved(admin(boss), brand=Brand("Fjord", "#1e3a8a"))
    async with transaction(SYSTEM.tenancy) as session:
        assert await workspace_settings.brand_of(session, boss.partner_id) == Brand("Fjord", "#1e3a8a")
