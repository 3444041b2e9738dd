"""Row 59: who was erased is nowhere any more, for somebody who has the database, Redis, the files and the logs."""

import json
import secrets
from collections.abc import Iterable

import httpx2
import psycopg
import pytest
from redis.asyncio import Redis

from backoffice.db import transaction
from backoffice.jobs import erasures as jobs
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.members import Role
from backoffice.models.review_tasks import Outcome
from backoffice.services import decisions, questions, review_claims
from backoffice.settings import settings
from tests.api.world import files, make_world, passport, rows_changed, screened
from tests.services.review_cast import SYSTEM, Cast, member
from tests.services.test_audit_files import checked, exported
from tests.services.test_audit_seals import EVERYONE, seal_all

pytestmark = pytest.mark.usefixtures("database")
TABLES = """
select format('%I', c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'r' order by 1"""


def canaries() -> dict[str, str]:
    """Words about one person that stand nowhere else."""
    sign = secrets.token_hex(5)
    return {
        "given_names": f"Qael{sign}",
        "surname": f"Zyxova{sign}",
        "address": f"Canary Lane {sign}",
        "email": f"canary-{sign}@person.example",
        "phone": f"+99{int(sign, 16)}",
        "document_number": f"CN{sign}X",
    }


def forms(words: Iterable[str]) -> list[bytes]:
    """Write each word in every way in which somebody might find it: letters, capitals, hexadecimal as bytea prints."""
    found = []
    for word in words:
        for one in (word, word.upper(), word.lower()):
            found += [one.encode(), one.encode().hex().encode(), json.dumps(one)[1:-1].encode()]
    return found


def in_database(servers, looked_for: list[bytes]) -> list[str]:
    """Name the tables in which a word stands, read as the owner past every rule."""
    with psycopg.connect(servers.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        names = [row[0] for row in owner.execute(TABLES)]
        assert "applicants" in names
        return [name for name in names if _stands(owner.execute(f"select t::text from {name} t"), looked_for)]


def _stands(rows, looked_for: list[bytes]) -> bool:
    return any(word in row[0].encode() for row in rows for word in looked_for)


READ = {
    b"string": ("GET",),
    b"set": ("SMEMBERS",),
    b"hash": ("HGETALL",),
    b"list": ("LRANGE", 0, -1),
    b"zset": ("ZRANGE", 0, -1),
    b"stream": ("XRANGE", "-", "+"),
}
"""How to read all of a key; a dump of it may be compressed, and then no word stands in it as it is."""


async def in_redis(servers, looked_for: list[bytes]) -> list[str]:
    async with Redis.from_url(servers.redis_url) as redis:
        found = []
        async for key in redis.scan_iter():
            kind = await redis.type(key)
            if kind == b"none":
                continue  # it expired meanwhile
            command, *rest = READ[kind]
            value = await redis.execute_command(command, key, *rest)
            whole = value if isinstance(value, bytes) else repr(value).encode()
            found += [key.decode(errors="replace")] if any(word in key + whole for word in looked_for) else []
        return found


def in_files(servers, web, looked_for: list[bytes]) -> list[str]:
    """Name the files of the data folder and the logs in which a word stands."""
    places = [*settings().data_dir.rglob("*"), web.log]
    return [
        str(place) for place in places if place.is_file() and any(word in place.read_bytes() for word in looked_for)
    ]


async def through_everything(client, headers, person) -> dict:
    """Let a person's document come in, be searched, reviewed with words about them, decided and read."""
    sent = {"applicant": json.dumps(person), "metadata": json.dumps({"name": person["surname"]})}
    answer = await client.post("/api/v1/documents", headers=headers, files=files(passport()), data=sent)
    assert answer.status_code == 201, answer.text
    document, kim = answer.json(), await member(Cast(None), Role.REVIEWER)
    task = await screened(document["id"])
    async with transaction(EVERYONE) as session:
        task = await review_claims.start(session, kim, task.id)
        await questions.ask(session, kim, task.id, f"Is {person['given_names']} the holder?")
    async with transaction(EVERYONE) as session:
        task = await review_claims.claim(session, kim, task.id)
        await review_claims.start(session, kim, task.id)
        verdict = await decisions.sign(
            session, kim, task.id, outcome=Outcome.REJECTED, reasons=["tampering_suspected"],
            note=f"Spoke to {person['surname']}", message=f"Dear {person['given_names']}", version=task.version,
        )  # fmt: skip
    await rows_changed("update review_tasks set verdict_final_at = now() where id = :t", t=task.id)
    async with transaction(EVERYONE) as session:
        assert await decisions.finalize(session, SYSTEM, task.id, verdict.id)
    for path in (f"documents/{document['id']}", f"applicants/{document['applicant_id']}", "events?limit=100"):
        assert (await client.get(f"/api/v1/{path}", headers=headers)).status_code == 200
    wrong = json.dumps(person | {"date_of_birth": person["surname"]})
    assert (await client.post("/api/v1/applicants", headers=headers, content=wrong)).status_code in {415, 422}
    return document


async def test_59_who_was_erased_is_nowhere_and_the_log_still_verifies(servers, web):
    world, person = await make_world(), canaries()
    looked_for, headers = forms(person.values()), await world.headers()
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        document = await through_everything(client, headers, person)
        before = await seal_all()
        erased = await client.delete(f"/api/v1/applicants/{document['applicant_id']}", headers=headers)
        assert erased.status_code == 202, erased.text
        await jobs.erase(str(parse_public_id(Prefix.ERASURE_REQUEST, erased.json()["id"])))
        shown = await client.get(f"/api/v1/applicants/{document['applicant_id']}", headers=headers)
    assert not any(word.encode() in shown.content for word in person.values())
    assert in_database(servers, looked_for) == []
    assert await in_redis(servers, looked_for) == []
    assert in_files(servers, web, looked_for) == []
    after = await seal_all()
    assert after.size > before.size
    report = checked(await exported())
    assert report.is_good, report.problems


async def test_59_the_search_finds_what_is_there(servers, web):
    """Show that the test above can fail: before the erasure nothing is in clear, but for what somebody writes so."""
    world, person = await make_world(), canaries()
    looked_for = forms(person.values())
    async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client:
        sent = {"applicant": json.dumps(person), "external_id": person["document_number"]}
        answer = await client.post("/api/v1/documents", headers=await world.headers(), files=files(), data=sent)
        assert answer.status_code == 201, answer.text
    assert in_database(servers, looked_for) == ["documents", "events"]
    async with Redis.from_url(servers.redis_url) as redis:
        await redis.set("canary-of-a-test", person["surname"], ex=60)
        assert await in_redis(servers, looked_for) == ["canary-of-a-test"]
        await redis.delete("canary-of-a-test")
    place = settings().data_dir / "canary-of-a-test"
    place.write_text(person["email"])
    try:
        assert in_files(servers, web, looked_for) == [str(place)]
    finally:
        place.unlink()
