"""A browser that nobody has seen signs in: its person hears of it once, in their language."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from backoffice import clock
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import members as jobs
from backoffice.models.members import Member, Role
from backoffice.services import invitations, known_browsers, passkey_sign_in, passkeys, security_letters, sign_in
from tests.authenticator import Device
from tests.services.browser_cast import enter, entries, known, letters, with_
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_partner, make_person
from tests.services.post import post_office

pytestmark = pytest.mark.usefixtures("database")
NEW = "member.new_browser_seen"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.fixture
async def posted(monkeypatch):
    async with post_office(monkeypatch) as server:
        yield server


async def test_only_the_system_writes_the_letter():
    person = await make_person(Role.PARTNER_ADMIN)
    step = await enter(person)
    for actor in (actor_of(person), actor_of(await make_person(Role.OPERATOR))):
        async with transaction(actor.tenancy) as session:
            with pytest.raises(NotAllowed):
                await security_letters.new_browser(
                    session, actor, person.id, step.actor.session_id, "2026-11-28T06:00:00+00:00"
                )


async def test_the_first_browser_is_no_news_and_the_second_is():
    person = await make_person(Role.PARTNER_ANALYST)
    first = await enter(person)
    assert (await entries(person, NEW), await letters(person)) == (0, [])
    second = await enter(person)
    assert await entries(person, NEW) == 1
    [waiting] = await letters(person)
    assert set(json.loads(waiting)) == {"member_id", "session_id", "at"}
    assert json.loads(waiting)["session_id"] == str(second.actor.session_id)
    for kept in (first.browser, second.browser):
        await enter(person, with_(kept))
    assert (await entries(person, NEW), len(await letters(person))) == (1, 1)


async def test_a_wrong_second_step_is_no_news():
    person, who = await make_person(Role.REVIEWER), with_("")
    await enter(person)
    half = await sign_in.with_password(person.email, PASSWORD, who)
    with pytest.raises(sign_in.NotSignedIn):
        await sign_in.with_code(half.secret, "000000x", who)
    assert (await entries(person, NEW), await letters(person)) == (0, [])


async def test_after_all_were_ended_the_next_is_news():
    person = await make_person(Role.PARTNER_ANALYST)
    step = await enter(person)
    async with transaction(step.actor.tenancy) as session:
        await known_browsers.forget(session, step.actor, (await known(person))[0].id)
    await enter(person, with_(step.browser))
    assert len(await letters(person)) == 1


async def test_five_letters_an_hour_are_told_and_all_is_written_down():
    person = await make_person(Role.PARTNER_ANALYST)
    await enter(person)
    most = known_browsers.LETTERS_AN_HOUR
    for step in await asyncio.gather(*(enter(person) for _ in range(most + 3))):
        async with transaction(step.actor.tenancy) as session:
            await known_browsers.forget(
                session, step.actor, await known_browsers.find(session, person.id, step.browser)
            )
    assert (await entries(person, NEW), len(await letters(person))) == (most + 3, most)
    await enter(person)
    assert (await entries(person, NEW), len(await letters(person))) == (most + 4, most)
    with clock.at(clock.now() + timedelta(minutes=61)):
        await enter(person)
    assert (await entries(person, NEW), len(await letters(person))) == (most + 5, most + 1)


async def test_two_letters_of_one_second_are_two():
    person, at = await make_person(Role.PARTNER_ANALYST), "2026-11-28T06:00:00+00:00"
    steps = [await enter(person), await enter(person)]
    async with transaction(SYSTEM.tenancy) as session:
        told = [
            await security_letters.new_browser(session, SYSTEM, person.id, step.actor.session_id, at) for step in steps
        ]
    ids = [one.message_id for one in told]
    assert len(set(ids)) == 2
    assert all(step.actor.session_id.hex in one for step, one in zip(steps, ids, strict=True))


async def test_a_passkey_in_a_new_browser_is_news_too():
    person, device, who = await make_person(Role.PARTNER_ANALYST), Device(), with_("", agent=EDGE)
    step = await enter(person)
    await passkeys.finish(step.actor, device.make(await passkeys.begin(step.actor)), "")
    entered = await passkey_sign_in.with_passkey(device.sign(await passkey_sign_in.begin(who)), who)
    assert len(await letters(person)) == 1
    assert {row.browser for row in await known(person)} == {"Firefox", "Edge"}
    known_now = with_(entered.browser, agent=EDGE)
    again = await passkey_sign_in.with_passkey(device.sign(await passkey_sign_in.begin(known_now)), known_now)
    assert again.browser == entered.browser
    assert len(await letters(person)) == 1


async def test_who_joins_is_known_from_the_start():
    email = f"joins-{uuid4().hex}@example.test"
    async with transaction(SYSTEM.tenancy) as session:
        _, token = await invitations.create(
            session, SYSTEM, email=email, name="Ada Roe", role=Role.PARTNER_ANALYST, partner_id=await make_partner()
        )
    step = await invitations.accept(token, PASSWORD, "", with_(""))
    async with transaction(Tenancy.everyone()) as session:
        assert await known_browsers.find(session, step.actor.id, step.browser) is not None
        assert (await session.get_one(Member, step.actor.id)).had_known_browser


@pytest.mark.parametrize(
    ("code", "subject", "said"),
    [
        ("", "A new browser signed in to your login", ("Edge on Windows", "If it was not you", "/account")),
        ("fr", "Un nouveau navigateur", ("Edge sur Windows", "choisissez", "/account")),
    ],
)
async def test_the_letter_says_when_where_from_and_with_what(posted, code, subject, said):
    person, who = await make_person(Role.PARTNER_ANALYST), with_("", agent=EDGE)
    await enter(person)
    async with transaction(Tenancy.everyone()) as session:
        (await session.get_one(Member, person.id)).language = code
    await enter(person, who)
    [waiting] = await letters(person)
    await jobs.mail_new_browser(**json.loads(waiting))
    [mail] = posted.to(person.email)
    assert mail["Subject"].startswith(subject)
    text = mail.get_body(("plain",)).get_content().replace("\r\n", " ").replace("\n", " ")
    for each in (*said, who.ip):
        assert each in text


async def test_who_was_disabled_meanwhile_is_told_nothing_and_a_lost_session_takes_only_its_facts(posted):
    person = await make_person(Role.PARTNER_ANALYST)
    at = "2026-11-28T06:00:00+00:00"
    await jobs.mail_new_browser(str(person.id), str(person.id), at)
    assert len(posted.to(person.email)) == 1
    async with transaction(SYSTEM.tenancy) as session:
        (await session.get_one(Member, person.id)).disabled_at = now()
    await jobs.mail_new_browser(str(person.id), str(person.id), at)
    assert len(posted.to(person.email)) == 1
