"""What becomes of announced documents: buckets that take them, and the end of what nobody sends."""

import asyncio
from datetime import timedelta

import boto3
import pytest

from backoffice import clock
from backoffice.adapters.storage import storage_for
from backoffice.jobs import expiry
from backoffice.models.base import Prefix, new_id, parse_public_id
from backoffice.services import tokens, uploads
from backoffice.settings import settings
from tests.api.upload_cast import MEGABYTE, URL, announce, assert_sealed, key_of, path_of, put, read, staged, submit
from tests.api.world import files, moved, passport, picture, rows, rows_changed


@pytest.fixture
def s3(aws, monkeypatch):
    """Let this test's files live in a bucket of its own."""
    bucket = f"papers-{new_id().hex}"
    client = boto3.client("s3", endpoint_url=aws, region_name="us-east-1")
    client.create_bucket(Bucket=bucket)
    monkeypatch.setenv("BACKOFFICE_STORAGE_URL", f"s3://{bucket}/some/prefix?endpoint={aws}&region=us-east-1")
    settings.cache_clear()
    yield lambda: [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
    monkeypatch.undo()
    settings.cache_clear()


async def test_straight_to_the_bucket(client, acme, s3):
    import httpx2

    headers = await acme.headers()
    body = await announce(client, headers, "front", "back")
    async with httpx2.AsyncClient() as device:
        for upload, data in zip(body["uploads"], (passport(), b"x" * (15 * MEGABYTE + 1)), strict=True):
            assert "X-Amz-Signature" in upload["url"]
            sent = await device.put(upload["url"], content=data, headers=upload["headers"])
            assert sent.status_code == 200, sent.text
        large = await submit(client, headers, body)
        assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
        assert large.json()["errors"][0]["pointer"] == "/files/1"
        assert {key.split("/")[2] for key in s3()} == {"staging"}
        await device.put(body["uploads"][1]["url"], content=b"")
        empty = await submit(client, headers, body)
        assert (empty.status_code, empty.json()["code"]) == (422, "file_empty")
        await device.put(body["uploads"][1]["url"], content=picture())
    answer = await submit(client, headers, body)
    assert answer.status_code == 200, answer.text
    await assert_sealed(answer.json(), (passport(), picture()))
    assert len(s3()) == 2
    assert not any("staging" in key for key in s3())
    through_us = path_of(await ours(body))
    late = await client.put(through_us, content=picture())
    assert (late.status_code, late.json()["code"]) == (409, "not_awaiting_upload")


async def ours(body):
    """Write the address that our own API would have given for the first file."""
    file_id = parse_public_id(Prefix.FILE, body["uploads"][0]["file_id"])
    row = (await rows("select partner_id, expires_at from uploads where id = :u", u=file_id))[0]
    packed = uploads.BODY.pack(file_id.bytes, row.partner_id.bytes, int(row.expires_at.timestamp()))
    return {"url": f"/api/v1/uploads/{tokens.write(uploads.TOKEN_PURPOSE, packed)}"}


async def test_a_bucket_that_takes_no_uploads_gets_them_sealed_through_us(client, acme, s3, monkeypatch):
    import os

    monkeypatch.setenv("BACKOFFICE_STORAGE_URL", os.environ["BACKOFFICE_STORAGE_URL"] + "&uploads=proxied")
    settings.cache_clear()
    headers = await acme.headers()
    body = await announce(client, headers)
    assert body["uploads"][0]["url"].startswith(settings().url)
    await put(client, body["uploads"][0], passport())
    box = await storage_for("default").get(s3()[0].removeprefix("some/prefix/"))
    assert passport()[200:264] not in box
    assert (await submit(client, headers, body)).status_code == 200
    assert not any("staging" in key for key in s3())


async def overdue(body, by=timedelta(seconds=1)):
    await rows_changed("update documents set expires_at = :t where id = :d", t=clock.wall() - by, d=key_of(body))


async def test_what_nobody_sends_expires_with_all_that_was_staged(client, acme):
    headers = await acme.headers()
    body = await announce(client, headers)
    await put(client, body["uploads"][0], picture())
    kept = (await rows("select expires_at, created_at from documents where id = :d", d=key_of(body)))[0]
    assert timedelta(hours=23) < kept.expires_at - kept.created_at <= timedelta(hours=24, seconds=5)
    await expiry.expire_documents()
    assert (await read(client, headers, body))["status"] == "awaiting_upload"
    await overdue(body)
    await asyncio.gather(expiry.expire_documents(), expiry.expire_documents())
    document = await read(client, headers, body)
    assert (document["status"], document["version"]) == ("expired", 2)
    assert document["completed_at"]
    history = (await client.get(f"{URL}/{body['id']}/history", headers=headers)).json()["data"]
    assert [event["type"] for event in history] == ["document.created", "document.expired"]
    assert staged(acme) == []
    assert (await submit(client, headers, body)).json()["code"] == "not_awaiting_upload"
    assert (await rows("select expires_at from documents where id = :d", d=key_of(body)))[0].expires_at is None


async def test_what_a_crash_left_staged_goes_when_nobody_can_write_there_any_more(client, acme):
    headers = await acme.headers()
    waiting, done = await announce(client, headers), await announce(client, headers)
    for body in (waiting, done):
        await put(client, body["uploads"][0], picture())
    assert (await submit(client, headers, done)).status_code == 200
    left = f"staging/{acme.partner_id}/{key_of(done)}/{parse_public_id(Prefix.FILE, done['uploads'][0]['file_id'])}"
    await storage_for("default").put(left, b"written by a late PUT")
    await expiry.discard_uploads()
    assert len(staged(acme)) == 2
    past = clock.wall() - uploads.LATE - timedelta(seconds=1)
    await rows_changed("update uploads set expires_at = :t where partner_id = :p", t=past, p=acme.partner_id)
    await expiry.discard_uploads()
    assert [str(key_of(waiting)) in path.parts for path in staged(acme)] == [True]
    assert len(await rows("select 1 from uploads where partner_id = :p", p=acme.partner_id)) == 1
    fresh = (await client.get(f"{URL}/{waiting['id']}/uploads", headers=headers)).json()["data"]
    await put(client, fresh[0], passport())
    assert (await submit(client, headers, waiting)).status_code == 200


async def test_test_data_expires_by_the_test_clock(client, acme):
    live, test = await acme.headers(), await acme.headers("test", livemode=False)
    bodies = [await announce(client, headers) for headers in (live, test)]
    ahead = int(timedelta(hours=25).total_seconds())
    await rows_changed("update partners set test_clock_seconds = :s where id = :p", s=ahead, p=acme.partner_id)
    later = await announce(client, test)
    assert later["created_at"][:10] > bodies[1]["created_at"][:10]
    await put(client, later["uploads"][0], picture())
    await expiry.expire_documents()
    statuses = [
        (await read(client, headers, body))["status"] for headers, body in zip((live, test), bodies, strict=True)
    ]
    assert statuses == ["awaiting_upload", "expired"]
    history = (await client.get(f"{URL}/{bodies[1]['id']}/history", headers=test)).json()["data"]
    assert history[-1]["created_at"] >= later["created_at"][:19]
    assert (await read(client, test, later))["status"] == "awaiting_upload"
    assert (await submit(client, test, later)).status_code == 200


async def test_a_wanted_resubmission_is_waited_for_thirty_days(client, acme):
    headers, test = await acme.headers(), await acme.headers("test", livemode=False)
    ahead = timedelta(days=400)
    await rows_changed(
        "update partners set test_clock_seconds = :s where id = :p", s=int(ahead.total_seconds()), p=acme.partner_id
    )
    for one, lead in ((headers, timedelta()), (test, ahead)):
        body = (await client.post(URL, headers=one, files=files())).json()
        await moved(body["id"], "processing", "in_review", "resubmission_requested")
        kept = (await rows("select expires_at from documents where id = :d", d=key_of(body)))[0]
        days = (kept.expires_at - clock.wall() - lead) / timedelta(days=1)
        assert round(days, 1) == 30
        await expiry.expire_documents()
        assert (await read(client, one, body))["status"] == "resubmission_requested"
        await overdue(body)
        await expiry.expire_documents()
        assert (await read(client, one, body))["status"] == "expired"
        late = await client.post(URL, headers=one, files=files(), data={"replaces": body["id"]})
        assert (late.status_code, late.json()["code"]) == (409, "not_replaceable")
