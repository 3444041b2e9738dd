"""Notices: who is told what about their endpoints, how often, and that no notice makes another one."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from backoffice.adapters.job_runner import JobRunner
from backoffice.adapters.mailer import mailer
from backoffice.clock import wall
from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import notices as notice_jobs
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.services import delivery_results, delivery_sql, letter_preferences, notices, webhook_endpoints
from backoffice.services.access import Actor
from backoffice.services.delivery_attempts import GONE
from backoffice.settings import settings
from backoffice.viewmodels.events import event_row
from tests.mail_server import mail_server
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import (
    EVERYONE,
    WORKER,
    advance,
    answered,
    claim_for,
    deliveries_of,
    due_now,
    emit,
    endpoint_of,
    endpoint_row,
    quiet,
    set_endpoint,
    settle,
)

NOWHERE = "http://127.0.0.1:9/hook"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


@pytest.fixture
async def rival(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


@pytest.fixture
async def endpoint(acme):
    made, _ = await endpoint_of(acme, f"{NOWHERE}?key=hush", description="Orders <b>&</b> more")
    return made


async def fail(endpoint, times: int = 1, *, status: int = 500, **headers: str) -> None:
    """Let the endpoint's delivery fail so often, without waiting in between."""
    for _ in range(times):
        [claim] = await claim_for(endpoint)
        await settle(answered(claim, status, **headers))
        await due_now(claim.delivery_id)


async def told(cast) -> list[Event]:
    """Read what the partner was told about its endpoints."""
    async with transaction(EVERYONE) as session:
        statement = select(Event).where(Event.partner_id == cast.partner.id, Event.subject_type == "webhook_endpoint")
        return list((await session.execute(statement.order_by(Event.id))).scalars())


async def types(cast) -> list[str]:
    return [event.type.removeprefix(notices.FAMILY) for event in await told(cast)]


async def mailed(cast) -> list[tuple[str, str]]:
    """Read who gets a letter about what: types and names of members."""
    events = {str(event.id): event.type.removeprefix(notices.FAMILY) for event in await told(cast)}
    async with transaction(EVERYONE) as session:
        jobs = await session.execute(text("select payload from pgqueuer where entrypoint = 'notice.mail' order by id"))
        names = {str(row.id): row.name for row in (await session.execute(select(Member))).scalars()}
    arguments = [json.loads(payload) for (payload,) in jobs]
    assert all(set(each) == {"event_id", "member_id"} for each in arguments)
    return [(events[a["event_id"]], names[a["member_id"]]) for a in arguments if a["event_id"] in events]


# Who


async def test_letters_go_to_the_partners_administrators_and_developers_alone(acme, rival, endpoint):
    await member(acme, Role.PARTNER_ADMIN, "Amina")
    gone = await member(acme, Role.PARTNER_ADMIN, "Gone")
    await member(acme, Role.PARTNER_DEVELOPER, "Devin")
    await member(acme, Role.PARTNER_ANALYST, "Anna")
    await member(rival, Role.PARTNER_ADMIN, "Rita")
    await member(acme, Role.OPERATOR, "Olga")
    async with transaction(EVERYONE) as session:
        await session.execute(update(Member).where(Member.id == gone.id).values(disabled_at=wall()))
    await emit(acme)
    await fail(endpoint, 4)
    assert await mailed(acme) == [("failing", "Amina"), ("failing", "Devin")]
    assert await mailed(rival) == await told(rival) == []


async def test_a_letter_needs_a_reader_of_the_same_partner_who_may_still_sign_in(acme, rival, endpoint):
    reader, stranger = await member(acme, Role.PARTNER_ADMIN), await member(rival, Role.PARTNER_ADMIN)
    await emit(acme)
    await fail(endpoint, 4)
    [event] = await told(acme)
    async with transaction(EVERYONE) as session:
        assert await notices.addressed(session, WORKER, event.id, reader.id)
        assert await notices.addressed(session, WORKER, event.id, stranger.id) is None
        await session.execute(update(Member).where(Member.id == reader.id).values(disabled_at=wall()))
        assert await notices.addressed(session, WORKER, event.id, reader.id) is None


# When


async def test_the_fourth_failure_of_a_delivery_is_told_once_while_the_endpoint_fails(acme, endpoint):
    await member(acme, Role.PARTNER_ADMIN)
    await emit(acme)
    await fail(endpoint, 3)
    assert await types(acme) == []
    await fail(endpoint)
    assert await types(acme) == ["failing"]
    assert (await endpoint_row(endpoint)).failing_told_at is not None
    [event] = await told(acme)
    assert event.data["object"]["failure"] == {"status": 500, "error": "", "attempt": 4}
    await set_aside(endpoint)
    await emit(acme)
    await fail(endpoint, 5)
    assert await types(acme) == ["failing"]
    assert len(await mailed(acme)) == 1


