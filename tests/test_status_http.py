"""The public status by plain HTTP: for everybody, without a script, also while what it tells of is away."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime

import httpx2
import pytest
from sqlalchemy import make_url

from backoffice.api.status_board import FRESH_SECONDS, Report
from backoffice.db import transaction
from backoffice.models.status_samples import Component, DayStatus, ServiceStatus
from backoffice.pages.public import status_html
from backoffice.pages.public.status import represent
from backoffice.services import status_samples
from backoffice.services.access import Actor
from tests.services.people import make_partner
from tests.test_sign_in_http import HEADERS
from tests.web_process import Web, web_process

pytestmark = pytest.mark.usefixtures("database")
S = ServiceStatus
PLACES = {f"status-{component}" for component in Component}
WORDS = {"working", "slow", "disturbed", "down", "unknown"}
SYSTEM = Actor.system(name="test")


def client_of(running) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=running.url, timeout=30)


def shown(html: str) -> dict[str, str]:
    return dict(re.findall(r'data-testid="(status-[a-z]+)" data-status="([a-z]+)"', html))


async def test_anybody_reads_it_without_a_script_and_it_says_nothing_of_anybody(web):
    await make_partner()
    async with client_of(web) as client:
        answer = await client.get("/status")
        assert answer.status_code == 200
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert {"private, max-age=5"} == {answer.headers["cache-control"]}
        assert set(shown(answer.text)) == PLACES | {"status-page"}
        assert set(shown(answer.text).values()) <= WORDS
        assert re.findall(r"<script[^>]*>", answer.text) == ['<script src="/theme.js">']
        assert "set-cookie" not in answer.headers
        for secret in ("Fjord Bank", "PostgreSQL", "Valkey", "Redis", "0.1.0", "ptr_"):
            assert secret not in answer.text
        assert (await client.get("/status/")).status_code == 200
        assert "État du service" in (await client.get("/status", headers={"Accept-Language": "fr"})).text
        assert 'href="/status"' in (await client.get("/login")).text


async def test_a_program_reads_words_and_shares_and_no_amounts(web):
    async with transaction(SYSTEM.tenancy) as session:
        await status_samples.keep(session, SYSTEM, dict.fromkeys(Component, "working"))
    async with client_of(web) as client:
        answer = await client.get("/status.json")
        told = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.headers["cache-control"] == "private, max-age=5"
        assert set(told) == {"status", "checked_at", "components"}
        assert [one["id"] for one in told["components"]] == list(Component)
        for one in told["components"]:
            assert set(one) == {"id", "status", "days"}
            assert one["status"] in WORDS
            for day in one["days"] or ():
                assert set(day) <= WORDS | {"date", "measured"}
                assert all(0 <= share <= 1 for name, share in day.items() if name != "date")
        again = [
            one.json()["checked_at"] for one in await asyncio.gather(*(client.get("/status.json") for _ in range(9)))
        ]
        assert len(set(again)) == 1


@asynccontextmanager
async def between(target: str) -> AsyncGenerator[tuple[int, Callable[[], None]]]:
    """Stand between a process and the socket file of a server, until somebody pulls the plug."""
    open_ones: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(target)
        open_ones.extend((writer, ours))
        await asyncio.gather(pump(reader, ours), pump(theirs, writer))

    server = await asyncio.start_server(joined, "127.0.0.1", 0)

    def pull() -> None:
        server.close()
        for one in open_ones:
            one.transport.abort()

    yield server.sockets[0].getsockname()[1], pull
    pull()


@asynccontextmanager
async def with_plug(servers, **more: str) -> AsyncGenerator[tuple[Web, Callable[[], None]]]:
    """Run a web process whose database and Redis can be taken away."""
    url = make_url(servers.app_url)
    folder, number = str(url.query["host"]), url.query.get("port", "5432")
    async with between(f"{folder}/.s.PGSQL.{number}") as (port, pull):
        kept = {name: value for name, value in url.query.items() if name not in {"host", "port"}}
        near = url.set(host="127.0.0.1", port=port, query=kept).render_as_string(hide_password=False)
        away = {"BACKOFFICE_DATABASE_URL": near, "BACKOFFICE_REDIS_URL": "redis://127.0.0.1:1/0"}
        manager = web_process(servers, **away, **more)
        running = await asyncio.to_thread(manager.__enter__)
        try:
            yield running, pull
        finally:
            await asyncio.to_thread(manager.__exit__, None, None, None)


async def test_it_answers_while_database_and_redis_are_away_and_not_without_end(servers):
    async with with_plug(servers) as (running, pull), client_of(running) as client:
        before = shown((await client.get("/status")).text)
        assert (before["status-api"], before["status-live"]) != ("down", "working")
        assert before["status-webhooks"] != "unknown"
        pull()
        await asyncio.sleep(FRESH_SECONDS)
        began = time.monotonic()
        answer = await client.get("/status")
        assert time.monotonic() - began < 5
        assert answer.status_code == 200
        assert shown(answer.text) == {
            "status-page": "down", "status-api": "down", "status-live": "down", "status-screening": "unknown",
            "status-reviews": "unknown", "status-webhooks": "unknown",
        }  # fmt: skip
        codes = [(await client.get("/status.json")).status_code for _ in range(40)]
        refused = await client.get("/status")
        assert (codes[0], codes[-1], refused.status_code) == (200, 429, 429)
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        problem = await client.get("/status.json")
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["code"] == "too_many_requests"


def reported(history, **changes) -> Report:
    known = dict.fromkeys(Component, S.WORKING) | {Component(name): status for name, status in changes.items()}
    return Report(datetime(2026, 11, 28, 9, 30, tzinfo=UTC), known, history)


def test_what_nobody_measured_is_told_and_drawn_as_no_data():
    days = [DayStatus(date(2026, 11, day), {}, 288) for day in (24, 25)]
    days += [
        DayStatus(date(2026, 11, 26), {S.WORKING: 288}, 288),
        DayStatus(date(2026, 11, 27), {S.WORKING: 140, S.DOWN: 4}, 288),
        DayStatus(date(2026, 11, 28), {S.WORKING: 57, S.SLOW: 57}, 114),
    ]
    html = status_html.status_page(reported(dict.fromkeys(Component, days)))
    assert html.count('class="s-none" x=') == 5 * len(days)
    assert html.count('class="s-working" x=') == 5 * 3
    assert '<rect class="s-down" x="12" y="27.00" width="3" height="5.00"/>' in html
    assert '<rect class="s-working" x="12" y="16.00" width="3" height="11.00"/>' in html
    for told in (
        "24 Nov 2026 to 25 Nov 2026: no data 100\N{NO-BREAK SPACE}%",
        "26 Nov 2026: working 100\N{NO-BREAK SPACE}%",
        "27 Nov 2026: down 1.4\N{NO-BREAK SPACE}%, working 48.6\N{NO-BREAK SPACE}%, no data 50\N{NO-BREAK SPACE}%",
        "28 Nov 2026: slow 50\N{NO-BREAK SPACE}%, working 50\N{NO-BREAK SPACE}%",
        "Working in 88.8\N{NO-BREAK SPACE}% of what was measured; measured in 43.1\N{NO-BREAK SPACE}% of the time.",
    ):
        assert told in html, told


def test_without_a_history_and_without_answers_it_says_so():
    html = status_html.status_page(reported(None, webhooks=S.UNKNOWN))
    assert html.count("The last days cannot be read right now.") == 5
    assert shown(html)["status-page"] == "unknown"
    assert "We cannot tell everything right now" in html
    assert "Cannot tell" in html
    assert {one["days"] for one in represent(reported(None))["components"]} == {None}
    assert "Nothing was measured yet." in status_html.status_page(
        reported({one: [DayStatus(date(2026, 11, 28), {}, 5)] for one in Component})
    )


def test_a_part_of_nearly_all_is_not_told_as_all():
    days = [DayStatus(date(2026, 11, 27), {S.WORKING: 287, S.DOWN: 1}, 288)] * 40
    html = status_html.status_page(reported(dict.fromkeys(Component, days)))
    assert "27 Nov 2026: down 0.3\N{NO-BREAK SPACE}%, working 99.7\N{NO-BREAK SPACE}%" in html
    nearly = [DayStatus(date(2026, 11, 27), {S.WORKING: 288}, 288)] * 89
    nearly.append(DayStatus(date(2026, 11, 28), {S.WORKING: 287, S.SLOW: 1}, 288))
    assert "Working in 99.9\N{NO-BREAK SPACE}% of" in status_html.status_page(
        reported(dict.fromkeys(Component, nearly))
    )
