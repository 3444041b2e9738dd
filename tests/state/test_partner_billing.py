"""The pages of usage and billing over the real state tree: strangers first, then figures, plans and thresholds."""

from datetime import timedelta

import pytest

from backoffice.clock import at
from backoffice.db import transaction
from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Plan
from backoffice.services import partners
from backoffice.state.partner.billing import BillingState
from backoffice.state.partner.usage import UsageState
from backoffice.state.partner.usage_records import UsageRecordsState
from tests.services.billing_cast import EVERYONE, billed_cast, finalized, fresh_month, records_of, used
from tests.services.review_cast import make_cast
from tests.state.partner_screen import sign_in
from tests.state.review_screen import screen

BILLING, USAGE, RECORDS = "/partner/billing", "/partner/usage", "/partner/usage/records"


@pytest.fixture
async def billed(database):
    """A partner with a final month, and a moment of the next one in which two documents were screened."""
    month = fresh_month()
    cast = await billed_cast(month)
    await used(cast, month.starts + timedelta(days=1), 5)
    await finalized(cast, month)
    await used(cast, month.ends + timedelta(days=1), 2)
    return cast, month.ends + timedelta(days=2)


async def opened(state, cast, place, role=Role.PARTNER_ADMIN):
    found = await screen(state, await sign_in(cast, role), place)
    await state.open.fn(found)
    return found


async def test_developers_and_analysts_see_meters_and_no_money(billed):
    cast, moment = billed
    with at(moment):
        for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST):
            page = await opened(UsageState, cast, USAGE, role)
            assert page.is_loaded
            assert "€" not in str(page.dict())
            for event in (BillingState.open, BillingState.ask, BillingState.change, BillingState.stay):
                denied = await screen(BillingState, await sign_in(cast, role), BILLING)
                denied.preview = denied.preview
                arguments = [Plan.ENTERPRISE] if event is BillingState.ask else []
                with pytest.raises(NotAllowed):
                    await _called(event, denied, arguments)
    async with transaction(EVERYONE) as session:
        assert await partners.plan_of(session, cast.partner.id) == Plan.STANDARD


async def _called(event, state, arguments):
    """Call a handler past the gate: the services behind it refuse, too, and what they say is no success."""
    answer = await event.fn(state, *arguments)
    if answer is None or "permission billing:write" in str(answer):
        raise NotAllowed("refused")


async def test_another_partner_opens_neither_invoice_nor_its_records(billed):
    cast, moment = billed
    rival = await make_cast()
    with at(moment):
        mine = await opened(BillingState, cast, BILLING)
        for one in mine.invoices:
            theirs = await opened(BillingState, rival, f"{BILLING}?invoice={one.id}")
            assert (theirs.is_missing, theirs.bill.id) == (True, "")
            records = await opened(UsageRecordsState, rival, f"{RECORDS}?invoice={one.id}&line=2")
            assert (records.is_missing, records.rows) == (True, [])


async def test_the_month_so_far_is_provisional_and_its_lines_open_their_records(billed):
    cast, moment = billed
    with at(moment):
        page = await opened(BillingState, cast, BILLING)
        assert (page.overview.is_billed, page.overview.total) == (True, "€49.00")
        assert (page.bill.is_draft, page.bill.status) == (True, "draft")
        assert [(one.is_draft, one.total) for one in page.invoices] == [(True, "€49.00"), (False, "€49.61")]
        final = await opened(BillingState, cast, page.invoices[1].href)
        assert [line.amount for line in final.bill.lines] == ["€49.00", "€0.00", "€0.61"]
        seen = []
        for bill in (page.bill, final.bill):
            for line in bill.lines:
                if line.href:
                    records = await opened(UsageRecordsState, cast, line.href)
                    assert len(records.rows) == int(line.quantity)
                    seen += [row.id for row in records.rows]
    assert sorted(seen) == sorted(public_id(Prefix.USAGE_RECORD, row.id) for row in await records_of(cast))


async def test_a_change_of_plan_says_what_it_does_before_it_does_it(billed):
    cast, moment = billed
    with at(moment):
        page = await opened(BillingState, cast, BILLING)
        await BillingState.ask.fn(page, Plan.ENTERPRISE)
        assert "At once" in page.preview.when
        assert page.preview.cost.startswith("This month so far: €49.00 becomes €")
        await BillingState.ask.fn(page, Plan.FREE)
        assert "you can take it back" in page.preview.when
        await BillingState.change.fn(page)
        assert (page.preview.plan, page.overview.plan, page.overview.next_plan) == ("", "Standard", "Free")
        await BillingState.stay.fn(page)
        assert page.overview.next_plan == ""
        assert "No change of plan" in str(await BillingState.stay.fn(page))
        for nonsense in ("gold", "standard"):
            await BillingState.ask.fn(page, nonsense)
            assert page.preview.plan == ""
        await BillingState.ask.fn(page, Plan.ENTERPRISE)
        await BillingState.change.fn(page)
        assert page.overview.plan == "Enterprise"


async def test_thresholds_are_read_as_people_write_them(billed):
    cast, moment = billed
    with at(moment):
        page = await opened(BillingState, cast, BILLING)
        for wrong in ({"percents": "half"}, {"amounts": "1.005"}, {"amounts": "-5"}, {"percents": "1,2,3,4,5,6"}):
            await BillingState.edit.fn(page)
            await BillingState.warn.fn(page, wrong)
            assert page.error
            assert page.is_warning
        await BillingState.warn.fn(page, {"percents": "80 %, 50", "amounts": "1000.50,"})
        assert (page.error, page.is_warning, page.overview.alerts) == ("", False, "50 %, 80 %, €1,000.50")


async def test_usage_counts_what_its_lists_hold(billed):
    cast, moment = billed
    with at(moment):
        page = await opened(UsageState, cast, USAGE, Role.PARTNER_DEVELOPER)
        assert (page.is_empty, page.final_at != "") == (False, True)
        for row in page.kinds:
            records = await opened(UsageRecordsState, cast, row.href, Role.PARTNER_DEVELOPER)
            assert len(records.rows) == int(row.count)
        assert sum(page.chart.screened) == 2
        before = await opened(UsageState, cast, page.months[1].href)
        assert (sum(before.chart.screened), before.final_at) == (5, "")
        empty = await opened(UsageState, cast, page.months[2].href)
        assert empty.is_empty


async def test_where_nothing_is_billed_plans_still_can_be_changed(database):
    page = await opened(BillingState, await make_cast(), BILLING)
    assert (page.overview.is_billed, page.bill.id, page.invoices) == (False, "", [])
    assert {one.monthly for one in page.plans} == {""}
    await BillingState.ask.fn(page, Plan.ENTERPRISE)
    assert page.preview.cost == ""
