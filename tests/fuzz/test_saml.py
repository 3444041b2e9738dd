"""A stranger's XML: whatever is posted, the reader refuses it in its own words and lets nobody in."""

import base64
import time
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from backoffice.adapters import saml_metadata
from backoffice.adapters.saml_responses import Expected, checked
from backoffice.errors import Invalid, NotAllowed
from tests.fuzz import fuzzed
from tests.saml_provider import Idp

SP, PLACE = "https://sp.example/saml/a", "https://sp.example/acs/a"
PIECES = [
    b"<",
    b">",
    b"<!--x-->",
    b"<?x?>",
    b"&amp;",
    b"&x;",
    b"<![CDATA[",
    b"]]>",
    b'ID="_a"',
    b"\0",
    b"\xff",
    b"</",
    b"x",
]


@cache
def good() -> tuple[Idp, bytes]:
    idp = Idp()
    asked = {"id": "_q", "acs": PLACE, "audience": SP, "state": "s"}
    return idp, etree.tostring(idp.signed(asked, "ines@acme.example"))


def read(data: bytes | str) -> str:
    idp, _ = good()
    expected = Expected(idp.entity_id, (idp.signer.certificate,), SP, PLACE, "_q", int(time.time()), idp.url)
    text = data if isinstance(data, str) else base64.b64encode(data).decode()
    return checked(text, expected).name_id


def test_the_one_that_is_bent_below_is_good():
    assert read(good()[1]) == "user-ines"


@fuzzed
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_any_text_is_refused(drawn: str | bytes) -> None:
    with pytest.raises(NotAllowed):
        read(drawn)


@fuzzed
@given(st.floats(0, 1, exclude_max=True), st.sampled_from(PIECES), st.integers(0, 40))
def test_a_signed_response_that_was_bent_never_says_another_person(where: float, piece: bytes, gone: int) -> None:
    data = good()[1]
    at = int(where * len(data))
    said = ""
    with suppress(NotAllowed):
        said = read(data[:at] + piece + data[at + gone :])
    assert said in {"", "user-ines"}


@fuzzed
@given(st.one_of(st.text(max_size=300), st.text("<>/=\"' EntityDescriptor", max_size=300)))
def test_any_metadata_is_refused_in_words(drawn: str) -> None:
    with pytest.raises(Invalid):
        saml_metadata.read(drawn)
