"""Both stores keep the same promises: the local folder, and S3 over real HTTP."""

import asyncio
import stat
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import boto3
import httpx2
import pytest

from backoffice.adapters.storage import Object, Storage, remove, storage_for
from backoffice.clock import now
from backoffice.errors import NotFound, Unavailable
from backoffice.settings import SettingsError, settings

MEBIBYTE = 1024 * 1024


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    return configured(monkeypatch, STORAGE_URL=str(tmp_path / "documents"))


@pytest.fixture
def s3(aws: str, monkeypatch: pytest.MonkeyPatch) -> Storage:
    boto3.client("s3", endpoint_url=aws, region_name="us-east-1").create_bucket(Bucket="papers")
    return configured(monkeypatch, STORAGE_URL=f"s3://papers/some/prefix?endpoint={aws}&region=us-east-1")


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest) -> Storage:
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def fresh_settings() -> object:
    yield
    settings.cache_clear()


def configured(monkeypatch: pytest.MonkeyPatch, **values: str) -> Storage:
    for name, value in values.items():
        monkeypatch.setenv(f"BACKOFFICE_{name}", value)
    settings.cache_clear()
    return storage_for("default")


async def test_what_is_kept_for_good_is_written_once(storage: Storage) -> None:
    await storage.keep("audit/checkpoints/1", b"first", locked=timedelta(days=1))
    await storage.keep("audit/checkpoints/1", b"second", locked=timedelta(days=1))
    assert await storage.get("audit/checkpoints/1") == b"first"