async def set_aside(endpoint) -> None:
    """Move what is owed so far out of the way."""
    ids = [row.id for row in await deliveries_of(endpoint)]
    async with transaction(EVERYONE) as session:
        later = "update deliveries set next_attempt_at = now() + interval '9 days' where id = any (:ids)"
        await session.execute(text(later), {"ids": ids})


async def test_recovery_is_told_to_those_who_heard_of_the_failure(acme, endpoint):
    await member(acme, Role.PARTNER_ADMIN)
    for failures in (3, 4):
        await emit(acme)
        await fail(endpoint, failures)
        [claim] = await claim_for(endpoint)
        await settle(answered(claim, 200))
    assert await types(acme) == ["failing", "recovered"]
    assert [kind for kind, _ in await mailed(acme)] == ["failing", "recovered"]
    row = await endpoint_row(endpoint)
    assert (row.failing_since, row.failing_told_at) == (None, None)
    await emit(acme)
    await fail(endpoint, 4)
    assert await types(acme) == ["failing", "recovered", "failing"]


async def test_every_delivery_that_is_given_up_is_told_and_written_of_once_an_hour(acme, endpoint):
    await member(acme, Role.PARTNER_ADMIN)
    for _ in range(3):
        await emit(acme)
    rows = await deliveries_of(endpoint)
    await set_endpoint(endpoint, failing_since=wall())
    async with transaction(EVERYONE) as session:
        await session.execute(text("update deliveries set attempts = 9 where endpoint_id = :id"), {"id": endpoint.id})
    for _ in rows:
        [claim] = await claim_for(endpoint)
        await settle(answered(claim, None, "timeout"))
        await set_endpoint(endpoint, paused_until=None)
    assert await types(acme) == ["delivery_exhausted"] * 3
    assert len(await mailed(acme)) == 1
    given_up = [event.data["object"]["delivery"] for event in await told(acme)]
    assert {each["id"] for each in given_up} == {public_id(Prefix.DELIVERY, row.id) for row in rows}
    assert {each["attempts"] for each in given_up} == {delivery_sql.TRIES}


async def test_on_a_test_clock_the_hour_between_letters_passes_too(acme):
    await member(acme, Role.PARTNER_ADMIN)
    endpoint, _ = await endpoint_of(acme, NOWHERE, livemode=False)
    for _ in range(2):
        await emit(acme, livemode=False)
        async with transaction(EVERYONE) as session:
            last = "update deliveries set attempts = 9 where endpoint_id = :id and state = 'pending'"
            await session.execute(text(last), {"id": endpoint.id})
        [claim] = await claim_for(endpoint)
        await settle(answered(claim, 500))
        await advance(acme, timedelta(hours=2))
    assert len(await mailed(acme)) == 2


async def test_switching_off_by_us_is_written_of_and_by_hand_is_not(acme, endpoint):
    admin = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(admin.tenancy) as session:
        await webhook_endpoints.disable(session, admin, endpoint.id)
        await webhook_endpoints.enable(session, admin, endpoint.id)
    assert (await types(acme), await mailed(acme)) == (["disabled"], [])
    await emit(acme)
    [claim] = await claim_for(endpoint)
    await settle(answered(claim, GONE))
    assert await types(acme) == ["disabled", "disabled"]
    assert [kind for kind, _ in await mailed(acme)] == ["disabled"]


async def test_switching_on_begins_a_new_time_of_which_is_told_again(acme, endpoint):
    admin = await member(acme, Role.PARTNER_ADMIN)
    await emit(acme)
    await fail(endpoint, 4)
    async with transaction(admin.tenancy) as session:
        await webhook_endpoints.disable(session, admin, endpoint.id)
        await webhook_endpoints.enable(session, admin, endpoint.id)
    await set_aside(endpoint)
    await emit(acme)
    await fail(endpoint, 4)
    assert await types(acme) == ["failing", "disabled", "failing"]


async def test_a_notice_that_is_undone_was_never_sent(acme, endpoint):
    await member(acme, Role.PARTNER_ADMIN)
    await emit(acme)
    await fail(endpoint, 3)
    [claim] = await claim_for(endpoint)
    async with transaction(WORKER.tenancy) as session:
        await delivery_results.settle(session, WORKER, [answered(claim, 500)])
        await session.rollback()
    assert (await types(acme), await mailed(acme)) == ([], [])


# No loops


async def test_a_notice_goes_to_other_endpoints_and_never_to_the_one_it_is_about(acme, endpoint):
    other, _ = await endpoint_of(acme, NOWHERE, event_types=["webhook_endpoint.failing"])
    await emit(acme)
    await fail(endpoint, 4)
    [notice] = await told(acme)
    assert [row.event_id for row in await deliveries_of(other)] == [notice.id]
    assert notice.id not in {row.event_id for row in await deliveries_of(endpoint)}


