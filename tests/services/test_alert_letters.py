"""Letters about alerts: to whom they concern, as each chose, gathered, stopped by one press, through a real server."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import at, now
from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.jobs import alerts as jobs
from backoffice.models.alerts import AlertKind, Mute, Rhythm
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member, Role
from backoffice.services import alert_letters, alert_preferences, alerts, letter_preferences
from tests.services.alert_cast import (
    ALERTS,
    EVERYONE,
    asked,
    checked,
    failing,
    key_until,
    late_reviews,
    letter_ids,
    letters_of,
    only,
    used,
    well,
)
from tests.services.post import post_office
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import quiet

pytestmark = pytest.mark.usefixtures("database")
K, R = AlertKind, Rhythm


async def choose(actor, kind, rhythm):
    async with transaction(actor.tenancy) as session:
        await alert_preferences.choose(session, actor, kind, rhythm)


async def mine(actor):
    async with transaction(actor.tenancy) as session:
        return await alert_preferences.mine(session, actor)


async def address_of(actor) -> str:
    async with transaction(EVERYONE) as session:
        return (await session.get(Member, actor.id)).email


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def test_people_choose_for_themselves_and_of_what_they_see(acme):
    analyst, admin = await member(acme, Role.PARTNER_ANALYST), await member(acme, Role.PARTNER_ADMIN)
    assert set(await mine(analyst)) == {K.QUOTA, K.SLA_RISK, K.REJECTIONS}
    assert set(await mine(admin)) == set(K)
    with pytest.raises(NotFound):
        await choose(analyst, K.KEY_EXPIRING, R.AT_ONCE)
    with pytest.raises(NotAllowed):
        await choose(await member(acme, Role.OPERATOR), K.QUOTA, R.OFF)
    with pytest.raises(NotFound):
        await choose(acme.api, K.QUOTA, R.OFF)
    await choose(analyst, K.QUOTA, R.DAILY)
    await choose(analyst, K.QUOTA, R.DAILY)
    assert ((await mine(analyst))[K.QUOTA], (await mine(admin))[K.QUOTA]) == (R.DAILY, R.AT_ONCE)
    statement = select(AuditEntry.changes).where(
        AuditEntry.subject_id == analyst.id, AuditEntry.action == "member.alert_letters_changed"
    )
    async with transaction(EVERYONE) as session:
        assert (await session.execute(statement)).scalars().all() == [{"quota": ["at_once", "daily"]}]


async def test_a_letter_goes_to_whom_it_concerns_and_to_no_stranger(acme):
    admin, developer = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_DEVELOPER)
    await member(acme, Role.PARTNER_ANALYST)
    await member(await make_cast(), Role.PARTNER_ADMIN)
    gone = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, gone.id)).disabled_at = now()
    await asked(acme, *[404] * 30)
    await checked(acme)
    assert sorted(await letters_of(acme)) == sorted([("at_once", admin.id), ("at_once", developer.id)])


async def test_the_letter_arrives_in_text_and_html_and_one_press_ends_them(acme, monkeypatch):
    admin = await member(acme, Role.PARTNER_ADMIN)
    address, link = await address_of(admin), letter_preferences.link(admin.id, LetterKind.ALERTS)
    await asked(acme, *[404] * 12, *[200] * 28)
    await checked(acme)
    [letter] = await letter_ids(acme)
    async with post_office(monkeypatch) as posted:
        await jobs.mail(str(letter))
        [mail] = posted.to(address)
        assert mail["Subject"] == "[Warning] 30 % of API requests fail"
        assert mail["List-Unsubscribe"] == f"<{link}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            body = mail.get_body((kind,)).get_content()
            assert "12 of 40 requests" in body.replace("\n", " ")
            assert "/partner/developers/requests?status=4xx" in body
            assert link in body
        await jobs.mail(str(letter))
        assert {one["Message-ID"] for one in posted.to(address)} == {mail["Message-ID"]}, "a repeat can be told"
        async with transaction(EVERYONE) as session:
            await letter_preferences.stop(session, link.rpartition("/")[2])
        await jobs.mail(str(letter))
        assert len(posted.to(address)) == 2
    await used(acme, 9_500)
    await checked(acme, now() + timedelta(minutes=16))
    assert len(await letter_ids(acme)) == 1, "nobody who stopped them waits for one"
    assert (await mine(admin))[K.QUOTA] == R.AT_ONCE, "what was chosen stays for later"


async def test_several_at_once_are_one_letter_and_the_next_waits_a_quarter_of_an_hour(acme):
    admin, moment = await member(acme, Role.PARTNER_ADMIN), now()
    await used(acme, 9_500)
    await key_until(acme, moment + timedelta(days=5))
    await checked(acme, moment)
    assert await letters_of(acme) == [("at_once", admin.id)]
    [letter] = await letter_ids(acme)
    async with transaction(EVERYONE) as session:
        found = await alert_letters.addressed(session, ALERTS, letter)
    assert found.letter.title == "2 alerts"
    assert [name for name, _ in found.letter.facts] == ["Company", "Warning", "Warning"]
    await asked(acme, *[404] * 30)
    for minutes, number in ((1, 1), (14, 1), (15, 2)):
        await checked(acme, moment + timedelta(minutes=minutes))
        assert len(await letter_ids(acme)) == number, minutes


async def test_what_is_over_before_it_was_told_is_not_told(acme):
    admin, moment = await member(acme, Role.PARTNER_ADMIN), now()
    await choose(admin, K.WEBHOOK_FAILING, R.AT_ONCE)
    await used(acme, 9_500)
    await checked(acme, moment)
    endpoint = await failing(acme, timedelta(hours=1))
    await checked(acme, moment + timedelta(minutes=2))
    await well(endpoint)
    await checked(acme, moment + timedelta(minutes=4))
    await checked(acme, moment + timedelta(minutes=20))
    assert len(await letter_ids(acme)) == 1


async def test_what_comes_and_goes_is_told_once_an_hour(acme):
    admin, moment = await member(acme, Role.PARTNER_ADMIN), now()
    await choose(admin, K.WEBHOOK_FAILING, R.AT_ONCE)
    endpoint = await failing(acme, timedelta(hours=1))
    sql = text("update webhook_endpoints set failing_since = :f where id = :i")
    for minutes in (0, 20, 40):
        async with transaction(EVERYONE) as session:
            await session.execute(sql, {"f": moment - timedelta(hours=1), "i": endpoint.id})
        await checked(acme, moment + timedelta(minutes=minutes))
        await well(endpoint)
        await checked(acme, moment + timedelta(minutes=minutes + 10))
    assert (await only(acme)).times == 3
    assert len(await letter_ids(acme)) == 1


async def test_muted_and_off_is_no_letter_and_worse_is_another(acme):
    admin, moment = await member(acme, Role.PARTNER_ADMIN), now()
    await choose(admin, K.KEY_EXPIRING, R.OFF)
    await key_until(acme, moment + timedelta(days=5))
    await checked(acme, moment)
    assert await letter_ids(acme) == []
    await used(acme, 8_500)
    await checked(acme, moment)
    await used(acme, 9_500)
    await checked(acme, moment + timedelta(minutes=16))
    assert len(await letter_ids(acme)) == 2
    async with transaction(admin.tenancy) as session:
        [row] = await alerts.standing(session, admin, kinds=[K.QUOTA])
        with at(moment):
            await alerts.mute(session, admin, row.id, Mute.DAY)
    await used(acme, 10_000)
    await checked(acme, moment + timedelta(minutes=40))
    assert len(await letter_ids(acme)) == 2


@pytest.mark.parametrize(
    ("zone", "left"),
    [
        ("UTC", timedelta(hours=20)),
        ("Asia/Tokyo", timedelta(hours=11)),
        ("Asia/Kolkata", timedelta(hours=14, minutes=30)),
        ("Mars/Olympus", timedelta(hours=20)),
    ],
)
async def test_once_a_day_is_at_eight_where_the_person_is(acme, zone, left):
    analyst = await member(acme, Role.PARTNER_ANALYST)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, analyst.id)).time_zone = zone
    await late_reviews(acme, 0, over=3)
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await checked(acme, noon)
    await checked(acme, noon + left - timedelta(minutes=1))
    assert await letter_ids(acme) == []
    for later in (timedelta(), timedelta(minutes=5)):
        await checked(acme, noon + left + later)
    assert await letters_of(acme) == [("daily", analyst.id)]


def test_eight_in_the_morning_moves_with_the_clocks():
    for day, hour in (("2026-03-28", 7), ("2026-03-29", 6), ("2026-10-24", 6), ("2026-10-25", 7)):
        moment = datetime.fromisoformat(f"{day}T20:00:00+00:00")
        assert alert_letters.morning(moment, "Europe/Berlin") == moment.replace(hour=hour), day
    early = datetime.fromisoformat("2026-11-18T06:59:59+00:00")
    assert alert_letters.morning(early, "Europe/Berlin") == early.replace(day=17, hour=7, minute=0, second=0)


async def test_the_daily_letter_says_what_is_over_too(acme, monkeypatch):
    analyst, moment = await member(acme, Role.PARTNER_ANALYST), now()
    await choose(analyst, K.QUOTA, R.DAILY)
    await late_reviews(acme, 0, over=3)
    await used(acme, 9_500)
    await checked(acme, moment)
    await used(acme, 10)
    await checked(acme, moment + timedelta(minutes=5))
    await checked(acme, moment + timedelta(hours=24))
    [letter] = await letter_ids(acme)
    async with post_office(monkeypatch) as posted:
        await jobs.mail(str(letter))
        [mail] = posted.to(await address_of(analyst))
    assert mail["Subject"].endswith("2 alerts since yesterday, 1 not over")
    body = mail.get_body(("plain",)).get_content()
    assert "Over since" in body
    assert "3 reviews are late or nearly so. Since" in body


async def test_several_workers_write_one_letter(acme):
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, 9_500)
    await asyncio.gather(*(checked(acme) for _ in range(5)))
    assert await letters_of(acme) == [("at_once", admin.id)]


async def test_who_left_before_it_was_sent_gets_none(acme, monkeypatch):
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, 9_500)
    await checked(acme)
    [letter] = await letter_ids(acme)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, admin.id)).disabled_at = now()
    async with post_office(monkeypatch) as posted:
        await jobs.mail(str(letter))
        assert posted.mails == []


async def test_who_got_another_role_hears_of_what_it_sees_only():
    acme = await make_cast()
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    await used(acme, 9_500)
    await key_until(acme, now() + timedelta(days=2))
    await checked(acme)
    [letter] = await letter_ids(acme)
    async with transaction(EVERYONE) as session:
        (await session.get(Member, developer.id)).role = Role.PARTNER_ANALYST
    async with transaction(EVERYONE) as session:
        found = await alert_letters.addressed(session, ALERTS, letter)
    assert "documents are used" in found.letter.title
    assert "Checkout" not in found.letter.as_text()


@pytest.mark.parametrize("what", ["muted", "off", "stopped"])
async def test_what_nobody_wants_to_hear_of_any_more_is_in_no_letter(acme, what):
    admin = await member(acme, Role.PARTNER_ADMIN)
    await late_reviews(acme, 0, over=3)
    await checked(acme)
    row = await only(acme)
    async with transaction(admin.tenancy) as session:
        if what == "muted":
            await alerts.mute(session, admin, row.id, Mute.WEEK)
        elif what == "off":
            await alert_preferences.choose(session, admin, K.SLA_RISK, R.OFF)
    if what == "stopped":
        async with transaction(EVERYONE) as session:
            (await session.get(Member, admin.id)).muted_letters = [LetterKind.ALERTS]
    with at(now() + timedelta(days=1, hours=1)):
        await checked(acme)
    assert await letters_of(acme) == []


async def test_who_wants_to_hear_at_once_after_all_does(acme):
    admin = await member(acme, Role.PARTNER_ADMIN)
    await late_reviews(acme, 0, over=3)
    await checked(acme)
    assert await letters_of(acme) == []
    await choose(admin, K.SLA_RISK, R.AT_ONCE)
    await checked(acme)
    assert await letters_of(acme) == [("at_once", admin.id)]
