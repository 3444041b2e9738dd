"""Real processes that break while they hold a person's data: what leaves for Sentry names nobody."""

import asyncio
import json

import httpx2
import pytest
from sqlalchemy import text

from backoffice import specimens
from backoffice.adapters import job_queue
from backoffice.db import Tenancy, transaction
from tests.api.world import make_world
from tests.error_receiver import receiver
from tests.jobs.test_privacy import applicant, secrets_of, specimen
from tests.jobs.test_worker import worker
from tests.services.people import PASSWORD, make_person
from tests.test_status_http import with_plug

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow, pytest.mark.timeout(240)]
HOLDER = specimens.person(823, nationality="FRA")


def assert_names_nobody(kept, *more: str) -> None:
    everything = "\n".join(kept.raw)
    for word in secrets_of(HOLDER) | {*more}:
        assert word not in everything, word


async def test_a_web_process_that_loses_its_database_reports_kinds_and_places(servers):
    world, person = await make_world(), await make_person("reviewer")
    headers = await world.headers()
    with receiver() as kept:
        async with (
            with_plug(servers, BACKOFFICE_SENTRY_DSN=kept.dsn) as (running, pull),
            httpx2.AsyncClient(base_url=running.url, timeout=60) as client,
        ):
            files = [("files", ("anna.jpg", specimen(HOLDER), "image/jpeg"))]
            form = {"type": "passport", "applicant": applicant(HOLDER)}

            async def post(**more) -> int:
                sent = headers | {"Cookie": "sid=zq7cookie", "Idempotency-Key": "zq7key", **more}
                url = f"/api/v1/documents?q={HOLDER.surname}"
                return (await client.post(url, files=files, data=form, headers=sent)).status_code

            pull()
            assert await post() >= 500
            login = {"email": person.email, "password": PASSWORD}
            assert (await client.post("/auth/login", data=login, headers={"Origin": running.url})).status_code >= 500
            await asyncio.to_thread(kept.until, bool)
        events = kept.events()
    assert {event["tags"]["process"] for event in events} == {"web"}
    assert all(event["exception"]["values"][-1]["type"] for event in events if "exception" in event)
    assert "OperationalError" in json.dumps(events)
    token = headers["Authorization"].removeprefix("Bearer ")
    assert_names_nobody(kept, token, PASSWORD, person.email, "zq7", "Cookie: ", "anna.jpg", servers.secret)


async def test_a_worker_reports_a_job_that_fails(monkeypatch, tmp_path):
    with receiver() as kept:
        monkeypatch.setenv("BACKOFFICE_SENTRY_DSN", kept.dsn)
        async with transaction(Tenancy.everyone()) as session:
            # What other tests left waiting would be worked off first.
            await session.execute(text("delete from pgqueuer"))
            await job_queue.enqueue(session, "applicant.erase", {"request_id": HOLDER.full_name})
        with worker(tmp_path / "worker.log"):
            await asyncio.to_thread(kept.until, lambda events: any(event["tags"].get("job") for event in events), 60)
        failed = next(event for event in kept.events() if event["tags"].get("job") == "applicant.erase")
    assert failed["tags"]["process"] == "worker"
    assert failed["logentry"] == {"message": "job_failed"}
    assert failed["exception"]["values"][-1]["type"] == "ValueError"
    assert failed["exception"]["values"][-1]["stacktrace"]["frames"][-1]["filename"].endswith("uuid.py")
    assert_names_nobody(kept)
