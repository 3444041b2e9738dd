"""Row 62: what is past its time goes, a hold keeps it, and a run may die anywhere and is counted once."""

import asyncio
from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import erasures as erasure_jobs
from backoffice.jobs import retention as jobs
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.services import erasures, legal_holds, purges, redactions, retention_dates, stale_records
from tests.api.world import rows, rows_changed
from tests.services.retention_cast import (
    EVERYONE,
    FIVE_YEARS,
    audited,
    doc,
    ended,
    is_due,
    object_keys,
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


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.REVIEW_LEAD, Role.OPERATOR])
async def test_people_do_no_work_of_the_job(role):
    person = await member(await make_cast(), role)
    for work in (
        lambda session: purges.due(session, person),
        lambda session: purges.begin(session, person, new_id()),
        lambda session: purges.start(session, person),
        lambda session: purges.complete(session, person, new_id(), run_id=new_id(), objects=0),
        lambda session: purges.finish(session, person, new_id()),
        lambda session: retention_dates.recompute(session, person, None),
        lambda session: stale_records.forget(session, person, "sessions"),
    ):
        with pytest.raises(NotAllowed):
            async with transaction(EVERYONE) as session:
                await work(session)


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


async def test_what_is_past_its_time_is_gone_and_the_run_says_what_went():
    cast = await make_cast()
    young, old = await ended(cast, age=FIVE_YEARS - timedelta(days=1)), await ended(cast, age=OLD)
    keys = await object_keys(old)
    assert keys
    assert not await is_due(young)
    assert await is_due(old)
    run = await purged(old)
    assert (run.documents, run.objects) == (1, len(keys))
    assert run.by_partner == {public_id(Prefix.PARTNER, cast.partner.id): 1}
    row = await stored(old)
    assert (row.status, row.extracted_box, row.metadata, row.delete_after) == ("redacted", None, {}, None)
    assert row.redacted_at
    for key in keys:
        with pytest.raises(NotFound):
            await storage_for().get(key)
    hashes = await rows("select sha256 from files where document_id = :d", d=old)
    assert {one.sha256 for one in hashes} == {""}
    told = await rows("select type from events where subject_id = :d order by sequence", d=old)
    assert told[-1].type == "document.redacted"
    (proof,) = await audited(old, "document.retention_ended")
    assert proof["basis"].startswith("AMLR")
    assert proof["rule_id"].startswith("ret_")
    assert (await stored(young)).status == "approved"


async def test_running_again_changes_nothing_and_counts_nothing():
    old = await ended(await make_cast(), age=OLD)
    assert (await purged(old)).documents == 1
    told = await rows("select id from events where subject_id = :d", d=old)
    assert (await purged(old)).documents == 0
    assert await rows("select id from events where subject_id = :d", d=old) == told
    assert len(await audited(old, "document.retention_ended")) == 1


async def test_the_job_takes_what_is_due_and_reports_it():
    cast = await make_cast()
    papers = [await ended(cast, age=OLD) for _ in range(3)]
    total = 0
    while await any_due(papers):
        run = await jobs.run()
        assert run.ended_at
        total += int(run.by_partner.get(public_id(Prefix.PARTNER, cast.partner.id), 0))
    assert total == 3


async def any_due(papers):
    return any([await is_due(key) for key in papers])


async def test_a_death_between_the_objects_and_the_commit_is_made_good_and_counted_once(monkeypatch):
    old = await ended(await make_cast(), age=OLD)
    keys = await object_keys(old)

    async def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(purges, "complete", die)
        with pytest.raises(KeyboardInterrupt):
            await purged(old)
    assert (await stored(old)).status == "redacted"
    for key in keys:
        with pytest.raises(NotFound):
            await storage_for().get(key)
    assert await is_due(old)
    assert (await purged(old)).documents == 1
    assert not await is_due(old)
    assert len(await audited(old, "document.retention_ended")) == 1


