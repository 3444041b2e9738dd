"""One root, many keys that do not give each other away; and what was derived before there were roots."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backoffice.adapters import boxes, cipher, roots
from backoffice.adapters.derive import box_key, lasting_key, link_keys, pepper_key
from backoffice.settings import SettingsError, settings

pytestmark = pytest.mark.usefixtures("servers")


def of_before(purpose: str) -> bytes:
    """Derive as every release before the roots did."""
    secret = settings().required("secret_key").encode()
    return HKDF(SHA256(), 32, salt=None, info=f"backoffice:{purpose}".encode()).derive(secret)


def test_a_purpose_has_one_key_and_purposes_differ() -> None:
    assert lasting_key("search:1") == lasting_key("search:1")
    assert len({lasting_key(f"purpose:{number}") for number in range(50)}) == 50
    assert len(lasting_key("x")) == 32


def test_the_first_roots_derive_what_the_master_secret_derived_before() -> None:
    assert lasting_key("audit-log-signing:1") == of_before("audit-log-signing:1")
    assert box_key("totp-seed:1", 1) == of_before("totp-seed:1")
    assert pepper_key("api-key-pepper:1", 1) == of_before("api-key-pepper:1")
    assert of_before("file-link:1") in link_keys("file-link:1")


def test_without_a_secret_the_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("BACKOFFICE_SECRET_KEY")
    settings.cache_clear()
    try:
        with pytest.raises(SettingsError, match="BACKOFFICE_SECRET_KEY"):
            roots.ring()
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_processes_of_before_and_after_open_each_others_boxes_until_the_first_change() -> None:
    key = of_before("totp-seed:1")
    assert boxes.open_("totp-seed:1", cipher.seal(key, b"seed", b"row"), b"row") == b"seed"
    assert cipher.open_(key, boxes.seal("totp-seed:1", b"seed", b"row"), b"row") == b"seed"
