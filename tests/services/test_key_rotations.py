"""Key rotation: everything moves to the new key, online, and what is erased meanwhile stays erased."""

import asyncio
from uuid import UUID

import boto3
import pytest
from sqlalchemy import select

from backoffice.adapters import kms
from backoffice.adapters.cipher import Tampered, new_key
from backoffice.adapters.key_file import KeyFile
from backoffice.adapters.key_store import WrappedKey
from backoffice.commands import key_rotations as command
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from backoffice.jobs import data_keys
from backoffice.models.applicants import Applicant
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.services import applicants, key_rotations, vault
from backoffice.services.access import Actor
from backoffice.settings import settings
from tests.key_cast import keys_of, keys_run, lose_key
from tests.services.people import SYSTEM, actor_of, make_partner, make_person
from tests.services.test_fleet import call

pytestmark = pytest.mark.usefixtures("database")
EVERYONE = Tenancy.everyone()
WHO = {"surname": "Okonkwo", "given_names": "Amara"}


async def make_applicants(number: int) -> list[UUID]:
    """Keep applicants with sealed data."""
    actor, made = Actor.system(await make_partner(), name="test"), []
    for _ in range(number):
        draft = await applicants.draft(actor, WHO)
        async with transaction(EVERYONE) as session:
            made.append((await applicants.add(session, actor, draft)).id)
    return made


async def surname(applicant_id: UUID) -> str:
    async with transaction(EVERYONE) as session:
        row = await session.get(Applicant, applicant_id)
        key = await vault.data_key(session, applicant_id)
        return vault.open_json(key, row.personal_box, row=row.id, column=applicants.PERSONAL_COLUMN)["surname"]


async def batch_of(ids: list[UUID]) -> list[WrappedKey]:
    """Read rows as the walk does, of this test's applicants only."""
    found = await keys_of(ids)
    return [found[key] for key in sorted(found)]


async def acts(action: str) -> list[dict]:
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return [entry.changes for entry in (await session.execute(statement)).scalars()]


@pytest.mark.parametrize("role", sorted(Role))
async def test_no_person_turns_keys(role):
    person = actor_of(await make_person(role))
    for function, arguments in ((key_rotations.rotate, ()), (key_rotations.retire, ("kek-1",))):
        with pytest.raises(NotAllowed):
            await call(function, person, *arguments)
    for asked in (
        key_rotations.older(person, "default", None),
        key_rotations.keep(person, "kek-1", []),
        key_rotations.is_done(person, "default"),
    ):
        with pytest.raises(NotAllowed):
            await asked


async def test_everything_moves_to_the_new_key_and_no_data_is_touched(capsys):
    ids = await make_applicants(3)
    async with transaction(EVERYONE) as session:
        before = {row.id: row.personal_box for row in (await session.execute(select(Applicant))).scalars()}
    old = await keys_of(ids)
    await command.rotate()
    newest = kms.key_encryption("default").newest_id()
    assert newest not in {row.wrapped_by for row in old.values()}
    assert f"{newest} wraps from now on" in capsys.readouterr().out
    now = await keys_of(ids)
    assert {row.wrapped_by for row in now.values()} == {newest}
    assert all(newest.encode() in now[key].wrapped and now[key].wrapped != old[key].wrapped for key in ids)
    assert [await surname(key) for key in ids] == ["Okonkwo"] * 3
    async with transaction(EVERYONE) as session:
        after = {row.id: row.personal_box for row in (await session.execute(select(Applicant))).scalars()}
    assert after == before
    [*_, added], [*_, done] = await acts("encryption_key.added"), await acts("encryption_key.rotated")
    assert (added["key"][1], done["key"]) == (newest, newest)
    assert done["rewrapped"] >= 3
    await command.show()
    assert "wraps now" in capsys.readouterr().out


async def test_a_walk_over_several_batches_reaches_all_and_a_second_one_finds_nothing(monkeypatch):
    monkeypatch.setattr(key_rotations, "AT_ONCE", 2)
    ids, told = await make_applicants(5), []
    newest = await call(key_rotations.rotate, SYSTEM)
    assert await data_keys.walk(told.append) >= 5
    assert max(told) <= 2
    assert {row.wrapped_by for row in (await keys_of(ids)).values()} == {newest}
    kept = await keys_of(ids)
    await data_keys.rewrap()
    assert {key: row.wrapped for key, row in kept.items()} == {
        key: row.wrapped for key, row in (await keys_of(ids)).items()
    }


async def test_who_is_erased_between_reading_and_writing_stays_erased():
    ids = await make_applicants(2)
    newest = await call(key_rotations.rotate, SYSTEM)
    key_id, done, broken = await key_rotations.wrap(await batch_of(ids))
    assert (key_id, broken) == (newest, [])
    await lose_key(ids[0])
    assert await key_rotations.keep(SYSTEM, key_id, done) == 1
    assert set(await keys_of(ids)) == {ids[1]}
    with pytest.raises(NotFound, match="erased"):
        await surname(ids[0])


async def test_two_walks_at_once_wrap_each_key_once_and_wait_for_no_end():
    ids = await make_applicants(6)
    await call(key_rotations.rotate, SYSTEM)
    _, one, _ = await key_rotations.wrap(await batch_of(ids))
    key_id, two, _ = await key_rotations.wrap(await batch_of(ids))
    counts = await asyncio.wait_for(
        asyncio.gather(*(key_rotations.keep(SYSTEM, key_id, done) for done in (one, two[::-1]))), 30
    )
    assert sorted(counts) == [0, 6]
    assert await surname(ids[0]) == "Okonkwo"


