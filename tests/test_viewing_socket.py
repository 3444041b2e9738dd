"""An operator who looks at a partner's workspace, at the raw socket: nothing changes, and it ends when it ends."""

import time
import uuid
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import func, select, text, update

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role, Session
from backoffice.models.viewings import NOTHING_CHANGES, Viewing
from backoffice.services import people, sessions, suspensions, viewings
from backoffice.state import door, looks
from tests.api.estate import API_REQUEST, Estate
from tests.api.world import applicant, files, make_world
from tests.browsing import cookie_of, signed_in
from tests.rx_socket import tab
from tests.services.people import SYSTEM, actor_of, make_partner, make_person
from tests.services.test_viewings import WHY
from tests.test_other_tenants import (
    LOAD,
    PARTNER_STATES,
    PATIENCE,
    _try_page,
    _what_only_screens_make,
    belongings,
    pages,
    payloads,
)
from tests.test_outsider_socket import handlers, own_deltas, payload_for

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(400)]
NAME = f"Hidden{uuid.uuid4().hex[:10]}"
"""A person's name, which nobody who looks ever sees."""
OWN_ID = f"own-{uuid.uuid4().hex[:10]}"
"""What the company calls its document; nobody sends it here, so that it is no echo."""
WRITTEN = {"audit_entries", "viewings"}
"""What a look itself writes."""
SHARED = ("search_state.ask", "command_menu_state.look", "hotkeys_state.keep", "sealing_state.verify")


@pytest.fixture(scope="module")
async def estate(web, database):
    """A company with one of everything, and a person whose name is sealed."""
    world = await make_world()
    async with httpx2.AsyncClient(base_url=web.url, timeout=30) as client:
        made = Estate(client, world, livemode=True)
        data = {"applicant": applicant(surname=NAME), "external_id": OWN_ID}
        headers = await made.headers()
        made._document = (await client.post("/api/v1/documents", headers=headers, files=files(), data=data)).json()
        await made.everything()
    await _what_only_screens_make(made, actor_of(await make_person(Role.PARTNER_ADMIN, world.partner_id)))
    async with transaction(Tenancy.everyone()) as session:
        whole = "update alerts set detail = detail || cast(:more as jsonb) where partner_id = :id"
        await session.execute(text(whole), {"more": '{"disabled": true}', "id": world.partner_id})
    return made


async def actor_behind(client):
    async with transaction(Tenancy.everyone()) as session:
        found = await sessions.by_secret(session, client.cookies["sid"], ip="127.0.0.1")
    return sessions.actor_of(*found, ip="127.0.0.1")


async def look(client, partner_id, purpose=WHY) -> Viewing:
    actor = await actor_behind(client)
    async with transaction(actor.tenancy) as session:
        return await viewings.start(session, actor, partner_id, purpose=purpose)


@asynccontextmanager
async def looking(web, partner_id, path="/partner"):
    """An operator's tab on a page of this partner."""
    async with signed_in(web, Role.OPERATOR) as (person, client):
        viewing = await look(client, partner_id)
        async with tab(web.url, cookie=cookie_of(client), path=path) as eyes:
            await eyes.until(lambda one: one.shown("session_state").get("look", {}).get("company"))
            yield person, client, eyes, viewing


def named(end: str) -> str:
    return next(name for name in handlers() if name.endswith(end))


async def pages_of(viewing_id) -> list[str]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(
            AuditEntry.subject_id == viewing_id, AuditEntry.action == "viewing.page_opened"
        )
        return [row.changes["page"] for row in (await session.execute(statement.order_by(AuditEntry.id))).scalars()]


async def wishes(person) -> str:
    async with transaction(Tenancy.everyone()) as session:
        sql = "select (to_jsonb(m) - 'last_sign_in_at' - 'totp_last_step')::text from members m where id = :id"
        return (await session.execute(text(sql), {"id": person.id})).scalar_one()


async def jobs() -> int:
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(text("select count(*) from pgqueuer where entrypoint !~ 'audit'"))).scalar_one()


