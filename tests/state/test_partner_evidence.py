"""The evidence pack on the page of a document: asked for, followed, fetched; a rival's tab gets none."""

import pytest

from backoffice.jobs import exports as jobs
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.partner.evidence import EvidenceState
from backoffice.state.partner.exports import ExportsState
from tests.services.review_cast import in_review, make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen
from tests.state.test_review import handlers_of

pytestmark = pytest.mark.usefixtures("database")


def test_handlers_are_for_who_reads_documents():
    for name, function in handlers_of(EvidenceState).items():
        assert audience_of(function).permissions == {Permission.DOCUMENTS_READ}, name


async def test_a_pack_is_asked_followed_and_there_again_when_one_comes_back():
    acme = await make_cast()
    task = await in_review(acme)
    reference, place = await sign_in(acme, Role.PARTNER_ANALYST), public_id(Prefix.DOCUMENT, task.document_id)
    state = await screen(EvidenceState, reference, f"/partner/documents/{place}")
    await state.open()
    assert state.pack == []
    await state.ask()
    await state.ask()
    [one] = state.pack
    assert (one.words, one.href, one.has_personal) == ("Waiting", "", False)
    await jobs.write(str(parse_public_id(Prefix.EXPORT, one.id)))
    await state.refresh()
    assert (state.pack[0].words, state.pack[0].href) == ("Ready", f"/exports/{one.id}")
    again = await screen(EvidenceState, reference, f"/partner/documents/{place}")
    await again.open()
    assert again.pack[0].id == one.id
    listed = await screen(ExportsState, reference, "/partner/exports")
    await listed.open()
    assert [(row.title, row.narrowed) for row in listed.rows] == [("Evidence pack", place)]
    await state.ask()
    await state.stop()
    assert state.pack[0].id == one.id, "the stopped one is put away"


async def test_rival_gets_no_pack_and_no_list_makes_one():
    acme = await make_cast()
    task = await in_review(acme)
    place = f"/partner/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"
    stranger = await sign_in(await make_cast())
    state = await screen(EvidenceState, stranger, place)
    await state.open()
    await state.ask()
    assert state.pack == []
    assert state.error
    list_ = await screen(ExportsState, await sign_in(acme), f"{place}?document=doc_x&personal=yes")
    await list_.ask("evidence")
    assert list_.asking == ""
