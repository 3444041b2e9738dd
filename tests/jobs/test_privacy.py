"""What processes say while they screen: no name, number, date or address of anybody, whatever goes wrong."""

import json
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text

from backoffice import specimens
from backoffice.db import transaction
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import DocumentStatus
from backoffice.specimens.people import Person
from tests.api.world import make_world
from tests.jobs import processes
from tests.jobs.test_worker import EVERYONE, statuses, until, worker
from tests.screening.hostile import pdfs, pictures

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
OPEN = {DocumentStatus.SUBMITTED, DocumentStatus.PROCESSING}
SAID = {
    "jobs": "select * from pgqueuer",
    "job log": "select * from pgqueuer_log",
    "events": "select * from events where partner_id = :partner_id",
    "audit": "select * from audit_entries where partner_id = :partner_id",
    "requests": "select * from api_requests where partner_id = :partner_id",
    "checks": "select * from checks where partner_id = :partner_id",
}
"""Tables that hold messages, errors and facts in the clear."""


def secrets_of(holder: Person) -> set[str]:
    """List how a holder's data could show; short words are left out, because they stand in many others."""
    days = (holder.date_of_birth, holder.issued_on, holder.expires_on)
    forms = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d %b %Y")
    words = {holder.surname, holder.given_names, holder.document_number, holder.personal_number, holder.place_of_birth}
    words |= set(holder.address.split(", ")) | {day.strftime(form) for day in days for form in forms}
    return {form for word in words if len(word) > 4 for form in (word, word.upper(), word.lower())}


def applicant(holder: Person, **changes: str) -> str:
    given = {
        "given_names": holder.given_names, "surname": holder.surname, "address": holder.address,
        "date_of_birth": holder.date_of_birth.isoformat(), "document_number": holder.document_number,
    }  # fmt: skip
    return json.dumps(given | changes)


def specimen(holder: Person, condition: str = "photo") -> bytes:
    return specimens.render("passport", holder, condition=condition)[0].data


async def post(client, data: bytes, form: str, **fields: str) -> httpx2.Response:
    files = [("files", ("anna-eriksson-passport.jpg", data, "image/jpeg"))]
    return await client.post("/api/v1/documents", files=files, data={"type": "passport", "applicant": form} | fields)


async def screened(answer, log) -> None:
    document_id = parse_public_id(Prefix.DOCUMENT, answer.json()["id"])

    async def is_over():
        return not set(await statuses([document_id])) & OPEN

    await until(is_over, 60, log)


async def tables(partner_id) -> str:
    async with transaction(EVERYONE) as session:
        found = []
        for sql in SAID.values():
            found += (await session.execute(text(sql), {"partner_id": partner_id} if ":" in sql else {})).all()
    return "\n".join(map(str, found))


@pytest.mark.timeout(240)
async def test_nothing_that_is_said_names_anybody(web, tmp_path):
    log, world = tmp_path / "worker.log", await make_world()
    good, other, late, unlucky = (specimens.person(seed, nationality="FRA") for seed in (701, 702, 703, 704))
    expired = specimens.person(703, nationality="FRA", year=2009)
    known = set().union(*map(secrets_of, (good, other, late, expired, unlucky))) | {"anna-eriksson", "eriksson"}
    refused: list[httpx2.Response] = []
    async with httpx2.AsyncClient(base_url=web.url, headers=await world.headers(), timeout=60) as client:
        with worker(log) as process:
            for data, form in (
                (specimen(good), applicant(good)),
                (specimen(other), applicant(good)),
                (specimen(expired, "blurred"), applicant(late)),
            ):
                answer = await post(client, data, form)
                assert answer.status_code == 201
                await screened(answer, log)
            decoder = processes.decoder_of(process.pid)
            processes.stop(decoder)
            answer = await post(client, specimen(unlucky), applicant(unlucky))
            processes.asked(decoder)
            processes.kill(decoder)
            await screened(answer, log)
            broken = (await client.get(f"/api/v1/documents/{answer.json()['id']}")).json()["checks"]
            assert {check["name"] for check in broken if check["status"] == "error"} == {"file_safety"}
            born = (good.date_of_birth + timedelta(days=1)).strftime("%d.%m.%Y")
            for data, form, fields in (
                (specimen(good)[:9_000], applicant(good), {}),
                (pictures.whole_bomb(), applicant(good), {}),
                (pdfs.made(**pdfs.LOCKED), applicant(good), {}),
                (specimen(good), applicant(good, date_of_birth=born), {}),
                (specimen(good), applicant(good, passport_of=good.full_name), {}),
                (specimen(good), applicant(good)[:-2], {}),
                (specimen(good), applicant(good), {"type": good.surname}),
                (specimen(good), applicant(good), {"issuing_country": good.surname}),
                (specimen(good), applicant(good), {"metadata": good.full_name}),
            ):
                refused.append(await post(client, data, form, **fields))
            assert {one.status_code for one in refused} <= {400, 413, 422}
            metrics = (await client.get("/metrics")).text
            assert "kyc_jobs" in metrics
            assert process.poll() is None
    said = {
        "worker": log.read_text(), "web": web.logged, "metrics": metrics, "tables": await tables(world.partner_id),
        "refusals": "\n".join(one.text for one in refused),
    }  # fmt: skip
    assert '"event": "worker_started"' in said["worker"]
    found = {place: sorted(word for word in known if word in words) for place, words in said.items()}
    assert not any(found.values()), found
