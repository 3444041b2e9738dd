"""The rules of money without a database: tiers, proration, credits, and that lines add up to what single units cost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.models.invoices import Bill, InvoiceStatus, LineKind, Month, invoice_id
from backoffice.models.money import plain, rounded, to_minor, written
from backoffice.models.partners import Plan
from backoffice.models.prices import PlanPrices, Tier
from backoffice.models.usage_records import UsageKind
from backoffice.services.invoice_lines import Credit, lines, stretches

NOVEMBER = Month(date(2026, 11, 1))
SCREENED = UsageKind.DOCUMENT_SCREENED


def prices(monthly=0, **tiers):
    found = {UsageKind(kind): tuple(Tier(up_to, Decimal(each)) for up_to, each in rows) for kind, rows in tiers.items()}
    return PlanPrices(monthly, found)


def day(number, hour=0):
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def billed(marks, *counts, given=()):
    parts = stretches(NOVEMBER, marks, since=NOVEMBER.starts)
    return lines(NOVEMBER, [replace(part, counts=count) for part, count in zip(parts, counts, strict=True)], given)


def test_a_whole_month_costs_its_price_and_each_tier_its_own():
    standard = prices(4_900, document_screened=[(100, "0"), (1_000, "30"), (None, "25.5")])
    found = billed([(NOVEMBER.starts, Plan.STANDARD, standard)], {SCREENED: 1_003})
    assert [(line.kind, line.quantity, line.amount, line.tier_from, line.tier_to) for line in found] == [
        (LineKind.PLAN_FEE, 1, 4_900, None, None),
        (LineKind.DOCUMENT_SCREENED, 100, 0, 1, 100),
        (LineKind.DOCUMENT_SCREENED, 900, 27_000, 101, 1_000),
        (LineKind.DOCUMENT_SCREENED, 3, 77, 1_001, None),
    ]
    assert [line.skipped for line in found] == [0, 0, 100, 1_000]
    assert [line.position for line in found] == [1, 2, 3, 4]
    assert found[0].description == "Plan Standard"


def test_an_upgrade_is_prorated_and_tiers_go_on_counting():
    standard = prices(3_000, document_screened=[(10, "0"), (None, "30")])
    large = prices(30_000, document_screened=[(10, "0"), (None, "20")])
    marks = [(NOVEMBER.starts, Plan.STANDARD, standard), (day(11), Plan.ENTERPRISE, large)]
    found = billed(marks, {SCREENED: 12}, {SCREENED: 5})
    assert [line.amount for line in found] == [1_000, 20_000, 0, 60, 100]
    assert found[0].description == "Plan Standard, 10 days of 30 days"
    assert (found[-1].skipped, found[-1].quantity) == (0, 5)


def test_what_stays_the_same_is_one_line_and_costs_the_whole_to_the_cent():
    same = prices(1_001)
    parted = [(NOVEMBER.starts, Plan.STANDARD, same), (day(7, 5), Plan.STANDARD, same)]
    assert [line.amount for line in billed(parted, {})] == [1_001]
    away = [*parted[:1], (day(7, 5), Plan.FREE, prices()), (day(7, 6), Plan.STANDARD, same)]
    fees = [line.amount for line in billed(away, {}, {}, {})]
    assert sum(fees) <= 1_001
    assert 1_001 - sum(fees) in {1, 2}


def test_before_a_partner_came_nothing_is_due():
    found = billed([(day(16), Plan.STANDARD, prices(3_000))], {})
    assert [(line.amount, line.description) for line in found] == [(1_500, "Plan Standard, 15 days of 30 days")]


def test_what_has_no_price_is_free_and_still_listed():
    found = billed([(NOVEMBER.starts, Plan.FREE, prices())], {SCREENED: 3, UsageKind.HUMAN_REVIEW: 1})
    assert [(line.kind, line.quantity, line.amount) for line in found] == [
        ("document_screened", 3, 0),
        ("human_review", 1, 0),
    ]


def test_a_credit_is_a_negative_line():
    given = [Credit(uuid4(), "202610-ACME", 250, "Billed twice", day(3))]
    [line] = billed([(NOVEMBER.starts, Plan.FREE, prices())], {}, given=given)
    assert (line.kind, line.amount, line.quantity) == ("credit", -250, 1)
    assert line.description == "Credit for 202610-ACME: Billed twice"


def test_a_month_has_one_key_that_sorts_by_time():
    partner, other = uuid4(), uuid4()
    assert invoice_id(partner, NOVEMBER) == invoice_id(partner, NOVEMBER)
    assert len({invoice_id(one, month) for one in (partner, other) for month in (NOVEMBER, NOVEMBER.next)}) == 4
    assert invoice_id(other, NOVEMBER.previous) < invoice_id(partner, NOVEMBER) < invoice_id(other, NOVEMBER.next)
    assert (invoice_id(partner, NOVEMBER).version, invoice_id(partner, NOVEMBER).variant) == (
        7,
        "specified in RFC 4122",
    )


def test_months_follow_each_other_over_the_year():
    december = NOVEMBER.next
    assert (december.label, december.next.label, december.next.previous) == ("2026-12", "2027-01", december)
    assert december.final_at == datetime(2027, 1, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "said", "typed"),
    [
        (410_700, "EUR", "€4,107.00", "4107.00"),
        (-5, "EUR", "\N{MINUS SIGN}€0.05", "-0.05"),
        (Decimal("30.5"), "USD", "$0.305", "0.305"),
        (1_200, "JPY", "¥1,200", "1200"),
        (1_500, "KWD", "KWD 1.500", "1.500"),
        (0, "CHF", "CHF 0.00", "0.00"),
    ],
)
def test_money_in_words(minor, currency, said, typed):
    assert written(minor, currency) == said
    assert plain(minor, currency) == typed
    assert to_minor(typed, currency) == minor


def test_halves_go_up():
    assert [rounded(Decimal(one)) for one in ("0.5", "1.5", "-0.5", "2.4999")] == [1, 2, -1, 2]


bounds = st.lists(st.integers(1, 60), max_size=3, unique=True).map(sorted)
each = st.decimals(0, 500, places=3, allow_nan=False)


@st.composite
def price_lists(draw):
    tiers = {}
    for kind in UsageKind:
        tops = [*draw(bounds), None]
        tiers[kind] = tuple(Tier(top, draw(each)) for top in tops)
    return PlanPrices(draw(st.integers(0, 100_000)), tiers)


@st.composite
def months(draw):
    moments = sorted({NOVEMBER.starts, *draw(st.lists(st.integers(0, 2_591_999), max_size=4).map(_moments))})
    plans = list(Plan)
    by_plan = {plan: draw(price_lists()) for plan in plans}
    marks = [(at, plan, by_plan[plan]) for at in moments for plan in [draw(st.sampled_from(plans))]]
    parts = [
        replace(part, counts={kind: draw(st.integers(0, 50)) for kind in UsageKind})
        for part in stretches(NOVEMBER, marks, since=NOVEMBER.starts)
    ]
    given = [Credit(uuid4(), "202610-X", draw(st.integers(1, 9_999)), "Refund", at) for at in moments[:2]]
    return parts, given


def _moments(seconds):
    return [NOVEMBER.starts + timedelta(seconds=one) for one in seconds]


@given(months())
def test_lines_hold_every_unit_once_and_add_up_to_the_cent(month):
    parts, given = month
    found = lines(NOVEMBER, parts, given)
    bill = Bill(uuid4(), NOVEMBER, "x", InvoiceStatus.DRAFT, "EUR", Plan.FREE, found)
    assert bill.total == sum(line.amount for line in found)
    for kind in UsageKind:
        mine = [line for line in found if line.kind == kind]
        assert sum(line.quantity for line in mine) == sum(part.counts[kind] for part in parts)
        _same_as_one_by_one(kind, parts, mine)
    fees = [line for line in found if line.kind == LineKind.PLAN_FEE]
    exact = sum(part.prices.monthly * (part.ends - part.starts) / (NOVEMBER.ends - NOVEMBER.starts) for part in parts)
    assert abs(sum(line.amount for line in fees) - exact) <= len(parts)
    assert sum(line.amount for line in found if line.kind == LineKind.CREDIT) == -sum(one.amount for one in given)


def _same_as_one_by_one(kind, parts, mine):
    """Price each unit alone by the rule in words, and compare with the lines that hold it."""
    expected, number = [], 0
    for part in parts:
        for _ in range(part.counts[kind]):
            number += 1
            tier = next(one for one in part.prices.tiers[kind] if one.up_to is None or number <= one.up_to)
            expected.append((part.starts, tier.up_to, tier.each))
    counted = [(line.starts, line.tier_to, line.unit_price) for line in mine for _ in range(line.quantity)]
    assert counted == expected
    for line in mine:
        assert line.amount == rounded(sum((line.unit_price for _ in range(line.quantity)), Decimal(0)))
        part = next(one for one in parts if one.starts == line.starts)
        assert line.skipped + line.quantity <= part.counts[kind]


@given(price_lists(), st.lists(st.integers(0, 2_591_999), max_size=6))
def test_cutting_a_month_that_stays_the_same_changes_no_cent(same, cuts):
    moments = sorted({NOVEMBER.starts, *_moments(cuts)})
    [part] = stretches(NOVEMBER, [(at, Plan.STANDARD, same) for at in moments], since=NOVEMBER.starts)
    assert sum(line.amount for line in lines(NOVEMBER, [part])) == same.monthly
