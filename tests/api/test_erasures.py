"""Erasure: whole, signed, once, over any crash and against everything that runs meanwhile."""

import asyncio
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from backoffice.db import Tenancy, transaction
from backoffice.errors import Unavailable
from backoffice.jobs import documents as screening_jobs
from backoffice.jobs import erasures as jobs
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import decisions, erasures, lost_screenings, redactions, review_claims, screenings
from backoffice.services.applicants import PERSONAL_NAMES
from backoffice.settings import settings
from tests.api.test_bad_input import stored
from tests.api.world import OPERATOR, applicant, files, moved, passport, picture, rows, rows_changed, screened
from tests.key_cast import keys_of
from tests.services.review_cast import CLEAN, Cast, member

URL = "/api/v1/applicants"
DOCUMENTS = "/api/v1/documents"
EVERYONE = Tenancy.everyone()
DOCS = Path(__file__).resolve().parents[2] / "docs" / "erasure.md"


async def send(client, headers, **data):
    answer = await client.post(DOCUMENTS, headers=headers, files=files(passport()), data=data)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def ask(client, headers, body):
    answer = await client.delete(f"{URL}/{body['applicant_id']}", headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()


def key_of(erasure):
    return parse_public_id(Prefix.ERASURE_REQUEST, erasure["id"])


async def run(erasure):
    await jobs.erase(str(key_of(erasure)))


async def read(client, headers, erasure):
    return (await client.get(f"/api/v1/erasure_requests/{erasure['id']}", headers=headers)).json()


async def approved_with_a_note(document):
    """Let a reviewer approve a screened document with a note."""
    task = await screened(document["id"])
    kim = await member(Cast(None), Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        task = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(
            session, kim, task.id, outcome=Outcome.APPROVED, note="Knows Mrs Specimen", version=task.version
        )
    await rows_changed("update review_tasks set verdict_final_at = now() where id = :t", t=task.id)
    async with transaction(EVERYONE) as session:
        assert await decisions.finalize(session, OPERATOR, task.id, verdict.id)


async def left_of(applicant_id):
    """Count every sealed value of an applicant that could still be opened or found."""
    sql = """
        select (select count(*) from applicants where id = :a and personal_box is not null) as personal,
            (select count(*) from documents where applicant_id = :a and extracted_box is not null) as extracted,
            (select count(*) from documents where applicant_id = :a and metadata <> '{}') as metadata,
            (select count(*) from documents where applicant_id = :a and status <> 'redacted') as open,
            (select count(*) from checks c join documents d on d.id = c.document_id
                where d.applicant_id = :a and c.summary_box is not null) as summaries,
            (select count(*) from review_tasks t join documents d on d.id = t.document_id
                where d.applicant_id = :a and (t.status <> 'completed' or t.verdict_note_box is not null)) as tasks,
            (select count(*) from files f join documents d on d.id = f.document_id
                where d.applicant_id = :a and f.sha256 <> '') as hashes,
            (select count(*) from fingerprints p join documents d on d.id = p.document_id
                where d.applicant_id = :a) as fingerprints,
            (select count(*) from renditions r join files f on f.id = r.file_id join documents d on d.id = f.document_id
                where d.applicant_id = :a) as pictures"""
    key = parse_public_id(Prefix.APPLICANT, applicant_id)
    counts = dict((await rows(sql, a=key))[0]._mapping) | {"keys": len(await keys_of({key}))}
    return {name: count for name, count in counts.items() if count}


async def told(key):
    return [row.type for row in await rows("select type from events where subject_id = :s order by sequence", s=key)]


async def test_a_person_goes_away_whole_and_the_receipt_says_so(client, acme):
    headers = await acme.headers()
    first = await send(client, headers, applicant=applicant(), metadata='{"name": "Camille"}', type="passport")
    await approved_with_a_note(first)
    link = (await client.get(
        f"{DOCUMENTS}/{first['id']}/files/{first['files'][0]['id']}?variant=original", headers=headers
    )).json()["url"]  # fmt: skip
    assert (await client.get("/api/v1" + link.split("/api/v1")[1])).status_code == 200
    mine = {"applicant_id": first["applicant_id"]}
    reviewed, fresh, wanted = [await send(client, headers, **mine) for _ in range(3)]
    await screened(reviewed["id"])
    await moved(wanted["id"], "processing", "in_review", "resubmission_requested")
    waiting = (
        await client.post(f"{DOCUMENTS}/uploads", headers=headers, json=mine | {"files": [{"side": "front"}]})
    ).json()
    await client.put("/api/v1" + waiting["uploads"][0]["url"].split("/api/v1")[1], content=picture())
    empty = (await client.post("/api/v1/verifications", headers=headers, json=mine)).json()
    other = await send(client, headers, applicant=applicant())
    objects = len(stored(acme))
    assert objects == 4 + 2 * 2 + 1 + 1

    assert (await left_of(first["applicant_id"]))["fingerprints"] == 2
    erasure = await ask(client, headers, first)
    assert (erasure["status"], erasure["receipt"], erasure["requested_by"]["type"]) == ("received", None, "api_key")
    assert await ask(client, headers, first) == erasure
    assert len(await rows("select 1 from pgqueuer where dedupe_key = :k", k=f"applicant.erase:{key_of(erasure)}")) == 1
    await run(erasure)

    assert await left_of(first["applicant_id"]) == {}
    assert len(stored(acme)) == 1
    person = (await client.get(f"{URL}/{first['applicant_id']}", headers=headers)).json()
    assert {person[name] for name in PERSONAL_NAMES} == {None}
    assert person["erased_at"]
    for body in (first, reviewed, fresh, wanted, waiting):
        document = (await client.get(f"{DOCUMENTS}/{body['id']}", headers=headers)).json()
        assert (document["status"], document["extracted"], document["metadata"]) == ("redacted", {}, {})
        assert document["redacted_at"]
        for file in document["files"]:
            seen = await client.get(f"{DOCUMENTS}/{body['id']}/files/{file['id']}", headers=headers)
            assert (seen.status_code, seen.json()["code"]) == (404, "erased")
    gone = await client.get("/api/v1" + link.split("/api/v1")[1])
    assert (gone.status_code, gone.json()["code"]) == (404, "erased")
    kept = (await client.get(f"{DOCUMENTS}/{other['id']}", headers=headers)).json()
    assert kept["status"] == "submitted"
    verification = (await client.get(f"/api/v1/verifications/{empty['id']}", headers=headers)).json()
    assert verification["status"] == "canceled"
    assert (await told(parse_public_id(Prefix.APPLICANT, first["applicant_id"])))[-1] == "applicant.erased"
    history = (await client.get(f"{DOCUMENTS}/{reviewed['id']}/history", headers=headers)).json()["data"]
    assert [event["type"] for event in history][-2:] == ["document.canceled", "document.redacted"]
    assert (await told(parse_public_id(Prefix.VERIFICATION, first["verification_id"])))[-1] == "verification.redacted"
    await assert_receipt(client, acme, await read(client, headers, erasure), first, objects - 1, documents=5, notes=1)


async def assert_receipt(client, world, erasure, body, objects, **counts):
    assert erasure["status"] == "completed"
    receipt = erasure["receipt"]
    statement = receipt["statement"]
    keys = (await client.get("/api/v1/keys/erasure")).json()
    checked = jws.deserialize_compact(receipt["jws"], KeySet.import_key_set(keys), algorithms=["Ed25519"])
    assert json.loads(checked.payload) == statement
    assert checked.headers()["kid"] == keys["keys"][0]["kid"]
    assert statement["applicant_id"] == body["applicant_id"]
    assert statement["request_id"] == erasure["id"]
    assert body["id"] in statement["document_ids"]
    assert statement["requested_at"] <= statement["completed_at"]
    assert statement["erased"]["data_keys"] == 1
    assert statement["erased"]["objects"] == len(statement["object_keys_sha256"]) == objects
    assert {name: statement["erased"][name] for name in counts} == counts
    files_ = await rows(
        "select storage_key from files f join documents d on d.id = f.document_id where d.applicant_id = :a",
        a=parse_public_id(Prefix.APPLICANT, body["applicant_id"]),
    )
    assert {hashlib.sha256(row.storage_key.encode()).hexdigest() for row in files_} <= {
        *statement["object_keys_sha256"]
    }
    assert "Specimen" not in json.dumps(erasure)


async def test_a_bent_receipt_does_not_pass(client, acme):
    from joserfc.errors import BadSignatureError

    headers = await acme.headers()
    body = await send(client, headers)
    erasure = await ask(client, headers, body)
    await run(erasure)
    token = (await read(client, headers, erasure))["receipt"]["jws"]
    keys = KeySet.import_key_set((await client.get("/api/v1/keys/erasure")).json())
    head, payload, signature = token.split(".")
    for bent in (f"{head}.{payload[:-2]}AA.{signature}", f"{head}.{payload}.{signature[:-6]}AAAAAA"):
        with pytest.raises(BadSignatureError):
            jws.deserialize_compact(bent, keys, algorithms=["Ed25519"])


async def test_a_receipt_is_checked_offline_as_the_documentation_says(client, acme, tmp_path, monkeypatch, capsys):
    headers = await acme.headers()
    body = await send(client, headers)
    erasure = await ask(client, headers, body)
    await run(erasure)
    (tmp_path / "receipt.json").write_text(json.dumps((await read(client, headers, erasure))["receipt"]))
    (tmp_path / "keys.json").write_text((await client.get("/api/v1/keys/erasure")).text)
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)[1], {})  # noqa: S102 our own words
    assert capsys.readouterr().out == f"genuine: {body['applicant_id']}\n"


