"""Leads hear of what is late: at once, not too often, and nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from backoffice import clock
from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import sla as jobs
from backoffice.models.events import Event
from backoffice.models.members import Member, Role
from backoffice.models.sla import SlaAlert
from backoffice.services import sla_alerts
from tests.services.review_cast import SYSTEM, in_review, make_cast, member
from tests.services.sla_cast import EVERYONE, HOUR, call, rules_put_back, with_due

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
async def _back(database):
    async with rules_put_back():
        yield


async def _quiet() -> None:
    async with transaction(EVERYONE) as session:
        await session.execute(text("delete from sla_alerts"))


async def test_leads_are_told_at_once_and_then_not_for_a_quarter_of_an_hour():
    cast = await make_cast()
    lead = await member(cast, Role.REVIEW_LEAD)
    with clock.at(clock.now() + HOUR):
        await jobs.check()  # what other tests left is told before
    await _quiet()
    moment = clock.now() + timedelta(minutes=1)
    tasks = [await in_review(cast) for _ in range(3)]
    for place, task in enumerate(tasks):
        await with_due(task, due_at=moment + place * timedelta(minutes=5), since=moment - HOUR)
    with pytest.raises(NotAllowed):
        await call(sla_alerts.send, lead)
    sent = []
    for minutes in (1, 2, 6, 11, 17):
        with clock.at(moment + timedelta(minutes=minutes)):
            await jobs.check()
            await jobs.alert_leads()
            alerts = await call(sla_alerts.latest, lead)
            sent.append([alert.breached for alert in alerts])
    assert sent == [[1], [1], [1], [1], [2, 1]]
    assert sla_alerts.words(alerts[0]) == "2 tasks are past due: Standard 2."
    found = await call(sla_alerts.addressed, SYSTEM, alerts[0].id, lead.id)
    assert "/review/team" in found.letter.link
    assert "2 tasks are past due" in found.letter.as_text()
    async with transaction(EVERYONE) as session:
        waiting = await session.execute(
            text("select count(*) from pgqueuer where entrypoint = 'review.mail_alert' and payload::text <> ''")
        )
        assert waiting.scalar_one() >= 2
        await session.execute(update(Member).where(Member.id == lead.id).values(disabled_at=clock.now()))
    assert await call(sla_alerts.addressed, SYSTEM, alerts[0].id, lead.id) is None


async def test_late_test_data_alerts_nobody():
    cast = await make_cast()
    await jobs.check()
    await _quiet()
    task = await in_review(cast, livemode=False)
    await with_due(task, due_at=clock.now() - HOUR, since=clock.now() - 3 * HOUR)
    await jobs.check()
    async with transaction(EVERYONE) as session:
        assert (await session.execute(select(func.count()).select_from(SlaAlert))).scalar_one() == 0
        events = await session.execute(select(Event.type).where(Event.subject_id == task.id).order_by(Event.sequence))
        assert list(events.scalars())[-1] == "review.sla_breached"


async def test_reviewers_and_partners_do_not_read_alerts():
    cast = await make_cast()
    for role in (Role.REVIEWER, Role.PARTNER_ADMIN, Role.OPERATOR):
        with pytest.raises(NotAllowed):
            await call(sla_alerts.latest, await member(cast, role))
