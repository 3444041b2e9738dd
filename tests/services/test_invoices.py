"""Invoices: strangers first; then drafts, final ones exactly once, under changes of plan, and equal to a recount."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backoffice.clock import at
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import billing as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.events import Event
from backoffice.models.invoices import InvoiceStatus, LineKind, invoice_id
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.models.usage_records import UsageKind
from backoffice.services import (
    billing_accounts,
    events,
    invoice_credits,
    invoices,
    plan_changes,
    prices,
    usage_records,
)
from backoffice.services.access import Actor
from tests.services.billing_cast import EVERYONE, PRICES, billed_cast, finalized, fresh_month, records_of, used
from tests.services.review_cast import SYSTEM, make_cast, member

pytestmark = pytest.mark.usefixtures("database")


async def draft(actor, moment):
    with at(moment):
        async with transaction(actor.tenancy) as session:
            return await invoices.current(session, actor)


async def read(actor, key, moment):
    with at(moment):
        async with transaction(actor.tenancy) as session:
            return await invoices.get(session, actor, key)


async def changed(actor, plan, moment):
    with at(moment):
        async with transaction(actor.tenancy) as session:
            return await plan_changes.change(session, actor, plan)


async def rows_of(actor, line):
    async with transaction(actor.tenancy) as session:
        page = await usage_records.page(session, actor, usage_records.Filter(line=line))
        return [row.id for row in reversed(page.rows)]


async def test_no_stranger_sees_an_invoice_or_a_draft():
    month = fresh_month()
    acme, rival = await billed_cast(month), await make_cast()
    await used(acme, month.starts, 2)
    row = await finalized(acme, month)
    draft_id, later = invoice_id(acme.partner.id, month.next), month.next.starts + timedelta(days=1)
    stranger = await member(rival, Role.PARTNER_ADMIN)
    for key in (row.id, draft_id):
        with pytest.raises(NotFound):
            await read(stranger, key, later)
    async with transaction(stranger.tenancy) as session:
        assert (await invoices.page(session, stranger)).rows == []
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST, Role.REVIEWER, Role.OPERATOR):
        outsider = await member(acme, role)
        for ask in (invoices.page, invoices.drafts, invoices.current, billing_accounts.mine):
            with pytest.raises(NotAllowed):
                async with transaction(outsider.tenancy) as session:
                    await ask(session, outsider)
    test_key = replace(Actor.system(acme.partner.id), livemode=False)
    with at(later):
        async with transaction(test_key.tenancy) as session:
            assert await invoices.drafts(session, test_key) == []
            assert (await invoices.page(session, test_key)).rows == []
    admin = await member(acme, Role.PARTNER_ADMIN)
    assert (await read(admin, draft_id, later)).status == InvoiceStatus.DRAFT


async def test_without_prices_nothing_is_billed():
    moment = datetime(1990, 3, 5, tzinfo=UTC)
    with at(moment - timedelta(days=60)):
        acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    assert await draft(admin, moment) is None
    with at(moment):
        async with transaction(EVERYONE) as session:
            assert await invoices.finalize(session, SYSTEM, acme.partner.id) is None
            assert await invoices.due(session, SYSTEM) == []


async def test_a_draft_becomes_the_final_invoice_of_the_same_id():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, month.starts + timedelta(days=3), 7)
    before = await draft(admin, month.starts + timedelta(days=4))
    assert (before.status, before.number) == (InvoiceStatus.DRAFT, f"{month.first:%Y%m}-{acme.partner.slug.upper()}")
    assert before.total == 4_900 + 92 + 20
    opened = [await rows_of(admin, line) for line in before.lines]
    assert [len(rows) for rows in opened] == [0, 3, 3, 1]
    assert [key for rows in opened for key in rows] == [row.id for row in await records_of(acme)]
    row = await finalized(acme, month)
    after = await read(admin, row.id, month.final_at)
    assert (after.id, after.total, after.status) == (before.id, before.total, InvoiceStatus.FINALIZED)
    assert [await rows_of(admin, line) for line in after.lines] == opened
    assert [replace(line, id=None, skipped=0) for line in after.lines] == [
        replace(line, skipped=0) for line in before.lines
    ]
    async with transaction(EVERYONE) as session:
        told = (await session.execute(select(Event).where(Event.subject_id == row.id))).scalars().all()
        noted = (await session.execute(select(AuditEntry.action).where(AuditEntry.subject_id == row.id))).scalars()
        assert list(noted) == ["invoice.finalized"]
    assert [event.type for event in told] == ["invoice.finalized"]
    assert events.envelope(told[0])["data"]["object"]["month"] == month.label


async def test_a_month_is_not_final_before_its_time():
    month = fresh_month()
    acme = await billed_cast(month)
    with at(month.final_at - timedelta(seconds=1)):
        async with transaction(EVERYONE) as session:
            assert await invoices.finalize(session, SYSTEM, acme.partner.id) is None
            assert acme.partner.id not in await invoices.due(session, SYSTEM)
    with at(month.final_at):
        async with transaction(EVERYONE) as session:
            assert acme.partner.id in await invoices.due(session, SYSTEM)


async def test_several_at_once_make_one_invoice():
    month = fresh_month()
    acme = await billed_cast(month)
    await used(acme, month.starts, 4)
    made = await asyncio.gather(*(finalized(acme, month) for _ in range(4)), return_exceptions=True)
    assert len([one for one in made if one is not None]) == 1, made
    async with transaction(EVERYONE) as session:
        sql = """select (select count(*) from invoices where partner_id = :p),
                        (select count(*) from invoice_lines where partner_id = :p)"""
        assert (await session.execute(text(sql), {"p": acme.partner.id})).one() == (1, 3)
    assert all(row.line_id for row in await records_of(acme))


async def test_a_plan_that_changes_while_a_month_becomes_final_is_in_it_or_waits():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, month.starts, 2)
    moment = month.final_at + timedelta(seconds=5)
    async with transaction(EVERYONE) as session:
        with at(month.final_at):
            row = await invoices.finalize(session, SYSTEM, acme.partner.id)
        rushing = asyncio.create_task(changed(admin, Plan.ENTERPRISE, moment))
        await asyncio.sleep(0.2)
        assert not rushing.done(), "it waits for the partner's lock"
    await rushing
    assert row.plan == Plan.STANDARD
    next_one = await draft(admin, moment)
    fees = [line for line in next_one.lines if line.kind == LineKind.PLAN_FEE]
    assert [line.plan for line in fees] == [Plan.STANDARD, Plan.ENTERPRISE]
    assert row.total == 4_900


async def test_a_downgrade_that_is_due_is_in_force_before_the_month_is_cut():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    arranged = await changed(admin, Plan.FREE, month.starts + timedelta(days=1))
    assert arranged.effective_at == month.ends
    await used(acme, month.ends + timedelta(hours=1))
    row = await finalized(acme, month)
    assert (row.total, row.plan) == (4_900, Plan.STANDARD)
    later = await draft(admin, month.final_at + timedelta(days=1))
    assert [(line.kind, line.amount, line.plan) for line in later.lines] == [("document_screened", 50, Plan.FREE)]


async def test_what_comes_too_late_for_its_month_is_on_the_next_invoice():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await finalized(acme, month)
    await used(acme, month.ends - timedelta(minutes=1))
    await used(acme, month.ends + timedelta(days=1))
    found = await draft(admin, month.ends + timedelta(days=2))
    [line] = [line for line in found.lines if line.kind == UsageKind.DOCUMENT_SCREENED]
    assert (line.quantity, await rows_of(admin, line)) == (2, [row.id for row in await records_of(acme)])
    assert (await finalized(acme, month.next)).total == found.total


async def test_months_that_nobody_finalized_become_final_in_their_order():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    for one in (month, month.next, month.next.next):
        await used(acme, one.starts + timedelta(days=1), 4)
    moment = month.next.next.starts + timedelta(days=5)
    with at(moment):
        async with transaction(admin.tenancy) as session:
            assert [bill.month for bill in await invoices.drafts(session, admin)] == [
                month.next.next, month.next, month
            ]  # fmt: skip
        for _ in range(2):  # the others' partners have eighty years to make up for
            await jobs._each([acme.partner.id], invoices.finalize, again=True)
        async with transaction(admin.tenancy) as session:
            page = await invoices.page(session, admin)
            left = await invoices.drafts(session, admin)
    assert [(row.month, row.total) for row in page.rows] == [(month.next.first, 4_931), (month.first, 4_931)]
    assert [bill.total for bill in left] == [4_931]


async def test_a_credit_is_on_the_next_invoice_once_and_never_more_than_was_charged():
    month = fresh_month()
    acme = await billed_cast(month)
    admin, operator = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.OPERATOR)
    row = await finalized(acme, month)
    moment = month.final_at + timedelta(days=1)

    async def give(actor, amount, reason="Outage on the 4th"):
        with at(moment):
            async with transaction(actor.tenancy) as session:
                return await invoice_credits.give(session, actor, row.id, amount=amount, reason=reason)

    with pytest.raises(NotAllowed):
        await give(admin, 100)
    for amount, reason in ((0, "x"), (100, "  ")):
        with pytest.raises(Invalid):
            await give(operator, amount, reason)
    for currency in ("USD", "EUR"):
        async with transaction(operator.tenancy) as session:
            await billing_accounts.bill_in(session, operator, acme.partner.id, currency)
        if currency == "USD":
            with pytest.raises(Conflict, match="billed in USD now"):
                await give(operator, 100)
    await give(operator, 4_000)
    with pytest.raises(Conflict, match="waits for the next invoice"):
        async with transaction(operator.tenancy) as session:
            await billing_accounts.bill_in(session, operator, acme.partner.id, "USD")
    with pytest.raises(Conflict, match=r"at most €9\.00"):
        await give(operator, 901)
    later = await draft(admin, moment)
    [line] = [line for line in later.lines if line.kind == LineKind.CREDIT]
    assert (line.amount, line.description) == (-4_000, f"Credit for {row.number}: Outage on the 4th")
    assert later.total == 900
    assert (await finalized(acme, month.next)).total == 900
    assert (await draft(admin, month.next.final_at)).total == 4_900


async def test_two_credits_at_once_do_not_give_back_more_than_was_charged():
    month = fresh_month()
    acme = await billed_cast(month)
    operator = await member(acme, Role.OPERATOR)
    row = await finalized(acme, month)

    async def give():
        async with transaction(EVERYONE) as session:
            return await invoice_credits.give(session, operator, row.id, amount=3_000, reason="Outage")

    made = await asyncio.gather(give(), give(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "InvoiceCredit"]


async def test_a_final_invoice_is_what_pandas_counts_from_the_rows():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, month.starts + timedelta(days=1), 5)
    await used(acme, month.starts + timedelta(days=2), 3, UsageKind.HUMAN_REVIEW)
    moved_at = month.starts + timedelta(days=15, hours=12)
    await changed(admin, Plan.ENTERPRISE, moved_at)
    await used(acme, moved_at + timedelta(days=1), 6)
    row = await finalized(acme, month)
    bill = await read(admin, row.id, month.final_at)
    frame = pd.DataFrame(
        [{"kind": one.kind, "at": one.created_at, "line": one.line_id} for one in await records_of(acme)]
    ).sort_values("at")
    frame["number"] = frame.groupby("kind").cumcount() + 1
    frame["plan"] = (frame["at"] < moved_at).map({True: "standard", False: "enterprise"})
    tiers = {
        ("standard", "document_screened"): [(3, "0"), (6, "30.5"), (None, "20")],
        ("standard", "human_review"): [(None, "125")],
        ("enterprise", "document_screened"): [(None, "10")],
    }

    def price(one):
        return next(
            Decimal(each) for top, each in tiers[one["plan"], one["kind"]] if top is None or one["number"] <= top
        )

    frame["price"] = frame.apply(price, axis=1)
    counted = frame.groupby("line")["price"].agg(["sum", "count"])
    for line in bill.lines:
        if line.kind in set(UsageKind):
            found = counted.loc[line.id]
            assert (line.amount, line.quantity) == (
                int(found["sum"].quantize(Decimal(1), ROUND_HALF_UP)), found["count"]
            )  # fmt: skip
    fees = 4_900 // 2 + 49_900 // 2
    assert [line.amount for line in bill.lines if line.kind == LineKind.PLAN_FEE] == [2_450, 24_950]
    rounded = sum(int(one.quantize(Decimal(1), ROUND_HALF_UP)) for one in counted["sum"])
    assert row.total == bill.total == fees + rounded
    assert row.lines == len(bill.lines)


@pytest.mark.parametrize(
    "sql",
    [
        "update invoices set total = total + 1 where partner_id = :p",
        "delete from invoices where partner_id = :p",
        "update invoice_lines set amount = 0 where partner_id = :p",
        "delete from invoice_lines where partner_id = :p",
        "update usage_records set line_id = null where partner_id = :p",
        """insert into invoice_lines (id, created_at, partner_id, invoice_id, position, kind, description, quantity,
            unit_price, amount, starts_at, ends_at)
            select gen_random_uuid(), now(), partner_id, id, 99, 'credit', 'x', 0, 0, 0, now(), now() from invoices
            where partner_id = :p""",
        """insert into invoices (id, created_at, partner_id, livemode, month, number, currency, plan, partner_name,
            total, lines, finalized_at)
            select gen_random_uuid(), now(), partner_id, true, '1999-01-01', 'x', 'EUR', 'free', 'x', 5, 0, now()
            from invoices where partner_id = :p""",
    ],
)
async def test_the_database_lets_nobody_change_a_final_invoice(sql):
    month = fresh_month()
    acme = await billed_cast(month)
    await used(acme, month.starts)
    await finalized(acme, month)
    with pytest.raises(DBAPIError, match=r"append-only|add up|billed once"):
        async with transaction(EVERYONE) as session:
            await session.execute(text(sql), {"p": acme.partner.id})


async def test_a_currency_without_prices_costs_nothing_and_is_an_operators_to_set():
    month = fresh_month()
    acme = await billed_cast(month)
    admin, operator = await member(acme, Role.PARTNER_ADMIN), await member(acme, Role.OPERATOR)
    for actor, currency, error in ((admin, "USD", NotAllowed), (operator, "XXX", Invalid)):
        with pytest.raises(error):
            async with transaction(actor.tenancy) as session:
                await billing_accounts.bill_in(session, actor, acme.partner.id, currency)
    async with transaction(EVERYONE) as session:
        await billing_accounts.bill_in(session, operator, acme.partner.id, "JPY")
    found = await draft(admin, month.starts + timedelta(days=1))
    assert (found.currency, found.total, found.lines) == ("JPY", 0, ())


async def test_a_forecast_knows_the_tiers_and_a_plan_its_difference():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, month.starts, 3)
    with at(month.starts + (month.ends - month.starts) / 2):
        async with transaction(admin.tenancy) as session:
            more = await invoices.supposed(session, admin, more={UsageKind.DOCUMENT_SCREENED: 4})
            moved = await invoices.supposed(session, admin, plan=Plan.ENTERPRISE)
    assert (more, moved) == (4_900 + 92 + 20, 2_450 + 24_950)


async def test_what_another_plan_costs_counts_prices_that_begin_later_in_the_month():
    month = fresh_month()
    acme = await billed_cast(month)
    admin = await member(acme, Role.PARTNER_ADMIN)
    whole = month.ends - month.starts
    dearer = PRICES.replace("499.00", "699.00").format(day=month.first + timedelta(days=24))
    with at(month.starts):
        async with transaction(EVERYONE) as session:
            await prices.publish(session, SYSTEM, source=dearer)
    with at(month.starts + whole / 2):
        async with transaction(admin.tenancy) as session:
            assert await invoices.supposed(session, admin, plan=Plan.ENTERPRISE) == 2_450 + 13_682 + 15_784


async def test_one_partners_failure_keeps_nobody_waiting_and_is_still_told():
    first, second = await make_cast(), await make_cast()
    done = []

    async def work(_session, _actor, partner_id):
        if partner_id == first.partner.id:
            raise RuntimeError("its books do not add up")
        done.append(partner_id)

    with pytest.raises(RuntimeError, match="do not add up"):
        await jobs._each([first.partner.id, second.partner.id], work)
    assert done == [second.partner.id]
