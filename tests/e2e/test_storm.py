"""Fifty clients post while the worker, Redis and, less often, the web workers are killed: nothing is lost or doubled.

STORM_DOCUMENTS=2000 runs it at full size, and `--log-cli-level=INFO` tells the figures.
"""

import asyncio
import io
import logging
import os
import random
import signal
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx2
import psycopg
import pytest
from PIL import Image

from tests.e2e.product import Product

log = logging.getLogger(__name__)
pytestmark = [
    pytest.mark.timeout(3_000),
    pytest.mark.skipif("STORM_DOCUMENTS" not in os.environ, reason="asked for by its size: STORM_DOCUMENTS=2000"),
]
DOCUMENTS = int(os.environ.get("STORM_DOCUMENTS", "60"))
CLIENTS = min(50, DOCUMENTS // 2)
WORKER, REDIS, WEB = "backoffice.worker", "valkey", "backoffice.backoffice:app"
VICTIMS = (WORKER, REDIS, WORKER, REDIS, WEB)
AGAIN = {409, 429, 500, 502, 503, 504}
SCREENED = ("in_review", "approved", "rejected", "resubmission_requested")


@dataclass
class Storm:
    """What the clients were told."""

    url: str
    key: str
    answers: dict[str, str] = field(default_factory=dict)
    """The document's id by idempotency key."""
    retries: int = 0
    replays: int = 0


def picture(seed: int) -> bytes:
    """A small picture that no other document has."""
    buffer = io.BytesIO()
    Image.effect_noise((640, 420), 20 + seed % 60).convert("RGB").save(buffer, "JPEG", quality=40)
    return buffer.getvalue()


async def post(storm: Storm, client: httpx2.AsyncClient, name: str, data: bytes) -> httpx2.Response:
    """Send until somebody answers with something that is not "try again"."""
    headers = {"Authorization": f"Bearer {storm.key}", "Idempotency-Key": name}
    while True:
        try:
            answer = await client.post(
                f"{storm.url}/api/v1/documents",
                headers=headers,
                files={"files": ("a.jpg", data, "image/jpeg")},
                data={"type": "passport", "external_id": name},
            )
        except httpx2.TransportError:
            storm.retries += 1
        else:
            if answer.status_code not in AGAIN:
                return answer
            storm.retries += 1
        await asyncio.sleep(0.1 + random.random() * 0.4)


async def client(storm: Storm, numbers: list[int], prefix: str) -> None:
    async with httpx2.AsyncClient(timeout=20) as browser:
        for number in numbers:
            name, data = f"{prefix}-{number}", picture(number)
            answer = await post(storm, browser, name, data)
            assert answer.status_code == 201, answer.text
            storm.answers[name] = answer.json()["id"]
            if number % 5 == 0:
                again = await post(storm, browser, name, data)
                assert again.headers["idempotent-replayed"] == "true"
                assert again.json() == answer.json()
                storm.replays += 1


async def rage(product: Product, is_over: asyncio.Event) -> Counter[str]:
    """Kill -9 one kind of process after the other until the clients are through; answer how many of each."""
    kills = Counter[str]()
    while not is_over.is_set():
        for victim in VICTIMS:
            for pid in await asyncio.to_thread(product.processes, victim):
                try:
                    os.kill(pid, signal.SIGKILL)
                    kills[victim] += 1
                except ProcessLookupError:
                    pass
            try:
                await asyncio.wait_for(is_over.wait(), 6)
            except TimeoutError:
                continue
            break
    return kills


async def storm_over(product: Product, prefix: str) -> tuple[Storm, Counter[str]]:
    storm, is_over = Storm(product.url, product.key()), asyncio.Event()
    raging = asyncio.create_task(rage(product, is_over))
    try:
        async with asyncio.TaskGroup() as group:
            for start in range(CLIENTS):
                group.create_task(client(storm, list(range(start, DOCUMENTS, CLIENTS)), prefix))
    finally:
        is_over.set()
    return storm, await raging


def rows(product: Product, sql: str, *values: object) -> list[tuple]:
    with psycopg.connect(product.runtime()["database_owner_url"].replace("+psycopg", "")) as database:
        database.execute("select set_config('app.everyone', 'on', false)")
        return database.execute(sql, values).fetchall()


def used(product: Product) -> int:
    answer = httpx2.get(f"{product.url}/api/v1/quota", headers={"Authorization": f"Bearer {product.key()}"}, timeout=20)
    return answer.json()["documents"]["used"]


def test_every_201_exists_once_is_screened_and_counted(product: Product):
    prefix = f"storm-{uuid.uuid4().hex[:8]}"
    before = used(product)
    storm, kills = asyncio.run(storm_over(product, prefix))
    product.wait_ready(90)
    assert kills[WORKER]
    assert kills[REDIS]
    assert len(storm.answers) == DOCUMENTS
    stored = rows(
        product, "select external_id, count(*) from documents where external_id like %s group by 1", f"{prefix}%"
    )
    assert dict(stored) == dict.fromkeys(storm.answers, 1)
    assert used(product) - before == DOCUMENTS
    wait_screened(product, prefix)
    events = (
        "select count(*), max(e.sequence) from events e join documents d on d.id = e.subject_id"
        " where d.external_id like %s group by d.id"
    )
    assert all(count == last for count, last in rows(product, events, f"{prefix}%")), "a gap in a sequence"
    figures = len(storm.answers), CLIENTS, kills.total(), storm.retries, storm.replays
    log.info("%d documents, %d clients, %d kills, %d retries, %d replays", *figures)


def wait_screened(product: Product, prefix: str) -> None:
    """Wait as long as the number of those that are screened still grows."""
    waiting, patience = DOCUMENTS + 1, time.monotonic() + 60
    while waiting:
        left = rows(
            product,
            "select count(*) from documents where external_id like %s and status <> all(%s)",
            f"{prefix}%",
            list(SCREENED),
        )[0][0]
        if left < waiting:
            waiting, patience = left, time.monotonic() + 60
        assert time.monotonic() < patience, f"{left} documents are not screened and nothing moves"
        time.sleep(0.5)
