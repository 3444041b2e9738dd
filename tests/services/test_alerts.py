"""Alerts: outsiders first, then one alert per thing through everything that happens to it, by people and by clocks."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import at, now, wall
from backoffice.db import transaction
from backoffice.errors import Conflict, NotAllowed, NotFound
from backoffice.jobs import alerts as jobs
from backoffice.models.alerts import KEPT, Alert, AlertKind, AlertState, Mute, Severity
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.services import alert_checks, alerts
from tests.services.alert_cast import (
    ALERTS,
    EVERYONE,
    asked,
    checked,
    failing,
    found,
    key_until,
    late_reviews,
    only,
    used,
    well,
)
from tests.services.review_cast import make_cast, member
from tests.services.webhook_cast import quiet

pytestmark = pytest.mark.usefixtures("database")
K, S = AlertKind, AlertState


async def call(service, actor, *arguments, **more):
    async with transaction(actor.tenancy) as session:
        return await service(session, actor, *arguments, **more)


async def story(cast) -> list[tuple[str, str]]:
    """What the audit trail says of a partner's alerts, and who did it."""
    statement = (
        select(AuditEntry.action, AuditEntry.actor_name)
        .where(AuditEntry.partner_id == cast.partner.id, AuditEntry.action.like("alert.%"))
        .order_by(AuditEntry.sequence)
    )
    async with transaction(EVERYONE) as session:
        return [tuple(row) for row in await session.execute(statement)]


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def test_no_stranger_sees_counts_or_answers_an_alert(acme):
    await used(acme, 9_500)
    await checked(acme)
    row = await only(acme)
    rival = await make_cast()
    outsider = await member(rival, Role.PARTNER_ADMIN)
    for ask in (alerts.acknowledge, alerts.reopen):
        with pytest.raises(NotFound):
            await call(ask, outsider, row.id)
    with pytest.raises(NotFound):
        await call(alerts.mute, outsider, row.id, Mute.DAY)
    assert await call(alerts.standing, outsider) == []
    assert (await call(alerts.counts, outsider)).open == 0
    for role in (Role.REVIEWER, Role.REVIEW_LEAD, Role.OPERATOR, Role.AUDITOR):
        stranger = await member(acme, role)
        for ask in (alerts.standing, alerts.counts, alerts.resolved, alerts.look):
            with pytest.raises(NotAllowed):
                await call(ask, stranger)
    assert (await only(acme)).state == S.OPEN


async def test_the_database_keeps_partners_apart_by_itself(acme):
    await used(acme, 9_500)
    await checked(acme)
    rival = await member(await make_cast(), Role.PARTNER_ADMIN)
    for table in ("alerts", "alert_rules", "alert_watches", "alert_letters", "alert_notices"):
        async with transaction(rival.tenancy) as session:
            counted = await session.execute(
                text(f"select count(*) from {table} where partner_id = :p"), {"p": acme.partner.id}
            )
            assert counted.scalar_one() == 0, table


async def test_people_see_the_kinds_whose_subject_they_see_and_analysts_only_read(acme):
    await used(acme, 9_500)
    await failing(acme, timedelta(hours=1))
    await key_until(acme, now() + timedelta(days=2))
    await asked(acme, *[404] * 30)
    await checked(acme)
    everything = {K.QUOTA, K.WEBHOOK_FAILING, K.KEY_EXPIRING, K.API_ERRORS}
    analyst = await member(acme, Role.PARTNER_ANALYST)
    for role, kinds in ((Role.PARTNER_ADMIN, everything), (Role.PARTNER_DEVELOPER, everything)):
        actor = await member(acme, role)
        assert {row.kind for row in await call(alerts.standing, actor)} == kinds
        assert (await call(alerts.counts, actor)).open == len(kinds)
    rows = await call(alerts.standing, analyst)
    assert [row.kind for row in rows] == [K.QUOTA]
    with pytest.raises(NotAllowed, match="alerts:write"):
        await call(alerts.acknowledge, analyst, rows[0].id)
    hidden = next(row for row in await found(acme) if row.kind == K.KEY_EXPIRING)
    with pytest.raises(NotAllowed):
        await call(alerts.mute, analyst, hidden.id, Mute.HOUR)