@pytest.mark.slow
async def test_nothing_changes_and_no_name_is_seen_by_any_page_or_handler(web, estate):
    before, waiting = await belongings(estate), await jobs()
    async with looking(web, estate.world.partner_id) as (person, _, eyes, _):
        own = await wishes(person)
        for path in pages(estate):
            await _try_page(eyes, path, estate)
        called = 0
        for name, function in handlers().items():
            if name.endswith("setvar") or not (PARTNER_STATES in name or name.endswith(SHARED)):
                continue
            for payload in payloads(function, estate.ids):
                await eyes.send(name, payload, f"/partner/documents/{estate.ids[Prefix.DOCUMENT]}")
            await eyes.settle("/partner", PATIENCE)
            called += 1
        assert called > 150
        assert eyes.is_open
        assert OWN_ID in eyes.everything, "it was really looked at"
        assert estate.ids[API_REQUEST] in eyes.everything
        assert NAME not in eyes.everything
        assert "whsec_" not in eyes.everything
        assert await wishes(person) == own
    after = await belongings(estate)
    assert {name for name in before if before[name] != after[name]} - WRITTEN == set()
    assert await jobs() == waiting


async def test_no_page_complains_when_it_is_opened(web, estate):
    async with looking(web, estate.world.partner_id) as (_, _, eyes, _):
        said = {}
        for path in pages(estate):
            await eyes.say(["event", eyes.event(LOAD, {}, path)])
            before = len(eyes.messages)
            await eyes.settle(path, PATIENCE)
            said[path] = eyes.messages[before:-1]
        assert {path for path, told in said.items() if told} == set(), said
        places = {"document": f"documents/{estate.ids[Prefix.DOCUMENT]}"}
        places |= {"webhook": f"developers/webhooks/{estate.ids[Prefix.WEBHOOK_ENDPOINT]}"}
        for name, place in places.items():
            await eyes.send(named(f"partner___{name}____{name}_state.open"), {}, f"/partner/{place}")
            await eyes.settle("/partner", PATIENCE)
            assert eyes.shown(f"{name}____{name}_state")["status"] == "ready"


async def test_every_other_handler_is_refused_with_a_sentence(web):
    async with looking(web, await make_partner()) as (_, _, eyes, _):
        refused = {
            name: function
            for name, function in handlers().items()
            if PARTNER_STATES in name and not looks.is_reading(function) and not name.endswith("setvar")
        }
        assert len(refused) > 70
        for name, function in refused.items():
            seen, told = len(eyes.updates), len(eyes.messages)
            await eyes.send(name, payload_for(function), "/partner")
            await eyes.until(lambda one, before=told: len(one.messages) > before)
            assert eyes.messages[-1] == NOTHING_CHANGES, name
            assert {state for state in own_deltas(eyes.updates[seen:]) if "notice" not in state} == set(), name


async def test_another_partners_things_are_never_there(web, estate):
    before = await belongings(estate)
    async with looking(web, await make_partner()) as (_, _, eyes, _):
        for path in pages(estate):
            await _try_page(eyes, path, estate)
        for end in ("peek_state.peek", "events_state.show", "requests_state.show", "documents_state.search"):
            for payload in payloads(handlers()[named(end)], estate.ids):
                await eyes.send(named(end), payload, "/partner/documents")
        await eyes.settle("/partner", PATIENCE)
        assert OWN_ID not in eyes.everything
        assert NAME not in eyes.everything
    assert await belongings(estate) == before


async def test_elsewhere_the_operator_is_themselves(web):
    async with looking(web, await make_partner()) as (person, _, eyes, _):
        await eyes.send(named("account___sessions____account_state.open"), {}, "/account")
        await eyes.until(lambda one: one.shown("account_state").get("is_loaded"))
        assert eyes.shown("account_state")["me"]["email"] == person.email
        await eyes.send(named("work_state.undo"), {}, "/partner")
        await eyes.until(lambda one: one.messages)
        assert eyes.messages[-1].startswith("You need the permission")


async def test_pages_answer_who_looks_and_nobody_else_of_ours(web):
    partner_id = await make_partner()
    async with signed_in(web, Role.OPERATOR) as (_, client), signed_in(web, Role.AUDITOR) as (_, other):
        assert (await client.get("/partner/documents")).status_code == 403
        await look(client, partner_id)
        for path in ("/partner/", "/partner/documents/", "/partner/audit/", "/partner/team/", "/partner/billing/"):
            assert (await client.get(path)).status_code not in {303, 403}, path
            assert (await other.get(path)).status_code == 403, path
        refused = await client.get("/partner/developers/sandbox/")
        assert refused.status_code == 403
        assert NOTHING_CHANGES in refused.text
        assert (await client.get("/ops/")).status_code not in {303, 403}
        actor = await actor_behind(client)
        async with transaction(actor.tenancy) as session:
            await viewings.stop(session, actor)
        assert (await client.get("/partner/")).status_code == 403


