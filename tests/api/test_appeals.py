"""Appeals and questions through the API: what a partner says after the decision, and while it waits."""

import asyncio
from uuid import UUID

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import decisions, questions, review_claims, review_tasks
from tests.api.world import applicant, files, make_world, screened
from tests.services.review_cast import Cast, member
from tests.services.test_decisions import finalize

DOCUMENTS = "/api/v1/documents"
WHY = {"reason": "Both names are hers: she married in June."}
EVERYONE = Tenancy.everyone()


async def post(client, headers, **values) -> str:
    sent = {"applicant": applicant(**values)}
    answer = await client.post(DOCUMENTS, headers=headers, files=files(), data=sent)
    assert answer.status_code == 201, answer.text
    await screened(answer.json()["id"])
    return answer.json()["id"]


def key_of(document: str) -> UUID:
    return parse_public_id(Prefix.DOCUMENT, document)


async def on_the_desk(document: str):
    kim = await member(Cast(None), Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        task = await review_tasks.open_of(session, key_of(document))
        return await review_claims.start(session, kim, task.id), kim


async def reject(document: str, message: str | None = None) -> None:
    task, kim = await on_the_desk(document)
    async with transaction(EVERYONE) as session:
        verdict = await decisions.sign(
            session, kim, task.id, outcome=Outcome.REJECTED, reasons=["name_mismatch"], message=message,
            version=task.version,
        )  # fmt: skip
    await finalize(verdict)


async def test_an_appeal_opens_the_document_once(client, acme):
    headers = await acme.headers()
    document = await post(client, headers)
    await reject(document)
    where = f"{DOCUMENTS}/{document}/appeal"
    assert (await client.post(where, headers=headers, json={"reason": "No."})).json()["code"] == "reason_length"
    answers = await asyncio.gather(*(client.post(where, headers=headers, json=WHY) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    body = (await client.get(f"{DOCUMENTS}/{document}", headers=headers)).json()
    assert (body["status"], body["decision"]["outcome"], body["completed_at"]) == ("in_review", "rejected", None)
    assert (await client.post(f"{DOCUMENTS}/{document}/cancel", headers=headers)).json()["code"] == "illegal_move"


async def test_a_replayed_appeal_is_the_same_appeal(client, acme):
    headers = await acme.headers()
    document = await post(client, headers)
    await reject(document)
    once = {**headers, "Idempotency-Key": "appeal-1"}
    first, second = [await client.post(f"{DOCUMENTS}/{document}/appeal", headers=once, json=WHY) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())


async def test_what_is_open_cannot_be_appealed_against(client, acme):
    headers = await acme.headers()
    document = await post(client, headers)
    answer = await client.post(f"{DOCUMENTS}/{document}/appeal", headers=headers, json=WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_reopenable")


async def test_a_question_is_read_and_answered_once(client, acme):
    headers = await acme.headers()
    document = await post(client, headers)
    task, kim = await on_the_desk(document)
    async with transaction(EVERYONE) as session:
        row = await questions.ask(session, kim, task.id, "Is it a former name?")
    where = f"{DOCUMENTS}/{document}/questions"
    (asked,) = (await client.get(where, headers=headers)).json()["data"]
    assert (asked["id"], asked["text"], asked["status"]) == (
        public_id(Prefix.QUESTION, row.id), "Is it a former name?", "open",
    )  # fmt: skip
    blind = await acme.headers("blind", scopes=["documents:read"])
    assert (await client.get(where, headers=blind)).json()["data"][0]["text"] is None
    other = await post(client, headers)
    text = {"text": "Yes,\nsince June."}
    elsewhere = await client.post(f"{DOCUMENTS}/{other}/questions/{asked['id']}/answer", headers=headers, json=text)
    assert elsewhere.status_code == 404
    answers = await asyncio.gather(
        *(client.post(f"{where}/{asked['id']}/answer", headers=headers, json=text) for _ in range(3))
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    (closed,) = (await client.get(where, headers=headers)).json()["data"]
    assert (closed["status"], closed["answer"]) == ("answered", text["text"])
    stranger = await make_world()
    assert (await client.get(where, headers=await stranger.headers())).status_code == 404


async def test_messages_are_in_the_applicants_language(client, acme):
    headers = await acme.headers()
    document = await post(client, headers, language="fr-CA")
    await reject(document, "Veuillez joindre un acte de mariage.")
    decision = (await client.get(f"{DOCUMENTS}/{document}", headers=headers)).json()["decision"]
    assert decision["reasons"][0]["applicant_message"].startswith("Le nom sur le document diffère")
    assert decision["message"] == "Veuillez joindre un acte de mariage."
    blind = await acme.headers("blind", scopes=["documents:read"])
    body = (await client.get(f"{DOCUMENTS}/{document}", headers=blind)).json()
    assert body["decision"]["message"] is None


async def test_a_language_is_a_tag(client, acme):
    headers = await acme.headers()
    sent = {"applicant": applicant(language="french please")}
    answer = await client.post(DOCUMENTS, headers=headers, files=files(), data=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/applicant/language")
