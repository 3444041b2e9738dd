"""The tabs of the list, the looks of it and the document beside it: one's own, counted, and masked as on its page."""

from datetime import timedelta

import pytest

from backoffice.clock import at
from backoffice.db import transaction
from backoffice.errors import Invalid
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.pages.partner import peeking
from backoffice.services import document_tags, reveals
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.partner.looks import LooksState
from backoffice.state.partner.peeking import PeekState
from backoffice.state.partner.tagging import TaggingState
from backoffice.state.partner.views import ViewsState
from backoffice.state.session import signed_in
from backoffice.viewmodels.times import iso
from tests.services.review_cast import in_review, make_cast, submitted
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import go, screen
from tests.state.test_partner import move
from tests.state.test_review import handlers_of

LIST = "/partner/documents"


@pytest.fixture
async def acme(database):
    return await make_cast()


async def opened(reference, query=""):
    state = await screen(ViewsState, reference, f"{LIST}{query}")
    await state.open()
    return state


def counts(state):
    return {one.label: one.count for one in state.tabs}


def test_handlers_are_for_who_reads_documents():
    for state in (ViewsState, LooksState, PeekState):
        for name, function in handlers_of(state).items():
            assert audience_of(function).permissions == {Permission.DOCUMENTS_READ}, name
    writing = {"add", "remove"}
    for name, function in handlers_of(TaggingState).items():
        wanted = Permission.DOCUMENTS_TAG if name in writing else Permission.DOCUMENTS_READ
        assert audience_of(function).permissions == {wanted}, name


async def test_every_tab_counts_what_its_list_shows(acme):
    task = await in_review(acme, external_id="user-1")
    await move(task.document_id, DocumentStatus.APPROVED)
    await in_review(acme, external_id="user-2", type="passport")
    await submitted(acme, external_id="user-3")
    await submitted(await make_cast())
    reference = await sign_in(acme)
    state = await opened(reference)
    assert counts(state) == {
        "All": "3", "In progress": "1", "Needs review": "1", "Approved": "1", "Rejected": "0", "Resubmission": "0"
    }  # fmt: skip
    for tab in [*state.tabs, *(await opened(reference, "?q=user-2")).tabs]:
        list_ = await screen(DocumentsState, reference, tab.href)
        await list_.open()
        assert str(len(list_.rows)) == tab.count, tab
    assert [one.label for one in state.tabs if one.is_current] == ["All"]
    await submitted(acme)
    await state.refresh()
    assert counts(state)["All"] == "4"


async def test_a_view_is_kept_named_ordered_and_forgotten(acme):
    await in_review(acme, type="national_id")
    await in_review(acme)
    reference = await sign_in(acme)
    state = await opened(reference, "?status=in_review&type=national_id&q=doc_x")
    assert state.can_keep
    await state.ask("new")
    await state.confirm({"view-name": ""})
    assert "letters" in state.error
    answer = await state.confirm({"view-name": "Passports"})
    assert "status%3Din_review" in str(answer) or "status=in_review" in str(answer)
    own = state.tabs[-1]
    assert (own.label, own.count, state.asking) == ("Passports", "1", "")
    await go(state, reference, own.href)
    await state.open()
    assert (state.current.label, state.can_keep) == ("Passports", False)
    assert [one.label for one in state.tabs if one.is_current] == ["Passports"]
    await state.ask("rename")
    await state.confirm({"view-name": "Passes"})
    await state.move(1)
    assert state.current.label == "Passes"
    rival = await opened(await sign_in(await make_cast()), "?status=in_review")
    assert "Passes" not in shown(rival)
    rival.current = state.current
    await rival.ask("delete")
    await rival.confirm({})
    assert rival.error == "There is no view with this id."
    await state.ask("delete")
    await state.confirm({})
    assert [one.id for one in state.tabs if one.id] == []
    await state.ask("rename")
    assert state.asking == "", "there is no own view to rename"