async def test_files_exports_and_the_api_know_nothing_of_a_look(web, estate):
    async with signed_in(web, Role.OPERATOR) as (_, client):
        export = estate.ids["export"]
        paths = (f"/exports/{export}", "/api/v1/documents", f"/api/v1/documents/{estate.ids[Prefix.DOCUMENT]}")
        before = [(await client.get(path)).status_code for path in paths]
        await look(client, estate.world.partner_id)
        after = [(await client.get(path)).status_code for path in paths]
        assert before == after
        assert 200 not in after


async def test_a_tab_that_was_opened_before_is_no_window(web, estate):
    async with signed_in(web, Role.OPERATOR) as (_, client), tab(web.url, cookie=cookie_of(client)) as early:
        await early.settle()
        await look(client, estate.world.partner_id)
        for end in ("documents_state.open", "keys_state.open", "dashboard_state.open", "audit_state.open"):
            seen, redirects = len(early.updates), len(early.redirects)
            await early.send(named(end), {}, "/partner/documents")
            await early.until(lambda one, before=redirects: len(one.redirects) > before)
            assert own_deltas(early.updates[seen:]) == [], end
        assert set(early.redirects) == {"/ops"}
        assert estate.ids[Prefix.DOCUMENT] not in early.everything


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEW_LEAD, Role.OPERATOR])
async def test_nobody_of_ours_acts_in_a_partners_state_without_a_look(web, role):
    async with signed_in(web, role) as (_, client), tab(web.url, cookie=cookie_of(client)) as mine:
        await mine.settle()
        await mine.send(named("documents_state.open"), {}, "/partner/documents")
        await mine.until(lambda one: one.redirects)
        assert mine.shown("documents_state").get("rows") == []


async def test_a_look_cannot_be_claimed_by_a_header(web, estate):
    async with signed_in(web, Role.OPERATOR) as (_, mine), signed_in(web, Role.OPERATOR) as (_, other):
        viewing = await look(other, estate.world.partner_id)
        async with tab(web.url, cookie=cookie_of(mine), **{"X-Viewing": str(viewing.id)}) as thief:
            await thief.settle()
            await thief.send(named("documents_state.open"), {}, "/partner/documents")
            await thief.until(lambda one: one.redirects)
            assert estate.ids[Prefix.DOCUMENT] not in thief.everything


async def _age(viewing) -> None:
    moment = now()
    async with transaction(Tenancy.everyone()) as session:
        past = {"created_at": moment - timedelta(minutes=31), "until": moment - timedelta(seconds=1)}
        await session.execute(update(Viewing).where(Viewing.id == viewing.id).values(**past))


async def test_when_the_time_is_over_open_tabs_get_nothing_more(web, estate):
    async with looking(web, estate.world.partner_id, "/partner/documents") as (_, _, eyes, viewing):
        await eyes.until(lambda one: one.shown("documents_state").get("rows"))
        await eyes.settle("/partner/documents")
        await _age(viewing)
        seen, redirects = len(eyes.updates), len(eyes.redirects)
        await eyes.send(named("documents_state.refresh"), {}, "/partner/documents")
        await eyes.until(lambda one: len(one.redirects) > redirects)
        assert own_deltas(eyes.updates[seen:]) == []
        await eyes.closed(door.SWEEP_SECONDS + 10)
        assert eyes.redirects[-1] == f"/ops/partners/{public_id(Prefix.PARTNER, estate.world.partner_id)}"


async def test_what_was_read_is_not_there_when_the_tab_comes_back(web, estate):
    token = str(uuid.uuid4())
    async with signed_in(web, Role.OPERATOR) as (_, client):
        await look(client, estate.world.partner_id)
        async with tab(web.url, cookie=cookie_of(client), token=token, path="/partner/documents") as eyes:
            await eyes.until(lambda one: one.shown("documents_state").get("rows"))
        await look(client, await make_partner())
        async with tab(web.url, cookie=cookie_of(client), token=token, path="/account") as again:
            await again.settle()
            assert estate.ids[Prefix.DOCUMENT] not in again.everything
            assert again.shown("documents_state")["rows"] == []


