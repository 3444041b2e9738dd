"""What waits for the disk: everything but the note that a message arrived where nothing holds its endpoint back."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import delivery_claims, delivery_results
from tests.services.delivery_cast import NOWHERE
from tests.services.review_cast import make_cast
from tests.services.webhook_cast import WORKER, answered, claim_for, emit, endpoint_of, quiet, set_endpoint


@pytest.fixture
async def acme(database):
    cast = await make_cast()
    yield cast
    await quiet(cast)


async def commits_as(*tries) -> str:
    """Settle where the disk is waited for, and answer whether it still will be."""
    async with transaction(WORKER.tenancy) as session:
        await session.execute(text("set local synchronous_commit to on"))
        await delivery_results.settle(session, WORKER, tries)
        return (await session.execute(text("show synchronous_commit"))).scalar_one()


async def claims_of(cast, many: int = 1, **values):
    endpoint, _ = await endpoint_of(cast, NOWHERE)
    if values:
        await set_endpoint(endpoint, **values)
    for _ in range(many):
        await emit(cast)
    claims = await claim_for(endpoint)
    assert claims
    return endpoint, claims


async def test_a_lease_does_not_wait(acme):
    await endpoint_of(acme, NOWHERE)
    await emit(acme)
    async with transaction(WORKER.tenancy) as session:
        await session.execute(text("set local synchronous_commit to on"))
        assert (await delivery_claims.claim(session, WORKER, 500)).claims
        assert (await session.execute(text("show synchronous_commit"))).scalar_one() == "off"


async def test_what_only_arrived_does_not_wait(acme):
    _, claims = await claims_of(acme, 3)
    assert await commits_as(*map(answered, claims)) == "off"


@pytest.mark.parametrize(("status", "error"), [(500, None), (410, None), (302, None), (None, "timeout")])
async def test_one_failure_among_them_does(acme, status, error):
    _, (first, second) = await claims_of(acme, 2)
    assert await commits_as(answered(first), answered(second, status, error)) == "on"


@pytest.mark.parametrize(
    "held",
    [{"fifo": True}, {"max_per_second": 5}, {"failing_since": now() - timedelta(minutes=1)}],
    ids=["in order", "throttled", "recovering"],
)
async def test_what_something_builds_on_does(acme, held):
    _, (claim, *_) = await claims_of(acme, **held)
    assert await commits_as(answered(claim)) == "on"


async def test_so_does_what_recovers_an_endpoint_that_failed_meanwhile(acme):
    endpoint, [claim] = await claims_of(acme)
    await set_endpoint(endpoint, failing_since=now())
    assert await commits_as(answered(claim)) == "on"
