"""What a role of a company's own means at every door: each permission by itself, on each page, over the raw socket."""

import time

import pytest
from sqlalchemy import select, text

from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Member, Role
from backoffice.services import colleagues, custom_role_changes, custom_roles, members, sessions
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import GIVEABLE, NEEDS, SCOPES
from tests.browsing import browser, cookie_of, signed_in
from tests.rx_socket import ROOT, tab
from tests.services.people import actor_of, make_person, visitor
from tests.services.test_colleagues import call, read

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(400)]
ADMIN, ANALYST = Role.PARTNER_ADMIN, Role.PARTNER_ANALYST
P = Permission
LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
ROLES = f"{ROOT}.backoffice___state___partner___roles____custom_roles_state"
TEAM = "/partner/team"


def routes():
    from backoffice.routes import ROUTES

    return [route for route in ROUTES if route.workspace == "partner"]


async def holder(boss, permissions, name="Own role") -> tuple[Actor, str]:
    """Somebody with a role of their company's own, signed in past every step; answers them and their cookie."""
    person = await make_person(ANALYST, boss.partner_id)
    role = await call(custom_role_changes.create, actor_of(boss), name=name, permissions=permissions)
    await call(colleagues.change_role, actor_of(boss), person.id, role.id, before=ANALYST)
    async with transaction(Tenancy.everyone()) as session:
        member = await session.get(Member, person.id)
        row, secret = await sessions.begin(session, member, visitor(), is_complete=True)
        return sessions.actor_of(row, member), f"sid={secret}"


async def refused_to(actor: Actor) -> list[str]:
    async with transaction(Tenancy.everyone()) as session:
        found = await session.execute(
            select(AuditEntry.action, AuditEntry.changes).where(
                AuditEntry.actor_id == actor.id, AuditEntry.result == "denied"
            )
        )
        return [f"{action} {changes}" for action, changes in found]


@pytest.mark.slow
async def test_each_permission_opens_its_pages_whole_and_no_other(web):
    boss, wrong = await make_person(ADMIN), []
    for permission in sorted(GIVEABLE):
        wanted = {permission} | NEEDS.get(permission, frozenset())
        actor, cookie = await holder(boss, wanted, name=f"Only {permission}")
        assert actor.permissions == wanted
        open_ones = [route.path for route in routes() if route.audience.admits(actor) and "[" not in route.path]
        async with browser(web, Cookie=cookie) as client:
            for route in routes():
                answer = await client.get(route.path.replace("[document]", "doc_x").replace("[endpoint]", "whk_x"))
                assert (answer.status_code == 403) != route.audience.admits(actor), (permission, route.path)
            home = (await client.get("/")).headers["location"]
        own = [route.path for route in routes() if route.path in open_ones and route.audience.permissions]
        assert home == (own or ["/partner/settings"])[0], permission
        before = await refused_to(actor)
        async with tab(web.url, cookie=cookie, path=home) as one:
            for path in open_ones:
                await one.send(LOAD, {}, path)
                await one.settle(path)
            assert (one.is_open, one.redirects) == (True, []), permission
            wrong += [(permission, said) for said in one.messages if "ermission" in said or "went wrong" in said]
        wrong += [(permission, entry) for entry in await refused_to(actor) if entry not in before]
    assert wrong == []


async def test_a_role_that_changes_or_is_taken_shuts_open_tabs_within_a_second(web):
    for what in ("change", "take", "delete"):
        boss = await make_person(ADMIN)
        actor, cookie = await holder(boss, [P.DOCUMENTS_READ])
        [role] = await call(custom_roles.listed, actor_of(boss))
        async with tab(web.url, cookie=cookie, path="/partner/documents") as mine:
            await mine.settle("/partner/documents")
            began = time.monotonic()
            if what == "change":
                await call(
                    custom_role_changes.change,
                    actor_of(boss),
                    role.id,
                    version=1,
                    name="Less",
                    permissions=[P.USAGE_READ],
                )
            elif what == "take":
                await call(colleagues.change_role, actor_of(boss), actor.id, ANALYST, before=str(role.id))
            else:
                await call(custom_role_changes.delete, actor_of(boss), role.id, version=1, to=ANALYST)
            await mine.closed()
            assert time.monotonic() - began < 1
            assert mine.redirects == ["/login"]


