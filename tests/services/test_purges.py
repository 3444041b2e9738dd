"""Row 62: what is past its time goes, a hold keeps it, and a run may die anywhere and is counted once."""

import asyncio
from datetime import timedelta

import pytest

from backoffice import clock
from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.jobs import erasures as erasure_jobs
from backoffice.jobs import retention as jobs
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Role
from backoffice.services import erasures, purges, redactions, retention_dates, stale_records
from tests.api.world import rows, rows_changed
from tests.services.retention_cast import (
    EVERYONE,
    FIVE_YEARS,
    audited,
    ended,
    is_due,
    object_keys,
    operator,
    purged,
    set_rule,
    stored,
)
from tests.services.review_cast import make_cast, member

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
            await storage_for("default").get(key)
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
            await storage_for("default").get(key)
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
            await storage_for("default").get(key)


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
        if any(str(stuck) in one.key for one in keys):
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
