"""One secret, many keys that do not give each other away."""

import pytest

from backoffice.adapters.derive import derive_key
from backoffice.settings import SettingsError, settings


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("BACKOFFICE_SECRET_KEY", "a" * 32)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_a_purpose_has_one_key_and_purposes_differ() -> None:
    assert derive_key("file-link:1") == derive_key("file-link:1")
    assert len({derive_key(f"purpose:{number}") for number in range(50)}) == 50
    assert len(derive_key("x")) == 32


def test_another_secret_gives_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = derive_key("x")
    monkeypatch.setenv("BACKOFFICE_SECRET_KEY", "b" * 32)
    settings.cache_clear()
    assert derive_key("x") != before


def test_without_a_secret_the_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("BACKOFFICE_SECRET_KEY")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="BACKOFFICE_SECRET_KEY"):
        derive_key("x")
