"""The pages of targets and of the team through their own handlers, on the real services."""

from datetime import timedelta

import pytest

from backoffice.clock import at, now
from backoffice.errors import NotAllowed
from backoffice.jobs import sla as jobs
from backoffice.models.members import Role
from backoffice.models.sla import Lane
from backoffice.services import sla_alerts, sla_rules
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.ops.sla import SlaState
from backoffice.state.review.team import AlertState, TeamState
from backoffice.viewmodels.sla import week_words
from backoffice.viewmodels.sla_forms import read_holidays, read_hours, read_length
from tests.services.review_cast import in_review, make_cast
from tests.services.sla_cast import SYSTEM, call, rules_put_back, with_due
from tests.state.review_screen import screen, sign_in
from tests.state.test_review import handlers_of

pytestmark = pytest.mark.usefixtures("database")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
WEEK = dict.fromkeys(DAYS, "09:00-17:00") | {"saturday": "", "sunday": ""}


@pytest.fixture(autouse=True)
async def _back(database):
    async with rules_put_back():
        yield


async def opened(role: Role, state=SlaState, place="/ops/sla"):
    _, reference = await sign_in(role)
    one = await screen(state, reference, place)
    await one.open()
    return one


def test_what_changes_the_rules_is_for_who_may():
    writes = {"edit", "edit_calendar", "set_target", "set_calendar", "drop_calendar", "ask", "save"}
    for name, function in handlers_of(SlaState).items():
        wanted = Permission.POLICIES_WRITE if name in writes else Permission.POLICIES_READ
        assert audience_of(function).permissions == {wanted}, name
    for name, function in handlers_of(TeamState).items():
        assert audience_of(function).permissions == {Permission.QUEUE_MANAGE}, name


async def test_past_the_gate_the_services_still_refuse():
    with pytest.raises(NotAllowed):
        await opened(Role.REVIEWER)
    for role in (Role.REVIEWER, Role.OPERATOR, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            await opened(role, TeamState, "/review/team")
    auditor = await opened(Role.AUDITOR)
    await auditor.edit("free.escalated")
    await auditor.set_target({"length": "3 h", "calendar": ""})
    assert "permission policies:write" in str(await auditor.save({}))


async def test_a_draft_shows_what_it_would_mean_and_differs_before_it_is_saved():
    page = await opened(Role.REVIEW_LEAD)
    assert len(page.targets) == 9
    assert (page.changes, page.asking) == ([], "")
    await page.ask()
    assert page.asking == "", "there is nothing to save"
    await page.edit("enterprise.escalated")
    assert (page.editing.plan, page.editing.lane) == ("Enterprise plan", "Escalated")
    await page.set_target({"length": "soon", "calendar": ""})
    assert page.error.startswith("Write a time like")
    await page.set_target({"length": "30 min", "calendar": "Office hours"})
    assert (page.error, page.asking) == ("", "")
    (change,) = page.changes
    assert (change.what, change.before, change.after) == (
        "Enterprise plan, escalated", "As the document", "30 min, Office hours",
    )  # fmt: skip
    row = next(one for one in page.targets if one.key == "enterprise.escalated")
    assert (row.is_changed, row.target, row.hours) == (True, "30 min", "Office hours")
    assert row.due.endswith("Europe/Berlin")
    await page.ask()
    assert page.asking == "save"
    await page.save({})
    assert (page.changes, page.asking) == ([], "")
    assert page.versions[0].made_by == "Kim Berg"


async def test_a_calendar_is_written_renamed_and_kept_while_it_is_used():
    page = await opened(Role.OPERATOR)
    await page.edit_calendar("")
    form = WEEK | {"name": "Lagos", "time_zone": "Africa/Lagos", "holidays": "2026-12-25 Christmas\n\n2027-01-01"}
    for wrong, said in (
        ({"monday": "9 to 5"}, "Monday: write hours"),
        ({"monday": "09:00-09:75"}, "Monday: write hours"),
        ({"holidays": "Christmas"}, "'Christmas' is no date"),
        ({"name": "Office hours"}, "already"),
        ({"time_zone": "Nowhere"}, "no such time zone"),
        (dict.fromkeys(WEEK, ""), "at least one day"),
    ):
        await page.set_calendar(form | wrong)
        assert said in page.error
    await page.set_calendar(form)
    made = next(one for one in page.calendars if one.name == "Lagos")
    assert (made.hours, made.holidays, made.is_used) == ("Mon-Fri 09:00-17:00", "2", False)
    await page.edit("free.standard")
    await page.set_target({"length": "8 h", "calendar": "Lagos"})
    await page.edit_calendar("Lagos")
    await page.set_calendar(form | {"name": "West Africa"})
    assert next(one for one in page.targets if one.key == "free.standard").hours == "West Africa"
    await page.drop_calendar("West Africa")
    assert "not there" in page.error
    await page.discard()
    assert (page.changes, page.error) == ([], "")


async def test_of_two_drafts_the_second_is_told():
    first, second = await opened(Role.REVIEW_LEAD), await opened(Role.OPERATOR)
    for page, length in ((first, "7 h"), (second, "6 h")):
        await page.edit("free.second_review")
        await page.set_target({"length": length, "calendar": ""})
    await first.save({"apply": "open"})
    await SlaState.refresh.fn(second)
    assert second.is_stale
    assert "Somebody changed the SLA" in str(await second.save({}))
    await second.discard()
    assert next(one for one in second.targets if one.key == "free.second_review").target == "7 h"


def test_forms_are_read_as_they_are_written():
    assert read_length("1 d 2 h30min") == timedelta(days=1, hours=2, minutes=30)
    assert read_hours("Monday", "9:00 - 12:00,13:00–24:00") == ((540, 720), (780, 1440))  # noqa: RUF001 as people paste
    assert len(read_holidays("2026-12-25\n2026-12-25")) == 1


async def test_a_week_is_said_in_few_words():
    rules = await call(sla_rules.read, SYSTEM)
    assert week_words(rules.calendars["Office hours"]) == "Mon-Fri 09:00-18:00"


async def test_a_lead_sees_the_team_and_is_told_once_of_what_is_late():
    cast = await make_cast()
    await jobs.check()
    await jobs.alert_leads()
    _, reference = await sign_in(Role.REVIEW_LEAD)
    alerts = await screen(AlertState, reference, "/review/queue")
    await alerts.listen()
    assert await alerts.hear() is None
    task = await in_review(cast)
    await with_due(task, due_at=now() - timedelta(hours=2), since=now() - timedelta(hours=6))
    page = await opened(Role.REVIEW_LEAD, TeamState, "/review/team")
    lane = next(one for one in page.lanes if one.lane == Lane.STANDARD)
    assert lane.breached >= 1
    assert page.head.breached >= lane.breached
    assert page.burn.open_now == page.burn.past[24]
    assert all("%" not in one.share for one in page.attainment if not one.is_enough)
    told = await call(sla_alerts.latest, SYSTEM, limit=1)
    with at(max([now(), *(one.sent_at for one in told)]) + timedelta(minutes=16)):
        await jobs.check()
        await jobs.alert_leads()
        await page.refresh()
        assert "past due" in page.alerts[0].words
        assert "past due" in str(await alerts.hear())
        assert await alerts.hear() is None


async def test_a_reviewer_hears_no_alerts():
    _, reference = await sign_in(Role.REVIEWER)
    alerts = await screen(AlertState, reference, "/review/queue")
    assert await alerts.listen() is None
