"""Sealing: once each, in an order that late commits cannot disturb, by one sealer, and never half."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from backoffice.adapters import merkle, signing
from backoffice.adapters.storage import storage_for
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.jobs.audit import Sealer, publish
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.audit_log import AuditCheckpoint, AuditLeaf, AuditNode
from backoffice.models.members import Role
from backoffice.services import audit, audit_checkpoints, audit_leaves, audit_seals
from tests.services.review_cast import SYSTEM, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
CHANGES = st.dictionaries(
    WORDS, st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4))
)


async def write(number: int = 1, changes: dict | None = None) -> list[UUID]:
    """Write entries about a thing of their own and answer their keys."""
    subject = uuid4()
    async with transaction(EVERYONE) as session:
        for _ in range(number):
            await audit.record(session, SYSTEM, "test.done", subject_id=subject, changes=changes)
    async with transaction(EVERYONE) as session:
        keys = select(AuditEntry.id).where(AuditEntry.subject_id == subject).order_by(AuditEntry.sequence)
        return list((await session.execute(keys)).scalars())


async def seal(at_most: int = audit_seals.AT_ONCE) -> int:
    async with transaction(EVERYONE) as session:
        return await audit_seals.seal(session, SYSTEM, at_most=at_most)


UNSEALED = """
select count(*) from audit_entries e left join audit_leaves l on l.entry_id = e.id
where l.entry_id is null and e.created_at <= :moment"""


async def seal_all() -> AuditCheckpoint:
    """Seal what was written until now; somebody else's transaction may hold the horizon back for a moment."""
    moment, patience = now(), 100
    while await seal() or (await unsealed(moment) and (patience := patience - 1)):
        await asyncio.sleep(0 if patience == 100 else 0.05)
    async with transaction(EVERYONE) as session:
        head = await audit_seals.newest(session)
    assert head
    return head


async def unsealed(moment: datetime) -> int:
    async with transaction(EVERYONE) as session:
        return (await session.execute(text(UNSEALED), {"moment": moment})).scalar_one()


async def places(ids: list[UUID]) -> list[int]:
    async with transaction(EVERYONE) as session:
        rows = select(AuditLeaf.index).where(AuditLeaf.entry_id.in_(ids)).order_by(AuditLeaf.index)
        return list((await session.execute(rows)).scalars())


async def leaves() -> list[bytes]:
    async with transaction(EVERYONE) as session:
        return list((await session.execute(select(AuditLeaf.leaf).order_by(AuditLeaf.index))).scalars())


async def entry(key: UUID) -> AuditEntry:
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(AuditEntry).where(AuditEntry.id == key))).scalar_one()


async def test_nobody_seals_but_the_system():
    acme = await make_cast()
    for person in (await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.OPERATOR)):
        async with transaction(person.tenancy) as session:
            with pytest.raises(NotAllowed):
                await audit_seals.seal(session, person)


@settings(max_examples=60)
@given(CHANGES)
async def test_what_the_database_gives_back_has_the_hash_it_was_written_with(changes):
    [key] = await write(changes=changes)
    read = await entry(key)
    assert read.leaf == audit_leaves.leaf_of_entry(read)


async def test_values_that_are_no_json_have_one_hash_too():
    [key] = await write(
        changes={"id": uuid4(), "at": datetime.now(UTC), "two": (1, 2.0), "huge": 1e22, "role": Role.AUDITOR}
    )
    read = await entry(key)
    assert read.leaf == audit_leaves.leaf_of_entry(read)


async def test_every_entry_is_sealed_once_and_the_head_is_signed():
    ids = await write(3)
    head = await seal_all()
    assert len(await places(ids)) == 3
    assert (head.size, head.root) == (len(await leaves()), merkle.tree(await leaves()).root())
    signed = signing.log_key().checkpoint(head.note)
    assert (signed.size, signed.root, signed.origin) == (head.size, head.root, signing.log_key().name)


async def test_the_log_signs_with_a_key_of_its_own():
    assert signing.public_key()["x"] not in str(signing.log_key())


async def test_small_batches_build_the_same_tree_and_its_inner_nodes():
    await write(600)
    while await seal(at_most=97):
        pass
    head = await seal_all()
    everything = await leaves()
    assert head.root == merkle.tree(everything).root()
    async with transaction(EVERYONE) as session:
        kept = (await session.execute(select(AuditNode).order_by(AuditNode.height, AuditNode.index))).scalars().all()
    assert len([node for node in kept if node.height == 8]) == head.size // 256
    for node in kept:
        first, last = node.index << node.height, (node.index + 1) << node.height
        assert node.hash == merkle.tree(everything[first:last]).root()