async def test_a_bucket_with_object_lock_locks_it(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("s3", endpoint_url=aws, region_name="us-east-1")
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    storage = configured(monkeypatch, STORAGE_URL=f"s3://locked/all?endpoint={aws}&region=us-east-1")
    await storage.keep("audit/checkpoints/1", b"head", locked=timedelta(days=30))
    kept = client.head_object(Bucket="locked", Key="all/audit/checkpoints/1")
    assert kept["ObjectLockMode"] == "COMPLIANCE"
    assert timedelta(days=29) < kept["ObjectLockRetainUntilDate"] - now() <= timedelta(days=30)


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


async def test_what_was_put_is_read_back(storage: Storage) -> None:
    await storage.put("acme/doc/front", b"ciphertext")
    assert await storage.get("acme/doc/front") == b"ciphertext"
    assert await storage.exists("acme/doc/front")


async def test_objects_are_listed_below_a_prefix_and_no_other(storage: Storage) -> None:
    for key in ("ledger/a/2.json", "ledger/a/1.json", "ledger/ab/3.json", "other/4.json"):
        await storage.put(key, b"{}")
    assert await storage.keys("ledger/a") == ["ledger/a/1.json", "ledger/a/2.json"]
    assert await storage.keys("ledger/none") == []


async def test_a_stream_is_kept_whole(storage: Storage) -> None:
    chunks = [bytes([number]) * MEBIBYTE for number in range(3)]
    await storage.put("acme/large", stream(*chunks))
    assert await storage.get("acme/large") == b"".join(chunks)


async def test_a_second_put_replaces_the_first(storage: Storage) -> None:
    await storage.put("acme/twice", b"long first content")
    await storage.put("acme/twice", b"second")
    assert await storage.get("acme/twice") == b"second"


async def test_a_missing_object_is_not_found_and_may_be_deleted_again(storage: Storage) -> None:
    await storage.put("acme/gone", b"x")
    await storage.delete("acme/gone")
    await storage.delete("acme/gone")
    assert not await storage.exists("acme/gone")
    with pytest.raises(NotFound) as caught:
        await storage.get("acme/gone")
    assert caught.value.code == "file_missing"


@pytest.mark.parametrize(
    "key", ["../etc/passwd", "/etc/passwd", "a/../b", "a//b", "", "A", "a\x00b", "a/.hidden", "ä", "a" * 201]
)
async def test_keys_that_a_person_could_have_typed_are_refused(storage: Storage, key: str) -> None:
    calls = (storage.put(key, b"x"), storage.get(key), storage.delete(key), storage.exists(key))
    for call in (*calls, storage.upload_url(key, seconds=1)):
        with pytest.raises(ValueError, match="not a storage key"):
            await call


async def test_a_reader_takes_no_more_than_it_wants(storage: Storage) -> None:
    await storage.put("acme/long", b"0123456789")
    assert await storage.get("acme/long", at_most=4) == b"0123"
    assert await storage.get("acme/long", at_most=40) == b"0123456789"


async def test_s3_signs_an_address_for_one_object_and_a_while(s3: Storage, aws: str) -> None:
    url = await s3.upload_url("staging/acme/front", seconds=60)
    assert url.startswith(f"{aws}/papers/some/prefix/staging/acme/front?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=60" in url
    async with httpx2.AsyncClient() as anybody:
        sent = await anybody.put(url, content=b"paper", headers={"Content-Type": "application/octet-stream"})
    assert sent.status_code == 200, sent.text
    assert await s3.get("staging/acme/front") == b"paper"


async def test_what_takes_no_uploads_signs_nothing(local: Storage, aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await local.upload_url("staging/acme/front", seconds=60) is None
    through_us = configured(monkeypatch, STORAGE_URL=f"s3://papers?endpoint={aws}&region=us-east-1&uploads=proxied")
    assert await through_us.upload_url("staging/acme/front", seconds=60) is None


async def test_a_working_store_is_ready(storage: Storage) -> None:
    await storage.check()


async def test_a_broken_stream_leaves_the_old_object_and_no_draft(local: Storage, tmp_path: Path) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    await local.put("acme/kept", b"old")
    with pytest.raises(Unavailable):
        await local.put("acme/kept", breaks())
    assert await local.get("acme/kept") == b"old"
    assert [path.name for path in (tmp_path / "documents/acme").iterdir()] == ["kept"]


async def test_local_files_are_private(local: Storage, tmp_path: Path) -> None:
    await local.put("acme/private", b"x")
    assert stat.S_IMODE((tmp_path / "documents/acme/private").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "documents").stat().st_mode) == 0o700


async def test_a_folder_that_cannot_be_made_is_unready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    storage = configured(monkeypatch, STORAGE_URL=str(tmp_path / "file" / "documents"))
    with pytest.raises(Unavailable):
        await storage.check()
    with pytest.raises(Unavailable):
        await storage.put("acme/x", b"x")


async def test_a_missing_bucket_is_unready(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = configured(monkeypatch, STORAGE_URL=f"s3://nowhere?endpoint={aws}&region=us-east-1")
    with pytest.raises(Unavailable):
        await storage.check()


async def test_a_dead_endpoint_fails_soon(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = configured(monkeypatch, STORAGE_URL="s3://papers?endpoint=http://127.0.0.1:9&region=us-east-1")
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await storage.put("acme/x", b"x")
    assert time.monotonic() - started < 10


async def test_each_region_has_its_own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default = configured(monkeypatch, STORAGE_URL=str(tmp_path / "default"), STORAGE_URL_EU=str(tmp_path / "eu"))
    await storage_for("eu").put("acme/x", b"european")
    assert not await default.exists("acme/x")
    with pytest.raises(Unavailable) as refusal:
        storage_for("mars")
    assert refusal.value.code == "region_unavailable"
    assert "BACKOFFICE" not in str(refusal.value)
    await remove([Object("eu", "acme/x"), Object("default", "acme/x")])
    assert not await storage_for("eu").exists("acme/x")


@pytest.mark.parametrize("name", ["STORAGE_URL_DEFAULT", "KEK_URL_EU-1", "STORAGE_URL_1ST"])
async def test_a_region_that_cannot_be_one_stops_with_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SettingsError, match="names the region"):
        configured(monkeypatch, **{name: "/somewhere"})


async def test_regions_come_from_any_of_their_settings_and_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text(f"{tmp_path}/in\n")
    configured(monkeypatch, STORAGE_URL_IN_FILE=str(tmp_path / "url"), KEK_URL_EU_WEST="/keys/eu.json")
    assert settings().regions == ("default", "eu_west", "in")
    await storage_for("in").put("acme/x", b"indian")
    assert (tmp_path / "in" / "acme" / "x").read_bytes() == b"indian"


async def test_another_kind_of_url_stops_with_the_setting_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="BACKOFFICE_STORAGE_URL"):
        configured(monkeypatch, STORAGE_URL="ftp://somewhere/else")
