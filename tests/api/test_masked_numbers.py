"""A declared Aadhaar number comes back masked, by whichever way it came in."""

import pytest

pytestmark = pytest.mark.usefixtures("database")
SENT, SHOWN = "2341 2341 2346", "XXXX XXXX 2346"
UPLOAD = {"type": "national_id", "files": [{"side": "front"}]}


async def known(client, headers, applicant_id):
    return (await client.get(f"/api/v1/applicants/{applicant_id}", headers=headers)).json()["document_number"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/documents/uploads", UPLOAD),
        ("/api/v1/verifications", {"required_types": ["national_id"]}),
    ],
)
async def test_it_is_masked_with_whatever_it_comes(client, acme, path, body):
    headers = await acme.headers()
    answer = await client.post(path, headers=headers, json=body | {"applicant": {"document_number": SENT}})
    assert answer.status_code == 201, answer.text
    assert SENT not in answer.text
    assert await known(client, headers, answer.json()["applicant_id"]) == SHOWN


async def test_an_applicant_shows_it_masked_and_what_was_read_can_be_sent_back(client, acme):
    headers = await acme.headers()
    answer = await client.post("/api/v1/applicants", headers=headers, json={"document_number": SENT})
    row = answer.json()
    assert (answer.status_code, await known(client, headers, row["id"])) == (201, SHOWN)
    place = f"/api/v1/applicants/{row['id']}"
    for number in (SHOWN, SENT):
        again = (await client.patch(place, headers=headers, json={"document_number": number})).json()
        assert (again["document_number"], again["version"]) == (SHOWN, row["version"])


@pytest.mark.parametrize(("country", "kept"), [("IND", SHOWN), ("VNM", SENT)])
async def test_the_country_of_the_document_says_what_the_number_is(client, acme, country, kept):
    headers = await acme.headers()
    body = UPLOAD | {"issuing_country": country, "applicant": {"document_number": SENT, "nationality": "DEU"}}
    answer = await client.post("/api/v1/documents/uploads", headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    assert await known(client, headers, answer.json()["applicant_id"]) == kept
