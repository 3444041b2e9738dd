"""The event list over HTTP: pages, cursors, types, and what a poller sees."""

import asyncio
from urllib.parse import quote

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.services import events
from backoffice.services.events import Subject
from tests.api.world import OPERATOR, applicant, files

URL = "/api/v1/events"


async def happen(world, *types):
    for type_ in types:
        subject = Subject("document", new_id(), world.partner_id, True, {"id": "x"})
        async with transaction(Tenancy.everyone()) as session:
            await events.emit(session, OPERATOR, type_, subject)


async def page(client, headers, **query):
    answer = await client.get(URL, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def poll(client, headers, count, after=None, **query):
    """Do what a partner does: ask, take, go on with `next_cursor`."""
    seen = []
    async with asyncio.timeout(20):
        while len(seen) < count:
            got = await page(client, headers, **query, **({"after": after} if after else {}))
            seen += got["data"]
            after = got["next_cursor"]
    return seen, after


async def test_a_submitted_document_is_followed_from_its_first_event(client, acme):
    headers = await acme.headers()
    data = {"applicant": applicant(), "external_id": "user-1"}
    made = (await client.post("/api/v1/documents", headers=headers, files=files(), data=data)).json()
    seen, _ = await poll(client, headers, 5)
    types = [event["type"] for event in seen]
    assert types[0] == "api_key.created"
    assert {"applicant.created", "verification.created", "document.created", "document.submitted"} <= set(types)
    mine = [event for event in seen if event["subject"] == {"type": "document", "id": made["id"]}]
    assert [event["sequence"] for event in mine] == [1, 2]
    assert mine[0]["data"]["object"]["external_id"] == "user-1"
    assert "Specimen" not in str(seen)
    one = await client.get(f"{URL}/{mine[0]['id']}", headers=headers)
    assert one.json() == mine[0]
    history = await client.get(f"/api/v1/documents/{made['id']}/history", headers=headers)
    assert history.json()["data"] == mine


async def test_a_poller_just_loops(client, acme):
    headers = await acme.headers()
    await happen(acme, *["document.created"] * 4)
    seen, last = await poll(client, headers, 4, limit=3, type="document.*")
    quiet = await page(client, headers, after=last, type="document.*")
    assert quiet == {"data": [], "next_cursor": last, "has_more": False}
    await happen(acme, "document.approved")
    more, later = await poll(client, headers, 1, last, type="document.*")
    assert [event["type"] for event in more] == ["document.approved"]
    assert later != last
    assert more[0]["id"] not in [event["id"] for event in seen]


async def test_an_empty_list_without_a_cursor_has_none(client, acme):
    got = await page(client, await acme.headers(), type="invoice.finalized")
    assert got == {"data": [], "next_cursor": None, "has_more": False}


async def test_pages_say_whether_there_is_more_now(client, acme):
    headers = await acme.headers()
    await happen(acme, *["document.created"] * 3)
    await poll(client, headers, 3, type="document.created")
    first = await page(client, headers, type="document.created", limit=2)
    assert (len(first["data"]), first["has_more"]) == (2, True)
    last = await page(client, headers, type="document.created", limit=2, after=first["next_cursor"])
    assert (len(last["data"]), last["has_more"]) == (1, False)
    assert last["next_cursor"] not in {None, first["next_cursor"]}


async def test_types_repeat_and_take_wildcards(client, acme):
    headers = await acme.headers()
    await happen(acme, "document.created", "applicant.created", "review.claimed", "review.released")
    seen, _ = await poll(client, headers, 3, type=["review.*", "applicant.created"])
    assert sorted(event["type"] for event in seen) == ["applicant.created", "review.claimed", "review.released"]


async def test_from_an_events_id_and_from_now(client, acme):
    headers = await acme.headers()
    await happen(acme, "document.created", "document.submitted", "document.approved")
    seen, _ = await poll(client, headers, 4)
    rest, _ = await poll(client, headers, 2, seen[1]["id"])
    assert [event["id"] for event in rest] == [event["id"] for event in seen[2:]]
    start = await page(client, headers, after="now")
    assert start["data"] == []
    await happen(acme, "document.rejected")
    news, _ = await poll(client, headers, 1, start["next_cursor"])
    assert [event["type"] for event in news] == ["document.rejected"]


@pytest.mark.parametrize(
    ("query", "code", "place"),
    [
        ("after=nonsense", "invalid_cursor", "/after"),
        ("after=evt_" + "0" * 26, "invalid_cursor", "/after"),
        ("after=" + "A" * 43, "invalid_cursor", "/after"),
        ("after=" + quote("\u00e9" * 43), "invalid_cursor", "/after"),
        ("after=a%00", "control_characters", "/after"),
        ("after=" + "x" * 201, "too_long", "/after"),
        ("after=", "invalid_value", "/after"),
        ("type=document.declined", "unknown_event_type", "/type"),
        ("type=*", "unknown_event_type", "/type"),
        ("type=document.*&type=", "invalid_value", "/type/1"),
        ("type=" + "&type=".join(["document.*"] * 51), "too_long", "/type"),
        ("limit=0", "out_of_range", "/limit"),
        ("limit=101", "out_of_range", "/limit"),
        ("limit=ten", "invalid_type", "/limit"),
        ("cursor=x", "unknown_field", "/cursor"),
    ],
)
async def test_wrong_queries_are_named(client, acme, query, code, place):
    answer = await client.get(f"{URL}?{query}", headers=await acme.headers())
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["errors"][0]["pointer"] == place
    assert "declined" not in answer.text
