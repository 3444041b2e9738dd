"""A call that is sent again under its `Idempotency-Key`, or refused, makes no key of nobody."""

import pytest

from tests.api.world import applicant, files
from tests.key_cast import as_owner

PERSON = {"surname": "Specimen"}
CALLS = {
    "/api/v1/applicants": PERSON,
    "/api/v1/verifications": {"applicant": PERSON},
    "/api/v1/documents/uploads": {"files": [{"side": "front"}], "applicant": PERSON},
}


def keys_of(servers, world):
    return as_owner(servers, "select count(*) from keystore.data_keys where partner_id = %s", world.partner_id)[0][0]


@pytest.mark.parametrize("url", CALLS)
async def test_a_call_that_is_sent_again(servers, client, acme, url):
    headers = await acme.headers() | {"Idempotency-Key": "once"}
    answers = [await client.post(url, headers=headers, json=CALLS[url]) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert ["idempotent-replayed" in one.headers for one in answers] == [False, True, True]
    assert keys_of(servers, acme) == 1
    other = await client.post(url, headers=headers, json=CALLS[url] | {"external_id": "another"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert keys_of(servers, acme) == 1


async def test_a_document_whose_file_is_refused(servers, client, acme):
    sent = await client.post(
        "/api/v1/documents", headers=await acme.headers(), data={"applicant": applicant()}, files=files(b"no picture")
    )
    assert (sent.status_code, sent.json()["code"]) == (415, "unsupported_media_type")
    assert keys_of(servers, acme) == 0