async def test_two_dead_endpoints_do_not_tell_each_other_for_ever(acme, endpoint):
    second, _ = await endpoint_of(acme, NOWHERE)
    await emit(acme)
    for _ in range(4 * delivery_sql.TRIES):
        for claim in await claim_for(endpoint, second):
            await settle(answered(claim, 500))
        await due_now(*[row.id for one in (endpoint, second) for row in await deliveries_of(one)])
    kinds = sorted(await types(acme))
    assert kinds == ["delivery_exhausted", "delivery_exhausted", "failing", "failing"]
    assert await claim_for(endpoint, second) == []


# What letters say


async def test_letters_are_plain_and_load_nothing(acme, endpoint):
    reader = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        await session.execute(update(Partner).where(Partner.id == acme.partner.id).values(name="Acme <script>"))
    await emit(acme)
    await fail(endpoint, 4)
    [event] = await told(acme)
    async with transaction(EVERYONE) as session:
        found = await notices.addressed(session, WORKER, event.id, reader.id)
    html, plain = found.letter.as_html(), found.letter.as_text()
    place = f"{settings().url}/partner/developers/webhooks/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    assert found.letter.subject == "A webhook endpoint is failing: Orders <b>&</b> more"
    stop = letter_preferences.link(reader.id, LetterKind.WEBHOOKS)
    assert set(re.findall(r'(?:href|src)="([^"]*)"', html)) == {place, stop}
    assert "url(" not in html
    assert "<script" not in html
    assert "Acme &lt;script&gt;" in html
    for said in (plain, html):
        assert place in said
        assert "500" in said
        assert NOWHERE in said
        assert "hush" not in said
    assert all(len(line) <= 100 for line in plain.splitlines())


async def test_every_kind_of_notice_has_its_letter_and_its_line_in_the_feed(acme):
    reader = await member(acme, Role.PARTNER_ADMIN)
    endpoint, _ = await endpoint_of(acme, NOWHERE, livemode=False, description="Hook")
    await emit(acme, livemode=False)
    await fail(endpoint, 4)
    [claim] = await claim_for(endpoint)
    await settle(answered(claim, 200))
    await emit(acme, livemode=False)
    async with transaction(EVERYONE) as session:
        last = "update deliveries set attempts = 9 where endpoint_id = :id and state = 'pending'"
        await session.execute(text(last), {"id": endpoint.id})
    await fail(endpoint)
    await emit(acme, livemode=False)
    await fail(endpoint, status=GONE)
    subjects, words = [], []
    for event in await told(acme):
        async with transaction(EVERYONE) as session:
            found = await notices.addressed(session, WORKER, event.id, reader.id)
        subjects.append(found.letter.subject)
        words.append(event_row(event).words)
        assert found.letter.as_text().count("None") == 0
    assert subjects == [
        "[Test] A webhook endpoint is failing: Hook",
        "[Test] A webhook endpoint works again: Hook",
        "[Test] A webhook was given up: Hook",
        "[Test] A webhook endpoint was switched off: Hook",
    ]
    assert words == ["Endpoint is failing", "Endpoint works again", "A webhook was given up", "Endpoint switched off"]


# The whole way


@pytest.fixture
async def post_office(monkeypatch):
    """A mail server that the product is set to, and a worker that sends letters."""
    async with mail_server() as server:
        monkeypatch.setenv("BACKOFFICE_SMTP_URL", f"smtp://127.0.0.1:{server.port}?from=robot@kyc.example")
        settings.cache_clear()
        mailer.cache_clear()
        runner = JobRunner(settings().required("database_url"), first_retry=timedelta(milliseconds=50))
        runner.register(notices.MAIL_JOB, notice_jobs.mail)
        running = asyncio.create_task(runner.run())
        yield server
        runner.stop()
        await asyncio.wait_for(running, 30)
    monkeypatch.undo()
    settings.cache_clear()
    mailer.cache_clear()


async def test_a_letter_arrives_although_the_mail_server_was_busy(acme, endpoint, post_office):
    post_office.answers = ["451 4.3.0 busy"] * 2
    reader = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        address = (await session.execute(select(Member.email).where(Member.id == reader.id))).scalar_one()
    await emit(acme)
    await fail(endpoint, 4)
    async with asyncio.timeout(30):
        while not post_office.to(address):
            await asyncio.sleep(0.05)
    [mail] = post_office.to(address)
    [event] = await told(acme)
    assert mail["Subject"] == "A webhook endpoint is failing: Orders <b>&</b> more"
    assert mail["Message-ID"].startswith(f"<{public_id(Prefix.EVENT, event.id)}")
    assert "Orders &lt;b&gt;" not in mail.get_body(("plain",)).get_content()
    assert post_office.refusals == 2


async def test_an_actor_of_a_partner_cannot_write_letters(acme, endpoint):
    actor = replace(Actor.system(acme.partner.id), permissions=frozenset())
    async with transaction(actor.tenancy) as session:
        with pytest.raises(NotAllowed):
            await notices.addressed(session, actor, endpoint.id, endpoint.id)
