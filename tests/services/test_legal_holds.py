"""Legal holds: what they keep from purges and erasures, against both at the same moment, and how they end."""

import asyncio
from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import erasures as erasure_jobs
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.services import erasures, legal_holds, purges
from tests.api.world import rows, rows_changed
from tests.services.retention_cast import (
    EVERYONE,
    FIVE_YEARS,
    audited,
    doc,
    ended,
    is_due,
    operator,
    place,
    purged,
    release,
    set_rule,
    stored,
)
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")
REJECTED = ("processing", "in_review", "rejected")
OLD = FIVE_YEARS + timedelta(hours=1)


async def applicant_of(document_id):
    return (await stored(document_id)).applicant_id


async def erasure_of(applicant_id):
    found = await rows("select * from erasure_requests where applicant_id = :a", a=applicant_id)
    return found[0] if found else None


async def ask(cast, applicant_id):
    person = await member(cast, Role.PARTNER_ADMIN)
    async with transaction(person.tenancy) as session:
        return await erasures.request(session, person, applicant_id)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OPERATOR])
async def test_only_operators_place_and_release_holds(role):
    cast = await make_cast()
    document_id = await ended(cast)
    hold = await place(await operator(cast), doc(document_id))
    person = await member(cast, role)
    with pytest.raises(NotAllowed):
        await place(person, doc(document_id))
    with pytest.raises(NotAllowed):
        await release(person, hold)


async def test_a_hold_of_a_document_a_person_or_a_partner_keeps_it():
    cast = await make_cast()
    person = await operator(cast)
    for prefix, of in ((Prefix.DOCUMENT, "id"), (Prefix.APPLICANT, "applicant_id"), (Prefix.PARTNER, "partner_id")):
        old = await ended(cast, age=OLD)
        hold = await place(person, public_id(prefix, getattr(await stored(old), of)))
        assert not await is_due(old)
        async with transaction(EVERYONE) as session:
            assert await purges.begin(session, SYSTEM, old) is None
            assert await purges.held(session, SYSTEM) > 0
        assert (await stored(old)).status == "approved"
        await release(person, hold)
        assert (await purged(old)).documents == 1


async def test_a_hold_keeps_nothing_of_anybody_else():
    cast = await make_cast()
    await place(await operator(cast), public_id(Prefix.PARTNER, cast.partner.id))
    assert await is_due(await ended(await make_cast(), age=OLD))


async def test_a_hold_ends_at_its_date():
    cast = await make_cast()
    old = await ended(cast, age=OLD)
    hold = await place(await operator(cast), doc(old), ends_at=clock.wall() + timedelta(days=1))
    assert not await is_due(old)
    await rows_changed("update legal_holds set ends_at = now() - interval '1 second' where id = :h", h=hold.id)
    assert await is_due(old)


async def test_holds_are_written_down_without_their_reason_and_end_once():
    cast = await make_cast()
    person, old = await operator(cast), await ended(cast)
    hold = await place(person, doc(old))
    assert await audited(hold.id, "legal_hold.placed") == [
        {"subject": doc(old), "basis": "Order 12 O 7/26", "ends_at": None}
    ]
    await release(person, hold)
    with pytest.raises(Conflict):
        await release(person, hold)
    (entry,) = await audited(hold.id, "legal_hold.released")
    assert "Case 7" not in str(entry)