async def test_a_permission_that_is_gone_is_gone_for_the_next_event_whatever_the_session_says(web):
    """Even where nobody is signed out: each event reads anew what its person may."""
    boss = await make_person(ADMIN)
    actor, cookie = await holder(boss, [P.DOCUMENTS_READ, P.USAGE_READ])
    async with tab(web.url, cookie=cookie, path="/partner/usage") as mine:
        await mine.settle("/partner/usage")
        async with transaction(Tenancy.everyone()) as session:
            await session.execute(
                text("update custom_roles set permissions = '{documents:read}' where partner_id = :p"),
                {"p": boss.partner_id},
            )
        usage = f"{ROOT}.backoffice___state___partner___usage____usage_state.open"
        await mine.send(usage, {}, "/partner/usage")
        await mine.until(lambda one: any("usage:read" in said for said in one.messages))
    assert any("event.refused" in one for one in await refused_to(actor))


async def test_handlers_of_roles_refuse_everybody_but_administrators(web):
    boss, rival = await make_person(ADMIN), await make_person(ADMIN)
    await call(custom_role_changes.create, actor_of(boss), name="Desk", permissions=[P.DOCUMENTS_READ])
    [theirs] = await call(custom_roles.listed, actor_of(boss))
    every = sorted(GIVEABLE)
    strongest, cookie = await holder(boss, every, name="Everything that can be given")
    assert strongest.permissions == GIVEABLE
    calls = (
        ("begin", {}),
        ("ask", {"question": "edit", "role_id": str(theirs.id)}),
        ("tick", {"permission": "members:write", "wanted": True}),
        ("save", {"form": {"role_name": "Mine"}}),
        ("choose", {"role": "partner_admin"}),
        ("delete", {}),
    )
    before = [(one.id, one.version) for one in await call(custom_roles.listed, actor_of(boss))]
    async with tab(web.url, cookie=cookie, path=TEAM) as one:
        for name, payload in calls:
            await one.send(f"{ROLES}.{name}", payload, TEAM)
        await one.settle(TEAM)
        await one.until(lambda shown: any("members:write" in said for said in shown.messages))
    async with signed_in(web, ADMIN, rival) as (_, client), tab(web.url, cookie=cookie_of(client), path=TEAM) as one:
        for question in ("edit", "delete"):
            await one.send(f"{ROLES}.ask", {"question": question, "role_id": str(theirs.id)}, TEAM)
            await one.send(f"{ROLES}.delete", {}, TEAM)
        await one.settle(TEAM)
        assert "Desk" not in one.everything
    assert [(one.id, one.version) for one in await call(custom_roles.listed, actor_of(boss))] == before


async def test_whoever_may_most_of_all_that_can_be_given_raises_nobody():
    """With every permission that can be given, nothing that changes people or roles works."""
    boss = await make_person(ADMIN)
    role = await call(custom_role_changes.create, actor_of(boss), name="Most", permissions=sorted(GIVEABLE))
    person = await make_person(ANALYST, boss.partner_id)
    await call(colleagues.change_role, actor_of(boss), person.id, role.id, before=ANALYST)
    actor = Actor.of(await read(person.id))
    assert not actor.can(P.MEMBERS_WRITE)
    for change, args, named in (
        (colleagues.change_role, (person.id, ADMIN), {"before": str(role.id)}),
        (custom_role_changes.change, (role.id,), {"version": 1, "name": "More", "permissions": [P.AUDIT_READ]}),
        (custom_role_changes.create, (), {"name": "More", "permissions": [P.AUDIT_READ]}),
        (members.disable, (boss.id,), {}),
    ):
        with pytest.raises(BackofficeError) as caught:
            await call(change, actor, *args, **named)
        assert caught.value.status == 403
    assert len(SCOPES) > len(SCOPES & actor.permissions), "some scopes no person has"
