"""A box opens with its key, in its place, unchanged; otherwise it does not open."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backoffice.adapters.cipher import Tampered, blind_index, new_key, open_, seal

KEY = new_key()


@given(some.binary(max_size=200), some.binary(max_size=40))
def test_what_was_sealed_opens(plaintext: bytes, aad: bytes) -> None:
    assert open_(KEY, seal(KEY, plaintext, aad), aad) == plaintext


@given(some.data())
def test_any_changed_bit_is_noticed(data: some.DataObject) -> None:
    box = bytearray(seal(KEY, b"1990-01-31", b"app_1|applicants|born"))
    box[data.draw(some.integers(0, len(box) - 1))] ^= 1 << data.draw(some.integers(0, 7))
    with pytest.raises(Tampered):
        open_(KEY, bytes(box), b"app_1|applicants|born")


@given(some.binary(max_size=60))
def test_rubbish_does_not_open(rubbish: bytes) -> None:
    with pytest.raises(Tampered):
        open_(KEY, rubbish, b"")


def test_another_key_or_another_row_does_not_open() -> None:
    box = seal(KEY, b"secret", b"app_1")
    with pytest.raises(Tampered):
        open_(new_key(), box, b"app_1")
    with pytest.raises(Tampered):
        open_(KEY, box, b"app_2")
    with pytest.raises(Tampered):
        open_(KEY, box[:-1], b"app_1")


def test_the_form_is_the_documented_one() -> None:
    box = seal(KEY, b"12345", b"")
    assert box[0] == 1
    assert len(box) == 1 + 12 + 5 + 16
    assert seal(KEY, b"12345", b"") != box


def test_blind_index_ignores_case_and_width_and_depends_on_the_key() -> None:
    assert blind_index(KEY, "\uff21nna@Example.com") == blind_index(KEY, "anna@example.COM")
    assert blind_index(KEY, "straße") == blind_index(KEY, "STRASSE")
    assert blind_index(KEY, "a") != blind_index(KEY, "b")
    assert blind_index(KEY, "a") != blind_index(new_key(), "a")
    assert len(blind_index(KEY, "a")) == 16
