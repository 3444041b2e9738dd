"""The pages of policies: what each role sees and may do, and that nobody's writing is lost."""

import pytest

from backoffice.db import transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.jobs import policies as jobs
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.services import policies
from backoffice.state.ops.policies import PoliciesState
from backoffice.state.ops.policy import PolicyState
from tests.services.policy_cast import APPROVES, EVERYONE, GOOD, UNSURE, drafted, published, screened, two
from tests.services.review_cast import make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

PLACE = "/ops/policies"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def overview(cast, role=Role.OPERATOR):
    return await screen(PoliciesState, await sign_in(cast, role), PLACE)


async def opened(cast, version, role=Role.REVIEW_LEAD):
    state = await screen(PolicyState, await sign_in(cast, role), f"{PLACE}/{version.label}")
    await PolicyState.open.fn(state)
    return state


async def begun(cast, **form):
    """A draft that somebody began on the page."""
    state = await overview(cast)
    whose = public_id(Prefix.PARTNER, cast.partner.id)
    await PoliciesState.begin.fn(state)
    await PoliciesState.create.fn(state, {"whose": whose, "start": "recommended", "note": "Try it"} | form)
    return state


@pytest.mark.parametrize("role", [Role.AUDITOR])
async def test_who_only_reads_changes_nothing(acme, role):
    writer, _ = await two(acme)
    version = await drafted(writer, acme)
    state = await overview(acme, role)
    await PoliciesState.open.fn(state)
    with pytest.raises(NotAllowed):
        await PoliciesState.want_person.fn(state, public_id(Prefix.PARTNER, acme.partner.id), True)
    page = await opened(acme, version, role)
    assert page.status == "ready"
    with pytest.raises(NotAllowed):
        await PolicyState.save.fn(page, {"source": "x", "note": ""})
    with pytest.raises(NotAllowed):
        await PolicyState.start_backtest.fn(page)
    await PolicyState.ask.fn(page, "publish")
    told = await PolicyState.confirm.fn(page)
    assert "permission policies:write" in str(told)
    async with transaction(EVERYONE) as session:
        assert (await policies.get(session, writer, version.id)).status == "draft"


async def test_a_draft_is_begun_from_what_is_there_and_opens(acme):
    state = await begun(acme)
    assert (state.error, state.is_creating) == ("", False)
    await PoliciesState.open.fn(state)
    row = next(row for row in state.rows if row.scope == acme.partner.name)
    assert (row.number, row.status, row.note, row.is_own) == (1, "draft", "Try it", True)
    assert "confirmed" in row.source


async def test_a_double_click_begins_one_draft(acme):
    state = await begun(acme)
    whose = public_id(Prefix.PARTNER, acme.partner.id)
    assert await PoliciesState.create.fn(state, {"whose": whose, "start": "recommended", "note": "Try it"}) is None
    await PoliciesState.open.fn(state)
    assert len([row for row in state.rows if row.scope == acme.partner.name]) == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"start": "no-such"}, "Choose what"),
        ({"whose": "ptr_00000000000000000000000000"}, "There is no partner"),
        ({"whose": "nonsense"}, "There is nothing here"),
        ({"note": "x" * 501}, "longer than"),
    ],
)
async def test_what_is_wrong_is_said_in_the_dialog(acme, form, words):
    state = await begun(acme, **form)
    assert words in state.error


async def test_faults_are_shown_while_one_writes(acme):
    writer, _ = await two(acme)
    page = await opened(acme, await drafted(writer, acme))
    assert (page.faults, [rule.outcome for rule in page.rules][:2]) == ([], ["Approved", "Rejected"])
    await PolicyState.check.fn(page, APPROVES.replace("check: expiry", "chek: expiry"))
    assert [(fault.line, fault.message) for fault in page.faults] == [(8, "chek is not part of the language here.")]
    assert page.rules == []
    await PolicyState.check.fn(page, "rules: [" * 4_000)
    assert page.faults