async def test_a_late_commit_is_sealed_and_nothing_jumps_over_it(servers):
    url = servers.url().replace("+psycopg", "")
    early = uuid4()
    async with await psycopg.AsyncConnection.connect(url) as late:
        await late.execute("select set_config('app.everyone', 'on', true)")
        await late.execute(
            "insert into audit_entries (id, created_at, actor_type, actor_name, ip, action, subject_type, result,"
            " request_id) values (%s, now(), 'system', 'test', '', 'test.late', '', 'ok', '')",
            (early,),
        )
        ids = await write(2)
        await seal_all()
        assert await places(ids) == []
        await late.commit()
    head = await seal_all()
    assert len(await places([early, *ids])) == 3
    assert (await places([early]))[0] < (await places(ids))[0]
    assert head.root == merkle.tree(await leaves()).root()


async def test_an_entry_without_a_hash_gets_it_with_the_seal(servers):
    """As the rows that are older than the log."""
    key = uuid4()
    async with transaction(EVERYONE) as session:
        await session.execute(
            text(
                "insert into audit_entries (id, created_at, actor_type, actor_name, ip, action, subject_type, result,"
                " request_id, changes)"
                " values (:id, now(), 'system', 'test', '', 'test.old', '', 'ok', '', '{\"a\": 1.50}')"
            ),
            {"id": key},
        )
    await seal_all()
    async with transaction(EVERYONE) as session:
        row = (await session.execute(select(AuditLeaf).where(AuditLeaf.entry_id == key))).scalar_one()
    assert row.leaf == audit_leaves.leaf_of_entry(await entry(key))


async def test_an_entry_that_somebody_wrote_again_under_its_old_id_stops_nobody(servers):
    [key] = await write()
    await seal_all()
    url = servers.url("backoffice_owner").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        columns = "id, created_at, actor_type, actor_name, ip, action, subject_type, result, request_id, changes"
        owner.execute("create temp table kept as select * from audit_entries where id = %s", (key,))
        owner.execute("alter table audit_entries disable trigger user")
        try:
            owner.execute("delete from audit_entries where id = %s", (key,))
            owner.execute(f"insert into audit_entries ({columns}) select {columns} from kept")
            ids = await write(2)
            head = await seal_all()
        finally:
            owner.execute("delete from audit_entries where id = %s", (key,))
            owner.execute("insert into audit_entries overriding system value select * from kept")
            owner.execute("alter table audit_entries enable trigger user")
    assert len(await places(ids)) == 2
    assert len(await places([key])) == 1
    assert head.root == merkle.tree(await leaves()).root()


async def test_several_sealers_seal_each_entry_once():
    ids = await write(200)

    async def run() -> None:
        for _ in range(12):
            await seal(at_most=20)

    await asyncio.gather(*(run() for _ in range(4)))
    head = await seal_all()
    assert len(await places(ids)) == 200
    assert head.root == merkle.tree(await leaves()).root()


async def test_a_sealer_that_dies_leaves_nothing_behind():
    await seal_all()
    before, ids = len(await leaves()), await write(5)
    with pytest.raises(RuntimeError):
        async with transaction(EVERYONE) as session:
            assert await audit_seals.seal(session, SYSTEM) >= 5
            raise RuntimeError
    assert len(await leaves()) == before
    head = await seal_all()
    assert len(await places(ids)) == 5
    assert head.root == merkle.tree(await leaves()).root()


async def test_the_loop_seals_by_itself_and_stops():
    ids, sealer = await write(3), Sealer(pause_seconds=0.05)
    running = asyncio.create_task(sealer.run())
    while len(await places(ids)) < 3:
        await asyncio.sleep(0.02)
    sealer.stop()
    await asyncio.wait_for(running, 10)


async def test_the_head_is_copied_to_the_storage_and_stays_as_it_is(database):
    await write()
    head = await seal_all()
    await publish()
    await publish()
    async with transaction(EVERYONE) as session:
        newest = await audit_seals.newest(session)
    assert newest.size >= head.size
    kept = await storage_for("default").get(audit_checkpoints.name_of(newest.size))
    assert kept.decode() == newest.note