async def test_a_hold_says_what_it_is_about():
    cast = await make_cast()
    person, old = await operator(cast), await ended(cast)
    for subject, fields in (
        ("", {}), ("key_1", {}), (doc(old), {"owner": " "}), (doc(old), {"reason": ""}), (doc(old), {"basis": ""}),
        (doc(old), {"ends_at": clock.wall() - timedelta(days=1)}),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await place(person, subject, **fields)
    for prefix in (Prefix.DOCUMENT, Prefix.APPLICANT, Prefix.PARTNER):
        with pytest.raises(NotFound):
            await place(person, public_id(prefix, new_id()))


async def test_a_hold_on_what_is_gone_is_refused():
    cast = await make_cast()
    old = await ended(cast, age=OLD)
    await purged(old)
    with pytest.raises(Conflict) as caught:
        await place(await operator(cast), doc(old))
    assert caught.value.code == "deleted_already"


async def test_a_hold_and_a_purge_at_the_same_moment_do_not_miss_each_other():
    """The purge has looked for holds and not committed: whoever places one waits, and hears that it came too late."""
    cast = await make_cast()
    person, old = await operator(cast), await ended(cast, age=OLD)
    async with transaction(EVERYONE) as session:
        assert await purges.begin(session, SYSTEM, old)
        placing = asyncio.create_task(place(person, doc(old)))
        await asyncio.sleep(0.3)
        assert not placing.done()
    with pytest.raises(Conflict):
        await placing


async def test_a_purge_waits_for_a_hold_that_is_being_placed_and_keeps_to_it():
    cast = await make_cast()
    person, old = await operator(cast), await ended(cast, age=OLD)

    async def begin():
        async with transaction(EVERYONE) as session:
            return await purges.begin(session, SYSTEM, old)

    async with transaction(EVERYONE) as session:
        draft = legal_holds.Draft(subject=doc(old), owner="Police", reason="Case 8", basis="Order 9")
        await legal_holds.place(session, person, draft)
        purging = asyncio.create_task(begin())
        await asyncio.sleep(0.3)
        assert not purging.done()
    assert await purging is None
    assert (await stored(old)).status == "approved"


async def test_an_erasure_waits_for_the_hold_says_so_and_goes_on_by_itself():
    cast = await make_cast()
    person, document_id = await operator(cast), await submitted(cast)
    applicant_id = await applicant_of(document_id)
    ends = clock.wall() + timedelta(days=3)
    hold = await place(person, public_id(Prefix.APPLICANT, applicant_id), ends_at=ends)
    request = await ask(cast, applicant_id)
    assert (request.status, request.held_until, request.hold_basis) == ("on_hold", ends, "Order 12 O 7/26")
    await erasure_jobs.erase(str(request.id))
    assert (await erasure_of(applicant_id)).status == "on_hold"
    assert (await stored(document_id)).status == "submitted"
    await rows_changed("delete from pgqueuer where dedupe_key = :k", k=f"applicant.erase:{request.id}")
    await release(person, hold)
    assert await rows("select 1 from pgqueuer where dedupe_key = :k", k=f"applicant.erase:{request.id}")
    await erasure_jobs.erase(str(request.id))
    done = await erasure_of(applicant_id)
    assert (done.status, done.held_until, done.hold_basis) == ("completed", None, "")


async def test_the_sweep_wakes_an_erasure_whose_hold_has_ended_and_no_other():
    cast = await make_cast()
    document_id = await submitted(cast)
    applicant_id = await applicant_of(document_id)
    hold = await place(await operator(cast), doc(document_id), ends_at=clock.wall() + timedelta(days=3))
    request = await ask(cast, applicant_id)
    await erasure_jobs.erase(str(request.id))
    job = "select 1 from pgqueuer where dedupe_key = :k"
    name = f"applicant.erase:{request.id}"
    await rows_changed("delete from pgqueuer where dedupe_key = :k", k=name)
    await erasure_jobs.enqueue_lost()
    assert not await rows(job, k=name)
    await rows_changed("update legal_holds set ends_at = now() where id = :h", h=hold.id)
    await rows_changed("update erasure_requests set held_until = now() where id = :r", r=request.id)
    await erasure_jobs.enqueue_lost()
    assert await rows(job, k=name)
    await erasure_jobs.erase(str(request.id))
    assert (await erasure_of(applicant_id)).status == "completed"


async def test_an_erasure_waits_for_a_rule_that_is_a_duty_and_for_no_other():
    cast = await make_cast()
    person, document_id = await operator(cast), await ended(cast)
    await set_rule(person, partner_id=cast.partner.id, days=1827, basis="AMLR art. 77", is_duty=True)
    request = await ask(cast, await applicant_of(document_id))
    row = await stored(document_id)
    assert (request.status, request.hold_basis) == ("on_hold", "AMLR art. 77")
    assert request.held_until == row.completed_at + timedelta(days=1827)
    other = await make_cast()
    free = await ask(other, await applicant_of(await ended(other)))
    assert free.status == "received"
