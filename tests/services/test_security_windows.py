"""Windows slide in one step a mark, answer what counting each anew would, and a flood is folded without a loss."""

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.models.base import new_id
from backoffice.models.security_facts import SecurityKind as K
from backoffice.models.security_rules import Counts
from backoffice.services import security_windows
from backoffice.services.security_windows import MOST_APART, MOST_MARKS, Kept, Mark

START = datetime(2026, 11, 28, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def anew(rows, kind, since, counts):
    """The same, counted from nothing at every mark."""
    for end, row in enumerate(rows):
        held = [one for one in rows[: end + 1] if one.at > row.at - counts.window]
        amount = len({one.value for one in held}) if kind == K.CREDENTIAL_STUFFING else sum(one.weight for one in held)
        if row.at >= since and amount >= counts.threshold:
            yield end - len(held) + 1, end, amount


@pytest.mark.parametrize("kind", [K.CREDENTIAL_STUFFING, K.GUARD_DENIALS])
def test_sliding_answers_what_counting_anew_does(kind):
    chance = random.Random(7)
    moments = sorted(chance.uniform(0, 900) for _ in range(400))
    rows = [Kept(after(at), str(chance.randrange(9)), chance.randrange(1, 4), new_id()) for at in moments]
    counts = Counts(6, 1)
    found = list(security_windows.reached(rows, kind, after(300), counts))
    assert found == list(anew(rows, kind, after(300), counts))
    assert found


@pytest.mark.parametrize("kind", [K.CREDENTIAL_STUFFING, K.GUARD_DENIALS])
def test_a_flood_is_counted_in_no_time(kind):
    rows = [Kept(after(place / 100), str(place), 1, None) for place in range(MOST_MARKS)]
    began = time.process_time()
    *_, last = security_windows.reached(rows, kind, START, Counts(1, 60))
    assert last.amount == MOST_MARKS
    assert time.process_time() - began < 1, "a step a mark, not a walk"


def test_a_flood_is_folded_by_second_and_value_and_what_is_less_stays_as_it_is():
    subject, other = str(new_id()), str(new_id())
    flood = [
        Mark(K.GUARD_DENIALS, subject, "ab"[place % 2], None, new_id(), after(place / 500)) for place in range(5_000)
    ]
    few = [Mark(K.GUARD_DENIALS, other, "a", None, new_id(), after(place / 500)) for place in range(20)]
    kept = security_windows.folded([*flood, *few])
    assert [one for one in kept if one.subject == other] == few
    mine = [one for one in kept if one.subject == subject]
    assert mine[:MOST_APART] == flood[:MOST_APART]
    assert len(mine) == MOST_APART + 2 * 10
    weights = Counter[str]()
    for one in mine:
        weights[one.value] += one.weight
    assert weights == {"a": 2_500, "b": 2_500}
