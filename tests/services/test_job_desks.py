"""Jobs as operators see them, on the queue's real tables: who may, and what a retry and a discard leave behind."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice.adapters import beats, job_queue, live
from backoffice.commands import jobs
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.health_counts import PartStatus
from backoffice.models.members import Role
from backoffice.services import health, job_desks
from tests.services.people import actor_of, make_person
from tests.services.test_fleet import call

pytestmark = pytest.mark.usefixtures("database")
BROKEN = """
insert into pgqueuer_log (job_id, status, entrypoint, priority, traceback)
values (:id, 'failed', :name, 0, '{"exception_message": "OSError at jobs/letters.py:12"}')
"""


async def broken(name: str, *, dedupe_key: str | None = None) -> int:
    """A job of a name of its own that used up its attempts, as the runner leaves it."""
    async with transaction(Tenancy.everyone()) as session:
        job_id = await job_queue.enqueue(session, name, {"document_id": "x"}, dedupe_key=dedupe_key)
        await session.execute(
            text("update pgqueuer set status = 'failed', attempts = 7 where id = :id"), {"id": job_id}
        )
        await session.execute(text(BROKEN), {"id": job_id, "name": name})
    return job_id


async def state_of(job_id: int) -> tuple[str, int] | None:
    async with transaction(Tenancy.everyone()) as session:
        row = await session.execute(text("select status::text, attempts from pgqueuer where id = :id"), {"id": job_id})
        return row.one_or_none()


def name() -> str:
    return f"test.{uuid4().hex}"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.AUDITOR}))
async def test_who_is_no_operator_sees_no_jobs_and_changes_none(role):
    person, job_id = actor_of(await make_person(role)), await broken(name())
    for function, arguments in (
        (job_desks.queues, ()),
        (job_desks.failed, ()),
        (job_desks.retry, (job_id,)),
        (job_desks.discard, (job_id,)),
    ):
        with pytest.raises(NotAllowed):
            await call(function, person, *arguments)
    for function in (health.parts, health.workers):
        with pytest.raises(NotAllowed):
            await function(person)
    assert await state_of(job_id) == ("failed", 7)


async def test_an_auditor_looks_on():
    auditor, mine = actor_of(await make_person(Role.AUDITOR)), name()
    job_id = await broken(mine)
    [found] = [one for one in await call(job_desks.failed, auditor) if one.id == job_id]
    assert (found.name, found.attempts, found.reason) == (mine, 8, "OSError at jobs/letters.py:12")
    [depth] = [one for one in await call(job_desks.queues, auditor) if one.name == mine]
    assert (depth.failed, depth.due, depth.running) == (1, 0, 0)
    for function in (job_desks.retry, job_desks.discard):
        with pytest.raises(NotAllowed):
            await call(function, auditor, job_id)


async def test_a_retry_and_a_discard_happen_once_and_are_written_down():
    operator = actor_of(await make_person(Role.OPERATOR))
    one, other, mine = await broken(name()), await broken(name()), name()
    await call(job_desks.retry, operator, one)
    assert await state_of(one) == ("queued", 0)
    with pytest.raises(Conflict, match="not failed any more"):
        await call(job_desks.discard, operator, one)
    await call(job_desks.discard, operator, other)
    assert await state_of(other) is None
    with pytest.raises(NotFound):
        await call(job_desks.retry, operator, other)
    failed = await broken(mine, dedupe_key=mine)
    async with transaction(Tenancy.everyone()) as session:
        waiting = await job_queue.enqueue(session, mine, {}, dedupe_key=mine)
    with pytest.raises(Conflict, match="waits already"):
        await call(job_desks.retry, operator, failed)
    assert (await state_of(failed), await state_of(waiting)) == (("failed", 7), ("queued", 0))
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry).where(AuditEntry.actor_id == operator.id).order_by(AuditEntry.sequence)
        entries = (await session.execute(statement)).scalars().all()
    assert [(entry.action, entry.changes["number"]) for entry in entries] == [
        ("job.retried", one),
        ("job.discarded", other),
    ]


async def test_commands_list_and_retry(capsys):
    mine = name()
    job_id = await broken(mine)
    await jobs.show()
    said = capsys.readouterr().out
    assert f"{job_id}  {mine}  after 8 tries" in said
    await jobs.retry([job_id])
    assert await state_of(job_id) == ("queued", 0)
    with pytest.raises(NotFound):
        await jobs.retry([0])


async def test_every_part_answers_for_itself(monkeypatch):
    monkeypatch.setattr(health, "BUDGET_SECONDS", 60.0)
    monkeypatch.setattr(live, "ANSWER_SECONDS", 30.0)
    await live.command("DEL", beats.KEY)
    found = {one.name: one for one in await health.parts(actor_of(await make_person(Role.OPERATOR)))}
    assert set(found) == {
        "PostgreSQL",
        "Key store",
        "Valkey",
        "Storage",
        "Workers",
        "Job queue",
        "Webhooks",
        "Engines",
        "Audit seal",
        "Encryption keys",
        "Secrets",
    }
    assert {found[name].status for name in ("PostgreSQL", "Valkey", "Storage")} == {PartStatus.OK}
    assert re.fullmatch(r"answers, [\d.]+[KMG] in use", found["Valkey"].detail)
    assert "connections" in found["PostgreSQL"].detail
    assert (found["Workers"].status, "No sign of life" in found["Workers"].detail) == (PartStatus.DOWN, True)