async def test_a_death_before_the_objects_leaves_none_behind(monkeypatch):
    old = await ended(await make_cast(), age=OLD)
    keys = await object_keys(old)

    async def die(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(redactions, "delete_objects", die)
        with pytest.raises(KeyboardInterrupt):
            await purged(old)
    run = await purged(old)
    assert (run.documents, run.objects) == (1, len(keys))
    for key in keys:
        with pytest.raises(NotFound):
            await storage_for().get(key)


async def test_two_workers_count_one_document_once():
    old = await ended(await make_cast(), age=OLD)
    runs = await asyncio.gather(purged(old), purged(old))
    assert sum(run.documents for run in runs) == 1


async def test_test_data_goes_by_its_own_clock_and_live_data_does_not():
    cast = await make_cast()
    test, live = await ended(cast, livemode=False), await ended(cast)
    assert not await is_due(test)
    seconds = int(OLD.total_seconds())
    await rows_changed("update partners set test_clock_seconds = :s where id = :p", s=seconds, p=cast.partner.id)
    assert await is_due(test)
    assert not await is_due(live)
    assert (await purged(test)).documents == 1
    row = await stored(test)
    assert row.redacted_at > clock.wall() + FIVE_YEARS


async def test_a_rule_that_was_changed_a_moment_ago_counts():
    cast = await make_cast()
    old = await ended(cast, age=OLD)
    assert await is_due(old)
    await set_rule(await operator(cast), partner_id=cast.partner.id, days=3650)
    assert (await purged(old)).documents == 0
    row = await stored(old)
    assert (row.status, row.delete_after) == ("approved", row.completed_at + timedelta(days=3650))


async def test_with_the_last_document_the_person_goes_too():
    cast = await make_cast()
    old = await ended(cast, age=OLD)
    person = await applicant_of(old)
    await purged(old)
    request = await erasure_of(person)
    assert (request.status, request.requested_by_type) == ("received", "system")
    await erasure_jobs.erase(str(request.id))
    assert (await erasure_of(person)).receipt["statement"]["erased"]["data_keys"] == 1


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


async def test_ended_sessions_are_forgotten_and_open_ones_are_not():
    person = await member(await make_cast(), Role.PARTNER_ADMIN)
    insert = """insert into sessions
        (id, created_at, member_id, token_hash, is_complete, last_seen_at, expires_at, ip, user_agent)
        values (:i, now(), :m, :t, true, now(), :e, '', '')"""
    old, fresh = new_id(), new_id()
    for key, ends in ((old, -91), (fresh, -1)):
        await rows_changed(insert, i=key, m=person.id, t=str(key), e=clock.wall() + timedelta(days=ends))
    counts = await jobs.tidy()
    assert counts["sessions"] >= 1
    assert [row.id for row in await rows("select id from sessions where member_id = :m", m=person.id)] == [fresh]


async def test_a_purge_leaves_the_outcome_of_a_verification_as_it_was_decided():
    cast = await make_cast()
    rejected, approved = await ended(cast, *REJECTED, age=OLD), await ended(cast, age=OLD)
    verification = (await stored(rejected)).verification_id
    await rows_changed("update documents set verification_id = :v where id = :d", v=verification, d=approved)
    await rows_changed("update verifications set status = 'rejected' where id = :v", v=verification)

    async def stands():
        found = await rows("select status from verifications where id = :v", v=verification)
        told = await rows("select type from events where subject_id = :v order by sequence", v=verification)
        return found[0].status, [one.type for one in told if one.type != "verification.created"]

    before = await stands()
    await purged(rejected)
    assert (await stored(rejected)).status == "redacted"
    assert await stands() == before
    assert before[0] == "rejected"
    await purged(approved)
    assert (await stands())[0] == "redacted"


async def test_one_document_that_cannot_go_keeps_no_other(monkeypatch):
    cast = await make_cast()
    stuck, fine = await ended(cast, age=OLD + timedelta(days=9)), await ended(cast, age=OLD)
    delete, due = redactions.delete_objects, purges.due

    async def refused(keys):
        if any(str(stuck) in key for key in keys):
            raise RuntimeError("the storage says no")
        await delete(keys)

    async def mine(*arguments, **options):
        return [one for one in await due(*arguments, limit=10_000) if one.document_id in {stuck, fine}]

    monkeypatch.setattr(redactions, "delete_objects", refused)
    monkeypatch.setattr(purges, "due", mine)
    run = await jobs.run()
    assert (run.documents, run.ended_at is not None) == (1, True)
    assert (await stored(fine)).delete_after is None
    assert (await stored(stuck)).delete_after is not None
    monkeypatch.setattr(redactions, "delete_objects", delete)
    assert (await jobs.run()).documents == 1
