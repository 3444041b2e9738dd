"""Business hours: exact over weekends, holidays and changes of the clock, and the two ways of counting agree."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.models.business_hours import Calendar, after, between

DAY = ((540, 1080),)
OFFICE = Calendar("Europe/Berlin", (DAY, DAY, DAY, DAY, DAY, (), ()), frozenset({date(2026, 12, 25)}))
ALWAYS = Calendar("Europe/Berlin", (((0, 1440),),) * 7)
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("began", "hours", "due"),
    [
        (local(2026, 11, 27, 9), 4, local(2026, 11, 27, 13)),
        (local(2026, 11, 27, 16), 4, local(2026, 11, 30, 11)),
        (local(2026, 11, 27, 9), 9, local(2026, 11, 27, 18)),
        (local(2026, 11, 28, 12), 1, local(2026, 11, 30, 10)),
        (local(2026, 11, 27, 3), 1, local(2026, 11, 27, 10)),
        (local(2026, 12, 24, 17), 2, local(2026, 12, 28, 10)),
        (local(2027, 3, 26, 17), 2, local(2027, 3, 29, 10)),
    ],
    ids=["within", "over-a-weekend", "to-the-closing", "from-a-saturday", "before-opening", "holiday", "summer-time"],
)
def test_deadlines_fall_into_opening_hours(began, hours, due):
    assert after(OFFICE, began, hours * HOUR) == due
    assert between(OFFICE, began, due) == hours * HOUR


def test_days_of_23_and_25_hours_are_counted_as_they_are():
    assert between(ALWAYS, local(2027, 3, 28), local(2027, 3, 29)) == 23 * HOUR
    assert between(ALWAYS, local(2026, 10, 25), local(2026, 10, 26)) == 25 * HOUR
    assert after(ALWAYS, local(2027, 3, 28), 23 * HOUR) == local(2027, 3, 29)
    night = Calendar("Europe/Berlin", (((90, 240),),) * 7)
    assert between(night, local(2027, 3, 28), local(2027, 3, 29)) == timedelta(minutes=90), (
        "02:00 to 03:00 is not there"
    )
    gap = Calendar("Europe/Berlin", (((120, 150),),) * 7)
    assert next(gap.spans(date(2027, 3, 28)))[0] >= local(2027, 3, 28, 3)


def test_without_a_calendar_every_second_counts():
    moment = local(2026, 12, 25)
    assert after(None, moment, 90 * HOUR) == moment + 90 * HOUR
    assert between(None, moment, moment + HOUR) == HOUR
    assert between(None, moment + HOUR, moment) == timedelta()


def test_a_calendar_that_never_opens_ends_with_an_error():
    with pytest.raises(ValueError, match="never open"):
        after(Calendar("UTC", ((),) * 7), local(2026, 1, 1), HOUR)


spans = st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True).map(sorted)
hours = st.one_of(
    st.just(()),
    spans.map(lambda edges: tuple((edges[place], edges[place + 1]) for place in range(0, len(edges) - 1, 2))),
)
calendars = st.builds(
    Calendar,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.lists(hours, min_size=7, max_size=7)
    .filter(lambda week: any(b - a > 61 for day in week for a, b in day))
    .map(tuple),
    st.frozensets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5),
)
moments = st.integers(0, 2 * 365 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
lengths = st.integers(1, 200 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(calendars, moments, lengths)
def test_what_is_counted_up_to_a_deadline_is_the_target(calendar, began, length):
    due = after(calendar, began, length)
    assert between(calendar, began, due) == length
    assert between(calendar, began, due - timedelta(seconds=1)) < length, "no earlier moment will do"


@given(calendars, moments, lengths, lengths)
def test_a_pause_in_between_takes_nothing_away(calendar, began, first, second):
    assert after(calendar, after(calendar, began, first), second) == after(calendar, began, first + second)


@given(calendars, moments, lengths, lengths)
def test_time_adds_up(calendar, began, first, second):
    middle, end = began + first, began + first + second
    assert between(calendar, began, middle) + between(calendar, middle, end) == between(calendar, began, end)
