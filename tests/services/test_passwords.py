import base64
import hashlib
import hmac
import time

import pytest

from backoffice.adapters.secret_slots import expand, extract
from backoffice.errors import Invalid
from backoffice.services import passwords

pytestmark = pytest.mark.usefixtures("database")
LETTERS = "".join(f"kvxq{n:02}zw" for n in range(17))[:129]
STRONG = "$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.mark.parametrize(
    ("length", "with_code", "fine"),
    [
        (7, True, False),
        (8, True, True),
        (14, False, False),
        (15, False, True),
        (128, False, True),
        (129, False, False),
    ],
)
def test_length_has_bounds_and_no_letter_is_asked_for(length, with_code, fine):
    if fine:
        passwords.check_policy(LETTERS[:length], has_second_factor=with_code)
        return
    with pytest.raises(Invalid, match="characters") as caught:
        passwords.check_policy(LETTERS[:length], has_second_factor=with_code)
    assert caught.value.code == "password_length"


@pytest.mark.parametrize("password", ["twenty lower letters", "Ж" * 64, "🐎 " * 64, "x" * 128])
async def test_every_character_counts(password):
    stored = await passwords.hashed(password)
    assert stored.startswith(STRONG)
    assert (await passwords.verify(password, stored)).is_right
    assert not (await passwords.verify(password[:-1] + "!", stored)).is_right
    assert not (await passwords.verify(password + "!", stored)).is_right


async def test_same_password_written_another_way_is_the_same():
    stored = await passwords.hashed("Åsa drinks coffee")
    assert (await passwords.verify("A\u030asa drinks coffee", stored)).is_right


async def test_weaker_hash_is_to_be_renewed():
    weak = passwords.cast("passwords.Any", passwords.registry).get_crypt_handler("argon2")
    weaker = weak.using(type="ID", memory_cost=8_192, rounds=1, parallelism=1)
    stored = f"{weaker.hash(passwords._peppered('a fine old password', 1))}#1"
    assert await passwords.verify("a fine old password", stored) == passwords.Verdict(True, True)
    fresh = await passwords.hashed("a fine old password")
    assert await passwords.verify("a fine old password", fresh) == passwords.Verdict(True, False)


async def test_hash_is_worthless_without_the_pepper():
    stored, _, version = (await passwords.hashed("a fine old password")).rpartition("#")
    assert not passwords.HASHER.verify(b"a fine old password", stored)
    other = expand(extract("another master secret than the one it was made with"), f"password-pepper:{version}")
    keyed = base64.b64encode(hmac.digest(other, b"a fine old password", hashlib.sha256))
    assert not passwords.HASHER.verify(keyed, stored)
    assert passwords.HASHER.verify(passwords._peppered("a fine old password", int(version)), stored)


async def test_under_a_pepper_that_is_retired_no_password_is_right():
    stored = (await passwords.hashed("a fine old password")).rpartition("#")[0] + "#99"
    assert await passwords.verify("a fine old password", stored) == passwords.Verdict(False, False)


async def test_unknown_account_costs_the_same_time():
    stored = await passwords.hashed("a fine old password")

    async def spent(against: str | None) -> float:
        """Seconds of this process's own processor time: what else the machine does is not in them."""
        began = time.process_time()
        assert not (await passwords.verify("not the right password", against)).is_right
        return time.process_time() - began

    pairs = [(await spent(stored), await spent(None)) for _ in range(11)]
    real, ghost = (min(each) for each in zip(*pairs, strict=True))
    assert 0.6 < ghost / real < 1.7
