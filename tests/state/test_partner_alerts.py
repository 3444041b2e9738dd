"""The page of alerts, its rules and letters, and the bell: each tab of the URL, each answer, and nobody else's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.base import Prefix, public_id
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member, Role
from backoffice.services import alerts, letter_preferences
from backoffice.state.live import hub
from backoffice.state.partner.alert_rhythms import AlertRhythmsState
from backoffice.state.partner.alert_rules import AlertRulesState
from backoffice.state.partner.alerts import AlertsState
from backoffice.state.partner.bell import BellState
from backoffice.state.partner.dashboard import DashboardState
from backoffice.state.partner.numbers import NumbersState
from tests.services.alert_cast import EVERYONE, checked, failing, key_until, used
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import quiet
from tests.state.partner_screen import shown, sign_in
from tests.state.review_screen import go, screen

PLACE = "/partner/alerts"


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def opened(cast, state, url=PLACE, role=Role.PARTNER_ADMIN):
    page = await screen(state, await sign_in(cast, role), url)
    await state.open.fn(page)
    return page


async def test_nobody_sees_or_answers_another_partners_alert(acme):
    await used(acme, 9_500)
    await checked(acme)
    mine = await opened(acme, AlertsState)
    rival = await make_cast()
    stranger, bell = await opened(rival, AlertsState), await opened(rival, BellState)
    assert (stranger.rows, stranger.totals.open, bell.rows, bell.totals.unread) == ([], 0, [], 0)
    for handler in (AlertsState.acknowledge, AlertsState.reopen):
        for alert_id in (mine.rows[0].id, "alr_x", public_id(Prefix.ALERT, uuid4())):
            with pytest.raises(NotFound):
                await handler.fn(stranger, alert_id)
    await AlertsState.ask.fn(stranger, mine.rows[0].id)
    assert stranger.muting == ""
    stranger._muting = mine.rows[0].id
    with pytest.raises(NotFound):
        await AlertsState.mute.fn(stranger, "day")


async def test_staff_have_no_bell_and_no_page(acme):
    await used(acme, 9_500)
    await checked(acme)
    for state in (BellState, AlertsState):
        with pytest.raises(NotAllowed):
            await opened(acme, state, role=Role.OPERATOR)


async def test_an_analyst_sees_the_kinds_of_their_role_and_answers_none(acme):
    await used(acme, 9_500)
    await key_until(acme, now() + timedelta(days=3))
    await checked(acme)
    page = await opened(acme, AlertsState, role=Role.PARTNER_ANALYST)
    assert [row.kind for row in page.rows] == ["quota"]
    assert [one.label for one in page.kinds] == ["Every kind", "Quota", "Reviews late", "Unusual rejections"]
    assert "Checkout" not in shown(page)
    with pytest.raises(NotAllowed):
        await AlertsState.acknowledge.fn(page, page.rows[0].id)


async def test_the_address_holds_tab_and_kind(acme):
    await used(acme, 8_200)
    await failing(acme, timedelta(days=2))
    await checked(acme)
    page = await opened(acme, AlertsState)
    assert [(row.severity, row.tone, row.icon) for row in page.rows] == [
        ("Critical", "red", "circle-alert"),
        ("Notice", "blue", "info"),
    ]
    assert page.tabs["muted"] == f"{PLACE}?tab=muted"
    await go(page, page.router_data["headers"]["x-session-ref"], f"{PLACE}?tab=open&kind=quota")
    await AlertsState.open.fn(page)
    assert ([row.kind for row in page.rows], page.tabs["rules"]) == (["quota"], f"{PLACE}?tab=rules&kind=quota")
    for nonsense in ("?tab=all&kind=none", "?tab=__class__", "?kind=%00"):
        page = await opened(acme, AlertsState, f"{PLACE}{nonsense}")
        assert (page.tab, page.kind, len(page.rows)) == ("open", "", 2)
    page = await opened(acme, AlertsState, f"{PLACE}?tab=rules")
    assert (page.tab, page.rows, page.totals.open) == ("rules", [], 2)


async def test_an_alert_is_answered_and_every_tab_hears_of_it(acme):
    await used(acme, 8_200)
    await checked(acme)
    page, bell = await opened(acme, AlertsState), await opened(acme, BellState, "/partner")
    assert alerts.topic(acme.partner.id) in hub._watchers
    assert (bell.totals.open, bell.totals.unread, bell.totals.label) == (1, 1, "Alerts: 1 open, 1 new")
    again = await screen(AlertsState, page.router_data["headers"]["x-session-ref"], PLACE)
    await AlertsState.open.fn(again)
    assert [one.is_new for one in again.rows] == [False], "opening the list is looking"
    row = page.rows[0]
    assert (row.is_new, row.affected, row.href) == (True, "8,200 of 10,000 documents", "/partner/usage")
    await AlertsState.acknowledge.fn(page, row.id)
    assert (page.rows, page.totals.acknowledged) == ([], 1)
    await BellState.refresh.fn(bell)
    assert (bell.totals.open, bell.totals.label) == (0, "Alerts: none open")
    page = await opened(acme, AlertsState, f"{PLACE}?tab=acknowledged")
    assert [(one.state_words, one.by) for one in page.rows] == [("Acknowledged", "Amina Diallo")]
    await AlertsState.ask.fn(page, row.id)
    assert page.muting == row.title
    with pytest.raises(NotFound):
        await AlertsState.mute.fn(page, "year")
    await AlertsState.mute.fn(page, "hour")
    assert (page.muting, page.totals.muted, page.totals.acknowledged) == ("", 1, 0)
    page = await opened(acme, AlertsState, f"{PLACE}?tab=muted")
    assert page.rows[0].muted_until
    await AlertsState.reopen.fn(page, row.id)
    assert (page.rows, page.totals.open) == ([], 1)
    await used(acme, 1)
    await checked(acme)
    page = await opened(acme, AlertsState, f"{PLACE}?tab=resolved")
    assert [(one.state_words, one.tone, bool(one.ended)) for one in page.rows] == [("Over", "gray", True)]
    assert page.totals.last_resolved_at == page.rows[0].ended


async def test_opening_the_bell_is_reading_for_oneself(acme):
    await used(acme, 8_200)
    await checked(acme)
    reference = await sign_in(acme)
    bell, second = await screen(BellState, reference, "/partner"), await screen(BellState, reference, "/partner/usage")
    colleague = await opened(acme, BellState, "/partner")
    for one in (bell, second):
        await BellState.open.fn(one)
    await BellState.look.fn(bell)
    for one in (bell, second, colleague):
        await BellState.refresh.fn(one)
    assert bell.rows[0].is_new, "what is being read keeps its mark"
    assert [one.totals.unread for one in (bell, second, colleague)] == [0, 0, 1]
    assert [one.totals.open for one in (bell, second, colleague)] == [1, 1, 1]


async def test_a_dashboard_that_was_held_still_hears_of_alerts_again(acme):
    page = await screen(DashboardState, await sign_in(acme), "/partner")
    bell, numbers = await page.get_state(BellState), await page.get_state(NumbersState)
    await BellState.open.fn(bell)
    await DashboardState.open.fn(page)
    topic = alerts.topic(acme.partner.id)
    assert topic in hub._watchers
    assert await DashboardState.pause.fn(page) is None
    assert topic not in hub._watchers
    assert numbers.paused
    answer = await DashboardState.pause.fn(page)
    assert (answer.handler.fn, numbers.paused) == (BellState.open.fn, False)


async def test_what_is_over_is_shown_by_pages(acme, monkeypatch):
    monkeypatch.setattr("backoffice.state.partner.alerts.PAGE_SIZE", 2)
    for day in range(5):
        await key_until(acme, now() + timedelta(days=day / 10))
    await checked(acme)
    async with transaction(EVERYONE) as session:
        sql = text("update api_keys set revoked_at = now() where partner_id = :p")
        await session.execute(sql, {"p": acme.partner.id})
    await checked(acme)
    page = await opened(acme, AlertsState, f"{PLACE}?tab=resolved")
    lengths = [len(page.rows)]
    while page.has_more:
        await AlertsState.more.fn(page)
        lengths.append(len(page.rows))
    assert lengths == [2, 4, 5]
    assert len({row.id for row in page.rows}) == 5


def typed(**changed) -> dict[str, str | bool]:
    kinds = ("webhook_failing", "api_errors", "quota", "sla_risk", "key_expiring", "rejections", "security")
    return {f"{kind}-on": True for kind in kinds} | dict.fromkeys(kinds, "") | changed


async def test_rules_are_shown_as_a_difference_before_they_hold(acme):
    page, second = await opened(acme, AlertRulesState), await opened(acme, AlertRulesState)
    assert [(one.is_on, one.threshold) for one in page.fields][:2] == [(True, "15"), (True, "10")]
    await AlertRulesState.ask.fn(page, typed())
    assert not page.is_asking
    for wrong in ("0", "101", "x", "-1", "8.5", "٣", "9" * 30):
        await AlertRulesState.ask.fn(page, typed(quota=wrong))
        assert (page.error_field, page.is_asking) == ("quota", False), wrong
    await AlertRulesState.ask.fn(page, typed(quota="60", **{"sla_risk-on": False}))
    assert [(one.what, one.before, one.after) for one in page.changes] == [
        ("Quota", "On, from 80 percent", "On, from 60 percent"),
        ("Reviews late", "On, from 3 documents", "Off, 3 documents"),
    ]
    await AlertRulesState.close.fn(page)
    assert page.version == 0
    await AlertRulesState.ask.fn(page, typed(quota="60", **{"sla_risk-on": False}))
    await AlertRulesState.save.fn(page)
    assert (page.version, page.is_asking, page.fields[2].threshold, page.fields[3].is_on) == (1, False, "60", False)
    await AlertRulesState.refresh.fn(second)
    assert (second.is_stale, second.version) == (True, 0)
    await AlertRulesState.ask.fn(second, typed(quota="70"))
    await AlertRulesState.save.fn(second)
    assert second.version == 0, "not over theirs"
    await AlertRulesState.reload.fn(second)
    assert (second.version, second.is_stale, second.fields[2].threshold) == (1, False, "60")


async def test_only_administrators_save_rules(acme):
    page = await opened(acme, AlertRulesState, role=Role.PARTNER_DEVELOPER)
    await AlertRulesState.ask.fn(page, typed(quota="60"))
    await AlertRulesState.save.fn(page)
    assert (await opened(acme, AlertRulesState)).version == 0


async def test_how_one_hears_of_alerts_is_ones_own(acme):
    page, colleague = await opened(acme, AlertRhythmsState), await opened(acme, AlertRhythmsState)
    assert {row.kind: row.rhythm for row in page.rows} == {
        "webhook_failing": "off",
        "api_errors": "at_once",
        "quota": "at_once",
        "sla_risk": "daily",
        "key_expiring": "at_once",
        "rejections": "daily",
        "security": "at_once",
    }
    await AlertRhythmsState.choose.fn(page, "quota", "daily")
    await AlertRhythmsState.refresh.fn(colleague)
    assert (page.rows[2].rhythm, colleague.rows[2].rhythm) == ("daily", "at_once")
    for wrong in (("passwords", "daily"), ("quota", "hourly")):
        with pytest.raises(NotFound):
            await AlertRhythmsState.choose.fn(page, *wrong)


async def test_the_page_says_that_a_letter_stopped_them_all(acme):
    page = await opened(acme, AlertRhythmsState)
    async with transaction(EVERYONE) as session:
        found = await session.execute(select(Member.id).where(Member.partner_id == acme.partner.id))
        link = letter_preferences.link(found.scalar_one(), LetterKind.ALERTS)
        await letter_preferences.stop(session, link.rpartition("/")[2])
    await AlertRhythmsState.refresh.fn(page)
    assert page.is_stopped
    await AlertRhythmsState.resume.fn(page)
    assert not page.is_stopped
