"""Partners that are billed: each test lives in years of its own, because prices are everybody's."""

from datetime import date, timedelta
from itertools import count

from sqlalchemy import select

from backoffice.clock import at
from backoffice.db import Tenancy, transaction
from backoffice.models.invoices import Month
from backoffice.models.partners import Partner, Plan
from backoffice.models.usage_records import UsageKind, UsageRecord
from backoffice.services import invoices, prices, usage_records
from backoffice.services.documents import get as document_of
from tests.services.review_cast import SYSTEM, Cast, make_cast, submitted

EVERYONE = Tenancy.everyone()
_years = count(2100)
PRICES = """
valid_from: {day}
currencies:
  EUR:
    free:
      document_screened: 0.50
    standard:
      monthly: 49.00
      document_screened:
        - {{up_to: 3, each: 0}}
        - {{up_to: 6, each: 0.305}}
        - {{each: 0.20}}
      human_review: 1.25
    enterprise:
      monthly: 499.00
      document_screened: 0.10
"""


def fresh_month() -> Month:
    """A month that no other test knows."""
    return Month(date(next(_years), 3, 1))


async def priced(month: Month, source: str = PRICES) -> None:
    async with transaction(EVERYONE) as session:
        with at(month.starts):
            await prices.publish(session, SYSTEM, source=source.format(day=month.first))


async def billed_cast(month: Month, plan: Plan = Plan.STANDARD) -> Cast:
    """A partner since the month's first moment, with prices that begin then, too."""
    await priced(month)
    with at(month.starts):
        cast = await make_cast()
    async with transaction(EVERYONE) as session:
        partner = await session.get(Partner, cast.partner.id)
        partner.plan = plan
    return cast


async def used(cast: Cast, moment, amount=1, kind: UsageKind = UsageKind.DOCUMENT_SCREENED) -> None:
    """Let documents be screened, or reviewed, a second apart."""
    for number in range(amount):
        with at(moment + timedelta(seconds=number)):
            document_id = await submitted(cast, type="passport")
            async with transaction(EVERYONE) as session:
                document = await document_of(session, SYSTEM, document_id)
                await usage_records._write(session, document, kind)


async def finalized(cast: Cast, month: Month):
    with at(month.final_at):
        async with transaction(EVERYONE) as session:
            return await invoices.finalize(session, SYSTEM, cast.partner.id)


async def records_of(cast: Cast) -> list[UsageRecord]:
    async with transaction(EVERYONE) as session:
        statement = select(UsageRecord).where(UsageRecord.partner_id == cast.partner.id).order_by(UsageRecord.id)
        return list((await session.execute(statement)).scalars())
