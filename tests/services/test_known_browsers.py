"""Known browsers: whose they are, what they are good for, and how they end."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import retention as jobs
from backoffice.models.known_browsers import KnownBrowser
from backoffice.models.members import Role
from backoffice.services import (
    colleagues,
    known_browsers,
    members,
    own_logins,
    password_changes,
    password_resets,
    sessions,
    sign_in,
)
from tests.services.browser_cast import FIREFOX, enter, entries, is_known, known, with_
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")
FRESH = "seven quiet otters swim"


async def test_nobody_but_their_person_lists_or_forgets_them():
    person = await make_person(Role.PARTNER_ANALYST)
    step = await enter(person)
    [row] = await known(person)
    strangers = [
        (await enter(await make_person(Role.PARTNER_ADMIN, person.partner_id))).actor,
        (await enter(await make_person(Role.PARTNER_ADMIN))).actor,
        (await enter(await make_person(Role.OPERATOR))).actor,
    ]
    for actor in strangers:
        async with transaction(actor.tenancy) as session:
            assert row.id not in {one.id for one in await known_browsers.mine(session, actor)}
            assert not await known_browsers.forget(session, actor, row.id)
            assert await known_browsers.renew(session, actor, step.browser) == ""
    for actor in (SYSTEM, actor_of(person)):
        async with transaction(actor.tenancy) as session:
            with pytest.raises(NotAllowed):
                await known_browsers.mine(session, actor)
            with pytest.raises(NotAllowed):
                await known_browsers.forget(session, actor, row.id)
    assert await is_known(person, step.browser)


async def test_another_partner_sees_none_of_it_in_the_database():
    person, rival = await make_person(Role.PARTNER_ANALYST), await make_person(Role.PARTNER_ADMIN)
    step = await enter(person)
    async with transaction(Tenancy.of(rival.partner_id)) as session:
        assert (await session.execute(select(KnownBrowser).where(KnownBrowser.member_id == person.id))).all() == []
        mine = update(KnownBrowser).where(KnownBrowser.member_id == person.id).values(browser="taken")
        await session.execute(mine)
    assert [row.browser for row in await known(person)] == ["Firefox"]
    assert await is_known(person, step.browser)


async def test_a_whole_sign_in_makes_a_browser_known_and_half_of_one_does_not():
    person, who = await make_person(Role.REVIEWER), with_("")
    first = await sign_in.with_password(person.email, PASSWORD, who)
    assert (first.browser, await known(person)) == ("", [])
    step = await sign_in.with_code(first.secret, person.code(), who)
    [row] = await known(person)
    assert (row.browser, row.system, row.partner_id) == ("Firefox", "Linux", None)
    assert known_browsers.SECRET.fullmatch(step.browser)
    assert step.browser not in str(row.model_dump())
    assert step.browser not in repr(step) + repr(replace(who, browser=step.browser))


async def test_it_stays_known_from_sign_in_to_sign_in_and_keeps_its_secret():
    person = await make_person(Role.PARTNER_ANALYST)
    first = await enter(person)
    with clock.at(clock.now() + timedelta(days=3)):
        again = await enter(person, with_(first.browser))
    assert again.browser == first.browser
    [row] = await known(person)
    assert row.last_seen_at - row.first_seen_at > timedelta(days=2)


async def test_a_cookie_is_never_taken_over():
    person, made_up = await make_person(Role.PARTNER_ANALYST), secrets.token_urlsafe(32)
    step = await enter(person, with_(made_up))
    assert not await is_known(person, made_up)
    assert step.browser.split(".")[0] != made_up


@pytest.mark.parametrize("kept", ["", ".", "x", "x" * 5_000, "é" * 43, f"{'a' * 43} ", "%00" * 15, "." * 500])
async def test_without_a_cookie_of_ours_a_sign_in_is_what_it_was(kept):
    assert known_browsers.secrets_in(kept) == []
    person = await make_person(Role.PARTNER_ANALYST)
    assert (await enter(person, with_(kept))).is_complete


async def test_people_who_share_a_browser_are_all_known_there_and_each_for_themselves():
    people = [await make_person(Role.PARTNER_ANALYST) for _ in range(known_browsers.MOST_PEOPLE + 1)]
    kept, alone = "", {}
    for person in people:
        kept = (await enter(person, with_(kept))).browser
        alone[person.id] = kept.split(".")[0]
    assert [await is_known(person, kept) for person in people] == [False, True, True, True, True]
    assert not await is_known(people[2], alone[people[1].id])
    again = await enter(people[1], with_(kept))
    assert sorted(again.browser.split(".")) == sorted(kept.split("."))


async def test_secrets_that_are_worth_nothing_any_more_push_nobody_out_of_a_shared_browser():
    person, other = await make_person(Role.PARTNER_ANALYST), await make_person(Role.PARTNER_ANALYST)
    kept = (await enter(person)).browser
    for _ in range(known_browsers.MOST_PEOPLE + 1):
        kept = (await enter(other, with_(kept))).browser
        async with transaction(SYSTEM.tenancy) as session:
            await sessions.revoke_all(session, SYSTEM, other.id)
    assert await is_known(person, kept)
    assert len(kept.split(".")) == 2
    back = await enter(person, with_(kept))
    assert await entries(person, "member.new_browser_seen") == 0
    assert back.browser.split(".") == [kept.split(".")[1]]


async def test_two_sign_ins_at_once_with_one_cookie_are_both_known():
    person = await make_person(Role.PARTNER_ANALYST)
    first = await enter(person)
    steps = await asyncio.gather(*(enter(person, with_(first.browser)) for _ in range(8)))
    assert {step.browser for step in steps} == {first.browser}
    assert len(await known(person)) == 1
    assert await entries(person, "member.new_browser_seen") == 0


async def test_the_ten_used_last_are_kept():
    person = await make_person(Role.PARTNER_ANALYST)
    steps = [await enter(person) for _ in range(known_browsers.MOST)]
    await enter(person, with_(steps[0].browser))
    await enter(person)
    assert len(await known(person)) == known_browsers.MOST
    assert await is_known(person, steps[0].browser)
    assert not await is_known(person, steps[1].browser)


async def test_after_ninety_days_without_a_sign_in_it_is_known_no_more_and_swept():
    person = await make_person(Role.PARTNER_ANALYST)
    old, fresh = await enter(person), await enter(person)
    async with transaction(Tenancy.everyone()) as session:
        browser_id = await known_browsers.find(session, person.id, old.browser)
        moment = clock.wall() - timedelta(days=90, minutes=1)
        await session.execute(
            update(KnownBrowser).where(KnownBrowser.id == browser_id).values(first_seen_at=moment, last_seen_at=moment)
        )
        shown = await known_browsers.mine(session, old.actor)
    assert browser_id not in {row.id for row in shown}
    assert not await is_known(person, old.browser)
    assert (await jobs.tidy())["known_browsers"] >= 1
    assert len(await known(person)) == 1
    assert await is_known(person, fresh.browser)


async def test_a_changed_password_ends_the_others_and_turns_the_secret_of_this_one():
    person = await make_person(Role.PARTNER_ANALYST)
    elsewhere, here = await enter(person), await enter(person)
    kept = await password_changes.change(here.actor, PASSWORD, FRESH, with_(here.browser))
    assert kept != here.browser
    assert [await is_known(person, one) for one in (elsewhere.browser, here.browser, kept)] == [False, False, True]
    assert (await enter(person, with_(kept), FRESH)).browser == kept
    assert await entries(person, "member.new_browser_seen") == 1


async def test_a_changed_password_gives_an_unknown_browser_nothing():
    person = await make_person(Role.PARTNER_ANALYST)
    here = await enter(person)
    async with transaction(here.actor.tenancy) as session:
        assert await known_browsers.forget(session, here.actor, (await known(person))[0].id)
    assert await password_changes.change(here.actor, PASSWORD, FRESH, with_(here.browser)) == ""
    assert await known(person) == []


async def reset_password(person, _step, _boss):
    async with transaction(SYSTEM.tenancy) as session:
        token = (await password_resets.link_of(session, SYSTEM, person.email)).rpartition("/")[2]
    await password_resets.choose(token, FRESH, visitor())


async def reset_factor(person, _step, boss):
    async with transaction(boss.tenancy) as session:
        await colleagues.reset_second_factor(session, boss, person.id)


async def disable(person, _step, _boss):
    async with transaction(SYSTEM.tenancy) as session:
        await members.disable(session, SYSTEM, person.id)


async def change_role(person, _step, boss):
    async with transaction(boss.tenancy) as session:
        await colleagues.change_role(session, boss, person.id, Role.PARTNER_ANALYST, before=Role.PARTNER_ADMIN)


async def end_sessions(person, _step, boss):
    async with transaction(boss.tenancy) as session:
        await colleagues.end_sessions(session, boss, person.id)


@pytest.mark.parametrize("act", [reset_password, reset_factor, disable, change_role, end_sessions])
async def test_all_end_with(act):
    person = await make_person(Role.PARTNER_ADMIN)
    boss = await enter(await make_person(Role.PARTNER_ADMIN, person.partner_id))
    steps = [await enter(person), await enter(person, with_("", agent="curl"))]
    await act(person, steps[0], boss.actor)
    assert await known(person) == []
    assert not any([await is_known(person, step.browser) for step in steps])
    assert len(await known_of(boss.actor)) == 1


async def known_of(actor):
    async with transaction(actor.tenancy) as session:
        return await known_browsers.mine(session, actor)


async def test_signing_out_everywhere_else_leaves_this_one():
    person = await make_person(Role.PARTNER_ANALYST)
    elsewhere, here = await enter(person), await enter(person)
    async with transaction(here.actor.tenancy) as session:
        await sessions.revoke_others(session, here.actor)
    assert [await is_known(person, step.browser) for step in (elsewhere, here)] == [False, True]


async def test_another_app_leaves_this_one():
    person = await make_person(Role.PARTNER_ANALYST)
    elsewhere, here = await enter(person), await enter(person)
    await own_logins.begin_second_factor(here.actor, "", visitor())
    person.totp_secret = (await own_logins.look(here.actor)).seed
    await own_logins.finish_second_factor(here.actor, person.code(), visitor())
    assert [await is_known(person, step.browser) for step in (elsewhere, here)] == [False, True]


async def test_signing_out_in_one_other_browser_forgets_that_one_and_signing_out_here_forgets_none():
    person = await make_person(Role.PARTNER_ANALYST)
    elsewhere, here = await enter(person), await enter(person)
    async with transaction(here.actor.tenancy) as session:
        await sessions.revoke(session, here.actor, elsewhere.actor.session_id)
    assert [await is_known(person, step.browser) for step in (elsewhere, here)] == [False, True]
    await sign_in.sign_out(here.secret, visitor())
    assert await is_known(person, here.browser)


async def test_signing_an_older_session_out_leaves_the_browser_in_which_it_is_done():
    person = await make_person(Role.PARTNER_ANALYST)
    older = await enter(person)
    here = await enter(person, with_(older.browser))
    async with transaction(here.actor.tenancy) as session:
        await sessions.revoke(session, here.actor, older.actor.session_id)
    assert await is_known(person, here.browser)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, older.secret) is None


async def test_one_is_forgotten_once_however_often_it_is_pressed():
    person = await make_person(Role.PARTNER_ANALYST)
    step = await enter(person)
    [row] = await known(person)

    async def press() -> bool:
        async with transaction(step.actor.tenancy) as session:
            return await known_browsers.forget(session, step.actor, row.id)

    assert sorted(await asyncio.gather(press(), press(), press())) == [False, False, True]
    assert await entries(person, "member.browser_forgotten") == 1
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret) is not None
    assert (await enter(person, with_(step.browser, agent=FIREFOX))).browser != step.browser
