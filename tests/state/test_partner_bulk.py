"""The selection of the list of documents, the question about it, and what becomes of it; a rival sees none."""

from uuid import uuid4

import pytest

from backoffice.jobs import bulk_actions as jobs
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.partner.bulk import DocumentBulkState
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.partner.exports import ExportsState
from backoffice.state.partner.selecting import SelectionState
from tests.services.review_cast import make_cast, submitted
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen
from tests.state.test_review import handlers_of

LIST = "/partner/documents"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def opened(reference, query=""):
    """One tab at the list: its rows, its selection, its question."""
    list_ = await screen(DocumentsState, reference, f"{LIST}{query}")
    await list_.open()
    selection, bulk = await list_.get_state(SelectionState), await list_.get_state(DocumentBulkState)
    await selection.open()
    await bulk.open()
    return list_, selection, bulk


def test_handlers_are_for_who_reads_and_changes_for_who_may():
    for name, function in handlers_of(SelectionState).items():
        assert audience_of(function).permissions == {Permission.DOCUMENTS_READ}, name
    changing = {"ask", "confirm", "stop", "undo"}
    for name, function in handlers_of(DocumentBulkState).items():
        wanted = Permission.DOCUMENTS_TAG if name in changing else Permission.DOCUMENTS_READ
        assert audience_of(function).permissions == {wanted}, name


async def test_rival_selects_follows_and_stops_nothing_of_acme(acme):
    document = await submitted(acme)
    _, selection, bulk = await opened(await sign_in(acme))
    await selection.tick(public_id(Prefix.DOCUMENT, document))
    await bulk.ask("tag")
    await bulk.confirm({"bulk-tag": "vip"})
    _, theirs, other = await opened(await sign_in(await make_cast()))
    await theirs.tick(public_id(Prefix.DOCUMENT, document))
    assert theirs.selected == [], "only rows of its own screen"
    await theirs.select_matching()
    await other.ask("cancel")
    assert (theirs.amount, other.asking, other.progress.id) == (0, "", "")


async def test_rows_are_ticked_and_let_go_and_another_list_begins_with_none(acme):
    ids = [public_id(Prefix.DOCUMENT, await submitted(acme)) for _ in range(3)]
    _, selection, _ = await opened(await sign_in(acme))
    await selection.tick(ids[0])
    await selection.tick(ids[2])
    await selection.tick(public_id(Prefix.DOCUMENT, uuid4()))
    assert (selection.selected, selection.amount) == ([ids[0], ids[2]], 2)
    await selection.tick(ids[0])
    assert selection.selected == [ids[2]]
    await selection.tick_page()
    assert (selection.amount, selection.matching) == (3, ""), "the page holds them all"
    await selection.tick_page()
    assert selection.amount == 0
    await selection.tick(ids[1])
    await selection.open()
    assert selection.amount == 0


async def test_all_that_match_are_more_than_the_page_and_none_that_came_later(acme, monkeypatch):
    monkeypatch.setattr("backoffice.state.partner.documents.PAGE_SIZE", 2)
    ids = [await submitted(acme) for _ in range(5)]
    await submitted(acme, type="tax_id")
    list_, selection, bulk = await opened(await sign_in(acme), "?type=passport")
    assert list_.rows == []
    list_, selection, bulk = await opened(await sign_in(acme), "?status=submitted")
    await selection.tick(list_.rows[0].id)
    assert selection.matching == "6"
    await selection.select_matching()
    assert (selection.amount, selection.is_whole, len(selection.selected)) == (6, True, 2)
    await submitted(acme)
    await bulk.ask("cancel")
    assert bulk.amount == 6
    assert await bulk.confirm({"bulk-count": "5"}) == []
    assert bulk.error == "Type 6 to cancel as many documents."
    await bulk.confirm({"bulk-count": " 6 "})
    assert (bulk.asking, bulk.progress.words) == ("", "0 done, 6 to go")
    await jobs.run(bulk.progress.id)
    await bulk.refresh()
    assert (bulk.progress.is_running, bulk.progress.words, bulk.progress.can_undo) == (False, "6 done", False)
    again, _, _ = await opened(await sign_in(acme), "?status=submitted")
    assert len(again.rows) == 1
    assert len(ids) == 5


