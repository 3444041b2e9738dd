"""What an outsider, a slip of the pen or a bad moment must not do to policies and second reviews."""

import pytest

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import audit_entries, backtests, policies, withdrawals
from tests.services.policy_cast import APPROVES, BLURRED, EVERYONE, drafted, published, screened, two
from tests.services.review_cast import SYSTEM, make_cast, member
from tests.services.test_second_reviews import begun, task_of, verdict

pytestmark = pytest.mark.usefixtures("database")


async def act(name, actor, *arguments, **named):
    async with transaction(EVERYONE) as session:
        return await getattr(policies, name)(session, actor, *arguments, **named)


@pytest.mark.parametrize("fields", [{"source": f"{APPROVES}#\0"}, {"note": "\0"}])
async def test_a_letter_that_cannot_be_kept_is_refused(fields):
    cast = await make_cast()
    writer, _ = await two(cast)
    version = await drafted(writer, cast)
    with pytest.raises(Invalid):
        await act("save", writer, version.id, **({"source": APPROVES, "note": "", "revision": 1} | fields))
    with pytest.raises(Invalid):
        await act("draft", writer, **({"source": APPROVES, "note": "", "partner_id": cast.partner.id} | fields))


@pytest.mark.parametrize("what", ["publish", "begin_shadow"])
async def test_nobody_publishes_what_an_author_saved_after_they_had_read_it(what):
    cast = await make_cast()
    writer, publisher = await two(cast)
    version = await drafted(writer, cast)
    await act("save", writer, version.id, source=f"{APPROVES}# and more", note="", revision=1)
    with pytest.raises(Conflict) as caught:
        await act(what, publisher, version.id, revision=version.revision)
    assert caught.value.code == "stale_version"
    assert (await act(what, publisher, version.id, revision=2)).revision == 2


async def test_a_version_is_back_tested_once_at_a_time():
    cast = await make_cast()
    writer, _ = await two(cast)
    version = await drafted(writer, cast)

    async def begin():
        async with transaction(EVERYONE) as session:
            return await backtests.begin(session, writer, source=version.source, days=7, version_id=version.id)

    row = await begin()
    with pytest.raises(Conflict) as caught:
        await begin()
    assert caught.value.code == "backtest_runs"
    async with transaction(EVERYONE) as session:
        await backtests.cancel(session, writer, row.id)
    await begin()


async def test_the_last_attempt_is_counted_as_what_it_becomes():
    cast = await make_cast()
    version = await published(cast)
    writer, _ = await two(cast)
    async with transaction(EVERYONE) as session:
        await policies.begin_shadow(session, writer, (await drafted(writer, cast)).id)
    document_id, _ = await screened(cast, BLURRED, attempt=3, max_attempts=3)
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, document_id)
        assert document.status == "rejected"
        row = await backtests.begin(session, writer, source=version.source, days=7, partner_id=cast.partner.id)
    async with transaction(EVERYONE) as session:
        row = await backtests.advance(session, SYSTEM, row.id)
    assert row.tally["moves"] == {"rejected>rejected": 1}


async def test_a_first_note_goes_with_a_document_that_is_taken_back():
    task, kim, _, cast = await begun()
    await verdict(kim, task, Outcome.REJECTED, "name_mismatch", note="Another name.")
    assert (await task_of(task.id)).first_note_box
    async with transaction(EVERYONE) as session:
        await withdrawals.cancel_document(session, cast.api, task.document_id)
    closed = await task_of(task.id)
    assert (closed.status, closed.first_note_box) == ("completed", None)


async def test_a_partner_reads_in_its_audit_neither_authors_nor_savings():
    cast = await make_cast()
    version = await published(cast)
    reader = await member(cast, Role.PARTNER_ADMIN)
    async with transaction(reader.tenancy) as session:
        page = await audit_entries.page(session, reader, audit_entries.Filter(subject_id=version.id))
    assert [row.entry.action for row in page.rows] == ["policy.published", "policy.drafted"]
    assert [set(row.changes) for row in page.rows] == [{"policy_version", "status"}] * 2
    assert {row.actor_type for row in page.rows} == {"staff"}