async def test_a_key_that_cannot_be_opened_is_left_as_it_is_and_keeps_nothing_from_the_others():
    ids = await make_applicants(3)
    kept = (await keys_of(ids))[ids[0]].wrapped
    wrapped = kept[:-1] + bytes([kept[-1] ^ 1])
    await keys_run("update keystore.data_keys set wrapped = %s where applicant_id = %s", wrapped, ids[0])
    newest = await call(key_rotations.rotate, SYSTEM)
    await data_keys.rewrap()
    rows = await keys_of(ids)
    assert (rows[ids[0]].wrapped, rows[ids[0]].wrapped_by != newest) == (wrapped, True)
    assert {rows[key].wrapped_by for key in ids[1:]} == {newest}
    await lose_key(ids[0])


async def test_a_key_is_retired_when_nothing_needs_it_and_not_within_the_hour(monkeypatch):
    old = kms.key_encryption("default").newest_id()
    [applicant_id] = await make_applicants(1)
    await call(key_rotations.rotate, SYSTEM)
    with pytest.raises(Conflict, match="within the last hour"):
        await call(key_rotations.retire, SYSTEM, old)
    monkeypatch.setattr(key_rotations, "SETTLED", key_rotations.SETTLED * 0)
    with pytest.raises(Conflict, match="still wrapped by it"):
        await call(key_rotations.retire, SYSTEM, old)
    with pytest.raises(Conflict, match="wraps now"):
        await call(key_rotations.retire, SYSTEM, kms.key_encryption("default").newest_id())
    with pytest.raises(NotFound):
        await call(key_rotations.retire, SYSTEM, "kek-unknown")
    assert await surname(applicant_id) == "Okonkwo"


@pytest.fixture
def own_keys(tmp_path, monkeypatch):
    """Keys of this test's own, so that taking one away harms nobody else's."""
    path = tmp_path / "kek.json"
    KeyFile.create(path)
    monkeypatch.setenv("BACKOFFICE_KEK_URL", str(path))
    settings.cache_clear()
    yield path
    settings.cache_clear()


async def test_after_the_retirement_an_old_copy_opens_no_more(own_keys, monkeypatch):
    monkeypatch.setattr(key_rotations, "SETTLED", key_rotations.SETTLED * 0)
    old = kms.key_encryption("default").newest_id()
    ids = await make_applicants(1)
    copy = (await keys_of(ids))[ids[0]]
    await call(key_rotations.rotate, SYSTEM)
    _, done, _ = await key_rotations.wrap(await batch_of(ids))
    await key_rotations.keep(SYSTEM, kms.key_encryption("default").newest_id(), done)
    await call(key_rotations.retire, SYSTEM, old)
    assert KeyFile(own_keys).ids() == [kms.key_encryption("default").newest_id()]
    assert await surname(ids[0]) == "Okonkwo"
    with pytest.raises(Unavailable) as refusal:
        await kms.key_encryption("default").unwrap(copy.wrapped, vault.context(copy.partner_id, copy.applicant_id))
    assert refusal.value.code == "key_missing"
    assert (await acts("encryption_key.retired"))[-1]["key"] == [old, None]


async def test_an_installation_moves_from_its_file_to_a_key_service_and_back(own_keys, aws, monkeypatch):
    ids = await make_applicants(2)
    key = boto3.client("kms", endpoint_url=aws, region_name="us-east-1").create_key()["KeyMetadata"]["KeyId"]
    service = f"aws-kms://{key}?endpoint={aws}&region=us-east-1"

    def move(new: str, previous: str) -> None:
        monkeypatch.setenv("BACKOFFICE_KEK_URL", new)
        monkeypatch.setenv("BACKOFFICE_KEK_PREVIOUS_URL", previous)
        settings.cache_clear()

    for new, previous in ((service, str(own_keys)), (str(own_keys), service)):
        move(new, previous)
        assert [await surname(one) for one in ids] == ["Okonkwo"] * 2
        key_id, done, _ = await key_rotations.wrap(await batch_of(ids))
        assert await key_rotations.keep(SYSTEM, key_id, done) == 2
        move(new, "")
        assert [await surname(one) for one in ids] == ["Okonkwo"] * 2
    move(service, "")
    with pytest.raises(Tampered):
        await surname(ids[0])
    for function, arguments in ((key_rotations.rotate, ()), (key_rotations.retire, ("kek-1",))):
        with pytest.raises(Invalid, match="key service"):
            await call(function, SYSTEM, *arguments)


async def test_what_neither_wrapped_is_refused_and_a_service_that_is_away_is_not_passed_over(own_keys, tmp_path):
    other = KeyFile.create(tmp_path / "other.json")
    both = kms.Succession(kms.LocalKeyFile(KeyFile(own_keys)), kms.LocalKeyFile(other))
    foreign = await kms.LocalKeyFile(KeyFile.create(tmp_path / "third.json")).wrap(new_key(), {})
    with pytest.raises(Unavailable):
        await both.unwrap(foreign, {})
    away = kms.AwsKms("gone", endpoint="http://127.0.0.1:9", region="us-east-1")
    with pytest.raises(Unavailable) as refusal:
        await kms.Succession(away, kms.LocalKeyFile(other)).unwrap(b"anything", {})
    assert refusal.value.code != "key_missing"