async def test_the_most_urgent_stands_first(acme):
    await used(acme, 8_100)
    await key_until(acme, now() + timedelta(days=5))
    await asked(acme, *[404] * 30)
    await checked(acme)
    admin = await member(acme, Role.PARTNER_ADMIN)
    shown = [row.severity for row in await call(alerts.standing, admin)]
    assert shown == [Severity.CRITICAL, Severity.WARNING, Severity.INFO]
    assert [row.kind for row in await call(alerts.standing, admin, kinds=[K.QUOTA])] == [K.QUOTA]


async def test_what_stands_is_found_once_and_counted_on(acme):
    await asked(acme, *[404] * 30)
    assert [await checked(acme) for _ in range(3)] == [1, 0, 0]
    first = await only(acme)
    await asked(acme, *[404] * 10)
    later = now() + timedelta(minutes=2)
    assert await checked(acme, later) == 0
    row = await only(acme)
    assert (row.id, row.affected, row.times, row.opened_at) == (first.id, 40, 1, first.opened_at)
    assert row.last_seen_at == later
    assert await story(acme) == [("alert.opened", "alerts")]


async def test_it_is_over_by_itself_and_comes_back_as_the_same_within_an_hour(acme):
    endpoint, moment = await failing(acme, timedelta(hours=1)), now()
    await checked(acme, moment)
    await well(endpoint)
    assert await checked(acme, moment + timedelta(minutes=5)) == 1
    assert (await only(acme)).resolved_at == moment + timedelta(minutes=5)
    async with transaction(EVERYONE) as session:
        sql = text("update webhook_endpoints set failing_since = :f where id = :i")
        await session.execute(sql, {"f": moment - timedelta(hours=1), "i": endpoint.id})
    assert await checked(acme, moment + timedelta(minutes=30)) == 1
    again = await only(acme)
    assert (again.state, again.times, again.resolved_at) == (S.OPEN, 2, None)
    assert again.opened_at == moment + timedelta(minutes=30) > again.created_at
    await well(endpoint)
    await checked(acme, moment + timedelta(minutes=40))
    async with transaction(EVERYONE) as session:
        await session.execute(sql, {"f": moment - timedelta(hours=1), "i": endpoint.id})
    await checked(acme, moment + timedelta(minutes=101))
    assert [row.times for row in await found(acme)] == [2, 1], "an hour later it is another one"
    assert [what for what, _ in await story(acme)] == ["alert.opened", "alert.resolved"] * 2 + ["alert.opened"]


async def test_somebody_takes_care_and_takes_it_back(acme):
    await used(acme, 8_500)
    await checked(acme)
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    row = await call(alerts.acknowledge, developer, (await only(acme)).id)
    assert (row.state, row.acted_by) == (S.ACKNOWLEDGED, developer.id)
    with pytest.raises(Conflict, match="acknowledged already"):
        await call(alerts.acknowledge, developer, row.id)
    counts = await call(alerts.counts, developer)
    assert (counts.open, counts.acknowledged, counts.unread) == (0, 1, 0)
    assert await checked(acme) == 0
    assert (await only(acme)).state == S.ACKNOWLEDGED
    assert (await call(alerts.reopen, developer, row.id)).state == S.OPEN
    with pytest.raises(Conflict):
        await call(alerts.reopen, developer, row.id)
    assert await story(acme) == [
        ("alert.opened", "alerts"),
        ("alert.acknowledged", "Kim Berg"),
        ("alert.reopened", "Kim Berg"),
    ]


