"""The case file through its own handler, on the real services."""

import pytest

from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.review.case_file import CaseFileState
from tests.services.review_cast import in_review, make_cast
from tests.state.review_screen import go, screen, sign_in

pytestmark = pytest.mark.usefixtures("database")


def address(task) -> str:
    return f"/review/documents/{public_id(Prefix.DOCUMENT, task.document_id)}"


def test_the_handler_is_for_who_decides():
    assert audience_of(CaseFileState.event_handlers["make"].fn).permissions == {Permission.DOCUMENTS_DECIDE}


async def test_past_the_gate_nobody_else_gets_a_link():
    task = await in_review(await make_cast())
    _, reference = await sign_in(Role.OPERATOR)
    state = await screen(CaseFileState, reference, address(task))
    await state.make()
    assert (state.link, state.document_id) == ("", "")


async def test_the_link_belongs_to_the_document_in_the_address():
    cast = await make_cast()
    first, second = await in_review(cast), await in_review(cast)
    _, reference = await sign_in()
    state = await screen(CaseFileState, reference, address(first))
    await state.make()
    assert state.link.startswith("/files/")
    assert state.document_id == public_id(Prefix.DOCUMENT, first.document_id)
    await go(state, reference, address(second))
    assert state.document_id != public_id(Prefix.DOCUMENT, second.document_id), "it is not offered there"
    await go(state, reference, "/review/documents/doc_00000000000000000000000000")
    await state.make()
    assert state.link == ""
