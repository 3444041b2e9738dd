"""The screens of quality, samples, history and stories through their own handlers, on the real services."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from backoffice.clock import at, now
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Role
from backoffice.models.quality_counts import LEAST
from backoffice.models.review_tasks import Outcome
from backoffice.services.access import Actor, Permission
from backoffice.state.arguments import arguments_of
from backoffice.state.gate import audience_of
from backoffice.state.review.history import HistoryState
from backoffice.state.review.quality import QualityState
from backoffice.state.review.sample import SampleState
from backoffice.state.review.samples import SamplesState
from backoffice.state.review.story import StoryState
from backoffice.state.review.work import WorkState
from tests.services.quality_cast import answered, decided, drawn, only_mine, shares, taken
from tests.services.review_cast import in_review, make_cast
from tests.services.test_review_metrics import COUNTS, metric_of
from tests.state.review_screen import go, screen, sign_in
from tests.state.test_review import handlers_of, name_of, target

pytestmark = pytest.mark.usefixtures("database")
LEAD_ONLY = {"edit", "save", "want", "settle", "retire"}


async def person(role=Role.REVIEWER, name="Kim Berg") -> tuple[Actor, str]:
    row, reference = await sign_in(role, name)
    return Actor.member(id=row.id, name=name, role=role, partner_id=None), reference


@pytest.fixture
async def pool(database):
    await shares()
    await only_mine()
    return await make_cast()


@pytest.mark.parametrize("state", [QualityState, SamplesState, SampleState, HistoryState, StoryState])
def test_every_handler_is_for_reviewers_and_what_leads_do_for_leads(state):
    for name, function in handlers_of(state).items():
        audience = audience_of(function)
        assert audience, name
        assert audience.permissions <= {Permission.DOCUMENTS_DECIDE, Permission.QUEUE_MANAGE}, name
        is_lead = name in LEAD_ONLY or (state is QualityState and name == "choose")
        assert (Permission.QUEUE_MANAGE in audience.permissions) is is_lead, name


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
async def test_past_the_gate_the_services_still_refuse(role):
    _, reference = await person(role)
    for state, place in (
        (QualityState, "/review/quality"), (SamplesState, "/review/samples"), (HistoryState, "/review/history"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await (await screen(state, reference, place)).open()


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        (WorkState.tally, {"verdict_id": "dec_x", "counts": {"keys": "1"}}),
        (WorkState.tally, {"verdict_id": "dec_x", "counts": {"keys": 1.5}}),
        (WorkState.tally, {"verdict_id": "dec_x", "counts": {"keys": True}}),
        (WorkState.tally, {"verdict_id": "dec_x", "counts": {"keys": None}}),
        (WorkState.tally, {"verdict_id": "dec_x", "counts": [1]}),
        (WorkState.tally, {"verdict_id": 1, "counts": {}}),
        (WorkState.tally, {"counts": {}}),
        (WorkState.tally, {"verdict_id": "dec_x", "counts": {}, "more": 1}),
        (SampleState.mark, {"cause": "laziness"}),
        (SampleState.mark, {"cause": None}),
        (SamplesState.mark, {"sample_id": "smp_x", "cause": 1}),
        (SampleState.turn_to, {"page": "1"}),
        (SampleState.approve, {"sample_id": ["smp_x"]}),
        (HistoryState.choose, {"name": "days", "value": 7}),
        (StoryState.want, {"outcome": {}}),
    ],
)
def test_arguments_of_another_kind_do_not_pass_the_gate(handler, payload):
    assert not arguments_of(handler.fn).accept(payload)


def test_a_good_tally_passes_the_gate():
    assert arguments_of(WorkState.tally.fn).accept({"verdict_id": "dec_x", "counts": COUNTS})


async def test_the_workspace_keeps_its_tally_and_a_bad_one_costs_nothing(pool):
    task = await in_review(pool)
    _, reference = await person()
    work = await screen(WorkState, reference, f"/review/work/{name_of(task)}")
    await work.open()
    await work.approve(name_of(task))
    verdict_id = work.undoable.verdict_id
    for bad in ({}, COUNTS | {"keys": 10**30}, COUNTS | {"active_ms": -1}, COUNTS | {"typed": 1}):
        with pytest.raises(Invalid):
            await work.tally(verdict_id, bad)
    for stranger in ("dec_00000000000000000000000000", "nonsense"):
        with pytest.raises(NotFound):
            await work.tally(stranger, COUNTS)
    other = await screen(WorkState, (await person())[1], "/review/work")
    with pytest.raises(NotFound):
        await other.tally(verdict_id, COUNTS)
    await work.tally(verdict_id, COUNTS)

    verdict = SimpleNamespace(id=parse_public_id(Prefix.DECISION, verdict_id))
    row = await metric_of(verdict)
    assert (row.keys, row.clicks, row.undone) == (3, 1, False)
    await work.undo()
    assert (await metric_of(verdict)).undone


async def test_a_second_look_is_blind_then_shows_both_and_takes_a_cause(pool):
    kim, _ = await person(name="Kim Berg")
    _, reference = await person(name="Joe Park")
    decision = await decided(pool, kim, Outcome.REJECTED, "forgery")
    await drawn()
    listed = await screen(SamplesState, reference, "/review/samples")
    await listed.open()
    assert (listed.waiting, listed.is_lead, listed.tabs[-1].view) == (1, False, "mine")
    address = target(await listed.take())
    sample_id = address.rpartition("/")[2].strip('"')
    one = await screen(SampleState, reference, f"/review/samples/{sample_id}")
    await one.open()
    assert (one.status, one.desk.task_id, one.desk.document_id, one.desk.reference) == ("blind", sample_id, "", "")
    assert one.desk.unresolved
    shown = repr(one.desk) + repr(one.look)
    for telling in (
        public_id(Prefix.DOCUMENT, decision.document_id),
        "Kim Berg",
        public_id(Prefix.DECISION, decision.id),
    ):
        assert telling not in shown
    document = f"/review/documents/{public_id(Prefix.DOCUMENT, decision.document_id)}"
    story = await screen(StoryState, reference, document)
    await story.open()
    assert (story.status, story.entries) == ("blind", [])
    assert await one.approve("smp_other") is None
    assert "Choose at least one reason" in str(await one.decide({"mode": "reject", "task": sample_id, "codes": []}))
    await one.approve(sample_id)
    assert (one.status, one.look.agrees, one.look.first, one.look.second) == ("revealed", False, "rejected", "approved")
    assert one.look.first_by == "A colleague"
    await one.mark("image")
    assert one.look.cause_words == "Image"
    await listed.refresh()
    assert [(row.agrees, row.cause) for row in listed.rows] == [(False, "image")]
    await story.open()
    assert story.status == "ready"
    assert [row.by for row in story.decisions] == ["Kim Berg"]
    assert "nothing waits" in str(await one.following()).lower()


async def test_the_maker_sees_no_sample_of_theirs_by_its_address(pool):
    kim, reference = await person()
    joe, _ = await person()
    await decided(pool, kim)
    await drawn()
    sample = await taken(joe)
    place = f"/review/samples/{public_id(Prefix.SAMPLE, sample.id)}"
    for is_answered in (False, True):
        if is_answered:
            await answered(joe, sample)
        one = await screen(SampleState, reference, place)
        await one.open()
        assert (one.status, one.desk.name, one.look.id) == ("missing", "", "")


async def test_who_knows_the_story_does_not_get_its_sample(pool):
    kim, _ = await person()
    _, reference = await person(Role.REVIEW_LEAD)
    decision = await decided(pool, kim)
    await drawn()
    listed = await screen(SamplesState, reference, "/review/samples?view=disagreements")
    await listed.open()
    assert (listed.waiting, listed.view) == (1, "disagreements")
    story = await screen(StoryState, reference, f"/review/documents/{public_id(Prefix.DOCUMENT, decision.document_id)}")
    await story.open()
    assert story.status == "ready"
    await listed.refresh()
    assert listed.waiting == 0


async def test_a_lead_settles_gold_and_changes_percentages(pool):
    kim, plain = await person()
    _, reference = await person(Role.REVIEW_LEAD)
    decision = await decided(pool, kim)
    place = f"/review/documents/{public_id(Prefix.DOCUMENT, decision.document_id)}"
    story = await screen(StoryState, reference, place)
    await story.open()
    assert (story.gold.can_be, story.gold.is_gold) == (True, False)
    assert "Choose an outcome" in str(await story.settle({"codes": []}))
    await story.want("rejected")
    assert "at least one reason" in str(await story.settle({"codes": []}))
    await story.settle({"codes": ["forgery"]})
    assert (story.gold.is_gold, story.gold.outcome, story.wanted) == (True, "rejected", "")
    mine = await screen(StoryState, plain, place)
    await mine.open()
    assert not mine.gold.is_gold
    assert "gold" not in repr(mine.entries).lower()
    await story.retire()
    assert not story.gold.is_gold
    listed = await screen(SamplesState, reference, "/review/samples")
    await listed.open()
    await listed.edit()
    for wrong in (
        {},
        {"low": "1", "medium": "x", "high": "3", "gold": "4"},
        {"low": "²", "medium": "1", "high": "3", "gold": "4"},
    ):
        assert "whole number" in str(await listed.save(wrong))
    await listed.save({"low": "1", "medium": "2", "high": "3", "gold": "4"})
    assert (listed.is_editing, listed.shares.low, listed.shares.gold) == (False, 1, 4)


async def test_figures_of_a_few_are_never_shown(pool):
    kim, reference = await person()
    joe, _ = await person()
    for _ in range(3):
        await decided(pool, kim)
    await drawn()
    for _ in range(3):
        await answered(joe, await taken(joe))
    state = await screen(QualityState, reference, "/review/quality")
    with at(now() + timedelta(minutes=2)):
        await state.open()
    by_key = {one.key: one for one in (*state.figures, *state.pace)}
    assert by_key["agreement"].note == "Not enough data: 3 of 30 decisions needed before we show an agreement rate."
    assert len(by_key) == 12
    assert {one.value for one in by_key.values()} == {""}
    assert not any(one.is_enough for one in by_key.values())
    assert "%" not in repr((state.figures, state.pace, state.reasons, state.weeks))
    assert (state.weeks.has_line, state.people, state.checks, state.names) == (False, [], [], [])


async def test_figures_of_enough_are_shown_to_their_owner_and_leads(pool):
    with at(now() + timedelta(days=2_000)):
        kim, reference = await person()
        joe, joes = await person()
        for _ in range(LEAST):
            await decided(pool, kim, Outcome.REJECTED, "forgery")
        await drawn()
        for number in range(LEAST):
            outcome = (Outcome.REJECTED, ("forgery",)) if number else (Outcome.APPROVED, ())
            await answered(joe, await taken(joe), outcome[0], *outcome[1])
    with at(now() + timedelta(days=2_000, minutes=5)):
        state = await screen(QualityState, reference, "/review/quality?days=30")
        await state.open()
        by_key = {one.key: one for one in (*state.figures, *state.pace)}
        assert (by_key["agreement"].value, by_key["agreement"].is_enough) == ("96.7 %", True)
        assert by_key["overturned"].value == "0.0 %"
        assert by_key["in-time"].value == "100.0 %"
        assert by_key["kappa"].value == "0.00"
        assert state.reasons[0].confirmed == "96.7 %"
        assert not by_key["gold"].is_enough
        other = await screen(QualityState, joes, f"/review/quality?days=30&person={public_id(Prefix.MEMBER, kim.id)}")
        await other.open()
        assert "96.7" not in repr((other.figures, other.people, other.reasons))
        _, leads = await person(Role.REVIEW_LEAD)
        team = await screen(QualityState, leads, "/review/quality?days=30")
        await team.open()
        row = next(one for one in team.people if one.id == public_id(Prefix.MEMBER, kim.id))
        assert (row.decided, row.agreement, row.gold) == (str(LEAST), "96.7 %", "0 of 30")
        await go(team, leads, f"/review/quality?days=30&person={row.id}")
        await team.open()
        assert (team.person, team.people, team.figures[0].value) == (row.id, [], "96.7 %")


async def test_history_keeps_its_filters_in_the_address(pool):
    kim, reference = await person()
    first = await decided(pool, kim, Outcome.REJECTED, "forgery")
    await decided(pool, kim)
    state = await screen(
        HistoryState, reference, "/review/history?outcome=rejected&days=7&person=nonsense&overturned=x"
    )
    await state.open()
    assert [row.id for row in state.rows] == [public_id(Prefix.DECISION, first.id)]
    assert state.rows[0].href == f"/review/documents/{public_id(Prefix.DOCUMENT, first.document_id)}"
    assert state.asked == {"outcome": "rejected", "days": "7", "overturned": "", "person": ""}
    assert "outcome=approved&days=7" in target(await state.choose("outcome", "approved"))
    assert await state.choose("cursor", "x") is None
    assert target(await state.clear()).strip('"').endswith("/review/history?days=7")
    await go(state, reference, "/review/history?overturned=1&days=9999")
    await state.open()
    assert (state.rows, state.asked["days"], state.is_filtered) == ([], "30", True)
    _, others = await person()
    colleague = await screen(HistoryState, others, f"/review/history?person={public_id(Prefix.MEMBER, kim.id)}")
    await colleague.open()
    assert colleague.rows == []


async def test_a_story_hides_what_the_first_of_two_signed():
    from tests.services.test_second_reviews import begun, verdict

    task, kim, _, _ = await begun()
    await verdict(kim, task, Outcome.REJECTED, "name_mismatch")
    _, reference = await person(Role.REVIEW_LEAD)
    story = await screen(StoryState, reference, f"/review/documents/{public_id(Prefix.DOCUMENT, task.document_id)}")
    await story.open()
    signed = next(one for one in story.entries if one.words == "Verdict signed")
    assert {fact.name for fact in signed.evidence} == {"Document id", "Status"}
    assert "rejected" not in repr(story.entries).lower()
    missing = await screen(StoryState, reference, "/review/documents/doc_00000000000000000000000000")
    await missing.open()
    assert missing.status == "missing"


async def test_a_refresh_reads_nothing_whose_opening_was_not_written_down():
    cast = await make_cast()
    _, reference = await person()
    one, other = await in_review(cast), await in_review(cast)
    places = [f"/review/documents/{public_id(Prefix.DOCUMENT, task.document_id)}" for task in (one, other)]
    story = await screen(StoryState, reference, places[0])
    await StoryState.open.fn(story)
    shown = story.head
    await go(story, reference, places[1])
    for _ in range(2):
        await StoryState.refresh.fn(story)
    assert story.head == shown