async def test_what_gets_worse_is_open_again_although_somebody_took_care(acme):
    await used(acme, 8_500)
    await checked(acme)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await call(alerts.acknowledge, admin, (await only(acme)).id)
    await used(acme, 10_000)
    assert await checked(acme) == 1
    row = await only(acme)
    assert (row.state, row.severity) == (S.OPEN, Severity.CRITICAL)
    assert (await story(acme))[-1] == ("alert.worsened", "alerts")


async def test_a_mute_lasts_for_its_time_whatever_gets_worse(acme):
    await used(acme, 8_500)
    moment = now()
    await checked(acme, moment)
    admin = await member(acme, Role.PARTNER_ADMIN)
    with at(moment):
        row = await call(alerts.mute, admin, (await only(acme)).id, Mute.DAY)
    assert (row.state, row.muted_until) == (S.MUTED, moment + timedelta(days=1))
    await used(acme, 10_000)
    for hours, state in ((1, S.MUTED), (23, S.MUTED), (25, S.OPEN)):
        if (moment + timedelta(hours=hours)).month == moment.month:
            await checked(acme, moment + timedelta(hours=hours))
            assert (await only(acme)).state == state
    assert (await only(acme)).muted_until is None


async def test_a_mute_outlives_the_alert_and_keeps_the_next_one_silent(acme):
    endpoint, moment = await failing(acme, timedelta(hours=30)), now()
    await checked(acme, moment)
    admin = await member(acme, Role.PARTNER_ADMIN)
    with at(moment):
        await call(alerts.mute, admin, (await only(acme)).id, Mute.WEEK)
    await well(endpoint)
    await checked(acme, moment + timedelta(hours=1))
    assert (await only(acme)).state == S.RESOLVED
    with pytest.raises(Conflict, match="over by itself"):
        await call(alerts.mute, admin, (await only(acme)).id, Mute.HOUR)
    async with transaction(EVERYONE) as session:
        sql = text("update webhook_endpoints set failing_since = :f where id = :i")
        await session.execute(sql, {"f": moment, "i": endpoint.id})
    await checked(acme, moment + timedelta(days=3))
    row = await only(acme)
    assert (row.state, row.times) == (S.MUTED, 2)
    assert (await call(alerts.counts, admin)).open == 0
    await checked(acme, moment + timedelta(days=8))
    assert (await only(acme)).state == S.OPEN


async def test_unread_is_what_began_since_one_looked_and_ones_own(acme):
    await used(acme, 8_500)
    await checked(acme)
    one, other = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_ADMIN)
    assert (await call(alerts.counts, one)).unread == 1
    await call(alerts.look, one)
    assert ((await call(alerts.counts, one)).unread, (await call(alerts.counts, other)).unread) == (0, 1)
    assert (await call(alerts.counts, one)).open == 1
    await key_until(acme, now() + timedelta(days=2))
    await checked(acme)
    assert (await call(alerts.counts, one)).unread == 1
    assert [row.kind for row in await found(acme) if row.opened_at > await call(alerts.seen_at, one)] == [
        K.KEY_EXPIRING
    ]


async def test_what_is_over_is_listed_by_pages_and_forgotten_after_three_months(acme):
    moment = now()
    admin = await member(acme, Role.PARTNER_ADMIN)
    async with transaction(EVERYONE) as session:
        for day in range(5):
            session.add(
                Alert(
                    partner_id=acme.partner.id, kind=K.KEY_EXPIRING, subject_id=new_id(), severity=Severity.WARNING,
                    state=S.RESOLVED, detail={}, resolved_at=moment - KEPT - timedelta(days=1 - day),
                )
            )  # fmt: skip
            await session.flush()
    first = await call(alerts.resolved, admin, limit=3)
    rest = await call(alerts.resolved, admin, limit=3, cursor=first.next_cursor)
    assert (len(first.rows), len(rest.rows), rest.has_more) == (3, 2, False)
    assert (await call(alerts.counts, admin)).last_resolved_at == moment - KEPT + timedelta(days=3)
    await jobs.forget()
    assert len(await found(acme)) == 3, "one was over a day too long, one just long enough"