async def test_after_it_nothing_can_be_added_or_changed(client, acme):
    headers = await acme.headers()
    body = await send(client, headers, applicant=applicant())
    erasure = await ask(client, headers, body)
    mine = {"applicant_id": body["applicant_id"]}

    async def refusals():
        return [
            await client.post(DOCUMENTS, headers=headers, files=files(), data=mine),
            await client.post(
                DOCUMENTS, headers=headers, files=files(), data={"verification_id": body["verification_id"]}
            ),
            await client.post(f"{DOCUMENTS}/uploads", headers=headers, json=mine | {"files": [{"side": "front"}]}),
            await client.post("/api/v1/verifications", headers=headers, json=mine),
            await client.patch(f"{URL}/{body['applicant_id']}", headers=headers, json={"surname": "Back"}),
        ]

    assert [answer.json()["code"] for answer in await refusals()] == ["applicant_erased"] * 5
    await run(erasure)
    codes = [answer.json()["code"] for answer in await refusals()]
    assert codes == ["applicant_erased", "verification_closed", *["applicant_erased"] * 3]
    assert len(await rows("select 1 from documents where partner_id = :p", p=acme.partner_id)) == 1
    assert len(stored(acme)) == 0
    done = await read(client, headers, erasure)
    assert await ask(client, headers, body) == done
    listed = (await client.get("/api/v1/erasure_requests", headers=headers, params=mine)).json()["data"]
    assert listed == [done]
    for status, found in (("completed", [done]), ("received", [])):
        query = {"status": status}
        assert (await client.get("/api/v1/erasure_requests", headers=headers, params=query)).json()["data"] == found


