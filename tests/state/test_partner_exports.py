"""The page of exports, the question that lists ask, and the door through which files leave."""

import pytest

from backoffice.adapters.sheets import MIME
from backoffice.errors import NotAllowed, NotFound
from backoffice.jobs import exports as jobs
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Role
from backoffice.state.partner.approving import ApprovingState
from backoffice.state.partner.exports import ExportsState
from backoffice.state.partner.settings import SettingsState
from tests.browsing import browser, signed_in
from tests.services.people import make_person
from tests.services.review_cast import make_cast, submitted
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

LIST = "/partner/documents?status=submitted&cursor=doc_x"
PLACE = "/partner/exports"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def asked(cast, form="csv", role=Role.PARTNER_ANALYST):
    """A person at the list who has answered the question."""
    reference = await sign_in(cast, role)
    state = await screen(ExportsState, reference, LIST)
    await ExportsState.ask.fn(state, "documents")
    answers = await ExportsState.begin.fn(state, form)
    return state, reference, answers


async def test_nobody_stops_or_reads_another_partners_export(acme):
    _, reference, _ = await asked(acme)
    mine = await screen(ExportsState, reference, PLACE)
    await ExportsState.open.fn(mine)
    stranger = await screen(ExportsState, await sign_in(await make_cast()), PLACE)
    await ExportsState.open.fn(stranger)
    assert (stranger.rows, stranger.is_loaded) == ([], True)
    with pytest.raises(NotFound):
        await ExportsState.stop.fn(stranger, mine.rows[0].id)


async def test_the_question_names_what_the_list_is_narrowed_by(acme):
    state = await screen(ExportsState, await sign_in(acme), LIST)
    await ExportsState.ask.fn(state, "documents")
    assert (state.title, state.narrowed) == ("Documents", "status submitted")
    await ExportsState.ask.fn(state, "passwords")
    assert state.asking == "documents", "nothing that no list is"
    await ExportsState.close.fn(state)
    assert (await ExportsState.begin.fn(state, "csv"), state.asking) == ([], "")


async def test_a_denied_list_says_so_and_no_export_begins(acme):
    state = await screen(ExportsState, await sign_in(acme, Role.PARTNER_ANALYST), "/partner/developers/requests")
    await ExportsState.ask.fn(state, "api_requests")
    try:
        await ExportsState.begin.fn(state, "csv")
    except NotAllowed:
        state.error = "denied"
    assert state.error
    await ExportsState.open.fn(state)
    assert state.rows == []


async def test_an_export_is_asked_written_shown_and_stopped(acme):
    await submitted(acme)
    state, reference, answers = await asked(acme)
    assert len(answers) == 2
    assert await ExportsState.begin.fn(state, "csv") == [], "the question is closed"
    page = await screen(ExportsState, reference, PLACE)
    await ExportsState.open.fn(page)
    row = page.rows[0]
    assert (row.words, row.href, row.is_under_way, row.by) == ("Waiting", "", True, "Amina Diallo")
    await jobs.write(str(parse_public_id(Prefix.EXPORT, row.id)))
    await ExportsState.refresh.fn(page)
    row = page.rows[0]
    assert (row.words, row.rows, row.narrowed, row.href) == ("Ready", "1", "status submitted", f"/exports/{row.id}")
    _, again, _ = await asked(acme)
    other = await screen(ExportsState, again, PLACE)
    await ExportsState.open.fn(other)
    await ExportsState.stop.fn(other, other.rows[0].id)
    assert [one.words for one in other.rows] == ["Stopped"], "people see their own"


async def test_the_file_goes_to_who_asked_and_to_nobody_else(web, acme):
    document = await submitted(acme)
    person = await make_person(Role.PARTNER_ANALYST, acme.partner.id)
    async with signed_in(web, Role.PARTNER_ANALYST, person) as (_, client):
        row = await _written_by(acme, person)
        answer = await client.get(f"/exports/{row}")
        assert answer.status_code == 200
        assert public_id(Prefix.DOCUMENT, document) in answer.text
        assert answer.headers["content-type"] == MIME["csv"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].startswith('attachment; filename="documents-')
        assert int(answer.headers["content-length"]) == len(answer.content)
        assert (await client.get("/exports/exp_nothing")).status_code == 404
    for role, partner in ((Role.PARTNER_ADMIN, None), (Role.PARTNER_ANALYST, acme.partner.id), (Role.OPERATOR, None)):
        async with signed_in(web, role, await make_person(role, partner)) as (_, client):
            assert (await client.get(f"/exports/{row}")).status_code in {403, 404}, role
    async with browser(web) as stranger:
        assert (await stranger.get(f"/exports/{row}")).status_code == 401


async def _written_by(cast, person) -> str:
    from backoffice.db import transaction
    from backoffice.models.members import Member
    from backoffice.services import exports
    from backoffice.services.access import Actor
    from tests.services.test_exports import wish

    async with transaction(cast.api.tenancy) as session:
        member = await session.get(Member, person.id)
    actor = Actor.member(id=member.id, name=member.name, role=Role(member.role), partner_id=member.partner_id)
    key = await exports.wrap_key(cast.partner.id)
    async with transaction(actor.tenancy) as session:
        row = await exports.begin(session, actor, wish(), key)
    await jobs.write(str(row.id))
    return public_id(Prefix.EXPORT, row.id)


async def test_a_large_one_waits_and_a_colleague_approves_or_declines_it(acme):
    await submitted(acme)
    reference = await sign_in(acme, Role.PARTNER_ADMIN)
    boss = await screen(SettingsState, reference, "/partner/settings")
    await SettingsState.open.fn(boss)
    await SettingsState.ask.fn(boss, {"export_alone": "0"})
    assert [one.after for one in boss.changes] == ["0"]
    await SettingsState.save.fn(boss)
    _, theirs, answers = await asked(acme)
    assert len(answers) == 2
    own, page = await screen(ExportsState, theirs, PLACE), await screen(ExportsState, reference, PLACE)
    for state in (own, page):
        await ExportsState.open.fn(state)
    said = [(row.words, row.documents, row.may_decide, bool(row.due_at)) for row in (*own.rows, *page.rows)]
    assert said == [("Waits for a second person", "1 document", may, True) for may in (False, True)]
    hand = await screen(ApprovingState, theirs, PLACE)
    await ApprovingState.approve.fn(hand, own.rows[0].id)
    await ExportsState.refresh.fn(own)
    assert own.rows[0].status == "awaiting_approval", "nobody approves their own"
    second = await screen(ApprovingState, reference, PLACE)
    await ApprovingState.ask.fn(second, own.rows[0].id, own.rows[0].title)
    await ApprovingState.decline.fn(second, {"reason": " "})
    assert "Say why" in second.error
    await ApprovingState.decline.fn(second, {"reason": "Not needed."})
    assert second.declining == ""
    await ExportsState.refresh.fn(own)
    assert (own.rows[0].words, own.rows[0].said) == ("Declined", "Amina Diallo: Not needed.")
    await asked(acme)
    await ExportsState.refresh.fn(page)
    await ApprovingState.approve.fn(second, page.rows[0].id)
    await ExportsState.refresh.fn(page)
    assert (page.rows[0].words, page.rows[0].said) == ("Waiting", "Approved by Amina Diallo")
    await ApprovingState.approve.fn(second, "exp_nothing")
    await ApprovingState.ask.fn(second, "exp_nothing", "")
    await ApprovingState.close.fn(second)
    assert second.declining == ""
