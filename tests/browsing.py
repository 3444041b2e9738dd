"""Signing in over HTTP, as a browser or a program does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from backoffice.models.members import Role
from tests.services.people import PASSWORD, Person, make_person
from tests.web_process import Web


@asynccontextmanager
async def browser(web: Web, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=web.url, headers={"Origin": web.url, **headers}, timeout=30) as client:
        yield client


async def sign_in(client: httpx2.AsyncClient, person: Person, **form: str) -> httpx2.Response:
    """Go through both steps; the answer of the last one."""
    answer = await client.post("/auth/login", data={"email": person.email, "password": PASSWORD, **form})
    assert answer.status_code == 303, answer.text
    if person.totp_secret:
        assert answer.headers["location"].startswith("/login/mfa"), answer.headers
        answer = await client.post("/auth/mfa", data={"code": person.code(), **form})
        assert answer.status_code == 303, answer.text
    return answer


def cookie_of(client: httpx2.AsyncClient) -> str:
    return f"sid={client.cookies['sid']}"


@asynccontextmanager
async def signed_in(
    web: Web, role: Role, person: Person | None = None
) -> AsyncIterator[tuple[Person, httpx2.AsyncClient]]:
    person = person or await make_person(role)
    async with browser(web) as client:
        await sign_in(client, person)
        yield person, client