async def test_asked_twice_at_once_it_is_one_request(client, acme):
    headers = await acme.headers()
    body = await send(client, headers)
    asked = await asyncio.gather(*(ask(client, headers, body) for _ in range(4)))
    assert len({erasure["id"] for erasure in asked}) == 1
    await asyncio.gather(*(run(asked[0]) for _ in range(3)))
    applicant_id = parse_public_id(Prefix.APPLICANT, body["applicant_id"])
    assert (await told(applicant_id)).count("applicant.erased") == 1
    assert (await told(parse_public_id(Prefix.DOCUMENT, body["id"]))).count("document.redacted") == 1
    sql = "select action from audit_entries where subject_id = :a and action like '%eras%' order by id"
    assert [row.action for row in await rows(sql, a=applicant_id)] == [
        "applicant.erasure_requested",
        "applicant.erased",
    ]


@pytest.mark.parametrize("dies_after", ["begin", "some objects", "all objects"])
async def test_a_run_that_died_is_finished_by_the_next(client, acme, dies_after):
    headers = await acme.headers()
    body = await send(client, headers, applicant=applicant())
    await screened(body["id"])
    erasure = await ask(client, headers, body)
    async with transaction(EVERYONE) as session:
        keys = await erasures.begin(session, jobs.ACTOR, key_of(erasure))
    assert len(keys) == 3
    deleted = {"begin": 0, "some objects": 1, "all objects": 3}[dies_after]
    await redactions.delete_objects(keys[:deleted])
    assert (await read(client, headers, erasure))["status"] == "processing"
    await run(erasure)
    await run(erasure)
    assert await left_of(body["applicant_id"]) == {}
    assert stored(acme) == []
    await assert_receipt(client, acme, await read(client, headers, erasure), body, 3, documents=1, files=1)
    assert (await told(parse_public_id(Prefix.DOCUMENT, body["id"]))).count("document.redacted") == 1


async def test_a_storage_that_is_away_is_tried_again(client, acme):
    headers = await acme.headers()
    body = await send(client, headers, applicant=applicant())
    erasure = await ask(client, headers, body)
    folder = settings().data_dir / "documents" / str(acme.partner_id)
    aside = folder.with_name(f"{folder.name}-aside")
    shutil.move(folder, aside)
    folder.write_text("not a folder")
    with pytest.raises(Unavailable):
        await run(erasure)
    assert (await read(client, headers, erasure))["receipt"] is None
    folder.unlink()
    shutil.move(aside, folder)
    await run(erasure)
    assert stored(acme) == []
    assert (await read(client, headers, erasure))["status"] == "completed"


