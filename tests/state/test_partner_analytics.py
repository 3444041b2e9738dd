"""The page of analytics: the period of its address, what it was before, and nothing where nothing is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backoffice.jobs import day_counts as jobs
from backoffice.models.day_counts import Figures, Span, Tally, Turnaround
from backoffice.models.members import Role
from backoffice.state.partner.analytics import AnalyticsState
from backoffice.viewmodels.analytics import analytics_view
from tests.services.review_cast import make_cast, submitted
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

PLACE = "/partner/analytics"


@pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST])
async def test_partners_see_their_own_numbers(role, database):
    acme, rival = await make_cast(), await make_cast()
    await submitted(acme, type="passport")
    await submitted(rival)
    await jobs.roll()
    state = await screen(AnalyticsState, await sign_in(acme, role), f"{PLACE}?days=7")
    await AnalyticsState.open.fn(state)
    figures = {one.key: one for one in state.view.figures}
    assert (state.days, figures["received"].value, figures["approved"].value) == (7, "1", "-")
    assert [row.name for row in state.view.types] == ["Passport"]
    assert len(state.view.chart.labels) == 7
    await submitted(acme)
    await jobs.roll()
    await AnalyticsState.refresh.fn(state)
    assert next(one for one in state.view.figures if one.key == "received").value == "2"


async def test_an_empty_period_and_a_strange_one(database):
    acme = await make_cast()
    await submitted(acme, livemode=False)
    await jobs.roll()
    state = await screen(AnalyticsState, await sign_in(acme), f"{PLACE}?days=17")
    await AnalyticsState.open.fn(state)
    assert (state.days, state.view.is_empty, state.is_loaded) == (30, True, True)
    test = await screen(AnalyticsState, await sign_in(acme), f"{PLACE}?mode=test")
    await AnalyticsState.open.fn(test)
    assert (test.is_test, test.view.is_empty) == (True, False)


def view(days=10, **more):
    span = Span(date(2026, 11, 27) - timedelta(days=days - 1), date(2026, 11, 27))
    now = Tally(received=200, screened=190, approved=90, rejected=10, by_policy=40, later=20, later_approved=5)
    before = Tally(received=100, screened=100, approved=80, rejected=20, by_policy=40)
    given = {
        "now": now, "before": before, "by_day": {span.first: now}, "by_type": {"passport": now, "": Tally(received=1)},
        "by_country": {"NGA": now}, "reasons": [("rejected", "image_blurred", 7)],
        "turnaround": Turnaround(41.0, 370.0, 100), "turnaround_before": Turnaround(82.0, 300.0, 100),
        "until": datetime(2026, 11, 27, tzinfo=UTC),
    }  # fmt: skip
    return analytics_view(Figures(span, **(given | more)), {"image_blurred": "Image is blurred"})


def test_numbers_say_what_they_were_before_and_whether_that_is_welcome():
    found = {one.key: (one.value, one.note, one.change, one.tone) for one in view().figures}
    assert found["received"] == ("200", "documents", "+100 % to 100 before", "mute")
    assert found["approved"] == ("90.0 %", "90 of 100", "+10.0 points", "good")
    assert found["rejected"] == ("10.0 %", "10 of 100", "-10.0 points", "good")
    assert found["again"] == ("25.0 %", "5 of 20", "none before", "mute")
    assert found["median"] == ("41 s", "of 100 decided", "1 min before", "good")
    assert found["p95"] == ("6 min", "of 100 decided", "5 min before", "bad")


def test_a_year_is_drawn_by_weeks_and_days_without_decisions_have_no_rate():
    year, week = view(days=365).chart, view(days=7).chart
    assert (len(year.labels), year.unit, year.received[0]) == (53, "week", 200.0)
    assert (len(week.labels), week.unit) == (7, "day")
    assert week.rate[:2] == [90.0, None]


def test_parts_are_ranked_and_lead_to_their_list():
    found = view()
    assert [(row.name, row.received, row.approved, row.percent) for row in found.types] == [
        ("Passport", 200, "90%", 100.0), ("Not known yet", 1, "-", 0.5)
    ]  # fmt: skip
    assert found.types[0].href == "/partner/documents?from=2026-11-18&type=passport"
    assert found.types[1].href == ""
    assert [(row.label, row.outcome, row.documents) for row in found.reasons] == [("Image is blurred", "Rejected", 7)]
    assert [(one.label, one.count, one.share) for one in found.steps] == [
        ("Received", 200, "100%"), ("Screened", 190, "95%"), ("Decided", 100, "50%"), ("Approved", 90, "45%")
    ]  # fmt: skip