async def test_several_workers_find_each_thing_once(acme):
    await used(acme, 9_500)
    await asked(acme, *[500] * 30)
    await key_until(acme, now() + timedelta(days=1))
    changed = await asyncio.gather(*(checked(acme) for _ in range(6)))
    assert sorted(changed) == [0, 0, 0, 0, 0, 3]
    assert len(await found(acme)) == 3
    assert [what for what, _ in await story(acme)] == ["alert.opened"] * 3


async def test_an_answer_and_a_check_at_once_lose_nothing(acme):
    await used(acme, 8_500)
    await checked(acme)
    people = [await member(acme, Role.PARTNER_ADMIN) for _ in range(4)]
    row = await only(acme)
    await used(acme, 8_900)
    answers = await asyncio.gather(
        *(call(alerts.acknowledge, one, row.id) for one in people), checked(acme), checked(acme), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in answers) == 3
    assert not [one for one in answers if isinstance(one, BaseException) and not isinstance(one, Conflict)]
    after = await only(acme)
    assert (after.state, after.affected) == (S.ACKNOWLEDGED, 8_900)


async def test_workers_share_partners_and_none_is_looked_at_twice_in_a_moment(acme):
    ours = [acme.partner.id, *[(await make_cast()).partner.id for _ in range(3)]]

    async def claimed() -> list:
        taken, batch, before = [], [None], wall() - alert_checks.EVERY
        while batch:
            async with transaction(EVERYONE) as session:
                batch = await alert_checks.claim(session, ALERTS, before, batch=2)
            taken += batch
        return taken

    found_ = [partner for worker in await asyncio.gather(*(claimed() for _ in range(3))) for partner in worker]
    for partner_id in ours:
        assert found_.count(partner_id) == 1
    with pytest.raises(NotAllowed):
        await call(alert_checks.claim, await member(acme, Role.PARTNER_ADMIN), wall())


async def test_one_partner_that_fails_keeps_nobody_waiting(acme, monkeypatch):
    broken = await make_cast()
    await used(acme, 9_500)
    await used(broken, 9_500)
    real = alert_checks.check

    async def check(session, actor, partner_id):
        if partner_id == broken.partner.id:
            raise RuntimeError("its data")
        return await real(session, actor, partner_id)

    ids = sorted([acme.partner.id, broken.partner.id])

    async def claim(_session, _actor, _before):
        return [ids.pop(0)] if ids else []

    monkeypatch.setattr(alert_checks, "check", check)
    monkeypatch.setattr(alert_checks, "claim", claim)
    monkeypatch.setattr(alert_checks, "BATCH", 1)
    await jobs.check()
    assert (await only(acme)).state == S.OPEN
    again = text("select count(*) from pgqueuer where entrypoint = 'alert.check_partner' and dedupe_key like :key")
    async with transaction(EVERYONE) as session:
        waiting = await session.execute(again, {"key": f"%{broken.partner.id}"})
        assert waiting.scalar_one() == 1, "a job of its own tries it again"


async def test_what_swings_to_and_fro_is_no_news_each_time(acme):
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, 10_000)
    await checked(acme)
    began = (await only(acme)).opened_at
    await call(alerts.acknowledge, admin, (await only(acme)).id)
    for amount in (9_000, 10_000, 9_000, 10_000):
        await used(acme, amount)
        await checked(acme)
        row = await only(acme)
        assert (row.state, row.opened_at) == (S.ACKNOWLEDGED, began)


async def test_the_job_looks_at_everybody_who_is_due(acme):
    await late_reviews(acme, 0, over=3)
    await jobs.check()
    assert (await only(acme)).kind == K.SLA_RISK
    await jobs.check()
    assert (await only(acme)).times == 1
