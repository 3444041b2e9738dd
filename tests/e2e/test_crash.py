"""Kill what you like: every accepted document reaches a person, once, and no event is lost."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest

from tests.e2e.api import post_passport, wait_status
from tests.e2e.hooks import create_endpoint
from tests.e2e.product import Product
from tests.e2e.receiver import Receiver

pytestmark = pytest.mark.timeout(420)


def kill(product: Product, marker: str) -> int:
    """Kill -9 every process of one kind, as a crash does: no handler runs."""
    victims = product.processes(marker)
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    return len(victims)


def counts(product: Product, document_ids: list[str], sql: LiteralString) -> dict[str, int]:
    with psycopg.connect(product.runtime()["database_owner_url"].replace("+psycopg", "")) as database:
        database.execute("select set_config('app.everyone', 'on', false)")
        rows = database.execute(sql).fetchall()
    return {row[0]: row[1] for row in rows if row[0] in document_ids}


def test_a_worker_killed_in_the_middle_of_screening_loses_nothing(product: Product, receiver: Receiver):
    receiver.secret = create_endpoint(product, receiver.url)

    def post(number: int) -> str:
        external_id = f"crash-{time.time_ns()}-{number}"
        return post_passport(product, key=product.key(), seed=500 + number, external_id=external_id)["id"]

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(post, range(6)))
    wait_status(product, ids[0], "processing", "in_review", key=product.key(), seconds=30)
    assert kill(product, "backoffice.worker") >= 1
    for document_id in ids:
        wait_status(product, document_id, "in_review", key=product.key(), seconds=120)
    sequences = "select data->'object'->>'id', count(*) from events where type = 'document.in_review' group by 1"
    assert counts(product, ids, sequences) == dict.fromkeys(ids, 1)
    gaps = (
        "select data->'object'->>'id', (max(sequence) - count(*))::int from events"
        " where subject_type = 'document' group by 1"
    )
    assert counts(product, ids, gaps) == dict.fromkeys(ids, 0)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(not receiver.of(i, "document.in_review") for i in ids):
        time.sleep(0.3)
    for document_id in ids:
        told = {event["webhook-id"] for event in receiver.of(document_id, "document.in_review")}
        assert len(told) == 1, document_id


def test_web_killed_right_after_a_201_keeps_the_document(product: Product):
    document = post_passport(product, key=product.key(), seed=700, external_id=f"web-crash-{time.time_ns()}")
    assert kill(product, "backoffice.backoffice:app") >= 1
    product.wait_ready(60)
    wait_status(product, document["id"], "in_review", key=product.key(), seconds=90)


def test_everything_killed_and_started_again_finds_the_same_data(product: Product):
    before = post_passport(product, key=product.key(), seed=701, external_id=f"all-crash-{time.time_ns()}")
    kill(product, "backoffice.worker")
    kill(product, "backoffice.backoffice:app")
    kill(product, "valkey")
    product.wait_ready(90)
    after = wait_status(product, before["id"], "in_review", key=product.key(), seconds=120)
    assert after["files"] == before["files"]
