"""No door lets the number of a payment card in, and nothing of the refused request is kept."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import decision_texts, document_tags, questions, reveals, review_claims
from tests.api.conftest import acme, client, transport  # noqa: F401 fixtures
from tests.api.world import applicant, files, screened
from tests.services.review_cast import Cast, member

pytestmark = pytest.mark.usefixtures("database")
CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"external_id": CARD}, "/external_id"),
        ({"metadata": json.dumps({"order": {"pan": CARD}})}, "/metadata/order/pan"),
        ({"metadata": json.dumps({"pan": 4111111111111111})}, "/metadata/pan"),
        ({"metadata": json.dumps({CARD: "x"})}, "/metadata"),
        ({"metadata": json.dumps({"all": [1, CARD]})}, "/metadata/all/1"),
        ({"applicant": applicant(address=f"Card {CARD}")}, "/applicant/address"),
        ({"applicant": applicant(phone="4111111111111111")}, "/applicant/phone"),
    ],
)
async def test_a_submission_with_a_card_is_refused_by_place(client, acme, sent, place):  # noqa: F811 fixtures
    headers = await acme.headers()
    answer = await client.post("/api/v1/documents", headers=headers, files=files(), data=sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "card_number"), answer.text
    assert answer.json()["errors"][0]["pointer"] == place
    assert "4111" not in answer.text
    async with transaction(Tenancy.everyone()) as session:
        kept = await session.execute(
            text("select count(*) from documents where partner_id = :p"), {"p": acme.partner_id}
        )
        assert kept.scalar_one() == 0


async def test_the_number_of_a_document_may_look_like_one(client, acme):  # noqa: F811 fixtures
    sent = {"applicant": applicant(document_number="5111111111111118")}
    answer = await client.post("/api/v1/documents", headers=await acme.headers(), files=files(), data=sent)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("applicants", {"given_names": CARD, "surname": "Moreau"}, "/given_names"),
        ("webhook_endpoints", {"url": "https://example.com/hook", "description": CARD}, "/description"),
        ("api_keys", {"name": CARD, "scopes": ["documents:read"]}, "/name"),
    ],
)
async def test_other_doors_of_the_api_are_shut_too(client, acme, path, body, place):  # noqa: F811 fixtures
    answer = await client.post(f"/api/v1/{path}", headers=await acme.headers(), json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, place), answer.text
    assert answer.json()["code"] == "card_number"


async def test_people_write_none_either(client, acme):  # noqa: F811 fixtures
    sent = {"applicant": applicant()}
    answer = await client.post("/api/v1/documents", headers=await acme.headers(), files=files(), data=sent)
    task = await screened(answer.json()["id"])
    kim = await member(Cast(None), Role.REVIEWER)
    async with transaction(Tenancy.everyone()) as session:
        task = await review_claims.start(session, kim, task.id)
    for call in (
        lambda: decision_texts.refuse_note(f"paid by {CARD}"),
        lambda: decision_texts.refuse_message(Outcome.REJECTED, f"Your card {CARD}"),
        lambda: document_tags.checked(CARD),
    ):
        with pytest.raises(Invalid, match="payment card"):
            call()
    with pytest.raises(Invalid, match="payment card"):
        async with transaction(Tenancy.everyone()) as session:
            await questions.ask(session, kim, task.id, f"Is {CARD} yours?")
    admin = await member(Cast(SimpleNamespace(id=acme.partner_id)), Role.PARTNER_ADMIN)
    with pytest.raises(Invalid, match="payment card"):
        async with transaction(admin.tenancy) as session:
            await reveals.begin(session, admin, task.document_id, purpose="support", note=f"about {CARD}")
