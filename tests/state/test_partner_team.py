"""The pages of people, settings and the audit trail through their own handlers, on the real services."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member, Role
from backoffice.services import audit, letter_preferences
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.partner.audit import AuditState
from backoffice.state.partner.exports import ExportsState
from backoffice.state.partner.inviting import InvitingState
from backoffice.state.partner.letters import LettersState
from backoffice.state.partner.settings import SettingsState
from backoffice.state.partner.team import ColleaguesState
from tests.services.people import actor_of, make_person
from tests.services.review_cast import SYSTEM, make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen
from tests.state.test_review import handlers_of

ADMIN, ANALYST = Role.PARTNER_ADMIN, Role.PARTNER_ANALYST
TEAM, SETTINGS, TRAIL = "/partner/team", "/partner/settings", "/partner/audit"
FORM = {
    "ip_allowlist": "",
    "session_hours": "",
    "idle_minutes": "",
    "brand_name": "",
    "brand_color": "",
    "support_contact": "",
    "sign_off": "",
}


@pytest.fixture
async def acme(database):
    return await make_cast()


async def opened(cast, state, place, role=ADMIN):
    page = await screen(state, await sign_in(cast, role), place)
    await state.open.fn(page)
    return page


def test_who_may_press_what():
    reads = {"open", "refresh", "close", "reload"}
    for state in (ColleaguesState, InvitingState):
        for name, function in handlers_of(state).items():
            wanted = Permission.MEMBERS_READ if name in reads else Permission.MEMBERS_WRITE
            assert audience_of(function).permissions == {wanted}, name
    for name, function in handlers_of(AuditState).items():
        assert audience_of(function).permissions == {Permission.AUDIT_READ}, name
    for name in ("ask", "save"):
        assert audience_of(handlers_of(SettingsState)[name]).permissions == {Permission.MEMBERS_WRITE}


async def test_past_the_gate_the_services_still_refuse(acme):
    for state, place in ((ColleaguesState, TEAM), (InvitingState, TEAM), (AuditState, TRAIL)):
        for role in (ANALYST, Role.OPERATOR):
            with pytest.raises(NotAllowed):
                await opened(acme, state, place, role)
    page = await opened(acme, SettingsState, SETTINGS, ANALYST)
    assert not page.is_loaded
    with pytest.raises(NotAllowed):
        await SettingsState.ask.fn(page, FORM)
    assert "permission" in str(await SettingsState.save.fn(page))


async def test_nobody_reaches_another_companys_people(acme):
    person = await make_person(ANALYST)
    page = await opened(acme, ColleaguesState, TEAM)
    await ColleaguesState.ask.fn(page, "remove", public_id(Prefix.MEMBER, person.id))
    assert page.asking == ""
    with pytest.raises(NotFound):
        await ColleaguesState.restore.fn(page, public_id(Prefix.MEMBER, person.id))
    inviting = await opened(acme, InvitingState, TEAM)
    for text in ("nonsense", str(person.id)):
        with pytest.raises(NotFound):
            await InvitingState.resend.fn(inviting, text)


async def test_a_role_is_changed_with_what_it_means(acme):
    await sign_in(acme, ANALYST)
    page = await opened(acme, ColleaguesState, TEAM)
    row = next(row for row in page.rows if row.role == ANALYST)
    await ColleaguesState.ask.fn(page, "role", row.id)
    assert (page.asking, page.change.words) == ("role", "")
    with pytest.raises(NotFound):
        await ColleaguesState.choose.fn(page, Role.OPERATOR)
    assert page.change.words == ""
    await ColleaguesState.choose.fn(page, ADMIN)
    assert page.change.words == "Analyst → Admin"
    assert "invite, change and remove people" in page.change.gains
    assert (page.change.loses, page.change.enrols) == ("", True)
    await ColleaguesState.change_role.fn(page)
    assert (page.asking, [row.role for row in page.rows]) == ("", [ADMIN, ADMIN])


async def test_a_person_is_removed_by_name_and_let_in_again(acme):
    await sign_in(acme, ANALYST)
    page = await opened(acme, ColleaguesState, TEAM)
    row = next(row for row in page.rows if row.role == ANALYST)
    await ColleaguesState.ask.fn(page, "remove", row.id)
    await ColleaguesState.remove.fn(page, {"typed": "somebody"})
    assert (page.asking, page.error) == ("remove", "Write Amina Diallo to be sure.")
    await ColleaguesState.remove.fn(page, {"typed": "Amina Diallo"})
    assert (page.asking, [one.id for one in page.removed]) == ("", [row.id])
    await ColleaguesState.restore.fn(page, row.id)
    assert (len(page.rows), page.removed) == (2, [])


async def test_sessions_are_shown_and_ended(acme):
    await sign_in(acme, ANALYST)
    page = await opened(acme, ColleaguesState, TEAM)
    row = next(row for row in page.rows if row.role == ANALYST)
    await ColleaguesState.ask.fn(page, "sessions", row.id)
    assert len(page.places) == 1
    assert "1 session ended" in str(await ColleaguesState.end_sessions.fn(page))
    assert next(one for one in page.rows if one.id == row.id).sessions == 0


async def test_somebody_is_sent_a_link_for_a_new_password(acme):
    await sign_in(acme, ANALYST)
    page = await opened(acme, ColleaguesState, TEAM)
    row = next(row for row in page.rows if row.role == ANALYST)
    await ColleaguesState.ask.fn(page, "reset", row.id)
    assert page.asking == "reset"
    assert row.email in str(await ColleaguesState.send_reset.fn(page))
    await ColleaguesState.ask.fn(page, "reset", row.id)
    assert "a moment ago" in str(await ColleaguesState.send_reset.fn(page))


async def test_an_invitation_shows_its_link_once(acme):
    page = await opened(acme, InvitingState, TEAM)
    await InvitingState.begin.fn(page)
    await InvitingState.invite.fn(page, {"email": "nobody", "name": "", "role": ANALYST})
    assert (page.error_field, page.link) == ("email", "")
    await InvitingState.invite.fn(page, {"email": f"nadia.{acme.partner.slug}@people.example", "role": ANALYST})
    assert "/invite/" in page.link
    assert [row.role_words for row in page.rows] == ["Analyst"]
    await InvitingState.close.fn(page)
    assert page.link == ""
    first = page.rows[0].id
    await InvitingState.resend.fn(page, first)
    assert "/invite/" in page.link
    await InvitingState.ask_withdraw.fn(page, page.rows[0].id)
    await InvitingState.withdraw.fn(page)
    assert (page.rows, page.withdrawing) == ([], "")


async def test_settings_are_saved_after_a_difference_and_their_effects(acme):
    await sign_in(acme, ANALYST)
    page = await opened(acme, SettingsState, SETTINGS)
    assert (page.form.version, page.own_address) == (0, "127.0.0.1")
    for wrong, field in (
        ({"session_hours": "many"}, "session_hours"),
        ({"idle_minutes": "2"}, "idle_minutes"),
        ({"ip_allowlist": "203.0.113.0/24"}, "ip_allowlist"),
        ({"brand_color": "#ffff00"}, "brand_color"),
    ):
        await SettingsState.ask.fn(page, FORM | wrong)
        assert (page.error_field, page.is_asking) == (field, False)
    await SettingsState.ask.fn(page, FORM)
    assert (page.is_asking, page.error) == (False, "")
    await SettingsState.ask.fn(page, FORM | {"ip_allowlist": "127.0.0.0/8, ::1", "brand_name": "Acme ID"})
    assert [(one.what, one.before, one.after) for one in page.changes] == [
        ("Networks", "From everywhere", "127.0.0.0/8, ::1/128"),
        ("Name for applicants", "As your company is registered", "Acme ID"),
    ]
    assert page.effects == ["2 sessions of colleagues end at once."] or page.effects
    await SettingsState.save.fn(page)
    assert (page.form.version, page.form.brand_name, page.brand.name) == (1, "Acme ID", "Acme ID")


async def test_of_two_who_change_settings_the_second_is_told(acme):
    first, second = [await opened(acme, SettingsState, SETTINGS) for _ in range(2)]
    for page, hours in ((first, "8"), (second, "6")):
        await SettingsState.ask.fn(page, FORM | {"session_hours": hours})
    await SettingsState.save.fn(first)
    await SettingsState.refresh.fn(second)
    assert second.is_stale
    assert "Somebody changed the settings" in str(await SettingsState.save.fn(second))
    await SettingsState.reload.fn(second)
    assert (second.form.session_hours, second.is_stale) == ("8", False)


async def test_everybody_chooses_their_own_letters(acme):
    analyst = await opened(acme, LettersState, SETTINGS, ANALYST)
    assert [row.kind for row in analyst.rows] == ["exports", "alerts"]
    page = await opened(acme, LettersState, SETTINGS)
    assert [(row.kind, row.is_on) for row in page.rows] == [("webhooks", True), ("exports", True), ("alerts", True)]
    await LettersState.choose.fn(page, "webhooks", False)
    assert [row.is_on for row in page.rows] == [False, True, True]
    await LettersState.refresh.fn(analyst)
    assert [row.is_on for row in analyst.rows] == [True, True]
    with pytest.raises(NotFound):
        await LettersState.choose.fn(page, "passwords", False)


async def test_the_link_in_a_letter_stops_its_kind_and_no_other(acme):
    person = await make_person(ADMIN, acme.partner.id)
    link = letter_preferences.link(person.id, letter_preferences.LetterKind.EXPORTS)
    token = link.rpartition("/")[2]
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", token + "AAAA"):
        with pytest.raises(NotFound):
            letter_preferences.read(forged)
    for _ in range(2):
        async with transaction(Tenancy.everyone()) as session:
            await letter_preferences.stop(session, token)
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.get(Member, person.id)).muted_letters == ["exports"]
    assert actor_of(person).can(Permission.MEMBERS_WRITE)


async def note(acme, action, **changes) -> None:
    async with transaction(SYSTEM.tenancy) as session:
        await audit.record(session, acme.api, action, partner_id=acme.partner.id, **changes)


async def test_the_trail_is_filtered_by_its_address_and_opens_by_its_link(acme):
    rival = await make_cast()
    await note(rival, "api_key.created")
    await note(acme, "api_key.created", changes={"name": ["", "Checkout"], "scopes": ["a", "b", "c"]})
    await note(acme, "api_key.revoked", result="denied")
    page = await opened(acme, AuditState, TRAIL)
    assert {"api_key.created", "api_key.revoked"} <= {row.action for row in page.rows}
    assert sum(row.action == "api_key.created" for row in page.rows) == 1
    narrowed = await opened(acme, AuditState, f"{TRAIL}?what=api_key&result=denied&who=system")
    assert [row.action for row in narrowed.rows] == ["api_key.revoked"]
    assert [(chip.label, chip.value) for chip in narrowed.chips] == [
        ("Who", "By itself"),
        ("Action", "API keys"),
        ("Result", "Refused"),
    ]
    entry = next(row for row in page.rows if row.action == "api_key.created")
    one = await opened(acme, AuditState, f"{TRAIL}?entry={entry.id}")
    assert [(row.name, row.before, row.after) for row in one.opened.differences] == [
        ("Name", "nothing", "Checkout"),
        ("Scopes", "", "a, b, c"),
    ]
    assert one.link == f"http://localhost:8000{TRAIL}?entry={entry.id}"
    foreign = await opened(rival, AuditState, f"{TRAIL}?entry={entry.id}")
    assert foreign.opened.id == ""
    empty = await opened(acme, AuditState, f"{TRAIL}?from=2020-01-01&to=2020-01-02")
    assert empty.rows == []


async def test_our_people_have_no_name_in_the_trail(acme):
    operator = await make_person(Role.OPERATOR)
    async with transaction(Tenancy.everyone()) as session:
        await audit.record(
            session,
            actor_of(operator),
            "partner.human_review_changed",
            subject_type="partner",
            subject_id=acme.partner.id,
            partner_id=acme.partner.id,
            changes={"human_review": [False, True]},
        )
    page = await opened(acme, AuditState, f"{TRAIL}?who=staff")
    [row] = page.rows
    assert (row.who, row.who_kind) == ("Provider staff", "Provider staff")
    assert "Ines" not in str(page.rows)
    asked = await opened(acme, AuditState, f"{TRAIL}?who={public_id(Prefix.MEMBER, operator.id)}")
    assert asked.rows == []


async def test_an_export_of_the_trail_is_one_entry_in_it(acme):
    page = await screen(ExportsState, await sign_in(acme), f"{TRAIL}?what=member&junk=1")
    await ExportsState.ask.fn(page, "audit_entries")
    assert page.narrowed == "action member"