async def test_a_tag_is_put_on_shown_and_taken_back(acme):
    await submitted(acme)
    await submitted(acme)
    list_, selection, bulk = await opened(await sign_in(acme, Role.PARTNER_ANALYST))
    await selection.tick_page()
    await bulk.ask("tag")
    assert await bulk.confirm({"bulk-tag": "a b, c"}) == []
    assert "letters, digits" in bulk.error
    await bulk.confirm({"bulk-tag": "Batch 7"})
    assert bulk.progress.title == "Adding the tag batch-7: 2 chosen"
    await jobs.run(bulk.progress.id)
    assert await bulk.refresh() == [DocumentsState.refresh]
    await list_.refresh()
    assert [row.tags for row in list_.rows] == [["batch-7"]] * 2
    assert (bulk.progress.title, bulk.progress.can_undo) == ("Added the tag batch-7: 2 chosen", True)
    await bulk.undo()
    assert bulk.progress.is_running
    await jobs.run(bulk.progress.id)
    await bulk.refresh()
    assert (bulk.progress.words, bulk.progress.can_undo) == ("0 done, 2 taken back", False)
    assert "cannot be taken back" in str(await bulk.undo())
    await bulk.dismiss()
    assert bulk.progress.id == ""


async def test_an_analyst_who_sends_the_cancel_event_cancels_nothing(acme):
    await submitted(acme)
    _, selection, bulk = await opened(await sign_in(acme, Role.PARTNER_ANALYST))
    await selection.tick_page()
    await bulk.ask("cancel")
    assert await bulk.confirm({"bulk-count": "1"}) == []
    assert "documents:write" in bulk.error
    assert bulk.progress.id == ""


async def test_another_tab_shows_what_runs_and_stops_it(acme):
    await submitted(acme)
    reference = await sign_in(acme)
    _, selection, bulk = await opened(reference)
    await selection.tick_page()
    await bulk.ask("tag")
    await bulk.confirm({"bulk-tag": "vip"})
    _, _, other = await opened(reference)
    assert (other.progress.id, other.progress.is_running) == (bulk.progress.id, True)
    await other.stop()
    assert other.progress.words == "0 done, 1 left alone"


async def test_the_selection_leaves_as_a_file(acme):
    ids = [public_id(Prefix.DOCUMENT, await submitted(acme)) for _ in range(3)]
    reference = await sign_in(acme)
    list_, selection, bulk = await opened(reference, "?status=submitted")
    await bulk.export()
    asked = await list_.get_state(ExportsState)
    assert asked.asking == "", "nothing is selected"
    await selection.tick(ids[0])
    await selection.tick(ids[2])
    await bulk.export()
    assert (asked.asking, asked.narrowed) == ("documents", "2 selected")
    await selection.select_matching()
    await bulk.export()
    assert asked.narrowed == "status submitted"


async def test_without_a_question_nothing_happens(acme):
    _, _, bulk = await opened(await sign_in(acme))
    assert await bulk.confirm({}) == []
    assert await bulk.undo() == []
    await bulk.stop()
    assert bulk.progress.id == ""


async def test_what_can_be_taken_back_is_shown_on_the_next_page_until_it_is_put_away(acme):
    document, reference = await submitted(acme), await sign_in(acme)
    _, selection, bulk = await opened(reference)
    await selection.tick(public_id(Prefix.DOCUMENT, document))
    await bulk.ask("tag")
    await bulk.confirm({"bulk-tag": "vip"})
    await jobs.run(bulk.progress.id)
    await bulk.open()
    assert (bulk.progress.is_running, bulk.progress.can_undo) == (False, True)
    await bulk.dismiss()
    await bulk.open()
    assert bulk.progress.id == ""
