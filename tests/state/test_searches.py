"""The command menu's search and the page of results: one's own alone, masked, and numbered as it was asked."""

from dataclasses import asdict
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.state.arguments import arguments_of
from backoffice.state.command_menu import CommandMenuState
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.review.queue import QueueState
from backoffice.state.search import SearchState
from tests.services.review_cast import in_review, make_cast
from tests.state import review_screen
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import screen

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def acme(database):
    return await make_cast()


async def answered(cast, q, role=Role.PARTNER_ADMIN, url="/partner"):
    state = await screen(CommandMenuState, await sign_in(cast, role), url)
    await CommandMenuState.look.fn(state, q, 7)
    return state


async def test_strangers_and_lesser_roles_find_nobody(acme):
    task = await in_review(acme, external_id="user-8841")
    rival = await make_cast()
    for q in ("Okonkwo", "user-8841", public_id(Prefix.DOCUMENT, task.document_id)):
        assert (await answered(rival, q)).answer.groups == []
        assert (await answered(acme, q)).answer.groups != []
    assert (await answered(acme, "Okonkwo", Role.PARTNER_DEVELOPER)).answer.groups == []


async def test_an_answer_carries_its_number_and_nothing_personal(acme):
    task = await in_review(acme, external_id="user-8841")
    state = await answered(acme, "amara okonkwo")
    assert state.answer.number == 7
    groups = {group.kind: group for group in state.answer.groups}
    assert [hit.id for hit in groups["documents"].hits] == [public_id(Prefix.DOCUMENT, task.document_id)]
    assert groups["applicants"].hits[0].href.startswith("/partner/documents?applicant=app_")
    assert not any(word in shown(state).lower() for word in ("okonkwo", "amara", "1991"))
    await CommandMenuState.forget.fn(state, 8)
    assert asdict(state.answer) == {"number": 0, "groups": []}


async def test_an_answer_behind_a_later_one_or_behind_the_end_is_dropped(acme):
    await in_review(acme, external_id="user-8841")
    state = await answered(acme, "user-8841")
    await CommandMenuState.look.fn(state, "nowhere-to-be-found", 9)
    await CommandMenuState.look.fn(state, "user-8841", 8)
    assert asdict(state.answer) == {"number": 9, "groups": []}
    await CommandMenuState.forget.fn(state, 12)
    await CommandMenuState.look.fn(state, "user-8841", 11)
    assert asdict(state.answer) == {"number": 0, "groups": []}
    await CommandMenuState.look.fn(state, "user-8841", 13)
    assert state.answer.groups


async def test_the_sandbox_looks_in_the_sandbox(acme):
    await in_review(acme, external_id="user-8841")
    assert (await answered(acme, "user-8841", url="/partner?mode=test")).answer.groups == []


async def test_a_reviewer_comes_to_the_task(acme):
    task = await in_review(acme, external_id="sole-8842")
    _, reference = await review_screen.sign_in()
    state = await screen(CommandMenuState, reference, "/review/queue")
    await CommandMenuState.look.fn(state, public_id(Prefix.DOCUMENT, task.document_id), 1)
    [group] = state.answer.groups
    assert (group.kind, group.hits[0].href) == ("tasks", f"/review/work/{public_id(Prefix.REVIEW_TASK, task.id)}")


@pytest.mark.parametrize(
    "payload", [{}, {"q": "x"}, {"q": 1, "number": 1}, {"q": "x", "number": "1"}, {"q": "x", "number": 1, "role": "x"}]
)
def test_the_gate_takes_a_text_and_a_number_only(payload):
    assert not arguments_of(CommandMenuState.look.fn).accept(payload)
    assert arguments_of(CommandMenuState.look.fn).accept({"q": "x", "number": 1})


async def page(cast, url, role=Role.PARTNER_ADMIN):
    state = await screen(SearchState, await sign_in(cast, role), url)
    await SearchState.open.fn(state)
    return state