@pytest.mark.parametrize("how", ["stop", "sign out", "disabled", "role", "suspended", "replaced"])
async def test_every_end_reaches_every_open_tab_at_once(web, how):
    partner_id = await make_partner()
    place = f"/ops/partners/{public_id(Prefix.PARTNER, partner_id)}"
    async with (
        looking(web, partner_id) as (person, client, one, _),
        tab(web.url, cookie=cookie_of(client), path="/partner/usage") as two,
    ):
        await two.until(lambda found: found.shown("session_state").get("look", {}).get("company"))
        await two.settle("/partner/usage")
        began = time.monotonic()
        await _ended(how, person, client, partner_id, one)
        for eyes in (one, two):
            await eyes.closed()
            assert set(eyes.redirects) & {place, "/login"}
        assert time.monotonic() - began < 2


async def _ended(how, person, client, partner_id, eyes) -> None:
    if how == "stop":
        await eyes.send(named("looking_state.stop"), {}, "/partner")
    elif how == "sign out":
        await client.post("/auth/logout")
    elif how == "replaced":
        await look(client, await make_partner())
    else:
        await _ended_by_others(how, person, partner_id)


async def _ended_by_others(how, person, partner_id) -> None:
    boss = actor_of(await make_person(Role.OPERATOR))
    async with transaction(Tenancy.everyone()) as session:
        if how == "disabled":
            await people.disable(session, boss, person.id, typed=person.email)
        elif how == "role":
            await people.change_role(session, boss, person.id, Role.AUDITOR, before="operator")
        else:
            await suspensions.suspend(session, SYSTEM, partner_id, reason="Invoices are open")


async def test_each_page_and_each_document_is_in_the_partners_trail(web, estate):
    async with looking(web, estate.world.partner_id) as (person, _, eyes, viewing):
        event = eyes.event(LOAD, {}, "/partner/documents")
        for _ in range(3):
            await eyes.say(["event", event])
        await eyes.settle("/partner/documents")
        await eyes.send(named("peek_state.peek"), {"document_id": estate.ids[Prefix.DOCUMENT]}, "/partner/documents")
        await eyes.settle("/partner/documents")
        await eyes.send(named("keys_state.open"), {}, "/partner/developers/keys")
        await eyes.send(named("team____colleagues_state.open"), {}, "/nowhere")
        await eyes.settle("/partner/documents")
        document = f"/partner/documents/{estate.ids[Prefix.DOCUMENT]}"
        read = await pages_of(viewing.id)
        assert read[:4] == ["/partner", "/partner/documents", document, "/partner/developers/keys"]
        assert read[4:] == ["team.open"], "who opens nothing and reads all the same is written down, too"
        await eyes.send(named("webhooks_state.open"), {}, "/partner")
        await eyes.send(named("document____document_state.open"), {}, f"/x/{estate.ids[Prefix.DOCUMENT]}")
        await eyes.send(named("document____document_state.open"), {}, "/partner/documents/Ivan Petrov\u0000")
        await eyes.send(named("peek_state.peek"), {"document_id": "passport 4509"}, "/partner/documents")
        await eyes.settle("/partner/documents")
        assert (await pages_of(viewing.id))[5:] == [
            "webhooks.open",
            f"document.open {estate.ids[Prefix.DOCUMENT]}",
            "/partner/documents/[…]",
        ], "under a strange address by its own name, and nothing that a client made up"
        await eyes.send(named("exports_state.begin"), {"form": "csv"}, "/partner/exports")
        await eyes.until(lambda one: NOTHING_CHANGES in one.messages)
        async with transaction(Tenancy.everyone()) as session:
            statement = select(func.count()).where(
                AuditEntry.partner_id == estate.world.partner_id,
                AuditEntry.actor_id == person.id,
                AuditEntry.action == "event.refused",
            )
            assert (await session.execute(statement)).scalar_one() == 1, "and so is what was tried"


async def test_an_idle_session_ends_the_look_as_it_ends_everything(web):
    async with looking(web, await make_partner()) as (_, client, eyes, _):
        async with transaction(Tenancy.everyone()) as session:
            row, _ = await sessions.by_secret(session, client.cookies["sid"], ip="127.0.0.1")
            past = now() - timedelta(hours=13)
            await session.execute(update(Session).where(Session.id == row.id).values(last_seen_at=past))
        await eyes.closed(door.SWEEP_SECONDS + 10)
        assert eyes.redirects[-1] == "/login"