async def test_one_whose_job_was_lost_is_found_again(client, acme):
    headers = await acme.headers()
    erasure = await ask(client, headers, await send(client, headers))
    name = f"applicant.erase:{key_of(erasure)}"
    await rows_changed("delete from pgqueuer where dedupe_key = :k", k=name)
    for _ in range(2):
        await jobs.enqueue_lost()
        assert len(await rows("select 1 from pgqueuer where dedupe_key = :k and status = 'queued'", k=name)) == 1
    await rows_changed("delete from pgqueuer where dedupe_key = :k", k=name)
    await run(erasure)
    await jobs.enqueue_lost()
    assert await rows("select 1 from pgqueuer where dedupe_key = :k", k=name) == []


class Slow:
    """A reader that finishes only after the person was erased."""

    def __init__(self, erasure):
        self.erasure = erasure

    async def screen(self, *_, **__):
        await run(self.erasure)
        return CLEAN


async def test_a_screening_that_runs_meanwhile_writes_nothing_back(client, acme, monkeypatch):
    headers = await acme.headers()
    body = await send(client, headers, applicant=applicant())
    erasure = await ask(client, headers, body)
    reader = Slow(erasure)
    monkeypatch.setattr(screening_jobs, "screener", lambda: reader)
    await screening_jobs.screen(str(parse_public_id(Prefix.DOCUMENT, body["id"])))
    assert await left_of(body["applicant_id"]) == {}
    assert stored(acme) == []
    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    assert await rows("select 1 from checks where document_id = :d", d=document_id) == []
    assert await rows("select 1 from review_tasks where document_id = :d", d=document_id) == []
    await screening_jobs.screen(str(document_id))
    assert (await told(document_id))[-1] == "document.redacted"


async def test_a_screening_that_begins_late_finds_its_files_gone(client, acme):
    headers = await acme.headers()
    body = await send(client, headers, applicant=applicant())
    document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
    async with transaction(EVERYONE) as session:
        assignment = await screenings.begin(session, OPERATOR, document_id)
    await run(await ask(client, headers, body))
    screening = await screenings.run(assignment, Slow(None), timeout=1)
    async with transaction(EVERYONE) as session:
        assert await screenings.complete(session, OPERATOR, assignment, screening) is None
    async with transaction(EVERYONE) as session:
        assert await screenings.begin(session, OPERATOR, document_id) is None
        assert await lost_screenings.give_up(session, OPERATOR, document_id) is None
    assert await left_of(body["applicant_id"]) == {}


async def test_documents_that_arrive_at_the_same_moment_are_refused_or_erased(client, acme):
    headers = await acme.headers()
    for _ in range(5):
        body = await send(client, headers, applicant=applicant())
        mine = {"applicant_id": body["applicant_id"]}
        sent = [
            client.post(DOCUMENTS, headers=headers, files=files(), data=mine),
            client.post(
                DOCUMENTS, headers=headers, files=files(), data=mine | {"verification_id": body["verification_id"]}
            ),
        ]

        async def erase(body=body):
            await run(await ask(client, headers, body))

        answers = (await asyncio.gather(*sent, erase()))[:2]
        for answer in answers:
            assert answer.status_code in {201, 409}, answer.text
            if answer.status_code == 409:
                assert answer.json()["code"] in {"applicant_erased", "verification_closed"}
        assert await left_of(body["applicant_id"]) == {}
        assert stored(acme) == []


async def test_a_change_at_the_same_moment_is_refused_or_erased(client, acme):
    headers = await acme.headers()
    for number in range(5):
        body = await send(client, headers, applicant=applicant())

        async def erase(body=body):
            await run(await ask(client, headers, body))

        change = client.patch(f"{URL}/{body['applicant_id']}", headers=headers, json={"surname": f"New {number}"})
        answer, _ = await asyncio.gather(change, erase())
        assert answer.status_code in {200, 409}, answer.text
        assert await left_of(body["applicant_id"]) == {}


async def test_test_data_is_erased_in_its_own_time(client, acme):
    headers = await acme.headers("test", livemode=False)
    await rows_changed("update partners set test_clock_seconds = 864000 where id = :p", p=acme.partner_id)
    body = await send(client, headers, applicant=applicant())
    erasure = await ask(client, headers, body)
    await run(erasure)
    done = await read(client, headers, erasure)
    assert done["livemode"] is False
    assert done["completed_at"] >= done["created_at"] >= body["created_at"]