async def test_the_page_counts_and_leads_on(acme):
    for _ in range(21):
        await in_review(acme, external_id="bulk-1")
    state = await page(acme, "/search?q=bulk-1")
    group = next(group for group in state.groups if group.kind == "documents")
    assert (len(group.hits), group.count, group.more_href) == (20, "21", "/partner/documents?q=bulk-1")
    assert state.said.endswith(" results")
    assert (await page(await make_cast(), "/search?q=bulk-1")).groups == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/search", "Type what you look for."),
        ("/search?q=x", "Type at least 2 letters."),
        (f"/search?q={'x' * 300}", "Type at most 200 letters."),
        ("/search?q=kyc_live_secret", "This looks like a secret"),
    ],
)
async def test_the_page_says_why_nothing_was_looked_for(acme, url, said):
    state = await page(acme, url)
    assert not state.is_asked
    assert state.said.startswith(said)


async def test_nothing_found_says_so(acme):
    state = await page(acme, "/search?q=nowhere-to-be-found")
    assert (state.is_asked, state.said, state.groups) == (True, "Nothing matches", [])


@pytest.mark.parametrize("q", ["kyc_live_secret", "key KYC_LIVE_secret", "whsec_secret", "a whsec_secret"])
async def test_a_secret_is_carried_nowhere(acme, q):
    state = await screen(SearchState, await sign_in(acme), "/partner")
    assert "secret" not in str(await SearchState.ask.fn(state, q))
    assert "secret" not in shown(state) + state._carried
    here = await page(acme, f"/search?{urlencode({'q': q})}")
    assert (here.is_asked, here.groups) == (False, [])
    assert here.said.startswith("This looks like a secret")


async def test_only_ids_come_into_the_address(acme):
    task = await in_review(acme, external_id="user-8841")
    document = public_id(Prefix.DOCUMENT, task.document_id)
    reference = await sign_in(acme)
    state = await screen(SearchState, reference, "/partner?mode=test")
    assert f"/search?q={document}&mode=test" in str(await SearchState.ask.fn(state, document))
    await review_screen.go(state, reference, "/partner")
    for q in ("Amara Okonkwo", "Okonkwo", "P1234567", "user-8841"):
        await review_screen.go(state, reference, "/partner")
        leads = str(await SearchState.ask.fn(state, q))
        assert "/search" in leads
        assert q not in leads
        await review_screen.go(state, reference, "/search")
        await SearchState.open.fn(state)
        assert state.q == q
        assert state.groups
        assert (state.live_url, state.test_url) == ("/search", "/search?mode=test")
    assert await SearchState.search.fn(state, {"q": "nobody at all"}) is None
    assert (state.q, state.said) == ("nobody at all", "Nothing matches")
    await review_screen.go(state, await sign_in(await make_cast()), "/search")
    await SearchState.open.fn(state)
    assert (state.q, state.groups) == ("", [])


async def test_an_applicant_leads_to_their_documents(acme):
    await in_review(acme)
    await in_review(acme)
    groups = {group.kind: group for group in (await answered(acme, "P1234567")).answer.groups}
    assert len(groups["applicants"].hits) == 2
    address = groups["applicants"].hits[0].href
    state = await screen(DocumentsState, await sign_in(acme), address)
    await DocumentsState.open.fn(state)
    assert len(state.rows) == 1
    assert [chip.name for chip in state.chips] == ["applicant"]
    stranger = await screen(DocumentsState, await sign_in(await make_cast()), address)
    await DocumentsState.open.fn(stranger)
    assert stranger.rows == []


async def test_our_own_people_choose_a_region_where_there_are_several(places):
    word = f"w{uuid4().hex[:12]}"
    for region in ("eu", "in"):
        await in_review(await make_cast(region), external_id=word)
    _, reference = await review_screen.sign_in(Role.REVIEWER)
    state = await screen(SearchState, reference, "/search")
    await SearchState.search.fn(state, {"q": word})
    assert "not searched together" in state.refusal
    assert state.groups == []
    assert {"eu", "in"} <= {one.label for one in state.regions}
    await review_screen.go(state, reference, next(one.href for one in state.regions if one.label == "eu"))
    await SearchState.open.fn(state)
    assert (state.refusal, len(state.groups[0].hits)) == ("", 1)
    queue = await screen(QueueState, reference, f"/review/queue?q={word}")
    await QueueState.open.fn(queue)
    assert (queue.rows, "not searched together" in queue.refusal) == ([], True)
    await review_screen.go(queue, reference, f"/review/queue?q={word}&region=in")
    await QueueState.open.fn(queue)
    assert (len(queue.rows), queue.refusal) == (1, "")
    assert "region" in {menu.name for menu in queue.menus}
