"""Row 66: a person's data, pushed through every door that takes a body, crashes included, is in no log."""

import asyncio
import contextlib
import copy
import html
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import psycopg
import pytest
from starlette.routing import Route

from backoffice.api import languages
from backoffice.db import transaction
from backoffice.models.members import Role
from backoffice.pages.account import security
from backoffice.pages.public import invite, passkeys, reset, sign_in, sso, status, step_up, unsubscribe
from backoffice.services import invitations, password_resets
from tests.api.estate import Estate
from tests.api.test_matrix import OPERATIONS, Operation
from tests.api.world import files, make_world
from tests.browsing import browser, signed_in
from tests.error_receiver import Receiver, receiver
from tests.security.test_erasure_rows import canaries
from tests.services.people import PASSWORD, SYSTEM, make_partner
from tests.web_process import Web, web_process

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(240)]
BORN = {"date_of_birth": "1931-07-23"}
BORN_AS = ("1931-07-23", "23.07.1931", "1931, 7, 23", "310723")
"""A birthday stands in many ways, and in no other thing here."""
WITH_BODY = [one for one in OPERATIONS if "requestBody" in one.described]
PAGES = (sign_in, passkeys, step_up, sso, invite, reset, security, unsubscribe, languages, status)
LEAVE = "/auth/logout"
FORMS = sorted(
    {one.path for page in PAGES for one in page.routes if isinstance(one, Route) and "POST" in (one.methods or ())},
    key=lambda path: (path == LEAVE, path),
)
"""Every form and every small answer to a script that a page of ours posts to; who leaves does so at the end."""
FIELDS = (
    "email", "password", "name", "code", "token", "next", "current", "present", "passkey_id", "answer", "credential",
    "language", "id", "state",
)  # fmt: skip
"""Whatever a form of ours reads."""
BOOM = """
create function canary_boom() returns trigger language plpgsql as
$$ begin raise exception 'boom %', new using detail = new::text; end $$"""
CRASHES = {
    "documents": "new.external_id like 'crash-%'",
    "applicants": "new.external_id like 'crash-%'",
    "audit_entries": "new.action in ('member.sign_in_failed', 'member.password_reset_asked')",
}
"""Where the database raises an error that holds the row."""


@dataclass
class Person:
    given: dict[str, str] = field(default_factory=lambda: canaries() | BORN)

    @property
    def looked_for(self) -> set[str]:
        words = {value for name, value in self.given.items() if name not in BORN}
        spelled = {form for word in words for form in (word, word.upper(), word.lower(), word[::-1])}
        return spelled | {form for word in words for form in (quote(word), quote_plus(word))} | {*BORN_AS}

    @property
    def whole(self) -> str:
        return " ".join(self.given.values())


def filled(node: Any, word: str) -> Any:
    """Put a word in the place of every text of an example."""
    if isinstance(node, dict):
        return {name: filled(value, word) for name, value in node.items()}
    if isinstance(node, list):
        return [filled(value, word) for value in node]
    return word if isinstance(node, str) else node


def bodies(operation: Operation, person: Person) -> list[dict[str, Any]]:
    """Say what is sent: what is right where we can, and what is wrong in every way."""
    example = operation.content().get("json", {})
    right = copy.deepcopy(example)
    if operation.path in {"/applicants", "/applicants/{applicant_id}"}:
        right = dict(person.given)
    elif operation.path == "/verifications":
        right = {"applicant": dict(person.given)}
    texts = [
        json.dumps(right),
        json.dumps(right | {"external_id": person.given["document_number"]}),
        *(json.dumps(filled(example, value)) for value in person.given.values()),
        json.dumps(example | {person.given["surname"]: person.whole}),
        json.dumps({person.given["surname"]: {"deep": [person.whole]}}),
        json.dumps(right)[:-1] + person.whole,
        json.dumps(person.whole),
        person.whole,
    ]
    sent = [{"content": text, "headers": {"Content-Type": "application/json"}} for text in texts]
    return [*sent, {"content": texts[0], "headers": {"Content-Type": f"text/{person.given['surname']}"}}]


def submissions(person: Person, **more: str) -> list[dict[str, Any]]:
    """Say what is sent with files: right, and wrong in each part of it."""
    told, name = json.dumps(person.given), person.given["surname"]
    forms = (
        {"applicant": told, "metadata": json.dumps({"name": person.whole}), "external_id": name},
        {"applicant": told[:-2]},
        {"applicant": json.dumps(person.given | {"date_of_birth": person.whole})},
        {"applicant": json.dumps(person.given | {name: person.whole})},
        {"applicant": told, "type": name},
        {"applicant": told, "issuing_country": name},
        {"applicant": told, "metadata": person.whole},
        {"applicant": told, name: person.whole},
    )
    pictures = [("files", (f"{name}.jpg", files()[0][1][1], "image/jpeg"))]
    broken = [("files", (f"{name}.jpg", person.whole.encode(), f"image/{name}"))]
    sent = [{"files": one, "data": form | more} for form in forms for one in (pictures, broken)]
    return [*sent, {"content": person.whole, "headers": {"Content-Type": f"multipart/form-data; boundary={name}"}}]