async def test_columns_and_height_are_remembered(acme):
    reference = await sign_in(acme, Role.PARTNER_ANALYST)
    state = await screen(LooksState, reference, LIST)
    await state.open()
    await state.toggle("id")
    await state.choose("compact")
    await state.toggle("due")
    await state.toggle("id")
    again = await screen(LooksState, reference, LIST)
    await again.open()
    assert (again.hidden, again.density) == (["due"], "compact")
    with pytest.raises(Invalid):
        await again.toggle("status")


async def test_the_peek_hides_what_the_page_hides_and_shows_it_after_a_purpose(acme):
    task = await in_review(acme)
    reference, key = await sign_in(acme), public_id(Prefix.DOCUMENT, task.document_id)
    state = await screen(PeekState, reference, LIST)
    await state.peek(key)
    assert (state.status, state.head.id, state.head.is_hidden) == ("ready", key, True)
    for secret in ("Okafor", "Okonkwo", "P1234567", "1991-04-02"):
        assert secret not in shown(state)
    actor = await signed_in(state)
    async with transaction(actor.tenancy) as session:
        await reveals.begin(session, actor, task.document_id, purpose="support")
    await state.refresh()
    assert "Okafor" in shown(state)
    await state.peek(key)
    assert (state.id, state.fields) == ("", []), "looking again closes it"


async def test_one_value_that_was_shown_alone_is_hidden_again_in_the_peek_as_on_the_page(acme):
    task = await in_review(acme)
    state = await screen(PeekState, await sign_in(acme), LIST)
    actor = await signed_in(state)
    async with transaction(actor.tenancy) as session:
        one = await reveals.begin(session, actor, task.document_id, purpose="support", field="document_number")
    await state.peek(public_id(Prefix.DOCUMENT, task.document_id))
    assert "P1234567" in shown(state)
    assert (state.head.shown_fields, state.head.fields_until) == (["document_number"], iso(one.expires_at))
    with at(one.expires_at + timedelta(seconds=1)):
        await state.refresh()
    assert "P1234567" not in shown(state)
    assert (state.head.is_hidden, state.head.shown_fields, state.head.fields_until) == (True, [], "")
    panel = str(peeking.panel())
    assert "fields_until" in panel, "a countdown reads again when it ends"


@pytest.mark.parametrize("role", [Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST])
async def test_who_may_see_no_personal_data_sees_none_in_the_peek(acme, role):
    task = await in_review(acme)
    state = await screen(PeekState, await sign_in(acme, role), LIST)
    await state.peek(public_id(Prefix.DOCUMENT, task.document_id))
    assert state.head.is_masked
    assert state.fields == []
    assert "Okafor" not in shown(state)


async def test_rival_looks_at_nothing_of_acme(acme):
    task = await in_review(acme)
    reference = await sign_in(await make_cast())
    state = await screen(PeekState, reference, LIST)
    for document_id in (public_id(Prefix.DOCUMENT, task.document_id), "doc_nothing", ""):
        await state.peek(document_id)
        assert (state.head.id, state.fields, state.checks) == ("", [], [])
        await state.close()


async def test_tags_are_written_on_the_page_of_a_document(acme):
    key = await submitted(acme)
    text = public_id(Prefix.DOCUMENT, key)
    reference = await sign_in(acme, Role.PARTNER_ANALYST)
    state = await screen(TaggingState, reference, f"{LIST}/{text}")
    await state.open()
    assert await state.add({"document": text, "tag": "a b, c"}) is None
    assert "letters" in state.error
    assert await state.add({"document": text, "tag": "Late One"}) is not None
    assert await state.add({"document": text, "tag": "late-one"}) is None
    assert "already" in state.error
    await state.open()
    assert state.known == ["late-one"]
    await state.remove(text, "late-one")
    await state.remove(text, "late-one")
    assert "does not have" in state.error
    actor = await signed_in(state)
    async with transaction(actor.tenancy) as session:
        assert await document_tags.of_documents(session, [key]) == {}
