"""Prices: who may publish them, what a file may say, and which version is in force when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.models.prices import PlanPrices, PriceList, Tier
from backoffice.models.usage_records import UsageKind
from backoffice.services import prices
from tests.services.billing_cast import EVERYONE, PRICES, fresh_month
from tests.services.review_cast import make_cast, member

WHOLE = "valid_from: 2026-12-01\ncurrencies:\n  EUR:\n    standard:\n      {}\n"


async def publish(actor, month, day=None):
    with at(month.starts):
        async with transaction(EVERYONE) as session:
            return await prices.publish(session, actor, source=PRICES.format(day=day or month.first))


async def test_only_operators_publish_and_never_into_months_that_are_billed(database):
    cast, month = await make_cast(), fresh_month()
    for role in (Role.PARTNER_ADMIN, Role.REVIEW_LEAD, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            await publish(await member(cast, role), month)
    operator = await member(cast, Role.OPERATOR)
    with pytest.raises(Invalid, match="present month"):
        await publish(operator, month, month.previous.first)
    first, second = await publish(operator, month), await publish(operator, month, month.next.first)
    assert (second.number, first.made_by) == (first.number + 1, operator.id)
    async with transaction(EVERYONE) as session:
        lists = await prices.versions(session)
    assert prices.at(lists, month.ends - timedelta(seconds=1)).number == first.number
    assert prices.at(lists, month.ends).number == second.number
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(EVERYONE) as session:
            await session.execute(text("update price_versions set note = 'x' where id = :i"), {"i": first.id})


def test_a_file_is_read_to_the_part_of_a_cent():
    valid_from, plans = prices.read(PRICES.format(day="2026-12-01"))
    assert valid_from == datetime(2026, 12, 1, tzinfo=UTC)
    standard = plans["EUR"][Plan.STANDARD]
    assert standard.monthly == 4_900
    assert standard.tiers[UsageKind.DOCUMENT_SCREENED] == (
        Tier(3, Decimal(0)), Tier(6, Decimal("30.5")), Tier(None, Decimal(20)),
    )  # fmt: skip
    assert PriceList(1, valid_from, plans).of("USD", Plan.FREE) == PlanPrices()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("monthly: 1e3", "no price"), ("monthly: -5", "no price"), ("monthly: 0.005", "no parts"),
        ("monthly: 99999999999999", "too large"), ("monthly: ٣", "no price"), ("weekly: 5", "not known"),
        ("document_screened: []", "list of tiers"), ("document_screened: [{up_to: 5, each: 1}]", "last tier"),
        ("document_screened: [{each: 1}, {each: 2}]", "last tier"),
        ("document_screened: [{up_to: 9, each: 1}, {up_to: 9, each: 1}, {each: 1}]", "grows"),
        ("document_screened: [{up_to: 1.5, each: 1}, {each: 1}]", "whole number"), ("monthly: {a: 1}", "no price"),
        ("document_screened: [5]", "wanted"), ("document_screened: 0.000000001", "too many digits"),
    ],
)  # fmt: skip
def test_a_wrong_file_says_where_and_why(line, why):
    with pytest.raises(Invalid, match=why):
        prices.read(WHOLE.format(line))


@pytest.mark.parametrize("source", ["", "[", "valid_from: soon\ncurrencies: {EUR: {free: {monthly: 1}}}", "a: 1",
                                    "valid_from: 2026-12-01\ncurrencies: {XXX: {free: {monthly: 1}}}",
                                    "valid_from: 2026-12-01\ncurrencies: {EUR: {gold: {monthly: 1}}}",
                                    "!!python/object/apply:os.system ['true']"])  # fmt: skip
def test_no_other_file_is_taken(source):
    with pytest.raises(Invalid):
        prices.read(source)