async def through_the_api(client, headers, person: Person, estate: Estate) -> Counter[int]:
    """Send it to every operation with a body, in the address, in the query and in headers as well."""
    counted: Counter[int] = Counter()
    name = person.given["surname"]
    for operation in WITH_BODY:
        path = operation.path if "multipart" in str(operation.described["requestBody"]) else None
        address = await estate.address(operation.path)
        for number, sent in enumerate(submissions(person) if path else bodies(operation, person)):
            more = {"Idempotency-Key": f"{name}{number}", "User-Agent": person.whole}
            answer = await client.request(
                operation.method, f"/api/v1{address}", params={"q": person.whole} if number % 2 else {},
                **sent | {"headers": operation.headers() | headers | more | sent.get("headers", {})},
            )  # fmt: skip
            counted[answer.status_code] += 1
    for address in (
        name,
        f"documents/{name}",
        f"documents/{name}/files/{name}",
        f"files/{name}",
        "documents?q=" + name,
    ):
        counted[(await client.get(f"/api/v1/{address}", headers=headers)).status_code] += 1
    put = await client.put(f"/api/v1/uploads/{name}", content=person.whole)
    counted[put.status_code] += 1
    return counted


async def through_the_forms(web: Web, person: Person, client: httpx2.AsyncClient) -> Counter[int]:
    counted: Counter[int] = Counter()
    for path in FORMS:
        for value in (person.given["email"], person.given["surname"], person.whole):
            for sent in (
                {"data": dict.fromkeys(FIELDS, value)},
                {"content": json.dumps(dict.fromkeys(FIELDS, value)), "headers": {"Content-Type": "application/json"}},
            ):
                counted[(await client.post(path, **sent)).status_code] += 1
    for path in ("invite", "reset", "login?next=", "unsubscribe", "status/"):
        counted[(await client.get(f"/{path}/{quote(person.given['surname'])}")).status_code] += 1
    return counted


async def joins(web: Web, person: Person) -> None:
    """Let the person be invited, join, sign in, ask for a link and choose another password: all of it succeeds."""
    name, email = f"{person.given['given_names']} {person.given['surname']}", person.given["email"]
    invited = {"email": email, "name": name, "role": Role.PARTNER_ANALYST, "partner_id": await make_partner()}
    async with transaction(SYSTEM.tenancy) as session:
        _, token = await invitations.create(session, SYSTEM, **invited)
    async with browser(web) as client:
        assert name in html.unescape((await client.get(f"/invite/{token}")).text)
        for password, status_code in ((person.given["surname"], 422), (PASSWORD, 303)):
            answer = await client.post("/auth/invite", data={"token": token, "password": password})
            assert answer.status_code == status_code, answer.text
        assert (await client.post(LEAVE)).status_code == 303
        for password in (person.whole, PASSWORD):
            await client.post("/auth/login", data={"email": email, "password": password})
        assert "sid" in client.cookies
        await client.post("/auth/reset", data={"email": email})
        async with transaction(SYSTEM.tenancy) as session:
            link = await password_resets.link_of(session, SYSTEM, email)
        for password in (person.given["surname"], "seven quiet otters swim"):
            sent = {"token": link.rpartition("/")[2], "password": password}
            answer = await client.post("/auth/reset/choose", data=sent)
        assert answer.status_code == 303


@contextlib.contextmanager
def crashing(servers) -> Iterator[None]:
    """Let the database raise errors that say whole rows, where something is written."""
    with psycopg.connect(servers.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(BOOM)
        for table, when in CRASHES.items():
            owner.execute(
                f"create trigger canary_boom before insert on {table} for each row when ({when})"
                " execute function canary_boom()"
            )
        try:
            yield
        finally:
            owner.execute("drop function canary_boom cascade")


async def crashes(client, forms, headers, person: Person) -> Counter[int]:
    counted: Counter[int] = Counter()
    for sent in submissions(person, external_id=f"crash-{person.given['document_number']}"):
        counted[(await client.post("/api/v1/documents", **sent | {"headers": headers})).status_code] += 1
    sent = person.given | {"external_id": f"crash-{person.given['document_number']}"}
    counted[(await client.post("/api/v1/applicants", headers=headers, json=sent)).status_code] += 1
    for path in ("/auth/login", "/auth/reset"):
        form = {"email": person.given["email"], "password": person.given["surname"]}
        counted[(await forms.post(path, data=form)).status_code] += 1
    return counted


def where_it_stands(person: Person, web: Web, metrics: str, kept: Receiver) -> dict[str, list[str]]:
    said = {"log": web.logged, "metrics": metrics, "reports": "\n".join(kept.raw)}
    return {
        place: sorted(
            f"{word} in {line[:700]}" for line in text.splitlines() for word in person.looked_for if word in line
        )
        for place, text in said.items()
    }


async def test_66_a_person_is_in_no_log_no_metric_and_no_report(servers):
    person, world = Person(), await make_world()
    with receiver() as kept, web_process(servers, BACKOFFICE_SENTRY_DSN=kept.dsn) as web:
        async with httpx2.AsyncClient(base_url=web.url, timeout=60) as client, browser(web) as nobody:
            estate, headers = Estate(client, world, livemode=False), await world.headers("test", livemode=False)
            of_api = await through_the_api(client, headers, person, estate)
            of_forms = await through_the_forms(web, person, nobody)
            async with signed_in(web, Role.PARTNER_ANALYST) as (_, member):
                of_forms += await through_the_forms(web, person, member)
            await joins(web, person)
            with crashing(servers):
                of_crashes = await crashes(client, nobody, headers, person)
            metrics = (await client.get("/metrics", headers=headers)).text
            await asyncio.to_thread(kept.until, bool)
    assert of_api[201] > 1, of_api
    assert of_api[422] > 100, of_api
    assert not any(status >= 500 for status in of_api + of_forms), (of_api, of_forms)
    assert of_crashes[500] == len(("document", "applicant", "sign-in", "reset")), of_crashes
    assert '"request_failed"' in web.logged
    assert "kyc_" in metrics
    assert kept.events()
    found = where_it_stands(person, web, metrics, kept)
    assert {place: lines[:2] for place, lines in found.items() if lines} == {}