async def test_what_somebody_else_saved_is_not_overwritten_and_mine_stays(acme):
    writer, _ = await two(acme)
    version = await drafted(writer, acme)
    page = await opened(acme, version)
    async with transaction(EVERYONE) as session:
        await policies.save(session, writer, version.id, source=f"{APPROVES}# theirs", note="", revision=1)
    await PolicyState.refresh.fn(page)
    assert (page.revision, page.version.revision) == (1, 2)
    await PolicyState.ask.fn(page, "publish")
    assert "Look at theirs" in str(await PolicyState.confirm.fn(page))
    assert page.version.status == "draft"
    with pytest.raises(Conflict):
        await PolicyState.save.fn(page, {"source": f"{APPROVES}# mine", "note": ""})
    await PolicyState.take_theirs.fn(page)
    await PolicyState.save.fn(page, {"source": f"{APPROVES}# both", "note": "Joined"})
    assert (page.version.revision, page.version.is_own) == (3, True)
    assert page.version.source.endswith("# both")


async def test_a_second_person_publishes_and_an_author_is_told_why_not(acme):
    writer, _ = await two(acme)
    version = await drafted(writer, acme)
    page = await opened(acme, version)
    await PolicyState.save.fn(page, {"source": f"{APPROVES}#", "note": ""})
    await PolicyState.ask.fn(page, "publish")
    assert "Somebody else has to publish it" in str(await PolicyState.confirm.fn(page))
    other = await opened(acme, version)
    await PolicyState.ask.fn(other, "publish")
    await PolicyState.confirm.fn(other)
    assert (other.version.status, other.asking) == ("published", "")
    assert other.version.publisher == "Amina Diallo"


async def test_only_what_was_asked_about_is_done(acme):
    writer, _ = await two(acme)
    page = await opened(acme, await drafted(writer, acme))
    await PolicyState.ask.fn(page, "everything")
    assert page.asking == ""
    assert await PolicyState.confirm.fn(page) is None
    assert page.version.status == "draft"
    await PolicyState.ask.fn(page, "shadow")
    await PolicyState.confirm.fn(page)
    assert page.version.status == "shadow"


async def test_a_back_test_runs_and_tells_what_would_change(acme):
    for screening in (GOOD, GOOD, UNSURE):
        await screened(acme, screening)
    await published(acme)
    writer, _ = await two(acme)
    bold = APPROVES.replace("[passed, not_applicable]", "[passed, not_applicable, warning]")
    page = await opened(acme, await drafted(writer, acme, bold))
    assert [line.tone for line in page.changes if line.tone in {"green", "red"}] == ["red", "green"]
    await PolicyState.look_back.fn(page, 5)
    assert page.days == 30
    await PolicyState.start_backtest.fn(page)
    assert (page.backtest.status, page.backtest.total) == ("running", 3)
    await jobs.backtest(page.backtest.id)
    await PolicyState.refresh.fn(page)
    assert (page.backtest.status, page.backtest.automatic) == ("done", "100 %")
    assert [(move.was, move.would, move.count) for move in page.backtest.moves] == [("To a person", "Approved", "3")]
    assert page.rules[0].count == "3 documents"


async def test_a_shadow_is_counted_beside_what_happened(acme):
    await published(acme)
    writer, _ = await two(acme)
    version = await drafted(writer, acme, APPROVES.replace("{outcome: approved}", "{outcome: review}"))
    async with transaction(EVERYONE) as session:
        await policies.begin_shadow(session, writer, version.id)
    await screened(acme, GOOD)
    await screened(acme, UNSURE)
    page = await opened(acme, version)
    assert (page.shadow.documents, page.shadow.same) == (2, "50 %")
    assert (page.shadow.moves[0].was, page.shadow.moves[0].would) == ("Approved", "To a person")


@pytest.mark.parametrize("name", ["pol_nonsense@1", "@", "pol_00000000000000000000000000@1", "x@99999999999999999999"])
async def test_a_version_that_is_not_there(acme, name):
    page = await screen(PolicyState, await sign_in(acme, Role.OPERATOR), f"{PLACE}/{name}")
    await PolicyState.open.fn(page)
    assert page.status == "missing"


async def test_an_operator_lets_people_decide_for_a_partner(acme):
    state = await overview(acme)
    await PoliciesState.want_person.fn(state, public_id(Prefix.PARTNER, acme.partner.id), True)
    assert next(row for row in state.partners if row.name == acme.partner.name).wants_person
    async with transaction(EVERYONE) as session:
        assert (await session.get(Partner, acme.partner.id)).settings == {"human_review": True}
    with pytest.raises(NotFound):
        await PoliciesState.want_person.fn(state, "ptr_00000000000000000000000000", True)
