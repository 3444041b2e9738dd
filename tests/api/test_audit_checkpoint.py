"""`GET /audit/checkpoint`: for everybody, checkable with what it says, and it only grows."""

from base64 import b64decode

import pytest

from backoffice.adapters.merkle import is_extended
from backoffice.adapters.signed_notes import Verifier
from tests.services.test_audit_seals import seal_all, write

URL = "/api/v1/audit/checkpoint"
pytestmark = pytest.mark.usefixtures("database")


async def test_anybody_can_check_the_head(client):
    await write()
    head = await seal_all()
    body = (await client.get(URL)).json()
    signed = Verifier.read(body["public_key"]).checkpoint(body["checkpoint"])
    assert (signed.size, signed.root, signed.origin) == (body["size"], b64decode(body["root"]), body["origin"])
    assert body["size"] >= head.size
    assert body["consistency"] is None


async def test_a_head_that_somebody_kept_is_proved_to_have_only_grown(client):
    await write(3)
    await seal_all()
    kept = (await client.get(URL)).json()
    await write(300)
    await seal_all()
    body = (await client.get(URL, params={"since": kept["size"]})).json()
    assert is_extended(
        first=kept["size"],
        first_root=b64decode(kept["root"]),
        second=body["size"],
        second_root=b64decode(body["root"]),
        proof=[b64decode(one) for one in body["consistency"]["proof"]],
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"since": 2**52}, "out_of_range"),
        ({"since": 0}, "out_of_range"),
        ({"since": "x"}, "invalid_type"),
        ({"a": 1}, "unknown_field"),
    ],
)
async def test_what_cannot_be_asked_is_refused(client, query, code):
    await write()
    await seal_all()
    answer = await client.get(URL, params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
