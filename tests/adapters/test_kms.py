"""Data keys are wrapped by a local key file or by KMS over real HTTP, with the same promises."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from backoffice.adapters.cipher import Tampered, new_key
from backoffice.adapters.key_file import KeyFile
from backoffice.adapters.kms import KeyEncryption, LocalKeyFile, key_encryption
from backoffice.errors import Unavailable
from backoffice.settings import SettingsError, settings

CONTEXT = {"partner": "ptr_1", "applicant": "app_1"}


@pytest.fixture(autouse=True)
def fresh_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BACKOFFICE_DEMO", "1")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def local() -> KeyEncryption:
    return key_encryption("default")


@pytest.fixture
def kms(aws: str, monkeypatch: pytest.MonkeyPatch) -> KeyEncryption:
    key = boto3.client("kms", endpoint_url=aws, region_name="us-east-1").create_key()["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("BACKOFFICE_KEK_URL", f"aws-kms://{key}?endpoint={aws}&region=us-east-1")
    settings.cache_clear()
    return key_encryption("default")


@pytest.fixture(params=["local", "kms"])
def encryption(request: pytest.FixtureRequest) -> KeyEncryption:
    return request.getfixturevalue(request.param)


async def test_a_wrapped_key_unwraps_in_the_same_context_only(encryption: KeyEncryption) -> None:
    dek = new_key()
    wrapped = await encryption.wrap(dek, CONTEXT)
    assert dek not in wrapped
    assert await encryption.unwrap(wrapped, dict(reversed(CONTEXT.items()))) == dek
    assert encryption.newest_id()
    with pytest.raises(Tampered):
        await encryption.unwrap(wrapped, CONTEXT | {"applicant": "app_2"})


async def test_a_changed_wrapped_key_is_noticed(encryption: KeyEncryption) -> None:
    wrapped = bytearray(await encryption.wrap(new_key(), CONTEXT))
    wrapped[-1] ^= 1
    with pytest.raises(Tampered):
        await encryption.unwrap(bytes(wrapped), CONTEXT)


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01\xff", b"\x02abc", b"\x01\x03ab"])
async def test_rubbish_is_no_wrapped_key(local: KeyEncryption, rubbish: bytes) -> None:
    with pytest.raises(Tampered):
        await local.unwrap(rubbish, CONTEXT)


async def test_after_rotation_old_keys_still_unwrap_and_new_ones_wrap(local: KeyEncryption, tmp_path: Path) -> None:
    dek = new_key()
    before = await local.wrap(dek, CONTEXT)
    new_id = KeyFile(tmp_path / "keys/kek.json").add_key()
    assert await local.unwrap(before, CONTEXT) == dek
    assert local.newest_id() == new_id
    after = await local.wrap(dek, CONTEXT)
    assert new_id.encode() in after


async def test_a_key_of_another_file_is_named_in_the_error(local: KeyEncryption, tmp_path: Path) -> None:
    other = LocalKeyFile(KeyFile.create(tmp_path / "other.json"))
    with pytest.raises(Unavailable, match="kek-"):
        await local.unwrap(await other.wrap(new_key(), CONTEXT), CONTEXT)


def test_the_key_file_is_private_and_a_readable_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kek.json"
    KeyFile.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        KeyFile(path)


def test_two_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        files = list(pool.map(lambda _: KeyFile.create(tmp_path / "kek.json"), range(16)))
    assert len({file.newest() for file in files}) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', json.dumps({"keys": [{"id": "a", "key": "c2hvcnQ="}]})])
def test_a_broken_key_file_stops_with_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kek.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="is not a key file"):
        KeyFile(path)


def test_outside_demo_no_key_is_made_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_DEMO", "0")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="BACKOFFICE_KEK_URL"):
        key_encryption("default")
    monkeypatch.setenv("BACKOFFICE_KEK_URL", str(tmp_path / "absent.json"))
    settings.cache_clear()
    with pytest.raises(SettingsError, match="cannot be read"):
        key_encryption("default")
    assert not (tmp_path / "absent.json").exists()
