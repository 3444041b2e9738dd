"""Thresholds: who may set them, told once a month each, to those whom they concern."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import at
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed
from backoffice.models.billing_accounts import BillingAccount, BillingNotice, ThresholdKind
from backoffice.models.members import Role
from backoffice.services import billing_accounts, billing_alerts
from tests.services.billing_cast import EVERYONE, billed_cast, fresh_month, used
from tests.services.review_cast import SYSTEM, make_cast, member

pytestmark = pytest.mark.usefixtures("database")


async def warn(actor, percents=(), amounts=()):
    async with transaction(actor.tenancy) as session:
        return await billing_accounts.warn(session, actor, percents=percents, amounts=amounts)


async def check(cast, moment):
    with at(moment):
        async with transaction(EVERYONE) as session:
            return await billing_alerts.check(session, SYSTEM, cast.partner.id)


async def letters(cast):
    sql = text("""select m.role, n.kind, n.threshold from billing_notices n
        join pgqueuer q on q.entrypoint = 'billing.mail'
            and convert_from(q.payload, 'utf8')::jsonb ->> 'notice_id' = n.id::text
        join members m on m.id::text = convert_from(q.payload, 'utf8')::jsonb ->> 'member_id'
        where n.partner_id = :p order by 3, 1""")
    async with transaction(EVERYONE) as session:
        return [tuple(row) for row in await session.execute(sql, {"p": cast.partner.id})]


async def test_only_an_administrator_sets_thresholds_and_only_sensible_ones():
    acme = await make_cast()
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.REVIEWER):
        with pytest.raises(NotAllowed):
            await warn(await member(acme, role), [50])
    admin = await member(acme, Role.PARTNER_ADMIN)
    for percents, amounts in (([0], []), ([201], []), ([], [-1]), (range(1, 8), [])):
        with pytest.raises(Invalid):
            await warn(admin, percents, amounts)


async def test_a_threshold_in_another_currency_is_another_one():
    month = fresh_month()
    acme = await billed_cast(month)
    admin, moment = await member(acme, Role.PARTNER_ADMIN), month.starts + timedelta(days=1)
    await warn(admin, amounts=[4_000])
    assert await check(acme, moment) == 1
    async with transaction(EVERYONE) as session:
        other = BillingAccount(partner_id=acme.partner.id, currency="USD")
        assert await billing_alerts._tell(session, other, month, (ThresholdKind.SPEND, 4_000), 4_100) == 1
        assert await billing_alerts._tell(session, other, month, (ThresholdKind.SPEND, 4_000), 4_200) == 0
        told = (
            select(BillingNotice.currency).where(BillingNotice.partner_id == acme.partner.id).order_by(BillingNotice.id)
        )
        assert sorted((await session.execute(told)).scalars()) == ["EUR", "USD"]


async def test_each_threshold_is_told_once_a_month_to_those_it_concerns():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    developer = await member(acme, Role.PARTNER_DEVELOPER)
    await member(acme, Role.PARTNER_ANALYST)
    await warn(admin, amounts=[4_900, 5_000])
    await used(acme, month.starts, 4)
    moment = month.starts + timedelta(days=1)
    assert [await check(acme, moment) for _ in range(3)] == [1, 0, 0]
    await used(acme, moment, 8)
    assert [await check(acme, moment + timedelta(hours=1)) for _ in range(2)] == [1, 0]
    assert await letters(acme) == [("partner_admin", "spend", 4_900), ("partner_admin", "spend", 5_000)]
    with at(moment):
        for actor, number in ((admin, 2), (developer, 0)):
            async with transaction(actor.tenancy) as session:
                assert len(await billing_alerts.told(session, actor)) == number
    assert await check(acme, month.ends + timedelta(hours=3)) == 1


async def test_usage_is_told_to_developers_too_and_the_letter_says_so():
    month = fresh_month()
    acme = await billed_cast(month)
    admin, developer = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.PARTNER_DEVELOPER)
    await warn(admin, [50])
    sql = """insert into usage_counters (partner_id, livemode, metric, month, used)
             values (:p, true, 'documents', :m, 5000)"""
    async with transaction(EVERYONE) as session:
        await session.execute(text(sql), {"p": acme.partner.id, "m": month.first})
    assert await check(acme, month.starts + timedelta(days=1)) == 1
    assert [row[0] for row in await letters(acme)] == ["partner_admin", "partner_developer"]
    with at(month.starts + timedelta(days=1)):
        async with transaction(developer.tenancy) as session:
            [notice] = await billing_alerts.told(session, developer)
    assert notice.kind == ThresholdKind.USAGE
    async with transaction(EVERYONE) as session:
        found = await billing_alerts.addressed(session, SYSTEM, notice.id, developer.id)
        stranger = await member(await make_cast(), Role.PARTNER_ADMIN)
        assert await billing_alerts.addressed(session, SYSTEM, notice.id, stranger.id) is None
    assert "50 % of this month's documents are used." in found.letter.as_text()
    assert ("So far", "5,000 documents") in found.letter.facts
