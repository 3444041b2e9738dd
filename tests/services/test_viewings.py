"""An operator looks at a partner's workspace: who may, what they are while they do, when it ends, what is written."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backoffice.clock import at, now, present
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, StepUpRequired
from backoffice.jobs import security
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.members import PARTNER_ROLES, Role, Session
from backoffice.models.partners import Partner
from backoffice.models.security_alerts import SecurityMark
from backoffice.models.viewings import LASTS, MAX_PURPOSE, NOTHING_CHANGES, Viewing
from backoffice.services import (
    alerts,
    api_keys,
    audit,
    audit_entries,
    dossiers,
    files,
    hotkeys,
    people,
    saved_views,
    sessions,
    suspensions,
    viewings,
    webhook_endpoints,
)
from backoffice.services.access import GRANTED_BY, LOOKING, Actor, Permission
from backoffice.services.permissions import ROLE_PERMISSIONS, SCOPES
from backoffice.services.refusals import refusals
from backoffice.state import looks
from backoffice.state import session as session_state
from backoffice.state.ops.partners import PartnersState
from backoffice.state.partner.webhooks import WebhooksState
from tests.services.people import SYSTEM, actor_of, make_partner, make_person
from tests.services.review_cast import in_review, make_cast, member
from tests.services.test_step_up import aged, signed_in

pytestmark = pytest.mark.usefixtures("database")
WHY = "Ticket 4711: their webhooks are late"


async def operator():
    return (await signed_in(await make_person(Role.OPERATOR))).actor


async def started(actor, partner_id, purpose=WHY) -> Viewing:
    async with transaction(actor.tenancy) as session:
        return await viewings.start(session, actor, partner_id, purpose=purpose)


async def looker(actor, viewing_id=None) -> Actor | None:
    async with transaction(Tenancy.everyone()) as session:
        return await viewings.looking(session, actor, viewing_id)


async def looking_at(partner_id) -> tuple[Actor, Actor]:
    actor = await operator()
    viewing = await started(actor, partner_id)
    found = await looker(actor, viewing.id)
    assert found is not None
    return actor, found


async def trail(partner_id) -> list[AuditEntry]:
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.partner_id == partner_id, AuditEntry.action.like("viewing.%"))
        return list((await session.execute(statement.order_by(AuditEntry.id))).scalars())


async def said(partner_id) -> list[tuple[str, dict]]:
    return [(row.action.partition(".")[2], row.changes) for row in await trail(partner_id)]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR}))
async def test_nobody_but_an_operator_looks(role):
    partner_id = await make_partner()
    person = await make_person(role, partner_id if role in PARTNER_ROLES else None)
    actor = (await signed_in(person)).actor
    with pytest.raises(NotAllowed):
        await started(actor, partner_id)
    assert await looker(actor) is None
    assert await said(partner_id) == []


async def test_no_key_no_job_and_no_command_looks():
    partner_id = await make_partner()
    assert Permission.WORKSPACES_LOOK not in SCOPES
    with pytest.raises(NotAllowed):
        await started(SYSTEM, partner_id)
    with pytest.raises(NotAllowed):
        await started(actor_of(await make_person(Role.OPERATOR)), partner_id)


async def test_an_old_proof_a_bad_purpose_and_no_partner_are_refused():
    actor, partner_id = await operator(), await make_partner()
    with pytest.raises(StepUpRequired):
        await started(await aged(actor), partner_id)
    actor = (await signed_in(await make_person(Role.OPERATOR))).actor
    for purpose in ("", "   short  ", "x" * (MAX_PURPOSE + 1), "A purpose with\x00 something in it"):
        with pytest.raises(Invalid) as caught:
            await started(actor, partner_id, purpose)
        assert caught.value.pointer == "/purpose"
    with pytest.raises(Invalid, match="card"):
        await started(actor, partner_id, "Their customer paid with 4111 1111 1111 1111")
    with pytest.raises(NotFound):
        await started(actor, new_id())
    assert await said(partner_id) == []


def test_who_looks_may_read_what_administrators_read_and_nothing_else():
    assert ROLE_PERMISSIONS[Role.PARTNER_ADMIN] | ROLE_PERMISSIONS[Role.PARTNER_ANALYST] > LOOKING
    assert {permission.partition(":")[2] for permission in LOOKING} == {"read"}
    assert Permission.PERSONAL_READ not in LOOKING
    assert GRANTED_BY[Permission.WORKSPACES_LOOK] == (Role.OPERATOR,)


async def test_who_looks_sees_this_partner_alone_and_masked():
    acme, rival = await make_cast(), await make_cast()
    mine, theirs = await in_review(acme), await in_review(rival)
    _, looks = await looking_at(acme.partner.id)
    assert not looks.is_staff
    async with transaction(looks.tenancy) as session:
        dossier = await dossiers.read(session, looks, mine.document_id, is_opening=True)
        assert (dossier.given, dossier.extracted, dossier.renditions) == ({}, {}, [])
        for file in dossier.files:
            with pytest.raises(NotAllowed):
                files.original_link(looks, file)
        seen = select(Partner.id)
        assert list((await session.execute(seen)).scalars()) == [acme.partner.id]
    with pytest.raises(NotFound):
        async with transaction(looks.tenancy) as session:
            await dossiers.read(session, looks, theirs.document_id)
    with pytest.raises(NotFound):
        looks.within(rival.partner.id)


async def test_the_database_itself_keeps_who_looks_from_writing():
    partner_id = await make_partner()
    _, looks = await looking_at(partner_id)
    for statement in (
        update(Partner).where(Partner.id == partner_id).values(name="Mine"),
        update(Viewing).values(until=present() + timedelta(days=9)),
        select(Partner).with_for_update(),
        select(func.set_config("transaction_read_only", "off", True)),
    ):
        with pytest.raises(Exception, match=r"read-only|read-write|nothing can be changed"):
            async with transaction(looks.tenancy) as session:
                await session.execute(select(Partner.id))
                await session.execute(statement)
    with pytest.raises(NotAllowed, match=NOTHING_CHANGES):
        async with transaction(looks.tenancy) as session:
            (await session.get(Partner, partner_id)).name = "Mine"


async def test_services_refuse_whatever_changes_something():
    acme = await make_cast()
    _, looks = await looking_at(acme.partner.id)

    async def refused(act):
        with pytest.raises((NotAllowed, NotFound)):
            async with transaction(looks.tenancy) as session:
                await act(session)

    await refused(lambda session: api_keys.create(session, looks, name="x", livemode=False, scopes=SCOPES))
    await refused(lambda session: webhook_endpoints.create(session, looks, url="https://a.example", livemode=True))
    await refused(lambda session: saved_views.keep(session, looks, "Mine", {"status": "approved"}))
    await refused(lambda session: hotkeys.keep(session, looks, {"on": False}))
    await refused(lambda session: audit.record(session, looks, "document.tagged"))
    with pytest.raises(NotAllowed, match=NOTHING_CHANGES):
        looks.require(Permission.KEYS_WRITE)
    async with transaction(looks.tenancy) as session:
        await alerts.look(session, looks)
        assert (await hotkeys.read(session, looks)).on is True


async def test_a_look_is_as_long_as_it_is_and_no_longer_than_its_session():
    partner_id, moment = await make_partner(), now()
    actor, _ = await looking_at(partner_id)
    with at(moment + LASTS - timedelta(minutes=1)):
        assert await looker(actor) is not None
    with at(moment + LASTS + timedelta(minutes=1)):
        assert await looker(actor) is None
    short = await operator()
    async with transaction(Tenancy.everyone()) as session:
        ends = now() + timedelta(minutes=5)
        await session.execute(update(Session).where(Session.id == short.session_id).values(expires_at=ends))
    assert (await started(short, partner_id)).until == ends


async def test_what_ended_by_itself_is_written_down_once():
    partner_id = await make_partner()
    await looking_at(partner_id)
    with at(now() + LASTS + timedelta(seconds=1)):
        for _ in range(2):
            async with transaction(SYSTEM.tenancy) as session:
                await viewings.end_overdue(session, SYSTEM)
    assert [verb for verb, _ in await said(partner_id)] == ["started", "ended"]
    assert (await said(partner_id))[1][1] == {"why": "time"}
    operator_ = await operator()
    with pytest.raises(NotAllowed):
        async with transaction(operator_.tenancy) as session:
            await viewings.end_overdue(session, operator_)


async def test_a_press_ends_it_and_a_second_press_changes_nothing():
    partner_id = await make_partner()
    actor, _ = await looking_at(partner_id)
    for _ in range(2):
        async with transaction(actor.tenancy) as session:
            await viewings.stop(session, actor)
    assert await looker(actor) is None
    assert [(verb, changes.get("why")) for verb, changes in await said(partner_id)] == [
        ("started", None), ("ended", "stopped"),
    ]  # fmt: skip


async def test_nobody_ends_anothers_look():
    partner_id = await make_partner()
    actor, _ = await looking_at(partner_id)
    other = await operator()
    async with transaction(other.tenancy) as session:
        await viewings.stop(session, other)
    assert await looker(actor) is not None
    assert await looker(other) is None


async def test_another_partner_replaces_it_and_a_double_click_does_not():
    acme, rival = await make_partner(), await make_partner()
    actor = await operator()
    first = await started(actor, acme)
    assert (await started(actor, acme)).id == first.id
    second = await started(actor, rival)
    assert await looker(actor, first.id) is None
    found = await looker(actor)
    assert found is not None
    assert (found.partner_id, found.viewing_id) == (rival, second.id)
    assert [(verb, changes.get("why")) for verb, changes in await said(acme)] == [
        ("started", None), ("ended", "replaced"),
    ]  # fmt: skip
    third = await started(actor, rival, "Ticket 4712: and now something else")
    assert await looker(actor, second.id) is None
    assert third.id != second.id


@pytest.mark.parametrize("how", ["sign out", "disable", "role", "sessions"])
async def test_it_ends_with_the_session(how):
    partner_id, boss = await make_partner(), await operator()
    person = await make_person(Role.OPERATOR)
    actor = (await signed_in(person)).actor
    await started(actor, partner_id)
    async with transaction(Tenancy.everyone()) as session:
        if how == "sign out":
            await sessions.sign_out(session, actor)
        elif how == "disable":
            await people.disable(session, boss, person.id, typed=person.email)
        elif how == "role":
            await people.change_role(session, boss, person.id, Role.AUDITOR, before="operator")
        else:
            await people.end_sessions(session, boss, person.id)
    assert await looker(actor) is None
    assert (await said(partner_id))[-1] == ("ended", {"why": "session"})


async def test_a_suspended_partners_workspace_is_shut_to_our_people_too():
    partner_id = await make_partner()
    actor, _ = await looking_at(partner_id)
    async with transaction(SYSTEM.tenancy) as session:
        await suspensions.suspend(session, SYSTEM, partner_id, reason="Invoices are open")
    assert await looker(actor) is None
    assert (await said(partner_id))[-1] == ("ended", {"why": "suspended"})
    with pytest.raises(Conflict, match="suspended"):
        await started(actor, partner_id)
    async with transaction(SYSTEM.tenancy) as session:
        await suspensions.resume(session, SYSTEM, partner_id)
    assert await looker(actor) is None


async def test_a_role_that_lost_the_right_is_out_whatever_the_row_says():
    partner_id = await make_partner()
    actor, _ = await looking_at(partner_id)
    lesser = Actor.member(id=actor.id, name=actor.name, role=Role.AUDITOR, partner_id=None, session_id=actor.session_id)
    assert await looker(lesser) is None


async def test_the_partner_reads_that_it_was_looked_at_for_what_and_by_no_name():
    acme = await make_cast()
    actor, looks = await looking_at(acme.partner.id)
    async with transaction(looks.witness.tenancy) as session:
        await viewings.note_page(session, looks, "/partner/documents")
    async with transaction(looks.tenancy) as session:
        await audit_entries.page(session, looks, audit_entries.Filter())
    boss = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(boss.tenancy) as session:
        page = await audit_entries.page(session, boss, audit_entries.Filter(family="viewing"))
        read = await audit_entries.page(session, boss, audit_entries.Filter(action="audit.read"))
    by_verb = {one.entry.action: one for one in page.rows}
    assert by_verb["viewing.started"].changes["purpose"] == WHY
    assert by_verb["viewing.page_opened"].changes == {"page": "/partner/documents"}
    assert any(one.actor_type == "staff" for one in read.rows), "what who looks has read is written down, too"
    for one in page.rows:
        assert (one.actor_type, one.actor_name, one.actor_id, one.ip) == ("staff", None, None, None)
    rows = await trail(acme.partner.id)
    assert {(row.actor_id, row.actor_name, row.actor_type) for row in rows} == {(actor.id, actor.name, "member")}


async def test_no_transaction_of_a_partner_begins_or_prolongs_a_look():
    partner_id = await make_partner()
    actor, _ = await looking_at(partner_id)
    with pytest.raises(Exception, match="row-level security"):
        async with transaction(Tenancy.of(partner_id)) as session:
            await session.execute(update(Viewing).values(until=present() + timedelta(days=1)))
    async with transaction(Tenancy.of(await make_partner())) as session:
        assert (await session.execute(select(func.count()).select_from(Viewing))).scalar_one() == 0
    assert await looker(actor) is not None


async def test_what_is_refused_to_who_looks_is_no_attack_on_the_company_and_is_told_to_it_alone():
    first, second = await make_partner(), await make_partner()
    actor, eyes = await looking_at(first)
    for one in range(3):
        await refusals.note(eyes, "event.refused", {"event": "x", "reason": "read_only"}, apart=str(one))
    await started(actor, second)
    others = await looker(actor)
    assert others is not None
    await refusals.note(others, "event.refused", {"event": "x", "reason": "read_only"}, apart="0")
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.actor_id == actor.id, AuditEntry.action == "event.refused")
        entries = list((await session.execute(statement.order_by(AuditEntry.id))).scalars())
        assert [one.partner_id for one in entries] == [first, first, first, second]
        assert all(one.changes["looking"] for one in entries)
    await security.watch()
    async with transaction(Tenancy.everyone()) as session:
        marks = select(SecurityMark.partner_id).where(SecurityMark.subject == str(actor.id))
        assert set((await session.execute(marks)).scalars()) == {None}


async def test_what_was_over_before_something_else_ended_it_ended_by_itself():
    actor = await operator()
    viewing = await started(actor, await make_partner())
    async with transaction(Tenancy.everyone()) as session:
        over = update(Viewing).where(Viewing.id == viewing.id)
        await session.execute(over.values(created_at=now() - 2 * LASTS, until=now() - LASTS))
    await started(actor, await make_partner())
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get_one(Viewing, viewing.id)
        assert (row.ended_by, row.ended_at) == ("time", row.until)


async def test_a_look_that_ended_gives_nobody_the_operators_rights_in_a_partners_state(monkeypatch):
    actor = await operator()

    async def themselves(*_: object, **__: object) -> Actor:
        return actor

    monkeypatch.setattr(session_state, "actor_behind", themselves)
    with pytest.raises(NotAllowed):
        await session_state.signed_in(WebhooksState())
    assert await session_state.signed_in(PartnersState()) is actor


async def test_a_page_whose_entry_could_not_be_written_is_written_at_the_next_try(monkeypatch):
    _, eyes = await looking_at(await make_partner())
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(viewings, "note_page", _fails)
        await looks.note(eyes, "/partner/team", WebhooksState.open.fn, {})
    await looks.note(eyes, "/partner/team", WebhooksState.open.fn, {})
    async with transaction(Tenancy.everyone()) as session:
        statement = select(func.count()).where(
            AuditEntry.action == "viewing.page_opened", AuditEntry.subject_id == eyes.viewing_id
        )
        assert (await session.execute(statement)).scalar_one() == 1


async def _fails(*_: object) -> None:
    raise RuntimeError
