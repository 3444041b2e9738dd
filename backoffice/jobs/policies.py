"""Back-tests, walked slice by slice so that their progress shows and a killed worker loses one slice."""

from uuid import UUID

from backoffice.db import transaction
from backoffice.models.policies import BacktestStatus
from backoffice.services import backtests
from backoffice.services.access import Actor


async def backtest(backtest_id: str) -> None:
    """Walk one back-test to its end; a second walker takes turns with the first and counts nothing twice."""
    actor = Actor.system(name="policies")
    while True:
        async with transaction(actor.tenancy) as session:
            row = await backtests.advance(session, actor, UUID(backtest_id))
            is_over = row.status != BacktestStatus.RUNNING
        if is_over:
            return


async def enqueue_lost() -> None:
    """Go on with back-tests whose worker died."""
    actor = Actor.system(name="policies")
    async with transaction(actor.tenancy) as session:
        await backtests.enqueue_lost(session, actor)
