"""Signed notes as Go writes them, and every way in which one can be wrong."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backoffice.adapters.signed_notes import BadNote, Checkpoint, Verifier, sign, verifier_of

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example of golang.org/x/mod/sumdb/note."""
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MINE = verifier_of("example.com/log", KEY)
CHECKPOINT = Checkpoint("example.com/log", 42, bytes(32))
NOTE = sign(CHECKPOINT.text(), "example.com/log", KEY)


def test_a_note_of_another_implementation_opens():
    assert Verifier.read(GO_KEY).open(GO_NOTE).startswith("If you think")
    assert str(Verifier.read(GO_KEY)) == GO_KEY


def test_a_checkpoint_is_read_back():
    assert Verifier.read(str(MINE)).checkpoint(NOTE) == CHECKPOINT


def test_a_second_signature_does_not_hide_the_first():
    witness = sign(CHECKPOINT.text(), "witness.example", Ed25519PrivateKey.generate()).partition("\n\n")[2]
    assert MINE.checkpoint(NOTE + witness) == CHECKPOINT


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (NOTE.replace("42", "43"), "signature is wrong"),
        (NOTE.replace("example.com/log", "other.example/log"), "not signed with this key"),
        (NOTE.partition("\n\n")[0], "no signed note"),
        ("", "no signed note"),
        (NOTE.replace("— example.com/log ", "— example.com/log %%"), "cannot be read"),
        (sign("example.com/log\nmany\nAAAA\n", "example.com/log", KEY), "no checkpoint"),
        (sign("example.com/log\n007\nAAAA\n", "example.com/log", KEY), "no checkpoint"),
        (sign("elsewhere\n1\nAAAA\n", "example.com/log", KEY), "no checkpoint"),
        (sign("example.com/log\n1\nAAAA\n", "example.com/log", KEY), "wrong length"),
        (sign(CHECKPOINT.text(), "example.com/log", Ed25519PrivateKey.generate()), "not signed with this key"),
    ],
)
def test_what_is_wrong_is_said(note, words):
    with pytest.raises(BadNote, match=words):
        MINE.checkpoint(note)


@pytest.mark.parametrize("text", ["", "x", "a+b+c", f"{MINE}A", str(MINE).replace("example", "exomple")])
def test_a_damaged_key_is_refused(text):
    with pytest.raises(BadNote):
        Verifier.read(text)
