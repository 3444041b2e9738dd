"""The sandbox: test data does as it is told, and live data never notices."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from backoffice.db import transaction
from backoffice.errors import Conflict
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.models.review_priorities import PLAN_MINUTES, TEST_MINUTES
from backoffice.models.review_tasks import Decision, Outcome, ReviewTask, TaskStatus
from backoffice.services import (
    decisions,
    magic_documents,
    review_claims,
    simulations,
)
from backoffice.services.permissions import SCOPES
from tests.api.simulation_cast import (
    ADVANCE,
    CLOCK,
    EVERYONE,
    NEW,
    SIMULATE,
    URL,
    WALKED,
    begin,
    complete,
    history,
    in_review,
    keyed,
    post,
    refused,
    row_of,
    simulate,
)
from tests.api.world import applicant, files
from tests.services.review_cast import SYSTEM, make_cast, member

# Who may not


async def test_a_live_document_is_not_simulated(client, acme):
    body = await post(client, acme, livemode=True)
    refused(await simulate(client, acme, body["id"], "approved"), 403, "test_only")
    assert (await row_of(Document, body["id"])).status == "submitted"


async def test_another_partners_document_does_not_exist(client, acme, rival):
    for livemode in (True, False):
        body = await post(client, rival, livemode=livemode)
        refused(await simulate(client, acme, body["id"], "approved"), 404, "not_found", "/document_id")
        assert (await row_of(Document, body["id"])).status == "submitted"
    for bad in ("doc_" + "0" * 26, "doc_1", "ver_" + "0" * 26):
        refused(await simulate(client, acme, bad, "approved"), 404, "not_found", "/document_id")


async def test_a_live_key_simulates_and_moves_nothing(client, acme):
    body = await post(client, acme)
    live_headers = await acme.headers()
    wish = {"document_id": body["id"], "outcome": "approved"}
    refused(await client.post(SIMULATE, headers=live_headers, json=wish), 403, "test_only")
    refused(await client.post(ADVANCE, headers=live_headers, json={"seconds": 60}), 403, "test_only")
    refused(await client.get(CLOCK, headers=live_headers), 403, "test_only")
    assert (await row_of(Document, body["id"])).status == "submitted"
    assert (await client.get(CLOCK, headers=await keyed(acme))).json()["ahead_seconds"] == 0


async def test_a_key_that_only_reads_simulates_nothing(client, acme):
    body = await post(client, acme)
    reader = await acme.headers("reader", livemode=False, scopes=SCOPES - {"documents:write"})
    wish = {"document_id": body["id"], "outcome": "approved"}
    refused(await client.post(SIMULATE, headers=reader, json=wish), 403, "insufficient_scope")
    refused(await client.post(ADVANCE, headers=reader, json={"seconds": 60}), 403, "insufficient_scope")
    assert (await client.get(CLOCK, headers=reader)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"outcome": "declined"}, "invalid_choice", "/outcome"),
        ({"outcome": "redacted"}, "invalid_choice", "/outcome"),
        ({"outcome": "rejected", "reasons": ["bad_hair"]}, "reason_unknown", "/reasons/0"),
        ({"outcome": "rejected", "reasons": ["forgery", "bad_hair"]}, "reason_unknown", "/reasons/1"),
        ({"outcome": "rejected", "reasons": ["forgery"] * 11}, "too_long", "/reasons"),
        ({"outcome": "rejected", "reasons": "forgery"}, "invalid_type", "/reasons"),
        ({"outcome": "rejected", "reasons": [1]}, "invalid_type", "/reasons/0"),
        ({"outcome": "approved", "reasons": ["forgery"]}, "reasons_not_allowed", "/reasons"),
        ({"outcome": "in_review", "reasons": ["forgery"]}, "reasons_not_allowed", "/reasons"),
        ({"outcome": "approved", "note": "please"}, "unknown_field", "/note"),
    ],
)
async def test_wishes_that_cannot_be(client, acme, fields, code, pointer):
    body = await post(client, acme)
    refused(await simulate(client, acme, body["id"], **fields), 422, code, pointer)
    assert await history(client, acme, body["id"]) == NEW


# Simulate


@pytest.mark.parametrize(
    ("outcome", "given", "shown", "is_retryable"),
    [
        ("approved", [], [], False),
        ("rejected", [], ["data_inconsistent"], False),
        ("rejected", ["tampering_suspected"], ["tampering_suspected"], False),
        ("rejected", ["document_expired", "document_expired"], ["document_expired"], True),
        ("rejected", ["check_unavailable", "data_inconsistent"], ["check_unavailable", "data_inconsistent"], False),
        ("resubmission_requested", [], ["image_blurred"], True),
        ("resubmission_requested", ["image_glare", "side_missing"], ["image_glare", "side_missing"], True),
    ],
)
async def test_an_outcome_is_reached_by_every_move(client, acme, outcome, given, shown, is_retryable):  # noqa: PLR0917
    body = await post(client, acme, external_id="u-1")
    answer = await simulate(client, acme, body["id"], outcome, **({"reasons": given} if given else {}))
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["id"], made["livemode"], made["status"], made["extracted"]) == (body["id"], False, outcome, None)
    decision = made["decision"]
    assert (decision["outcome"], decision["retryable"]) == (outcome, is_retryable)
    assert [reason["code"] for reason in decision["reasons"]] == shown
    assert all(reason["applicant_message"] for reason in decision["reasons"])
    assert decision["decided_by"] == {"type": "simulation"}
    assert made["completed_at"] >= made["submitted_at"]
    assert await history(client, acme, body["id"]) == [*NEW, *WALKED, f"document.{outcome}"]
    read = (await client.get(f"{URL}/{body['id']}", headers=await keyed(acme))).json()
    assert read["decision"] == decision
    assert (await row_of(Decision, body["id"])).member_id is None
    assert await row_of(ReviewTask, body["id"]) is None


async def test_the_simulation_says_who_asked_for_it(client, acme):
    body = await post(client, acme)
    answer = await simulate(client, acme, body["id"], "rejected", reasons=["forgery"])
    async with transaction(EVERYONE) as session:
        sql = """select actor_type, actor_id, action, request_id, changes from audit_entries
                 where subject_id = :d and action in ('document.simulated', 'document.rejected') order by sequence"""
        document_id = parse_public_id(Prefix.DOCUMENT, body["id"])
        asked, done = (await session.execute(text(sql), {"d": document_id})).all()
    assert (asked.actor_type, asked.actor_id) == ("api_key", acme.key_ids["test"])
    assert asked.changes == {"outcome": "rejected", "reasons": ["forgery"]}
    assert (done.actor_type, done.actor_id) == ("system", None)
    assert asked.request_id == done.request_id == answer.headers["x-request-id"]


@pytest.mark.parametrize("start", ["processing", "in_review"])
async def test_an_outcome_is_reached_from_wherever_screening_stands(client, acme, start):
    body = await post(client, acme)
    assignment = await begin(body["id"])
    if start == "in_review":
        await complete(assignment)
    assert (await simulate(client, acme, body["id"], "approved")).status_code == 200
    assert await history(client, acme, body["id"]) == [*NEW, *WALKED, "document.approved"]


async def test_a_screening_that_runs_meanwhile_is_fenced_off(client, acme):
    body = await post(client, acme)
    assignment = await begin(body["id"])
    decided = (await simulate(client, acme, body["id"], "rejected")).json()
    assert await complete(assignment) is None
    assert await begin(body["id"]) is None
    read = (await client.get(f"{URL}/{body['id']}", headers=await keyed(acme))).json()
    assert (read["status"], read["version"], read["checks"]) == ("rejected", decided["version"], [])
    assert await history(client, acme, body["id"]) == [*NEW, *WALKED, "document.rejected"]


async def test_in_review_waits_for_a_person(client, acme):
    body = await post(client, acme)
    made = (await simulate(client, acme, body["id"], "in_review")).json()
    assert (made["status"], made["decision"], made["completed_at"]) == ("in_review", None, None)
    assert await history(client, acme, body["id"]) == [*NEW, *WALKED]
    task = await row_of(ReviewTask, body["id"])
    assert (task.status, task.priority, task.due_at) == (
        TaskStatus.QUEUED,
        TEST_MINUTES + PLAN_MINUTES[Plan.ENTERPRISE], (await row_of(Document, body["id"])).due_at,
    )  # fmt: skip
    assert (await simulate(client, acme, body["id"], "approved")).status_code == 200
    assert (await row_of(ReviewTask, body["id"])).status == TaskStatus.COMPLETED


async def test_a_verdict_that_waits_comes_to_nothing(client, acme):
    body, task = await in_review(client, acme)
    kim = await member(await make_cast(), Role.REVIEWER)
    async with transaction(EVERYONE) as session:
        mine = await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(session, kim, task.id, outcome=Outcome.APPROVED, version=mine.version)
    assert (await simulate(client, acme, body["id"], "rejected")).status_code == 200
    async with transaction(EVERYONE) as session:
        assert await decisions.finalize(session, SYSTEM, task.id, verdict.id) is None
    closed = await row_of(ReviewTask, body["id"])
    assert (closed.status, closed.verdict_id, closed.claimed_by) == (TaskStatus.COMPLETED, None, None)
    assert (await row_of(Decision, body["id"])).review_task_id == task.id
    async with transaction(EVERYONE) as session:
        with pytest.raises(Conflict, match="Decided by the sandbox"):
            await review_claims.claim(session, kim, task.id)
    assert (await history(client, acme, body["id"]))[-1] == "document.rejected"


async def test_the_last_attempt_is_rejected_instead_of_asked_for_again(client, acme):
    body = await post(client, acme)
    for attempt in (2, 3):
        assert (await simulate(client, acme, body["id"], "resubmission_requested")).json()["status"] != "rejected"
        body = await _replacement(client, acme, body["id"])
        assert body["attempt"] == attempt
    made = (await simulate(client, acme, body["id"], "resubmission_requested")).json()
    assert (made["status"], made["decision"]["retryable"]) == ("rejected", False)
    codes = [reason["code"] for reason in made["decision"]["reasons"]]
    assert codes == ["image_blurred", "resubmission_limit_exceeded"]


async def _replacement(client, world, document_id):
    answer = await client.post(URL, headers=await keyed(world), files=files(), data={"replaces": document_id})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_what_waits_for_the_partner_expires(client, acme):
    body = await post(client, acme)
    refused(await simulate(client, acme, body["id"], "expired"), 409, "illegal_move")
    await simulate(client, acme, body["id"], "resubmission_requested")
    made = (await simulate(client, acme, body["id"], "expired")).json()
    assert (made["status"], made["decision"]["outcome"]) == ("expired", "resubmission_requested")
    assert (await history(client, acme, body["id"]))[-2:] == ["document.resubmission_requested", "document.expired"]


@pytest.mark.parametrize("outcome", ["approved", "rejected", "resubmission_requested", "in_review", "expired"])
async def test_what_is_decided_stays_decided(client, acme, outcome):
    body = await post(client, acme)
    await simulate(client, acme, body["id"], "approved")
    before = await history(client, acme, body["id"])
    refused(await simulate(client, acme, body["id"], outcome), 409, "illegal_move")
    assert await history(client, acme, body["id"]) == before


async def test_of_several_simulations_at_once_one_wins(client, acme):
    wishes = ["approved", "rejected", "resubmission_requested", "in_review", "approved", "rejected"]
    for _ in range(3):
        body = await post(client, acme)
        answers = await asyncio.gather(*(simulate(client, acme, body["id"], wish) for wish in wishes))
        won = [answer.json()["status"] for answer in answers if answer.status_code == 200]
        for answer in answers:
            if answer.status_code != 200:
                refused(answer, 409, "illegal_move")
        decided = [status for status in won if status != "in_review"]
        assert len(decided) == 1
        events = await history(client, acme, body["id"])
        assert events == [*NEW, *WALKED, f"document.{decided[0]}"]
        async with transaction(EVERYONE) as session:
            sql = "select count(*) from decisions where document_id = :d"
            key = parse_public_id(Prefix.DOCUMENT, body["id"])
            assert (await session.execute(text(sql), {"d": key})).scalar_one() == 1
            open_tasks = "select count(*) from review_tasks where document_id = :d and status <> 'completed'"
            assert (await session.execute(text(open_tasks), {"d": key})).scalar_one() == 0


async def test_a_simulation_is_repeatable_under_a_key(client, acme):
    body = await post(client, acme)
    key = {"Idempotency-Key": "fate"}
    first = await simulate(client, acme, body["id"], "approved", headers=key)
    again = await simulate(client, acme, body["id"], "approved", headers=key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await simulate(client, acme, body["id"], "rejected", headers=key)
    refused(other, 422, "idempotency_mismatch")


# Pictures


async def test_pictures_are_there_for_anybody_byte_by_byte(client, acme):
    listed = (await client.get("/api/v1/test/documents", headers=await keyed(acme))).json()
    assert [one["name"] for one in listed["data"]] == [one.name for one in magic_documents.shipped()]
    assert (listed["has_more"], listed["next_cursor"]) == (False, None)
    for one in listed["data"]:
        answer = await client.get("/api/v1" + one["url"].split("/api/v1")[1])
        assert hashlib.sha256(answer.content).hexdigest() == one["sha256"]
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "ratelimit" in answer.headers


@pytest.mark.parametrize("name", ["nothing", "manifest", "..%2Fmanifest", "approved.jpg", "%00"])
async def test_other_pictures_are_not_there(client, name):
    answer = await client.get(f"/api/v1/docs/sandbox/{name}.jpg")
    refused(answer, 404, "not_found")
    assert (await client.get("/api/v1/docs/sandbox/manifest.json")).status_code == 404


async def test_every_picture_is_admitted_as_it_is(client, acme):
    for one in magic_documents.shipped():
        sent = {"applicant": applicant(**one.applicant), "type": "passport"}
        answer = await client.post(URL, headers=await keyed(acme), files=files(one.read()), data=sent)
        assert answer.status_code == 201, answer.text
        assert answer.json()["files"][0]["sha256"] == one.sha256


def test_the_guide_names_every_picture_and_outcome():
    guide = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    for one in magic_documents.shipped():
        assert f"`{one.name}`" in guide
        assert all(f"`{code}`" in guide for code in one.reasons)
    for fate in simulations.Fate:
        assert f"`{fate}`" in guide
